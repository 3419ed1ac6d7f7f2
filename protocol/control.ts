/** Load and time control: what a plan says, in local time at the site and on the primary side. */
import { z } from 'zod';
import { weekdays } from './tariff.ts';

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time, HH:MM');

/** On a holiday only what names holidays holds; a make-up workday counts as the weekday its calendar says. */
export const planDays = [...weekdays, 'holiday'] as const;
export type PlanDay = (typeof planDays)[number];

export const controlPlanSchema = z.strictObject({
  id,
  name: z.string().trim().min(1).max(80),
  /** Of several in force the least counts. With a window it is a night limit; a window may wrap midnight. */
  limits: z
    .array(
      z.strictObject({
        watts: z.int().min(1).max(10_000_000),
        window: z.strictObject({ from: time, to: time }).nullable(),
      }),
    )
    .max(4),
  /** Above the limit for so long: cut. */
  seconds: z.int().min(1).max(3_600),
  recoverMinutes: z.int().min(1).max(1_440),
  /** So many cuts in a row, then the safety lock until a person lifts it. */
  tries: z.int().min(0).max(100),
  /** No supply from … to on these days; one that wraps midnight belongs to the day it begins on. */
  cuts: z.array(z.strictObject({ days: z.array(z.enum(planDays)).min(1), from: time, to: time })).max(20),
  /**
   * Malignant load: a step of more than so many watts from one reading to the next, at a power factor of at least this
   * (thousandths; 0: at any), is locked until a person has looked. Absent: not looked for.
   */
  step: z.strictObject({ watts: z.int().min(1).max(10_000_000), powerFactor: z.int().min(0).max(1_000) }).optional(),
  /** Written into meters that have it (LOW in the sources); until it is read back there, the platform does it. */
  inMeter: z.boolean(),
});
export type ControlPlan = z.infer<typeof controlPlanSchema>;

export const controlReasons = ['loadLimit', 'nightLimit', 'timeControl'] as const;
/** Of a safety lock. */
export const lockReasons = ['overload', 'malignantLoad'] as const;

export const controlRowSchema = z.strictObject({
  meter: z.string(),
  room: z.string().nullable(),
  roomName: z.string().nullable(),
  building: z.string().nullable(),
  tenant: z.string().nullable(),
  /** Of its room. */
  tags: z.array(z.string()),
  plan: z.string().nullable(),
  /** Who carries it out; null: no plan. */
  where: z.enum(['platform', 'meter', 'writing']).nullable(),
  /** What an earlier plan left in the meter is not read back as gone. */
  leaving: z.boolean(),
  /** Of the platform: it looks this often, ms. */
  everyMs: z.number(),
  /** In force now. */
  cut: z.strictObject({ reason: z.string(), sinceMs: z.number(), untilMs: z.number().nullable() }).nullable(),
  /** Cuts for load in a row. */
  trips: z.int(),
  locked: z.boolean(),
});
export type ControlRow = z.infer<typeof controlRowSchema>;
