/** An account's life: opening, open, closing, settling, closed; its deposit; and the meters that are changing hands now. */
import { z } from 'zod';
import { channels } from '../../../protocol/ops.ts';
import { inMeterSchema } from '../charging/state.ts';
import { transferSchema } from '../ledger.ts';
import { walletNatureSchema } from '../wallet/nature.ts';
import { countedTierSchema } from '../tariff/state.ts';

const channel = z.enum(channels);
const transfers = z.array(transferSchema);

/** Where charging starts or ends: the register read live, or typed in with a reason while the meter cannot be reached. */
export const baselineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('live') }),
  /** Primary side, Wh or litres. */
  z.strictObject({ kind: z.literal('typed'), index: z.int(), reason: z.string(), by: z.string() }),
  /** Of the system before: what it read at this time. */
  z.strictObject({ kind: z.literal('taken'), index: z.int(), atMs: z.int() }),
]);
export type Baseline = z.infer<typeof baselineSchema>;

const troubles = ['quarantined', 'belowLastReading', 'implausible'] as const;
export type PlaceTrouble = (typeof troubles)[number];

export const movedMeterSchema = z.strictObject({
  meter: z.string(),
  room: z.string().nullable(),
  wallet: z.string(),
  /** Whose it becomes; null: the owner's. */
  account: z.string().nullable(),
  tariff: z.string(),
  baseline: baselineSchema,
  /** What it wants while it has no account; absent: the site's rule. */
  vacant: z.enum(['closed', 'open']).optional(),
  trouble: z.enum(troubles).nullable(),
  /** The wallet whose money it keeps: that comes back before it changes hands. Absent: none. */
  keeps: z.string().optional(),
  /** Set once it has changed hands. */
  placed: z.strictObject({ index: z.int().nullable(), atMs: z.int() }).nullable(),
});
export type MovedMeter = z.infer<typeof movedMeterSchema>;

/** A wallet that opens with the account. */
export const newWalletSchema = z.strictObject({
  id: z.string(),
  overdraftMicro: z.int(),
  thresholdsMicro: z.array(z.int()),
  firstRecharge: z.strictObject({ order: z.string(), amountMicro: z.int(), channel }).nullable(),
  ...walletNatureSchema,
  /** The meter that keeps its money; absent: none. */
  inMeter: inMeterSchema.optional(),
  /** What it begins with, from the system before. */
  takenOver: z.strictObject({ balanceMicro: z.int(), tierUses: z.array(countedTierSchema) }).optional(),
});

export type NewWallet = z.infer<typeof newWalletSchema>;

export const settlementSchema = z.strictObject({
  ...{ order: z.string(), channel, note: z.string(), by: z.string() },
  /** What may be paid out in all: what was approved, or needs no second person. Absent: as much as there is. */
  atMostMicro: z.int().optional(),
});
export type Settlement = z.infer<typeof settlementSchema>;

export const moveSchema = z.strictObject({
  kind: z.enum(['open', 'close']),
  by: z.string(),
  sinceMs: z.int(),
  meters: z.array(movedMeterSchema),
  /** Whether the account begins or ends with it, or only gains or loses meters. */
  whole: z.boolean(),
  /** Of a takeover, and since when its tenant has been there; null: before any record of it. */
  takenOver: z.strictObject({ takeover: z.string(), sinceMs: z.int().nullable() }).optional(),
  /** It opens to take over from this account. Absent: of its own. */
  handOver: z.strictObject({ id: z.string(), from: z.string() }).optional(),
});
export type Move = z.infer<typeof moveSchema>;

/** All of an account's meters go to the next one: it is opened, and once it is, this one is closed towards it. */
export const handOverSchema = z.strictObject({
  ...{ id: z.string(), next: z.string(), by: z.string(), sinceMs: z.int() },
  opening: z.strictObject({
    ...{ holder: z.string(), rooms: z.array(z.string()), wallets: z.array(newWalletSchema) },
    deposit: z.strictObject({ order: z.string(), amountMicro: z.int(), channel }).nullable(),
  }),
  closing: z.strictObject({
    ...{ rooms: z.array(z.string()), wallets: z.array(z.string()), meters: z.array(movedMeterSchema) },
    settlement: settlementSchema.nullable(),
  }),
});
export type HandOver = z.infer<typeof handOverSchema>;

export const tenancyEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('OpeningStarted'),
    holder: z.string(),
    rooms: z.array(z.string()),
    wallets: z.array(newWalletSchema),
    move: moveSchema,
  }),
  z.strictObject({
    type: z.literal('ClosingStarted'),
    move: moveSchema,
    rooms: z.array(z.string()),
    wallets: z.array(z.string()),
  }),
  /** Both the opening of the next account and the closing of this one follow from it. */
  z.strictObject({ type: z.literal('HandOverAgreed'), handOver: handOverSchema }),
  z.strictObject({ type: z.literal('BaselineTyped'), meter: z.string(), baseline: baselineSchema }),
  z.strictObject({ type: z.literal('MeterMoved'), meter: z.string(), index: z.int().nullable(), atMs: z.int() }),
  /** Its money is back in the wallet. */
  z.strictObject({ type: z.literal('MeterEmptied'), wallet: z.string() }),
  z.strictObject({ type: z.literal('MoveTroubled'), meter: z.string(), trouble: z.enum(troubles) }),
  z.strictObject({ type: z.literal('AccountOpened'), atMs: z.int() }),
  /** It goes on here: no news for its tenant. */
  z.strictObject({ type: z.literal('AccountTakenOver'), atMs: z.int(), sinceMs: z.int().nullable() }),
  z.strictObject({ type: z.literal('DepositTakenOver'), amountMicro: z.int(), takeover: z.string(), transfers }),
  /** Some meters came or went, the account goes on. */
  z.strictObject({ type: z.literal('MetersMoved'), atMs: z.int() }),
  /** All meters are back with the owner; the money is left to settle. */
  z.strictObject({
    type: z.literal('SettlingStarted'),
    atMs: z.int(),
    /** Which wallet is settled first: what one owes can be moved from another that is not paid out yet. */
    order: z.array(z.string()).optional(),
  }),
  z.strictObject({ type: z.literal('SettlementChosen'), settlement: settlementSchema }),
  /** The wallet's own event has moved the money; here is what of the deposit it took. */
  z.strictObject({
    type: z.literal('WalletSettledFor'),
    wallet: z.string(),
    depositMicro: z.int(),
    refundMicro: z.int(),
  }),
  z.strictObject({ type: z.literal('PaymentDue'), wallet: z.string(), dueMicro: z.int() }),
  /** More would have been paid out than may be: it is decided anew, what was paid before stays. */
  z.strictObject({ type: z.literal('SettlementHeld'), order: z.string() }),
  z.strictObject({ type: z.literal('AccountClosed'), atMs: z.int() }),
  z.strictObject({
    type: z.literal('DepositMoved'),
    kind: z.enum(['received', 'refunded', 'forfeited']),
    order: z.string(),
    amountMicro: z.int(),
    channel: channel.nullable(),
    by: z.string(),
    note: z.string(),
    transfers,
  }),
]);
export type TenancyEvent = z.infer<typeof tenancyEventSchema>;

export const statuses = ['none', 'opening', 'open', 'closing', 'settling', 'closed'] as const;
export const tenancyStateSchema = z.strictObject({
  /** 'none' of an account that came with the site file: open, and nothing has happened to it since. */
  status: z.enum(statuses),
  holder: z.string(),
  rooms: z.array(z.string()),
  newWallets: z.array(newWalletSchema),
  /** Wallets still to be settled, and what each owes. */
  settling: z.array(z.strictObject({ wallet: z.string(), dueMicro: z.int() })),
  settlement: settlementSchema.nullable(),
  /** Of the settlement: paid out by wallets so far. */
  paidMicro: z.int().optional(),
  /** The last settlement was held. */
  held: z.literal(true).optional(),
  move: moveSchema.nullable(),
  /** Until its own closing begins. */
  handOver: handOverSchema.optional(),
  /** The hand-over that it was opened by. Absent: none. */
  openedBy: z.string().optional(),
  depositMicro: z.int(),
  openedMs: z.int().nullable(),
  closedMs: z.int().nullable(),
});
export type TenancyState = z.infer<typeof tenancyStateSchema>;

export const TENANCY_SCHEMA = 1;
export const initialTenancy: TenancyState = {
  status: 'none',
  holder: '',
  rooms: [],
  newWallets: [],
  settling: [],
  settlement: null,
  move: null,
  depositMicro: 0,
  openedMs: null,
  closedMs: null,
};
