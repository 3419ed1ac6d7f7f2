/** The statement of a wallet: everything that moved, with the balance after it. */
import { z } from 'zod';
import { allowanceUnits } from '../../../protocol/allowances.ts';
import type { StatementLine } from '../../../protocol/accounts.ts';
import {
  chargeSchema,
  orderSchema,
  type Charge,
  type OpOutcome,
  type OpParams,
  type Order,
} from '../../../protocol/ops.ts';
import { walletEffectMicro } from '../../domain/order.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, type Answers } from './answer.ts';
import { openCharges } from './money.ts';

export const statementAnswers: Answers<'getStatement'> = {
  getStatement: ({ core }, params) => statement(core, params),
};

const entrySchema = z.strictObject({
  ...{ id: z.string(), kind: z.string(), unit: z.enum(allowanceUnits), period: z.string() },
  ...{ quantity: z.number(), balanceAfterMicro: z.number(), atMs: z.number() },
});

/** The first line of a wallet that another system has kept before. */
export function lineOfTakeover(core: Core, wallet: string): StatementLine[] {
  const { takenOver } = core.directory.get('account', core.wallets.get(wallet)?.state.account ?? '') ?? {};
  const begun = takenOver?.what.wallets.find(({ id }) => id === wallet);
  if (!takenOver || !begun) return [];
  const { takeover, atMs } = takenOver;
  return [
    {
      ...{ id: `${takeover}-${wallet}`, atMs, kind: 'takeover', amountMicro: begun.balanceMicro },
      ...{ balanceAfterMicro: begun.balanceMicro, meter: null, quantity: null, estimated: false, note: takeover },
      ...{ other: null, allowance: [] },
    },
  ];
}

const lineOfCharge = (charge: Charge): StatementLine => ({
  ...{ id: charge.id, atMs: charge.toMs, kind: charge.shadow ? 'shadow' : 'charge' },
  ...(charge.shadow
    ? { amountMicro: 0 - (charge.tookMicro ?? 0), shadowMicro: charge.amountMicro }
    : { amountMicro: -paidMicroOf(charge) }),
  ...{ balanceAfterMicro: charge.balanceAfterMicro, meter: charge.meter },
  ...{ quantity: charge.toIndex - charge.fromIndex, estimated: charge.estimated, note: charge.tariff },
  ...{ other: null, allowance: charge.allowance ?? [] },
});

/** Of a charge, what no allowance has paid. */
export const paidMicroOf = ({ amountMicro, allowance = [] }: Charge): number =>
  allowance.reduce((left, draw) => left - draw.amountMicro, amountMicro);

/** Granted, expired, taken back: nothing of it is the balance's. */
const lineOfAllowance = (entry: z.infer<typeof entrySchema>): StatementLine => {
  const { id, atMs, kind, unit, period, quantity, balanceAfterMicro } = entry;
  return {
    ...{ id, atMs, kind, balanceAfterMicro, amountMicro: 0, meter: null, quantity: null, estimated: false, note: '' },
    ...{ other: null, allowance: [{ unit, period, quantity, amountMicro: 0 }] },
  };
};

const lineOfOrder = (order: Order): StatementLine => {
  const { id, atMs, kind, balanceAfterMicro, note, other } = order;
  return {
    ...{ id, atMs, kind, balanceAfterMicro, note, meter: null, quantity: null, estimated: false },
    ...{ other: other?.wallet ?? null, allowance: [], amountMicro: walletEffectMicro(order) },
  };
};

const newerFirst = (a: StatementLine, b: StatementLine): number => b.atMs - a.atMs || (a.id < b.id ? 1 : -1);

/** Charges, orders and allowances of one wallet merged by time; the cursor names the last line given. */
async function statement(core: Core, params: OpParams<'getStatement'>): Promise<OpOutcome> {
  const { wallet, fromMs, toMs, cursor, limit } = params;
  if (!core.wallets.has(wallet)) return notFound('wallet');
  const [, ms = null, last = ''] = cursor === undefined ? [] : (/^(\d+):(.+)$/.exec(cursor) ?? []);
  const max = ms === null ? toMs : Number(ms);
  const bounds = { ...(fromMs === undefined ? {} : { min: fromMs }), ...(max === undefined ? {} : { max }) };
  const index = `wallet:${wallet}`;
  const ask = { index, newestFirst: true, limit: limit + 50, ...bounds } as const;
  const [charges, orders, allowances] = await Promise.all(
    (['charge', 'order', 'allowance'] as const).map((kind) => core.options.store.range({ kind, ...ask })),
  );
  const byId = new Map<string, StatementLine>();
  for (const charge of openCharges(core, wallet)) byId.set(charge.id, lineOfCharge(charge));
  for (const line of lineOfTakeover(core, wallet)) byId.set(line.id, line);
  for (const { value } of charges?.items ?? []) byId.set(String(value.id), lineOfCharge(chargeSchema.parse(value)));
  for (const { value } of orders?.items ?? []) byId.set(String(value.id), lineOfOrder(orderSchema.parse(value)));
  for (const { value } of allowances?.items ?? [])
    byId.set(String(value.id), lineOfAllowance(entrySchema.parse(value)));
  const after = ms === null ? null : { atMs: Number(ms), id: last };
  const lines = [...byId.values()]
    .filter(({ atMs, id }) => {
      if ((toMs !== undefined && atMs > toMs) || (fromMs !== undefined && atMs < fromMs)) return false;
      return after === null || atMs < after.atMs || (atMs === after.atMs && id < after.id);
    })
    .sort(newerFirst);
  const items = lines.slice(0, limit);
  const end = items.at(-1);
  const more = lines.length > limit || [charges, orders, allowances].some((page) => page?.cursor != null);
  return durable(core, () => found<'getStatement'>({ items, cursor: more && end ? `${end.atMs}:${end.id}` : null }));
}
