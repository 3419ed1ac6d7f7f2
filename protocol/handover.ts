/** What the next shift must know, signed by who goes and by who comes. */
import { z } from 'zod';

export const handoverSections = [
  'alarms',
  'shelved',
  'emergencies',
  'workTags',
  'overrides',
  'keepPower',
  'control',
  'temporaryPower',
  'operatorHolds',
  'unconfirmed',
  'heldOpenings',
  'groups',
  'parameterWrites',
  'meterMoney',
  'approvals',
] as const;
export type HandoverSection = (typeof handoverSections)[number];

/** Lines of a section that are written out; the rest is counted. */
export const SECTION_LINES_MAX = 50;

export const handoverLineSchema = z.strictObject({
  /** What it is: an alarm kind, a cause, an operation, a parameter. */
  what: z.string(),
  /** Room, else meter or line, by name; '' for the whole site. */
  place: z.string(),
  meter: z.string().nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  sinceMs: z.number().nullable(),
  untilMs: z.number().nullable(),
});
export type HandoverLine = z.infer<typeof handoverLineSchema>;

export const handoverSheetSchema = z.strictObject({
  atMs: z.int(),
  /** A sheet signed by an older program has not all of them. */
  sections: z.partialRecord(
    z.enum(handoverSections),
    z.strictObject({ total: z.int(), lines: z.array(handoverLineSchema).max(SECTION_LINES_MAX) }),
  ),
});
export type HandoverSheet = z.infer<typeof handoverSheetSchema>;

export const handoverStates = ['waiting', 'taken', 'withdrawn'] as const;
export const handoverSchema = z.strictObject({
  id: z.string(),
  state: z.enum(handoverStates),
  sheet: handoverSheetSchema,
  notes: z.string(),
  /** Over sheet and notes: what both have signed. */
  hash: z.string(),
  outgoing: z.strictObject({ operator: z.string(), atMs: z.int() }),
  incoming: z.strictObject({ operator: z.string(), atMs: z.int(), remark: z.string() }).nullable(),
});
export type Handover = z.infer<typeof handoverSchema>;
