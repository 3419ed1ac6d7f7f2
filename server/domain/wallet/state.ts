/** What is durable of a wallet, and its events. Every event that moves money carries its transfers for the ledger. */
import { z } from 'zod';
import { channels } from '../../../protocol/ops.ts';
import { drawSchema } from '../../../protocol/allowances.ts';
import { transferSchema } from '../ledger.ts';
import { allowanceEvents, allowanceStateSchema } from './allowance.ts';
import { walletNatureSchema } from './nature.ts';
import { chargingEvents, chargingSchema, inMeterSchema } from '../charging/state.ts';
import { refundEvents, reservedSchema } from './refundEvents.ts';
import { temporaryEnds, temporarySchema } from './temporary.ts';
import { countedTierSchema, openLinesSchema, tierUseSchema, type TierUse } from '../tariff/state.ts';

const transfers = z.array(transferSchema);
const channel = z.enum(channels);

export const pricedLineSchema = z.strictObject({
  fromMs: z.int(),
  toMs: z.int(),
  version: z.string(),
  band: z.string(),
  tier: z.int(),
  component: z.string(),
  priceMicro: z.int(),
  quantity: z.int(),
  amountMicro: z.int(),
});
export type PricedLine = z.infer<typeof pricedLineSchema>;

const meterOfWallet = z.strictObject({ id: z.string(), tariff: z.string(), room: z.string().nullable() });

/** An increment of a meter, priced. */
const chargedShape = {
  meter: z.string(),
  sequence: z.int(),
  fromMs: z.int(),
  toMs: z.int(),
  fromIndex: z.int(),
  toIndex: z.int(),
  multiplier: z.int(),
  estimated: z.boolean(),
  lines: z.array(pricedLineSchema),
  /** Accumulators and tier use afterwards: absolute, so replay needs no tariff. */
  openLines: openLinesSchema,
  tierKey: z.string().nullable(),
  tierUse: tierUseSchema.nullable(),
  /** Of an interval over several tier periods: the other counters. */
  tierUseOthers: z.array(countedTierSchema).optional(),
  amountMicro: z.int(),
};

export const walletEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('WalletOpened'),
    account: z.string(),
    holder: z.string(),
    kind: z.enum(['tenant', 'owner']),
    openingBalanceMicro: z.int(),
    overdraftMicro: z.int(),
    thresholdsMicro: z.array(z.int()),
    rooms: z.array(z.string()),
    meters: z.array(meterOfWallet),
    ...walletNatureSchema,
    /** Its money is in this meter; absent: with us. */
    inMeter: inMeterSchema.optional(),
    transfers,
  }),
  z.strictObject({ type: z.literal('WalletNamed'), name: z.string(), by: z.string() }),
  ...chargingEvents,
  /** What a meter that charges itself has measured, at our price: it moves no money. */
  z.strictObject({
    ...chargedShape,
    type: z.literal('ConsumptionShadowed'),
    /** Absent: not known, since no transfer of it names it. */
    utility: z.enum(['electricity', 'water']).optional(),
  }),
  z.strictObject({
    ...chargedShape,
    type: z.literal('ConsumptionCharged'),
    /** What an allowance paid of the amount; the balance pays the rest. */
    allowance: z.array(drawSchema).optional(),
    /** What of the amount waits for a bill instead of being paid from the balance. */
    unbilledMicro: z.int().optional(),
    transfers,
  }),
  ...allowanceEvents,
  z.strictObject({
    type: z.literal('MoneyReceived'),
    order: z.string(),
    amountMicro: z.int(),
    channel,
    by: z.string(),
    note: z.string(),
    transfers,
  }),
  z.strictObject({
    type: z.literal('MoneyRefunded'),
    order: z.string(),
    amountMicro: z.int(),
    channel,
    by: z.string(),
    note: z.string(),
    transfers,
  }),
  ...refundEvents,
  /** Money that waited in suspense: `original` is the order it came in by. */
  z.strictObject({
    type: z.literal('MoneyAssigned'),
    order: z.string(),
    original: z.string(),
    amountMicro: z.int(),
    channel,
    by: z.string(),
    note: z.string(),
    transfers,
  }),
  /**
   * Between two wallets of an account, an event of each in one commit: negative where it leaves, and this one carries
   * the transfer.
   */
  z.strictObject({
    type: z.literal('MoneyTransferred'),
    order: z.string(),
    /** The other wallet, and its order. */
    other: z.strictObject({ wallet: z.string(), order: z.string() }),
    amountMicro: z.int(),
    by: z.string(),
    note: z.string(),
    transfers,
  }),
  /** `amountMicro` is added to the wallet: negative when a recharge is taken back. */
  z.strictObject({
    type: z.literal('OrderReversed'),
    order: z.string(),
    original: z.string(),
    amountMicro: z.int(),
    channel,
    by: z.string(),
    note: z.string(),
    transfers,
  }),
  z.strictObject({
    type: z.literal('LevelCrossed'),
    level: z.int(),
    balanceMicro: z.int(),
    atMs: z.int(),
    warned: z.boolean(),
    last: z.boolean(),
  }),
  z.strictObject({ type: z.literal('WarningRepeated'), repeats: z.int(), atMs: z.int() }),
  z.strictObject({ type: z.literal('MoneyExhausted'), atMs: z.int() }),
  z.strictObject({ type: z.literal('MoneyRestored'), atMs: z.int() }),
  z.strictObject({
    type: z.literal('TemporaryPowerGranted'),
    temporary: temporarySchema,
    /** Local month it counts for, YYYY-MM. */
    month: z.string(),
  }),
  z.strictObject({
    type: z.literal('TemporaryPowerEnded'),
    why: z.enum(temporaryEnds),
    by: z.string().nullable(),
    reason: z.string(),
  }),
  /** Use that the system before has counted. */
  z.strictObject({ type: z.literal('TierUseTakenOver'), uses: z.array(countedTierSchema) }),
  /** Levels, overdraft and restore level of an open wallet; `level` and `warnedMs` are of what has been told already. */
  z.strictObject({
    type: z.literal('ThresholdsSet'),
    thresholdsMicro: z.array(z.int()),
    overdraftMicro: z.int(),
    restoreMicro: z.int().nullable(),
    level: z.int(),
    toldMicro: z.int().nullable(),
    warnedMs: z.int().nullable(),
    by: z.string(),
  }),
  /** Charging goes on here after `sequence`. */
  z.strictObject({
    type: z.literal('MeterAttached'),
    meter: meterOfWallet,
    sequence: z.int(),
    /** The wallet's rooms afterwards, where they are others now. */
    rooms: z.array(z.string()).optional(),
  }),
  z.strictObject({ type: z.literal('MeterDetached'), meter: z.string(), rooms: z.array(z.string()).optional() }),
  /** The end of the wallet: its balance is 0 afterwards. */
  z.strictObject({
    type: z.literal('WalletSettled'),
    order: z.string(),
    channel,
    by: z.string(),
    note: z.string(),
    refundMicro: z.int(),
    depositMicro: z.int(),
    /** Below a cent; negative when it was a debt. */
    remainderMicro: z.int(),
    /** What had not been billed, paid from the balance first. */
    unbilledMicro: z.int().optional(),
    transfers,
  }),
]);
export type WalletEvent = z.infer<typeof walletEventSchema>;

/** One quarter of an hour of a meter's charges: what the statement shows as one line with its explanation. */
export const chunkSchema = z.strictObject({
  id: z.string(),
  quarterMs: z.int(),
  fromMs: z.int(),
  toMs: z.int(),
  fromIndex: z.int(),
  toIndex: z.int(),
  sequence: z.int(),
  multiplier: z.int(),
  estimated: z.boolean(),
  lines: z.array(pricedLineSchema),
  amountMicro: z.int(),
  balanceAfterMicro: z.int(),
  allowance: z.array(drawSchema).optional(),
  /**
   * Of a meter that charges itself: all it has taken by the charge before, and by the last one here. null: of before this
   * was kept.
   */
  used: z.strictObject({ beforeMicro: z.int().nullable(), afterMicro: z.int() }).optional(),
  /** Before its first charge; null of before this was kept. */
  balanceBeforeMicro: z.int().nullable().default(null),
  transfers,
});
export type Chunk = z.infer<typeof chunkSchema>;

/** As it is stored: what is counted stands under its meter or counter. */
export const walletStateSchema = z.strictObject({
  account: z.string(),
  holder: z.string(),
  kind: z.enum(['tenant', 'owner']),
  rooms: z.array(z.string()),
  meters: z.array(meterOfWallet),
  balanceMicro: z.int(),
  overdraftMicro: z.int(),
  thresholdsMicro: z.array(z.int()),
  level: z.int(),
  /** When the warning at the last level was given; null while above it. */
  warnedMs: z.int().nullable(),
  repeats: z.int(),
  lastNoticeMs: z.int().nullable(),
  exhausted: z.boolean(),
  charged: z.record(z.string(), z.strictObject({ sequence: z.int(), openLines: openLinesSchema, chunk: chunkSchema })),
  /** The latest counted in; others as long as a meter may still bring late use into them. */
  tierUse: z.record(z.string(), z.strictObject({ ...tierUseSchema.shape, others: z.array(tierUseSchema).optional() })),
  pace: z.strictObject({ hour: z.int(), micro: z.array(z.int()) }),
  /** The newest orders taken back, so that two at once are one. */
  reversed: z.array(z.string()),
  /** Meters that came with charges behind them: the sequence after which this wallet takes over. */
  startsAfter: z.record(z.string(), z.int()).optional(),
  /** Post-paid: what was used and has not been billed. */
  unbilledMicro: z.int().optional(),
  /** What the account's allowances have granted to this wallet. */
  allowances: z.array(allowanceStateSchema).optional(),
  /** The least amount told of, where the levels have changed since. */
  toldMicro: z.int().optional(),
  /** Its own; absent: the site's. */
  restoreMicro: z.int().optional(),
  /** In force now. */
  temporary: temporarySchema.optional(),
  /** How often temporary power was granted in a local month. */
  granted: z.strictObject({ month: z.string(), count: z.int() }).optional(),
  /** Its money is in its meter; absent: with us. */
  charging: chargingSchema.optional(),
  /** Refunds on their way. */
  reserved: reservedSchema.optional(),
  /** Set for ever once the wallet has ended. */
  settled: z.strictObject({ refundMicro: z.int(), depositMicro: z.int() }).optional(),
  ...walletNatureSchema,
});
export type StoredWallet = z.infer<typeof walletStateSchema>;

type ChargedMeter = { readonly meter: string } & Readonly<StoredWallet['charged'][string]>;
export type CountedTier = { readonly key: string } & Readonly<TierUse>;
/** Short lists while it runs: an object whose keys are ids has a shape of its own, dear to copy at every charge. */
export type WalletState = Omit<StoredWallet, 'charged' | 'tierUse'> & {
  readonly charged: readonly ChargedMeter[];
  readonly tierUse: readonly CountedTier[];
};

export function walletFromStored({ charged, tierUse, ...rest }: StoredWallet): WalletState {
  return {
    ...rest,
    charged: Object.entries(charged).map(([meter, one]) => ({ meter, ...one })),
    tierUse: Object.entries(tierUse).flatMap(([key, { others = [], ...use }]) =>
      [...others, use].map((one) => ({ key, ...one })),
    ),
  };
}

export function storedWallet({ charged, tierUse, ...rest }: WalletState): StoredWallet {
  return {
    ...rest,
    charged: Object.fromEntries(charged.map(({ meter, ...one }) => [meter, one])),
    tierUse: storedTierUse(tierUse),
  };
}

export const chargedOf = (state: WalletState | undefined, meter: string): ChargedMeter | undefined =>
  state?.charged.find((one) => one.meter === meter);

function storedTierUse(list: readonly CountedTier[]): StoredWallet['tierUse'] {
  const stored: StoredWallet['tierUse'] = {};
  for (const { key, ...use } of list) {
    const { others = [], ...before } = stored[key] ?? {};
    stored[key] = 'period' in before ? { ...use, others: [...others, before] } : use;
  }
  return stored;
}

/** Wh or litres counted in a period so far; null: nothing has been. */
export const usedIn = (state: WalletState | undefined, key: string, period: string): number | null =>
  state?.tierUse.find((one) => one.key === key && one.period === period)?.used ?? null;

/** Wallets of one account: whoever counts goes on from what all have counted, so the greatest is what there is. */
export function usedInAny(wallets: readonly WalletState[], key: string, period: string): number | null {
  const counts = wallets.map((state) => usedIn(state, key, period)).filter((used) => used !== null);
  return counts.length === 0 ? null : Math.max(...counts);
}

export const WALLET_SCHEMA = 1;
export const initialWallet: WalletState = {
  account: '',
  holder: '',
  kind: 'tenant',
  rooms: [],
  meters: [],
  balanceMicro: 0,
  overdraftMicro: 0,
  thresholdsMicro: [],
  level: 0,
  warnedMs: null,
  repeats: 0,
  lastNoticeMs: null,
  exhausted: false,
  charged: [],
  tierUse: [],
  pace: { hour: 0, micro: [] },
  reversed: [],
};
