/** What the API shows: charges, meters, wallets, rooms, lines, the system. */
import { z } from 'zod';
import { allowanceViewSchema, drawSchema } from './allowances.ts';
import { meterMoneySchema, payments } from './meterMoney.ts';
import { roles, utilities } from './site.ts';
import { tagSchema } from './tags.ts';
import { causes, holds, statusSchema, switchStates, tileSchema } from './wall.ts';

export const chargeLineSchema = z.strictObject({
  fromMs: z.number(),
  toMs: z.number(),
  version: z.string(),
  band: z.string(),
  tier: z.int(),
  component: z.string(),
  /** micro-yuan per kWh or m³ */
  priceMicro: z.number(),
  /** Wh or litres */
  quantity: z.number(),
  amountMicro: z.number(),
});

/** One pulse that moved money, whole: the explanation of a deduction. */
export const chargeSchema = z.strictObject({
  id: z.string(),
  wallet: z.string(),
  meter: z.string(),
  utility: z.enum(utilities),
  sequence: z.int(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Primary-side registers, Wh or litres, and the multiplier they hold. */
  fromIndex: z.number(),
  toIndex: z.number(),
  multiplier: z.int(),
  tariff: z.string(),
  estimated: z.boolean(),
  lines: z.array(chargeLineSchema),
  amountMicro: z.number(),
  balanceAfterMicro: z.number(),
  /** What allowances paid of the amount; the balance paid the rest. */
  allowance: z.array(drawSchema).optional(),
  /** Only to compare with: the meter has charged it itself. */
  shadow: z.literal(true).optional(),
  /** With it: what the meter has taken since the charge before. Absent: of before this was kept. */
  tookMicro: z.number().optional(),
  /** Before the first reading it holds; null of before this was kept. */
  balanceBeforeMicro: z.number().nullable().default(null),
  /** Ledger: wallet → revenue account per component. */
  transfers: z.array(z.strictObject({ from: z.string(), to: z.string(), amountMicro: z.number() })),
});
export type Charge = z.infer<typeof chargeSchema>;

const causeEntry = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  untilMs: z.number().nullable(),
  /** Of a cut for load: how many in a row. */
  tries: z.int().optional(),
  /** The emergency cut or group order it belongs to. */
  job: z.string().optional(),
  /** Of a work tag: who works there, and how to reach them. */
  holder: z.string().optional(),
  phone: z.string().optional(),
});

export const meterViewSchema = z.strictObject({
  id: z.string(),
  line: z.string(),
  unitId: z.int(),
  profile: z.string(),
  number: z.string().nullable(),
  utility: z.enum(utilities),
  room: z.string().nullable(),
  role: z.enum(['tenant', 'public', 'main']),
  ct: z.int(),
  pt: z.int(),
  multiplier: z.int(),
  wallet: z.string().nullable(),
  tariff: z.string(),
  hasBreaker: z.boolean(),
  /** Primary side, Wh or litres; null before the first reading. */
  index: z.number().nullable(),
  lastReadingMs: z.number().nullable(),
  link: z.enum(['online', 'stale', 'never']),
  volts: z.array(z.number()),
  amps: z.array(z.number()),
  watts: z.number().nullable(),
  flow: z.number().nullable(),
  powerFactor: z.number().nullable(),
  wanted: z.enum(switchStates),
  actual: z.enum(['open', 'closed', 'unknown']),
  cause: z.enum(causes),
  /** All causes set, whether in force or not. */
  causes: z.partialRecord(z.enum(causes), causeEntry),
  /** Work tags on its room or its line. */
  tags: z.array(tagSchema),
  /** An empty wallet opens it. */
  arrearsCut: z.boolean(),
  /** What stops a cut for money that is asked for; null while none is. */
  hold: z.enum(holds).nullable(),
  /** Set by an operator, whether a cut is asked for or not, and whatever else holds it. */
  operatorHold: causeEntry.nullable(),
  mismatchSinceMs: z.number().nullable(),
  attempts: z.int(),
  quarantine: z
    .strictObject({
      index: z.number().nullable(),
      lastGood: z.number(),
      why: z.string(),
      sinceMs: z.number(),
      waiting: z.boolean(),
    })
    .nullable(),
  today: z.number(),
  todayMicro: z.number(),
  /** What the next unit costs: for "peak · tier 1 · 1.0062". */
  price: z.strictObject({ band: z.string(), tier: z.int(), version: z.string(), priceMicro: z.number() }).nullable(),
});
export type MeterView = z.infer<typeof meterViewSchema>;

export const quarantinedMeterSchema = z.strictObject({
  ...meterViewSchema.pick({ id: true, utility: true, room: true, multiplier: true, quarantine: true }).shape,
  roomName: z.string().nullable(),
});

export const temporaryPowerSchema = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  /** Ends then, or once so much is owed. */
  untilMs: z.number().nullable(),
  debtMicro: z.number().nullable(),
});
export type TemporaryPower = z.infer<typeof temporaryPowerSchema>;

export const walletViewSchema = z.strictObject({
  id: z.string(),
  /** As people call it; empty: by its number. */
  name: z.string(),
  purpose: z.enum(['use', 'fee']),
  payment: z.enum(payments),
  /** Post-paid: used and not billed yet; the balance shown is less by it. */
  unbilledMicro: z.number(),
  account: z.string(),
  holder: z.string(),
  balanceMicro: z.number(),
  overdraftMicro: z.number(),
  thresholdsMicro: z.array(z.number()),
  level: z.int(),
  exhausted: z.boolean(),
  /** When the last-level warning was given; null while above it. */
  warnedMs: z.number().nullable(),
  hoursLeft: z.number().nullable(),
  /** What must come in before power returns; 0 while nothing is owed. */
  missingMicro: z.number(),
  /** Power returns above this: the wallet's own amount, or the site's. */
  restoreAboveMicro: z.number(),
  ownRestore: z.boolean(),
  siteRestoreMicro: z.number(),
  /** Power lent without money. */
  temporary: temporaryPowerSchema.nullable(),
  /** How often it may still be granted this month. */
  temporaryLeft: z.int(),
  /** How much may come in at most; null: there is no limit. */
  acceptsMicro: z.number().nullable(),
  /** Ended for good. */
  settled: z.boolean(),
  allowances: z.array(allowanceViewSchema),
  /** Kept by the meter; absent: with us. */
  meterMoney: meterMoneySchema.optional(),
  /** On its way back to the tenant, and out of the balance. */
  reservedMicro: z.number(),
  /** Its meters, and the oldest of their last readings; null: one has not been read. */
  readings: z.strictObject({ meters: z.int(), oldestMs: z.number().nullable() }),
});
export type WalletView = z.infer<typeof walletViewSchema>;

/** Of each meter the first that applies. */
export const meterStates = [
  'running',
  'openForMoney',
  'openOther',
  'notOpened',
  'mismatch',
  'quarantined',
  'silent',
] as const;
const totals = z.strictObject({
  energyWh: z.number(),
  waterLitres: z.number(),
  /** By utility sales; and in cash, by card or transfer less what was paid back. */
  earnedMicro: z.number(),
  receivedMicro: z.number(),
});
export const homeViewSchema = z.strictObject({
  siteTimeMs: z.number(),
  meters: z.int(),
  states: z.record(z.enum(meterStates), z.int()),
  /** Wallets below a warning level. */
  lowMoney: z.int(),
  /** Of the whole site; null for people limited to buildings. A day is null on which nothing was counted. */
  days: z
    .strictObject({ today: totals.nullable(), yesterdaySoFar: totals.nullable(), yesterday: totals.nullable() })
    .nullable(),
});
export type HomeView = z.infer<typeof homeViewSchema>;

export const roomViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  building: z.string(),
  floor: z.string(),
  tenant: z.string().nullable(),
  tile: tileSchema,
  meters: z.array(meterViewSchema),
  wallets: z.array(walletViewSchema),
});
export type RoomView = z.infer<typeof roomViewSchema>;

export const timelineEntrySchema = z.strictObject({
  id: z.string(),
  atMs: z.number(),
  kind: z.string(),
  by: z.string().nullable(),
  meter: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Use per hour and band of one local day, for charts. */
export const dayChartSchema = z.strictObject({
  hours: z.array(
    z.strictObject({
      fromMs: z.number(),
      bands: z.record(z.string(), z.number()),
      amountMicro: z.number(),
      estimated: z.boolean(),
    }),
  ),
});

export const lineViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  transport: z.string(),
  up: z.boolean(),
  utilisation: z.number(),
  cycleMs: z.number().nullable(),
  requests: z.int(),
  replies: z.int(),
  timeouts: z.int(),
  crcErrors: z.int(),
  exceptions: z.int(),
  reconnects: z.int(),
  oldestDueMs: z.number(),
  meters: z.array(
    z.strictObject({
      id: z.string(),
      unitId: z.int(),
      profile: z.string(),
      room: z.string().nullable(),
      online: z.boolean(),
      lastReplyAgoMs: z.number().nullable(),
      failures: z.int(),
    }),
  ),
});
export type LineView = z.infer<typeof lineViewSchema>;

export const systemViewSchema = z.strictObject({
  status: statusSchema,
  version: z.string(),
  startedMs: z.number(),
  store: z.strictObject({
    kind: z.string(),
    head: z.int(),
    oldest: z.int(),
    commitP50Ms: z.number(),
    commitP99Ms: z.number(),
    lastCommitAgoMs: z.number().nullable(),
  }),
  ledger: z.strictObject({
    imbalanceMicro: z.number(),
    accounts: z.array(z.strictObject({ id: z.string(), balanceMicro: z.number() })),
  }),
  actors: z.strictObject({ count: z.int(), mailboxMax: z.int(), deadLetters: z.int(), parked: z.array(z.string()) }),
  gateway: z.strictObject({ restarts: z.int(), wallClients: z.int() }),
});

export const operatorViewSchema = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  disabled: z.boolean(),
});
