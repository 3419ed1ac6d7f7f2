/**
 * The wall: one WebSocket per browser. Hello → layout and snapshots → frames of changes, latest value per tile. Frames
 * are binary messages (wallFrame.ts), all others JSON text.
 * Alarms are state with a sequence of their own: a snapshot holds all active ones.
 */
import { z } from 'zod';
import { roles } from './site.ts';
import type { Frame } from './wallFrame.ts';

export const WALL_PROTOCOL = 4;
/** Where the WebSocket is opened. */
export const WALL_PATH = '/api/wall';

/** Why a breaker or valve is wanted as it is: the first that applies, in this order (rules.md, "Which state is wanted"). */
export const causes = [
  'workTag',
  'keepPower',
  'safetyLock',
  'emergencyCut',
  'forcedTrip',
  'forcedClose',
  'control',
  'noAccount',
  'moneyExhausted',
  'normal',
] as const;
export type Cause = (typeof causes)[number];

/** What stops a new opening for money. */
export const holds = ['quietHours', 'operatorHold', 'interlock', 'stale', 'warning'] as const;
export type Hold = (typeof holds)[number];

export const switchStates = ['open', 'closed'] as const;

/** The worst meter of one utility in a room. */
export const utilityTileSchema = z.strictObject({
  meter: z.string(),
  /** breaker: has a relay or valve; noRelay, notOpened and public have looks of their own. */
  look: z.enum(['breaker', 'noRelay', 'notOpened', 'public']),
  wanted: z.enum(switchStates),
  /** As read back; unknown after a restart or while nothing was read. */
  actual: z.enum(['open', 'closed', 'unknown']),
  cause: z.enum(causes),
  hold: z.enum(holds).nullable(),
  /** Since when wanted and actual differ, site time; null while they agree. */
  mismatchSinceMs: z.number().nullable(),
  link: z.enum(['online', 'stale', 'never']),
  lastReadingMs: z.number().nullable(),
  /** W, or litres an hour; null when unknown. */
  rate: z.number().nullable(),
  /** Wh or litres since local midnight, and their price. */
  today: z.number(),
  todayMicro: z.number(),
  quarantined: z.boolean(),
});
export type UtilityTile = z.infer<typeof utilityTileSchema>;

export const moneyTileSchema = z.strictObject({
  wallet: z.string(),
  balanceMicro: z.number(),
  /** How many warning levels the balance has fallen below, and how many there are. */
  level: z.int(),
  levels: z.int(),
  /** At the pace of the last 24 hours; null when nothing is used. */
  hoursLeft: z.number().nullable(),
  exhausted: z.boolean(),
  /** Power is lent to it: it is without money and not cut. */
  temporary: z.boolean(),
  /** Use is billed afterwards: the balance is what is owed, negative, and the one level is the credit limit. */
  payment: z.literal('postpaid').optional(),
  /** What an allowance still pays, Wh, litres or micro-yuan; absent where there is none. */
  allowanceWh: z.number().optional(),
  allowanceLitres: z.number().optional(),
  allowanceMicro: z.number().optional(),
  /** Paid, and not yet on the meter that keeps the money. */
  pendingMicro: z.number().optional(),
});
export type MoneyTile = z.infer<typeof moneyTileSchema>;

export const tileSchema = z.strictObject({
  room: z.string(),
  building: z.string(),
  tenant: z.string().nullable(),
  /** Who has a breaker of the room in hand now. */
  operating: z.string().nullable(),
  electricity: utilityTileSchema.nullable(),
  water: utilityTileSchema.nullable(),
  /** Of the wallets that pay for electricity the one nearest to its end; where none does, of all. */
  money: moneyTileSchema.nullable(),
  /** The same for water; null where that is `money` too. */
  waterMoney: moneyTileSchema.nullable(),
  /** Highest active alarm priority in the room; 0 for none. */
  alarm: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
});
export type Tile = z.infer<typeof tileSchema>;

export const layoutSchema = z.strictObject({
  site: z.strictObject({ id: z.string(), name: z.string(), timeZone: z.string() }),
  buildings: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      floors: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          rooms: z.array(z.strictObject({ id: z.string(), name: z.string() })),
        }),
      ),
    }),
  ),
});
export type Layout = z.infer<typeof layoutSchema>;

export const alarmKinds = [
  'flowThroughOpen',
  'paidNotPowered',
  'storeAway',
  'ledgerNotZero',
  'actorParked',
  'lineDead',
  'meterSilent',
  'quarantine',
  'safetyLock',
  'valveAbnormal',
  'emergencyCut',
  'interlockHolding',
  'cutHeld',
  'tripFailed',
  'meterMoney',
  'meterDrift',
  'wrongMeter',
  'forcedModeLost',
  'clockJump',
  'clockDrift',
  'batteryLow',
  'reverseEnergy',
  'lostPhase',
  'flappingLink',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export const alarmSchema = z.strictObject({
  /** kind:subject, such as `meterSilent:m-0101`: at most one active per id. */
  id: z.string(),
  /** Rises with every change of any alarm. */
  seq: z.int(),
  kind: z.enum(alarmKinds),
  priority: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  /** What it is about. */
  room: z.string().nullable(),
  meter: z.string().nullable(),
  line: z.string().nullable(),
  /** Numbers and names the text of this kind needs, in the reader's language. */
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
  active: z.boolean(),
  sinceMs: z.number(),
  clearedMs: z.number().nullable(),
  acknowledged: z.strictObject({ by: z.string(), atMs: z.number() }).nullable(),
  shelved: z.strictObject({ by: z.string(), reason: z.string(), untilMs: z.number() }).nullable(),
  /** The alarm that explains this one (a dead line carries its meters); suppressed ones are not shown apart. */
  suppressedBy: z.string().nullable(),
  /** How many subjects this one carries. */
  carries: z.int(),
});
export type Alarm = z.infer<typeof alarmSchema>;

export const statusSchema = z.strictObject({
  /** Site time now, and how fast it runs (1 outside the demo). */
  siteTimeMs: z.number(),
  speed: z.number(),
  /** false while the gateway has no core behind it. */
  core: z.boolean(),
  money: z.enum(['ok', 'onHold']),
  ledgerImbalanceMicro: z.number(),
  commitMs: z.number().nullable(),
  store: z.enum(['sqlite', 'redis']),
  /** More than ten alarms in ten minutes. */
  flood: z.boolean(),
  interlockHeld: z.int(),
  /** Emergency cuts in force; `seq` rises with every change of one. */
  emergencies: z.strictObject({ seq: z.int(), open: z.int() }).optional(),
  /** Group orders that go on; `seq` rises with every change of one. */
  groups: z.strictObject({ seq: z.int(), open: z.int() }).optional(),
  /** Proposals that wait for a second person; `seq` rises with every change of one. */
  approvals: z.strictObject({ seq: z.int(), open: z.int() }).optional(),
  counts: z.strictObject({ rooms: z.int(), meters: z.int(), lines: z.int(), metersOnline: z.int(), linesUp: z.int() }),
});
export type Status = z.infer<typeof statusSchema>;

export const serverTextSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int(),
    you: z.strictObject({ name: z.string(), displayName: z.string(), role: z.enum(roles) }),
  }),
  z.strictObject({ type: z.literal('layout'), layout: layoutSchema }),
  /** Replaces all tiles of the building. */
  z.strictObject({ type: z.literal('snapshot'), building: z.string(), seq: z.int(), tiles: z.array(tileSchema) }),
  /** All active or unacknowledged alarms, at alarm sequence seq. */
  z.strictObject({ type: z.literal('alarms'), seq: z.int(), alarms: z.array(alarmSchema) }),
  z.strictObject({ type: z.literal('alarm'), alarm: alarmSchema }),
  z.strictObject({ type: z.literal('status'), status: statusSchema }),
  /** Sent before the socket is closed on purpose. */
  z.strictObject({ type: z.literal('bye'), reason: z.enum(['protocol', 'session', 'slow', 'shutdown']) }),
]);
export type ServerText = z.infer<typeof serverTextSchema>;
/** A frame's seq is its building's last + 1; any other number is a gap: ask for a resync. */
export type ServerMessage = ServerText | Frame;

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.int(), alarmSeq: z.int().nullable() }),
  z.strictObject({ type: z.literal('resync'), building: z.string() }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;
