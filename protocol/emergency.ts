/** An emergency cut: a room, floor or building opened by one person, each breaker with its own result, put back in steps. */
import { z } from 'zod';
import { utilities } from './site.ts';

export const emergencyPlaces = ['room', 'floor', 'building'] as const;
export type EmergencyPlace = (typeof emergencyPlaces)[number];
export const emergencyWhats = [...utilities, 'both'] as const;

/** What became of one breaker or valve. */
export const itemStates = [
  /** Selected; its meter has not been told yet. */
  'waiting',
  /** Ordered, not read back yet. */
  'operating',
  /** Read back open. */
  'confirmed',
  /** Written, and read back as something else. */
  'unconfirmed',
  /** Its meter does not answer. */
  'unknown',
  /** Keep power was set on it afterwards. */
  'outranked',
  /** Left out: keep power. */
  'kept',
  /** A later emergency cut has taken it over. */
  'taken',
  /** Cancelled before it was read back. */
  'cancelled',
  /** Ordered back, not read back yet. */
  'restoring',
  'restored',
  /** Let go, and open for another cause. */
  'staysOpen',
  /** Let go; its meter does not answer, or does not close. */
  'notRestored',
] as const;
export type ItemState = (typeof itemStates)[number];

/** cutting → cut → restoring → over; cancelling leads from restoring back to cut. */
export const emergencyPhases = ['cutting', 'cut', 'restoring', 'over'] as const;
export type EmergencyPhase = (typeof emergencyPhases)[number];

export const emergencySchema = z.strictObject({
  id: z.string(),
  place: z.strictObject({ kind: z.enum(emergencyPlaces), id: z.string(), name: z.string(), building: z.string() }),
  what: z.enum(emergencyWhats),
  by: z.string(),
  reason: z.string(),
  atMs: z.int(),
  phase: z.enum(emergencyPhases),
  restore: z
    .strictObject({
      by: z.string(),
      reason: z.string(),
      atMs: z.int(),
      /** So many in a step, and the pause between two. */
      meters: z.int(),
      pauseMs: z.int(),
      /** When the next step is due. */
      nextMs: z.int(),
    })
    .nullable(),
  endedMs: z.int().nullable(),
  counts: z.partialRecord(z.enum(itemStates), z.int()),
});
export type Emergency = z.infer<typeof emergencySchema>;

/** What an emergency cut of a place would do now. */
export const emergencyPreviewSchema = z.strictObject({
  opens: z.int(),
  /** Open already: they stay so. */
  open: z.int(),
  /** Left out: keep power. */
  kept: z.int(),
  /** Without a breaker or valve. */
  none: z.int(),
  /** Of those that open: their meter does not answer now. */
  silent: z.int(),
});
export type EmergencyPreview = z.infer<typeof emergencyPreviewSchema>;
