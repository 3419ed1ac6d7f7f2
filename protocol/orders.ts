/** Orders: every movement of money that a person ordered, with its receipt where money came in. */
import { z } from 'zod';

export const channels = ['cash', 'card', 'transfer'] as const;

export const orderKinds = [
  ...(['recharge', 'refund', 'reversal', 'settlement'] as const),
  ...(['deposit', 'depositRefund', 'depositForfeit'] as const),
  /** Money whose account is not known yet: taken in, given to a wallet, paid back. */
  ...(['suspense', 'assignment', 'suspenseReturn'] as const),
  /** Between two wallets of an account: an order of each, its amount negative where it leaves. */
  'transfer',
  /** A refund that was reserved: paid out, or back into the wallet. */
  ...(['payout', 'refundRelease'] as const),
] as const;
export type OrderKind = (typeof orderKinds)[number];

/** A refund on its way. writeDown: a meter that charges itself gives the money back first; payOut: the cashier hands it over. */
export const refundSteps = ['writeDown', 'payOut'] as const;
const payoutSchema = z.strictObject({
  step: z.enum([...refundSteps, 'paid', 'released']),
  /** Who paid it out or released it, when, and under which reference or why. */
  by: z.string().nullable(),
  atMs: z.number().nullable(),
  reference: z.string(),
  /** The oldest last reading of the wallet's meters when it was reserved; null: one was not read, or it has none. */
  readMs: z.number().nullable(),
});
export type Payout = z.infer<typeof payoutSchema>;

export const orderSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(orderKinds),
  /** null: of the account itself, such as its deposit. */
  wallet: z.string().nullable(),
  /** null: of no account (yet), money in suspense. */
  account: z.string().nullable(),
  /** Name of the account's holder when it was booked; empty where it was not kept. */
  holder: z.string().default(''),
  room: z.string().nullable(),
  amountMicro: z.number(),
  channel: z.enum(channels),
  balanceAfterMicro: z.number(),
  /** What of the amount paid a debt first. */
  debtMicro: z.number().default(0),
  /** Consecutive over the site, from 1; null where no money came in, and of orders from before there were receipts. */
  receipt: z.int().nullable().default(null),
  atMs: z.number(),
  by: z.string(),
  note: z.string(),
  /** The order this one takes back, or the one that took this back. */
  reverses: z.string().nullable(),
  reversedBy: z.string().nullable(),
  /** The order in suspense that this one settles or, a reversal, opens again; or the one that settled this. */
  settles: z.string().nullable().default(null),
  settledBy: z.string().nullable().default(null),
  /** Of a transfer: the other wallet, and its order. */
  other: z.strictObject({ wallet: z.string(), order: z.string() }).nullable().default(null),
  /**
   * Of a meter that keeps its own money: whether it is there. waiting: paid, not yet on the meter (or asked back, not yet
   * paid out). held: a person has to say. dropped: the meter held less by then. Absent: the money is with us.
   */
  meter: z
    .strictObject({ id: z.string(), state: z.enum(['waiting', 'held', 'done', 'dropped']), atMs: z.number() })
    .optional(),
  /** Of a refund; null: paid in one step, as all were before. */
  payout: payoutSchema.nullable().default(null),
  /** Ledger; null of before they were kept here. */
  transfers: z
    .array(z.strictObject({ from: z.string(), to: z.string(), amountMicro: z.number() }))
    .nullable()
    .default(null),
  /** Why nothing was moved; null: it was. */
  refused: z.strictObject({ refusal: z.string(), detail: z.string() }).nullable().default(null),
});
export type Order = z.infer<typeof orderSchema>;

/** open: in suspense still; settled: given to a wallet or paid back; cancelled: reserved and given back to the wallet. */
export const orderStates = ['booked', 'open', 'settled', 'toPayOut', 'cancelled', 'reversed', 'refused'] as const;
export type OrderState = (typeof orderStates)[number];

export function orderState({
  kind,
  refused,
  reversedBy,
  settledBy,
  payout,
}: Pick<Order, 'kind' | 'refused' | 'reversedBy' | 'settledBy' | 'payout'>): OrderState {
  if (refused) return 'refused';
  if (payout?.step === 'released') return 'cancelled';
  if (payout !== null && payout.step !== 'paid') return 'toPayOut';
  if (kind === 'suspense') return settledBy === null ? 'open' : 'settled';
  return reversedBy === null ? 'booked' : 'reversed';
}

/** What an order puts into the till, or takes out of it (negative). A reversal's amount says its direction already. */
const cashSigns: Readonly<Record<OrderKind, 1 | 0 | -1>> = {
  ...({ recharge: 1, deposit: 1, reversal: 1 } as const),
  ...({ refund: -1, settlement: -1, depositRefund: -1, depositForfeit: 0 } as const),
  ...({ payout: -1, refundRelease: 0 } as const),
  ...({ suspense: 1, assignment: 0, suspenseReturn: -1, transfer: 0 } as const),
};
export function cashMicro({ kind, amountMicro, refused, settles, payout }: Order): number {
  // What is reserved leaves the till with its payout.
  if (kind === 'refund' && payout !== null) return 0;
  // What goes back into suspense stays in the till.
  if (refused || (kind === 'reversal' && settles !== null)) return 0;
  return cashSigns[kind] * amountMicro || 0;
}

/** As the list of all orders shows one. */
export const orderRowSchema = z.strictObject({
  ...orderSchema.shape,
  roomName: z.string().nullable(),
  /** As the wallet is called now; empty: by its number. */
  walletName: z.string(),
});
export type OrderRow = z.infer<typeof orderRowSchema>;

/** What one may ask of the list of all orders. */
export const orderFilter = {
  /** Part of an order's id, of a tenant's or room's name, an account's number, or a receipt's number. */
  text: z.string().max(80).optional(),
  kind: z.enum(orderKinds).optional(),
  state: z.enum(orderStates).optional(),
  channel: z.enum(channels).optional(),
  operator: z.string().max(80).optional(),
  fromMs: z.coerce.number().int().optional(),
  toMs: z.coerce.number().int().optional(),
};

export const orderTotalsSchema = z.strictObject({
  count: z.int(),
  kinds: z.array(z.strictObject({ kind: z.enum(orderKinds), count: z.int(), cashMicro: z.number() })),
  channels: z.array(z.strictObject({ channel: z.enum(channels), inMicro: z.number(), outMicro: z.number() })),
  /** false: there are more than were looked at; a shorter time gives the whole. */
  whole: z.boolean(),
});
export type OrderTotals = z.infer<typeof orderTotalsSchema>;

/** A receipt as it is printed. */
export const receiptSchema = z.strictObject({
  order: orderSchema,
  site: z.string(),
  holder: z.string(),
  room: z.string().nullable(),
  building: z.string().nullable(),
  walletName: z.string(),
  cashier: z.string(),
  /** How often it was printed; after the first time each is a copy. */
  prints: z.int(),
  /** What made it void. */
  reversal: z.strictObject({ id: z.string(), atMs: z.number(), by: z.string(), note: z.string() }).nullable(),
  /** What became of money in suspense: where it went, or that it was paid back. */
  settlement: orderSchema.nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;
