/** Accounts: their data, opening and closing, deposits, statements. */
import { z } from 'zod';
import {
  accountDetailsSchema,
  accountRowSchema,
  accountSorts,
  accountStatuses,
  accountViewSchema,
  closingPreviewSchema,
  openingPlanSchema,
  statementLineSchema,
  typedReadingSchema,
  vacantChoices,
} from '../accounts.ts';
import { channels, orderSchema } from '../orders.ts';
import { amount, desk, everyone, id, ok, op, page, reason } from './op.ts';

const settlement = z.strictObject({ channel: z.enum(channels), note: z.string().trim().max(200).default('') });
const accountId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)');
const name = z.string().trim().min(1, 'a name').max(80);
const started = z.strictObject({ account: z.string() });

export const accountsOps = {
  getAccounts: op({
    kind: 'query',
    method: 'GET',
    path: '/api/accounts',
    who: everyone,
    scope: 'filtered',
    summary: 'Accounts by name, with their money',
    params: z.strictObject({
      text: z.string().max(80).optional(),
      status: z.enum(accountStatuses).optional(),
      building: id.optional(),
      /** Only open ones whose contract ends within the days of the reminder, or has ended. */
      ending: z.enum(['true', 'false']).default('false'),
      sort: z.enum(accountSorts).default('name'),
      descending: z.enum(['true', 'false']).default('false'),
      ...page,
    }),
    result: z.strictObject({
      items: z.array(accountRowSchema),
      total: z.int(),
      /** Over all that were found, not just this page. */
      balanceMicro: z.int(),
      depositMicro: z.int(),
      cursor: z.string().nullable(),
    }),
  }),
  getAccount: op({
    kind: 'query',
    method: 'GET',
    path: '/api/accounts/{account}',
    who: everyone,
    summary: 'An account: who, rooms, meters, wallets, deposit, what is under way',
    params: z.strictObject({ account: id }),
    result: accountViewSchema,
  }),
  getStatement: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/statement',
    who: everyone,
    summary: 'Every movement of a wallet with the balance after it, newest first',
    params: z.strictObject({
      wallet: id,
      fromMs: z.coerce.number().optional(),
      toMs: z.coerce.number().optional(),
      ...page,
    }),
    result: z.strictObject({ items: z.array(statementLineSchema), cursor: z.string().nullable() }),
  }),
  getAccountOrders: op({
    kind: 'query',
    method: 'GET',
    path: '/api/accounts/{account}/orders',
    who: everyone,
    summary: 'All orders of an account, its deposit among them, newest first',
    params: z.strictObject({ account: id, ...page }),
    result: z.strictObject({ items: z.array(orderSchema), cursor: z.string().nullable() }),
  }),

  saveAccount: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}',
    who: desk,
    summary: 'Enter a new account beforehand, or change the data of one',
    params: z.strictObject({
      account: accountId,
      /** true: refused if there is such an account already. */
      isNew: z.boolean(),
      name,
      phone: z.string().trim().max(30).default(''),
      details: accountDetailsSchema,
      /** For opening later; only of an account that is not open. */
      plan: openingPlanSchema.nullable().default(null),
    }),
    result: started,
  }),
  openAccount: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/open',
    who: desk,
    summary: 'Open an account as planned: baselines read live, or typed in with a reason',
    params: z.strictObject({
      account: id,
      typed: z.array(typedReadingSchema).max(500).default([]),
      /** The account whose meters will be handed over by its closing: the rooms are still let to it. */
      handOverFrom: id.nullable().default(null),
    }),
    result: started,
  }),
  addMeters: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/meters',
    who: desk,
    summary: 'An open account gains rooms and meters',
    params: z.strictObject({
      account: id,
      rooms: openingPlanSchema.shape.rooms,
      meters: openingPlanSchema.shape.meters,
      typed: z.array(typedReadingSchema).max(500).default([]),
    }),
    result: started,
  }),
  closeAccount: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/close',
    who: desk,
    reauth: true,
    summary: 'Close an account, or give back some of its meters; or hand all of it to another account',
    params: z.strictObject({
      account: id,
      /** Absent: all of them, and the account ends. */
      meters: z.array(id).min(1).max(500).optional(),
      typed: z.array(typedReadingSchema).max(500).default([]),
      /** The open account that takes the meters over at the same reading. */
      handOverTo: z.strictObject({ account: id, wallet: id }).nullable().default(null),
      settlement: settlement.nullable().default(null),
      /** Of breakers and valves that come back to the owner. */
      vacant: z.enum(vacantChoices).default('siteRule'),
    }),
    result: started,
  }),
  previewClosing: op({
    kind: 'query',
    method: 'GET',
    path: '/api/accounts/{account}/closing',
    who: desk,
    summary: 'What closing an account would charge, pay out, drop and leave due now',
    params: z.strictObject({ account: id }),
    result: closingPreviewSchema,
  }),
  typeBaseline: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/baseline',
    who: desk,
    summary: 'Type in the reading of a meter that does not answer, while its account opens or closes',
    params: z.strictObject({ account: id, ...typedReadingSchema.shape }),
    result: ok,
  }),
  settleAccount: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/settle',
    who: desk,
    reauth: true,
    summary: 'Settle what is left: debt from the deposit, the rest and the deposit paid out',
    params: z.strictObject({ account: id, ...settlement.shape }),
    result: ok,
  }),
  receiveDeposit: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/deposit',
    who: desk,
    summary: 'A deposit comes in',
    params: z.strictObject({
      account: id,
      amount,
      channel: z.enum(channels),
      note: z.string().trim().max(200).default(''),
    }),
    result: orderSchema,
  }),
  returnDeposit: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/deposit/return',
    who: desk,
    reauth: true,
    summary: 'A deposit is paid back, or forfeited',
    params: z.strictObject({
      account: id,
      amount,
      channel: z.enum(channels),
      forfeit: z.boolean().default(false),
      note: reason,
    }),
    result: orderSchema,
  }),
} as const;
