/** What is looked for and read on a line, beyond polling. */
import { z } from 'zod';
import { profileNames } from '../site.ts';
import { engineers, everyone, field, id, ok, op } from './op.ts';

const unitId = z.coerce.number().int().min(1).max(247);

/** One unit id that answered. */
export const scanFoundSchema = z.strictObject({
  unitId: z.int(),
  /** Whose registers it has; null: it answers, but like none of the models known here. */
  profile: z.enum(profileNames).nullable(),
  /** null: the model tells none, or it could not be read. */
  number: z.string().nullable(),
  /** What came was no clean reply: two meters may have this unit id, or the line's settings are wrong. */
  garbled: z.boolean(),
});
export type ScanFound = z.infer<typeof scanFoundSchema>;

export const scanViewSchema = z.strictObject({
  state: z.enum(['running', 'done', 'stopped', 'lineDown']),
  from: z.int(),
  to: z.int(),
  /** Unit ids looked at, or left alone because a meter of ours is there. */
  done: z.int(),
  /** Left alone. */
  known: z.array(z.strictObject({ unitId: z.int(), meter: z.string() })),
  found: z.array(scanFoundSchema),
  by: z.string(),
  startedMs: z.number(),
});
export type ScanView = z.infer<typeof scanViewSchema>;

export const fieldOps = {
  startScan: op({
    kind: 'command',
    method: 'POST',
    path: '/api/lines/{line}/scan',
    who: engineers,
    summary: 'Look which unit ids of a line answer; meters that are known are left alone',
    params: z
      .strictObject({ line: id, from: unitId, to: unitId })
      .refine(({ from, to }) => from <= to, { path: ['to'], message: 'not less than from' }),
    result: ok,
  }),
  stopScan: op({
    kind: 'command',
    method: 'POST',
    path: '/api/lines/{line}/scan/stop',
    who: engineers,
    summary: 'Stop looking; what was found stays',
    params: z.strictObject({ line: id }),
    result: ok,
  }),
  getScan: op({
    kind: 'query',
    method: 'GET',
    path: '/api/lines/{line}/scan',
    who: everyone,
    summary: 'The last search of a line since the start of the program',
    params: z.strictObject({ line: id }),
    result: z.strictObject({ scan: scanViewSchema.nullable() }),
  }),
  readLine: op({
    kind: 'command',
    method: 'POST',
    path: '/api/lines/{line}/read',
    who: field,
    summary: 'Read all meters of a line now',
    params: z.strictObject({ line: id }),
    result: z.strictObject({ meters: z.int() }),
  }),
} as const;
