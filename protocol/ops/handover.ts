/** Handing a shift over: the sheet as it is now, both signatures, and what was handed over before. */
import { z } from 'zod';
import { handoverSchema, handoverSheetSchema } from '../handover.ts';
import { controllers, id, insiders, ok, op, page } from './op.ts';

const note = z.string().trim().max(4_000).default('');

export const handoverOps = {
  getHandover: op({
    kind: 'query',
    method: 'GET',
    path: '/api/handover',
    who: insiders,
    scope: 'site',
    summary: 'What the next shift must know now, and the handover that waits for the incoming operator',
    params: z.strictObject({}),
    result: z.strictObject({ now: handoverSheetSchema, waiting: handoverSchema.nullable() }),
  }),
  getHandovers: op({
    kind: 'query',
    method: 'GET',
    path: '/api/handover/history',
    who: insiders,
    scope: 'site',
    summary: 'Handovers, newest first',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(handoverSchema), cursor: z.string().nullable() }),
  }),
  signHandover: op({
    kind: 'command',
    method: 'POST',
    path: '/api/handover/sign',
    who: controllers,
    scope: 'site',
    reauth: true,
    summary: 'The outgoing operator signs the sheet as it is now, with notes',
    params: z.strictObject({ notes: note }),
    result: z.strictObject({ handover: z.string() }),
  }),
  takeHandover: op({
    kind: 'command',
    method: 'POST',
    path: '/api/handover/{handover}/take',
    who: controllers,
    scope: 'site',
    reauth: true,
    summary: 'The incoming operator signs what was shown',
    params: z.strictObject({ handover: id, hash: z.string(), remark: note }),
    result: ok,
  }),
  withdrawHandover: op({
    kind: 'command',
    method: 'POST',
    path: '/api/handover/{handover}/withdraw',
    who: controllers,
    scope: 'site',
    summary: 'The outgoing operator takes the signature back, as long as nobody has taken over',
    params: z.strictObject({ handover: id }),
    result: ok,
  }),
} as const;
