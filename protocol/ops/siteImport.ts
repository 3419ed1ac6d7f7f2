/** Importing rooms and meters: the rows are checked as a whole, then imported by a job that outlives a restart. */
import { z } from 'zod';
import { importRowSchema } from '../importRows.ts';
import { foundErrorSchema, importCountSchema, siteImportViewSchema } from '../siteImport.ts';
import { admins, id, op, page } from './op.ts';

/** Rows of one request: below the gateway's bound for a body, and of one part: below what one commit holds. */
export const IMPORT_ROWS_MAX = 150;
export const IMPORT_ERRORS_MAX = 500;

const draft = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);

export const siteImportOps = {
  stageRows: op({
    kind: 'query',
    method: 'POST',
    path: '/api/site/import/draft',
    who: admins,
    scope: 'site',
    summary: 'A part of the rows to import, kept in memory until they are imported; nothing is written',
    params: z.strictObject({
      draft,
      part: z.int().min(0).max(999),
      rows: z.array(importRowSchema).min(1).max(IMPORT_ROWS_MAX),
    }),
    result: z.strictObject({ rows: z.int() }),
  }),
  checkRows: op({
    kind: 'query',
    method: 'POST',
    path: '/api/site/import/check',
    who: admins,
    scope: 'site',
    summary: 'What importing these rows of rooms and meters would do, and what is wrong with each; nothing is written',
    params: z.strictObject({ draft }),
    result: z.strictObject({
      rows: z.int(),
      count: importCountSchema,
      errorCount: z.int(),
      errors: z.array(foundErrorSchema),
      hash: z.string(),
    }),
  }),
  importRows: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/import',
    who: admins,
    scope: 'site',
    summary: 'Import these rows of rooms and meters as they were checked; with one mistake in any of them, none',
    params: z.strictObject({ draft, hash: z.string() }),
    result: z.strictObject({ import: z.string() }),
  }),
  cancelImport: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/imports/{import}/cancel',
    who: admins,
    scope: 'site',
    summary: 'Import no more rows; those that are on the site already stay',
    params: z.strictObject({ import: id }),
    result: z.strictObject({ left: z.int() }),
  }),
  getImports: op({
    kind: 'query',
    method: 'GET',
    path: '/api/site/imports',
    who: admins,
    scope: 'site',
    summary: 'Imports of rooms and meters, newest first, with how far each is',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(siteImportViewSchema), cursor: z.string().nullable() }),
  }),
} as const;
