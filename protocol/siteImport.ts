/** An import of rooms and meters: what was asked for, and how far it is. */
import { z } from 'zod';
import { rowErrorSchema } from './importRows.ts';

export const importCountSchema = z.strictObject({ new: z.int(), changed: z.int(), same: z.int() });

/** Rows from 0, without the head. */
export const foundErrorSchema = z.strictObject({ row: z.int(), ...rowErrorSchema.shape });

export const siteImportSchema = z.strictObject({
  id: z.string(),
  by: z.string(),
  atMs: z.int(),
  rows: z.int(),
  parts: z.int(),
  /** Of the rows as they were checked, canonical JSON. */
  hash: z.string(),
  count: importCountSchema,
});
export type SiteImport = z.infer<typeof siteImportSchema>;

export const siteImportViewSchema = z.strictObject({
  ...siteImportSchema.shape,
  /** Rows that are on the site so far. */
  posted: z.int(),
  /** Of them, those that would go in no more when their turn came. */
  refused: z.array(z.int()),
  /** The rows after `posted` were left out. */
  cancelledBy: z.string().nullable(),
  endedMs: z.int().nullable(),
});
export type SiteImportView = z.infer<typeof siteImportViewSchema>;
