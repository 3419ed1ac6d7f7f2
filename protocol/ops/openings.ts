/** One-click opening for a list of accounts. */
import { z } from 'zod';
import { typedReadingSchema } from '../accounts.ts';
import { OPENINGS_MAX, openingPreviewSchema, openingsViewSchema } from '../openings.ts';
import { desk, everyone, id, op, page } from './op.ts';

export const openingsOps = {
  checkOpenings: op({
    kind: 'query',
    method: 'POST',
    path: '/api/openings/check',
    who: desk,
    summary: 'What opening these accounts would do: meters, deposit, first recharge, or why it would be refused',
    params: z.strictObject({ accounts: z.array(id).min(1).max(200) }),
    result: z.strictObject({ items: z.array(openingPreviewSchema) }),
  }),
  openAccounts: op({
    kind: 'command',
    method: 'POST',
    path: '/api/openings',
    who: desk,
    summary: 'Open these accounts as planned, one after the other, whatever happens to this program meanwhile',
    params: z.strictObject({
      accounts: z.array(id).min(1).max(OPENINGS_MAX),
      /** Of meters that do not answer. */
      typed: z.array(typedReadingSchema).max(200).default([]),
    }),
    result: z.strictObject({ openings: z.string() }),
  }),
  cancelOpenings: op({
    kind: 'command',
    method: 'POST',
    path: '/api/openings/{openings}/cancel',
    who: desk,
    scope: 'site',
    summary: 'Open no more of a list; what has begun goes on',
    params: z.strictObject({ openings: id }),
    result: z.strictObject({ cancelled: z.int() }),
  }),
  getOpenings: op({
    kind: 'query',
    method: 'GET',
    path: '/api/openings',
    who: everyone,
    scope: 'filtered',
    summary: 'Lists of accounts opened together, newest first, with what each account has come to',
    params: z.strictObject({ ...page, limit: z.coerce.number().int().min(1).max(5).default(1) }),
    result: z.strictObject({ items: z.array(openingsViewSchema), cursor: z.string().nullable() }),
  }),
} as const;
