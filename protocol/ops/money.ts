/** Wallets: charges, orders, money in and out. */
import { z } from 'zod';
import { channels, orderFilter, orderRowSchema, orderSchema, orderTotalsSchema, receiptSchema } from '../orders.ts';
import { chargeSchema, walletViewSchema } from '../views.ts';
import { amount, desk, everyone, id, managers, ok, op, page, reason } from './op.ts';

/** Yuan, at most this much in a wallet; 0: no limit. */
const sellingRulesSchema = z.strictObject({ balanceMax: z.union([z.literal('0'), amount]) });

export const moneyOps = {
  getCharges: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/charges',
    who: everyone,
    summary: 'Charges of a wallet with their explanation, newest first',
    params: z.strictObject({ wallet: id, ...page }),
    result: z.strictObject({ items: z.array(chargeSchema), cursor: z.string().nullable() }),
  }),
  getOrders: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/orders',
    who: everyone,
    summary: 'Recharges, refunds and reversals of a wallet, newest first',
    params: z.strictObject({ wallet: id, ...page }),
    result: z.strictObject({ items: z.array(orderSchema), cursor: z.string().nullable() }),
  }),
  getSiteOrders: op({
    kind: 'query',
    method: 'GET',
    path: '/api/orders',
    who: everyone,
    scope: 'filtered',
    summary: 'All orders of the site, refused ones too; sorted by time as they come, by amount whole',
    params: z.strictObject({
      ...orderFilter,
      sort: z.enum(['time', 'amount']).default('time'),
      descending: z.enum(['true', 'false']).default('true'),
      ...page,
    }),
    result: z.strictObject({
      items: z.array(orderRowSchema),
      cursor: z.string().nullable(),
      /** How far back a rare search has looked so far; null once it has seen all. */
      searchedMs: z.number().nullable(),
    }),
  }),
  getOrderTotals: op({
    kind: 'query',
    method: 'GET',
    path: '/api/order-totals',
    who: everyone,
    scope: 'filtered',
    summary: 'What the orders of a search put into the till and took out of it',
    params: z.strictObject(orderFilter),
    result: orderTotalsSchema,
  }),
  getLowMoney: op({
    kind: 'query',
    method: 'GET',
    path: '/api/low-money',
    who: everyone,
    scope: 'filtered',
    summary: 'Wallets below a warning level, lowest first',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(
        z.strictObject({ wallet: walletViewSchema, room: z.string().nullable(), roomName: z.string().nullable() }),
      ),
    }),
  }),
  recharge: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/recharge',
    who: desk,
    summary: 'Money in',
    params: z.strictObject({
      wallet: id,
      amount,
      channel: z.enum(channels),
      note: z.string().trim().max(200).default(''),
    }),
    result: orderSchema,
  }),
  refund: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/refund',
    who: desk,
    reauth: true,
    summary: 'Unused money back',
    params: z.strictObject({ wallet: id, amount, channel: z.enum(channels), note: reason }),
    result: orderSchema,
  }),
  reverse: op({
    kind: 'command',
    method: 'POST',
    path: '/api/orders/{order}/reverse',
    who: desk,
    reauth: true,
    summary: 'A counter-entry to an order, linked to it',
    params: z.strictObject({ order: id, note: reason }),
    result: orderSchema,
  }),
  getSellingRules: op({
    kind: 'query',
    method: 'GET',
    path: '/api/selling-rules',
    who: everyone,
    scope: 'open',
    summary: 'What the counter may take',
    params: z.strictObject({}),
    result: sellingRulesSchema,
  }),
  setSellingRules: op({
    kind: 'command',
    method: 'POST',
    path: '/api/selling-rules',
    who: managers,
    scope: 'site',
    summary: 'Say what the counter may take',
    params: sellingRulesSchema,
    result: ok,
  }),
  getReceipt: op({
    kind: 'query',
    method: 'GET',
    path: '/api/orders/{order}/receipt',
    who: everyone,
    summary: 'The receipt of money that came in',
    params: z.strictObject({ order: id }),
    result: receiptSchema,
  }),
  printReceipt: op({
    kind: 'command',
    method: 'POST',
    path: '/api/orders/{order}/print',
    who: desk,
    summary: 'Counts a print of a receipt before it is made: the first is the original, each later one a copy',
    params: z.strictObject({ order: id }),
    result: z.strictObject({ copy: z.int().min(0) }),
  }),
} as const;
