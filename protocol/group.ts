/** Many breakers switched by one order of a person, each with its own result. */
import { z } from 'zod';
import { utilities } from './site.ts';

/** In one order: so many ids fit into one request and one entry of the audit log. */
export const GROUP_MAX = 2_000;
export const groupActions = ['forceTrip', 'forceClose', 'release', 'keepPower', 'hold', 'liftHold'] as const;
export type GroupAction = (typeof groupActions)[number];
export const groupWhats = [...utilities, 'both'] as const;

/** Why a breaker is left alone. */
export const leftOuts = [
  'keepPower',
  'workTag',
  /** Public and main meters are neither tripped nor held by a group. */
  'public',
  /** Somebody else has it in hand. */
  'inHand',
  'noBreaker',
  /** The end that was given had passed. */
  'endPassed',
] as const;
export type LeftOut = (typeof leftOuts)[number];

/** What became of one breaker or valve. */
export const groupStates = [
  /** Its meter has not taken the order yet. */
  'waiting',
  /** The order is durable at its meter, and not read back yet. */
  'stored',
  /** Read back as ordered; a hold is done once it is durable. */
  'confirmed',
  /** Written, and read back as something else. */
  'unconfirmed',
  /** Its meter does not answer. */
  'unknown',
  /** Stored, and another cause decides. */
  'outranked',
  /** Switched otherwise by somebody before it was read back. */
  'replaced',
  /** Being put back as it was. */
  'cancelling',
  'cancelled',
  ...leftOuts,
] as const;
export type GroupState = (typeof groupStates)[number];

export const groupSchema = z.strictObject({
  id: z.string(),
  action: z.enum(groupActions),
  by: z.string(),
  reason: z.string(),
  /** In which its breakers lie. */
  buildings: z.array(z.string()),
  /** When what it sets ends by itself; null: when somebody lifts it. */
  untilMs: z.int().nullable(),
  atMs: z.int(),
  /** null while it goes on. */
  endedMs: z.int().nullable(),
  counts: z.partialRecord(z.enum(groupStates), z.int()),
});
export type Group = z.infer<typeof groupSchema>;

/** What an order would do now. */
export const groupPreviewSchema = z.strictObject({
  /** Those it goes to, in the order of the wall. */
  meters: z.array(z.string()),
  /** Of them: they are as ordered already. */
  same: z.int(),
  /** Of them: their meter does not answer now. */
  silent: z.int(),
  left: z.array(z.strictObject({ meter: z.string(), room: z.string().nullable(), why: z.enum(leftOuts) })),
});
export type GroupPreview = z.infer<typeof groupPreviewSchema>;
