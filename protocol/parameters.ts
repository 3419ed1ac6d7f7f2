/** Parameters that a meter keeps, in the terms of the trade: no register, no byte order. */
import { z } from 'zod';
import { bands } from './tariff.ts';

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time, HH:MM');
const dayOfYear = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day of the year, MM-DD');
const cents = (max: number) => z.int().min(0).max(max);
const ascending = (times: readonly string[]): boolean =>
  times.every((time, n) => n === 0 || (times[n - 1] ?? '') < time);

/** Begins at midnight, ascending, and no two neighbours alike (EMS4J). */
export const dayTableSchema = z
  .array(z.strictObject({ at: clockTime, band: z.enum(bands) }))
  .min(1)
  .max(14)
  .refine((slots) => slots[0]?.at === '00:00', 'begins at 00:00')
  .refine((slots) => ascending(slots.map(({ at }) => at)), 'times ascend')
  .refine((slots) => slots.every(({ band }, n) => slots[n - 1]?.band !== band), 'neighbours differ');

export const dateTableSchema = z
  .array(z.strictObject({ from: dayOfYear, table: z.union([z.literal(1), z.literal(2)]) }))
  .min(1)
  .max(4)
  .refine((zones) => ascending(zones.map(({ from }) => from)), 'days ascend');

/** Power limit and malignant load of the first loop. */
export const loadLimitSchema = z.strictObject({
  on: z.boolean(),
  /** Secondary side, W; 0: no limit. */
  maxWatts: z.int().min(0).max(65_535),
  /** A step of so many watts at once is a malignant load; 0: not looked for. */
  stepWatts: z.int().min(0).max(65_535),
  /** Thousandths. */
  powerFactor: z.int().min(0).max(1_000),
  recoverMinutes: z.int().min(0).max(1_440),
  /** So many trips, then it stays open until a person lifts the lock. */
  triesMax: z.int().min(0).max(100),
});

const switchSlots = z
  .array(z.strictObject({ at: clockTime, on: z.boolean() }))
  .max(8)
  .refine((slots) => ascending(slots.map(({ at }) => at)), 'times ascend');

/** Time control of the first loop. */
export const timeControlSchema = z.strictObject({
  on: z.boolean(),
  /** Workdays of it: 1 Monday … 7 Sunday; the slots of holidays hold on all others. */
  weekdays: z.array(z.int().min(1).max(7)).max(7),
  workday: switchSlots,
  holiday: switchSlots,
});

/** What each parameter holds. */
const shapes = {
  /** How far the meter's clock is ahead of local time at the site, seconds. Written as 0: set to the site's time. */
  clock: z.int(),
  pt: z.int().min(1).max(9_999),
  ct: z.int().min(1).max(9_999),
  /** Remaining amounts at which the meter warns, cents. */
  alarm1: cents(99_999_999),
  alarm2: cents(99_999_999),
  overdraft: cents(99_999_999),
  /** Overload limit, W; 0: none. */
  powerLimit: z.int().min(0).max(65_535),
  relayMode: z.enum(['level', 'pulse']),
  dateTable: dateTableSchema,
  dayTable1: dayTableSchema,
  dayTable2: dayTableSchema,
  loadLimit: loadLimitSchema,
  timeControl: timeControlSchema,
} as const;
export type ParameterName = keyof typeof shapes;
export const parameterNames = Object.keys(shapes) as readonly ParameterName[];
export type ParameterValue<N extends ParameterName = ParameterName> = z.infer<(typeof shapes)[N]>;
export const parameterValuesSchema = z.strictObject(shapes).partial();
export type ParameterValues = z.infer<typeof parameterValuesSchema>;

/**
 * verified: read back as written. differs: read back otherwise. refused: the meter or a rule said no. notWritten: it never
 * went out. unknown: it may have arrived, or not.
 */
export const writeResults = ['verified', 'differs', 'refused', 'notWritten', 'unknown'] as const;
export type WriteResult = (typeof writeResults)[number];

/** These change what a register is worth: the platform's own multiplier is what is written, by a manager. */
export const multiplierParameters: readonly ParameterName[] = ['ct', 'pt'];
/** Whether a meter with these values may open its breaker by itself. */
export const mayOpenItself = ({ powerLimit = 0, loadLimit, timeControl }: ParameterValues): boolean =>
  powerLimit > 0 || loadLimit?.on === true || timeControl?.on === true;
/** A clock is right within this, seconds. */
export const CLOCK_TOLERANCE_S = 30;

const name = z.enum(parameterNames);
const writing = z.strictObject({ by: z.string(), reason: z.string(), sinceMs: z.int() });
const last = z.strictObject({ result: z.enum(writeResults), why: z.string(), by: z.string(), atMs: z.int() });
export type LastWrite = z.infer<typeof last>;
export const parameterStateParts = { name, writing, last } as const;

export const parameterViewSchema = z.strictObject({
  name,
  /** How well sources agree on where and how it is kept; MED and below: check it on the first meter of a delivery. */
  mark: z.enum(['HIGH', 'MED-HIGH', 'MED', 'LOW']),
  source: z.string(),
  /** Absent or null inside: not known. */
  value: parameterValuesSchema,
  readMs: z.number().nullable(),
  wanted: parameterValuesSchema,
  /** null: one of the two is not known. */
  differs: z.boolean().nullable(),
  writing: writing.nullable(),
  last: last.nullable(),
  /** Why the last attempt to read it failed; of this run of the program. */
  failed: z.string().nullable(),
});
export type ParameterView = z.infer<typeof parameterViewSchema>;

export const parametersViewSchema = z.strictObject({
  meter: z.string(),
  room: z.string().nullable(),
  profile: z.string(),
  number: z.string().nullable(),
  items: z.array(parameterViewSchema),
  /** What is under way. */
  job: z.strictObject({ done: z.int(), total: z.int() }).nullable(),
});
export type ParametersView = z.infer<typeof parametersViewSchema>;
