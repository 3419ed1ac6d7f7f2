/** Who changed what of a tariff, and when: told from the audit log. */
import { z } from 'zod';

/** Versions by the local minute from which they hold. */
export const tariffVersionsSchema = z.strictObject({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  /** Days of the holiday calendar that are others now. */
  holidays: z.int(),
  /** The new name; empty: it has not changed. */
  name: z.string(),
});
export type TariffVersions = z.infer<typeof tariffVersionsSchema>;

/** So many meters are named, the others counted. */
export const ASSIGNED_NAMED_MAX = 50;
export const assignedSchema = z.strictObject({ count: z.int(), meters: z.array(z.string()) });

export const tariffChangeSchema = z.strictObject({
  /** Its number in the audit log. */
  id: z.string(),
  atMs: z.number(),
  operator: z.string(),
  /** The second person; null: none was needed. */
  approvedBy: z.string().nullable(),
  what: z.enum(['created', 'published', 'assigned']),
  /** null: the log does not say. */
  versions: tariffVersionsSchema.nullable(),
  meters: assignedSchema.nullable(),
});
export type TariffChange = z.infer<typeof tariffChangeSchema>;
