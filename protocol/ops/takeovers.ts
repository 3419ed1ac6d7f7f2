/** Taking a running site over: its rows are checked as a whole, signed with the totals of the old system, then posted. */
import { z } from 'zod';
import {
  attestedTotalsSchema,
  buildingTotalsSchema,
  takenRowSchema,
  takeoverErrorSchema,
  takeoverRowSchema,
  takeoverViewSchema,
} from '../takeover.ts';
import { id, managers, op, page } from './op.ts';

/** Below the gateway's bound for a body. */
export const TAKEOVER_ROWS_MAX = 100;
export const TAKEOVER_ERRORS_MAX = 500;

const draft = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);
const asOfMs = z.int();

export const takeoversOps = {
  stageTakeover: op({
    kind: 'query',
    method: 'POST',
    path: '/api/takeovers/draft',
    who: managers,
    scope: 'site',
    summary: 'A part of the rows to take over, kept in memory until they are signed; nothing is written',
    params: z.strictObject({
      draft,
      part: z.int().min(0).max(999),
      rows: z.array(takeoverRowSchema).min(1).max(TAKEOVER_ROWS_MAX),
    }),
    result: z.strictObject({ rows: z.int() }),
  }),
  checkTakeover: op({
    kind: 'query',
    method: 'POST',
    path: '/api/takeovers/check',
    who: managers,
    scope: 'site',
    summary: 'What taking these rows over would do, and what is wrong with each; nothing is written',
    params: z.strictObject({ draft, asOfMs }),
    result: z.strictObject({
      rows: z.int(),
      accounts: z.int(),
      meters: z.int(),
      /** Taken over before, with just this: left as they are. */
      same: z.int(),
      errorCount: z.int(),
      errors: z.array(takeoverErrorSchema),
      totals: z.array(buildingTotalsSchema),
      hash: z.string(),
    }),
  }),
  signTakeover: op({
    kind: 'command',
    method: 'POST',
    path: '/api/takeovers',
    who: managers,
    scope: 'site',
    reauth: true,
    summary: 'Sign the totals of the old system and take all of it over; refused unless they match to the cent',
    params: z.strictObject({
      draft,
      asOfMs,
      hash: z.string(),
      source: z.string().trim().min(1, 'which report it is').max(200),
      totals: z.array(attestedTotalsSchema).max(500),
    }),
    result: z.strictObject({ takeover: z.string() }),
  }),
  getTakeovers: op({
    kind: 'query',
    method: 'GET',
    path: '/api/takeovers',
    who: managers,
    scope: 'site',
    summary: 'What was taken over, newest first, with what was signed',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(takeoverViewSchema), cursor: z.string().nullable() }),
  }),
  getTakeoverRows: op({
    kind: 'query',
    method: 'GET',
    path: '/api/takeovers/{takeover}/rows',
    who: managers,
    scope: 'site',
    summary: 'The rows that were signed, with `search` those whose account, name, phone, wallet, room or meter has it',
    params: z.strictObject({
      takeover: id,
      search: z.string().trim().max(80).default(''),
      ...page,
      /** Part and account to go on from. */
      cursor: z
        .string()
        .regex(/^\d{1,6}\.\d{1,6}$/)
        .optional(),
    }),
    result: z.strictObject({ items: z.array(takenRowSchema), cursor: z.string().nullable() }),
  }),
  getTakeoverSheet: op({
    kind: 'query',
    method: 'GET',
    path: '/api/takeovers/sheet',
    who: managers,
    scope: 'site',
    summary: 'The open accounts of now as rows of the takeover: what another site would take over',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(takeoverRowSchema), cursor: z.string().nullable() }),
  }),
} as const;
