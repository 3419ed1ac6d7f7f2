/** What is durable of a meter, its events, and what is only known while the core runs. */
import { z } from 'zod';
import { meterSchema } from '../../../protocol/site.ts';
import type { AlarmKind } from '../../../protocol/wall.ts';
import { takenBySchema } from '../group/taken.ts';
import type { MeterMessage } from '../messages.ts';
import { causeEntrySchema, causesSchema, settableCauses, type Causes } from '../switching.ts';
import { doubts } from './reading.ts';

const place = z.strictObject({
  room: z.string().nullable(),
  wallet: z.string().nullable(),
  account: z.string().nullable(),
});
const bands = z.array(z.int()).nullable();
const anchor = z.strictObject({ index: z.int(), atMs: z.int(), bands });

export const consumptionSchema = z.strictObject({
  sequence: z.int(),
  fromMs: z.int(),
  toMs: z.int(),
  fromIndex: z.int(),
  toIndex: z.int(),
  quantity: z.int(),
  bands,
  multiplier: z.int(),
  estimated: z.boolean(),
});

export const quarantineSchema = z.strictObject({
  why: z.enum(doubts),
  /** The doubtful index; null where the register held no number. */
  index: z.int().nullable(),
  lastGood: z.int(),
  sinceMs: z.int(),
  /** Later readings agree with the doubtful one: charging waits for a person. */
  waiting: z.boolean(),
});

export const meterEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('MeterRegistered'), config: meterSchema, place }),
  /** The register's first good value, or a new start after a person's decision: nothing is charged up to here. */
  z.strictObject({ type: z.literal('IndexAnchored'), anchor }),
  z.strictObject({
    type: z.literal('ConsumptionMeasured'),
    consumption: consumptionSchema,
    bandsNow: bands,
    wallet: z.string(),
    account: z.string(),
    /** Last sequence the wallet had charged by then: what is pending beyond it is sent again at recovery. */
    charged: z.int(),
  }),
  /** Of a main meter: measured, charged to nobody. */
  z.strictObject({ type: z.literal('IndexNoted'), anchor }),
  z.strictObject({ type: z.literal('ReadingQuarantined'), quarantine: quarantineSchema }),
  z.strictObject({ type: z.literal('QuarantineWaited'), waiting: z.boolean() }),
  z.strictObject({
    type: z.literal('QuarantineResolved'),
    action: z.enum(['release', 'discard']),
    by: z.string(),
    reason: z.string(),
  }),
  /** Put right with what a person has read there; what it charges is an event of its own. */
  z.strictObject({ type: z.literal('QuarantineCorrected'), index: z.int(), by: z.string(), reason: z.string() }),
  z.strictObject({ type: z.literal('CauseSet'), cause: z.enum(settableCauses), entry: causeEntrySchema }),
  z.strictObject({ type: z.literal('CauseEnded'), cause: z.enum(settableCauses), by: z.string() }),
  z.strictObject({ type: z.literal('HoldSet'), entry: causeEntrySchema }),
  z.strictObject({ type: z.literal('HoldLifted'), by: z.string() }),
  /** The wallet is exhausted: open as soon as no hold stands against it. */
  z.strictObject({ type: z.literal('CutRequested'), sinceMs: z.int() }),
  z.strictObject({ type: z.literal('CutWithdrawn') }),
  /** It changed hands: what was measured before has been charged to the wallet before. */
  z.strictObject({
    type: z.literal('MeterPlaced'),
    ...{ place, tariff: z.string(), tenancy: z.string() },
    /** Chosen at closing, until it has an account again; absent: the site's rule. */
    vacant: z.enum(['closed', 'open']).optional(),
  }),
  z.strictObject({ type: z.literal('MeterConfigured'), config: meterSchema, by: z.string() }),
  z.strictObject({
    type: z.literal('MeterRenewed'),
    why: z.enum(['swap', 'multiplier']),
    config: meterSchema,
    /** What was there, and its last index. */
    before: z.strictObject({ number: z.string(), profile: z.string(), ct: z.int(), pt: z.int(), index: z.int() }),
    anchor,
    by: z.string(),
    reason: z.string(),
  }),
  /** A group order: taken once, whatever it led to, or undone. */
  z.strictObject({ type: z.literal('GroupTaken'), taken: takenBySchema }),
  z.strictObject({ type: z.literal('TariffChosen'), tariff: z.string(), by: z.string() }),
  z.strictObject({ type: z.literal('ControlPlanChosen'), plan: z.string().nullable(), by: z.string() }),
  /** The load has stayed below its limit: cuts are counted from none again. */
  z.strictObject({ type: z.literal('LoadTripsCleared') }),
  z.strictObject({ type: z.literal('TariffTakenUp'), tariff: z.string() }),
  /** kept: it charges itself, and we hold its breaker; released: its own money decides; platform: it does not any more. */
  z.strictObject({ type: z.literal('ChargingModeSet'), mode: z.enum(['kept', 'released', 'platform']) }),
]);
export type MeterEvent = z.infer<typeof meterEventSchema>;

export const meterStateSchema = z.strictObject({
  config: meterSchema.nullable(),
  place,
  sequence: z.int(),
  anchor: anchor.nullable(),
  pending: z.array(consumptionSchema),
  quarantine: quarantineSchema.nullable(),
  causes: causesSchema,
  operatorHold: causeEntrySchema.nullable(),
  cutSinceMs: z.int().nullable(),
  /** It charges itself; absent: the platform charges, and it stays in forced mode. */
  itself: z.enum(['kept', 'released']).optional(),
  /** Chosen, and taken up at the next reading. */
  nextTariff: z.string().optional(),
  /** Plan of load and time control; absent: none. */
  controlPlan: z.string().optional(),
  /** Cuts for load in a row; absent: none. */
  loadTrips: z.int().optional(),
  /** A jump that a person has discarded: until another value is counted, it is held again when it is read again. */
  discarded: z.int().optional(),
  /** Wanted while it has no account; absent: the site's rule. */
  vacant: z.enum(['closed', 'open']).optional(),
  /** Another one hangs there since; absent: none was swapped, or before this was kept. */
  swappedMs: z.int().optional(),
  /** The last group order it has taken. */
  group: takenBySchema.optional(),
});
export type MeterState = z.infer<typeof meterStateSchema>;

export const METER_SCHEMA = 1;
const noCauses: Causes = {};
export const initialMeter: MeterState = {
  config: null,
  place: { room: null, wallet: null, account: null },
  sequence: 0,
  anchor: null,
  pending: [],
  quarantine: null,
  causes: noCauses,
  operatorHold: null,
  cutSinceMs: null,
};

/** Volatile: unknown after a restart, and shown as unknown until read (law 6). */
export type MeterLive = {
  actual: 'open' | 'closed' | 'unknown';
  online: boolean | null;
  /** Last accepted reading, and since when its index has been seen. */
  lastReadingMs: number | null;
  lastSeenMs: number | null;
  doubtsInARow: number;
  mismatchSinceMs: number | null;
  attempts: number;
  /** Load of the reading before; null: none, long ago, or nothing flowed then. */
  wattsBefore: number | null;
  /** Load before a step that the last reading showed first. */
  stepFrom: number | null;
  /** Since when readings have been above the limit, and since when below after a cut. */
  overSinceMs: number | null;
  calmSinceMs: number | null;
  /** An opening was asked of the interlock and not answered, or is held there. */
  interlock: 'none' | 'asked' | 'held';
  /** Its bits said when it was last read that it had opened its own breaker for too great a load. */
  lockedItself: boolean;
  /** Index when the breaker was first seen open, to notice flow through it. */
  openIndex: number | null;
  volts: readonly number[];
  amps: readonly number[];
  watts: number | null;
  flow: number | null;
  powerFactor: number | null;
  /** What it said last of its own money; null: it has none, or has not been read. */
  money: {
    readonly count: number;
    readonly remainingMicro: number;
    readonly litres?: number;
    readonly atMs: number;
  } | null;
  /** What was last said of each alarm; an absent one has not been judged since the start. */
  alarms: Partial<Record<AlarmKind, boolean>>;
  /** The change of hands that waits for a reading; told again after a restart. */
  placing: Extract<MeterMessage, { type: 'Place' }> | null;
};

export const freshMeterLive = (): MeterLive => ({
  actual: 'unknown',
  online: null,
  lastReadingMs: null,
  lastSeenMs: null,
  doubtsInARow: 0,
  mismatchSinceMs: null,
  attempts: 0,
  wattsBefore: null,
  stepFrom: null,
  overSinceMs: null,
  calmSinceMs: null,
  interlock: 'none',
  lockedItself: false,
  openIndex: null,
  volts: [],
  amps: [],
  watts: null,
  flow: null,
  powerFactor: null,
  money: null,
  alarms: {},
  placing: null,
});
