/** The audit log: searched, exported, verified. */
import { z } from 'zod';
import { auditFindingSchema, auditHeadSchema, auditRowSchema } from '../audit.ts';
import { auditors, op, page } from './op.ts';

const time = z.coerce.number().optional();
const word = z.string().trim().min(1).max(120).optional();

export const auditOps = {
  getAudit: op({
    kind: 'query',
    method: 'GET',
    path: '/api/audit',
    who: auditors,
    scope: 'site',
    summary: 'Who did what, newest first; by person, operation, target (`kind:id`), outcome and time',
    params: z.strictObject({
      ...{ operator: word, op: word, target: word, fromMs: time, toMs: time },
      /** Only what was refused. */
      refused: z.enum(['true', 'false']).default('false'),
      ...page,
    }),
    result: z.strictObject({ items: z.array(auditRowSchema), cursor: z.string().nullable() }),
  }),
  exportAudit: op({
    kind: 'query',
    method: 'GET',
    path: '/api/audit/export',
    who: auditors,
    scope: 'site',
    summary: 'The log in its order, with the hashes, from one number on; and where the chain ends',
    params: z.strictObject({
      from: z.coerce.number().int().min(1).default(1),
      limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
    }),
    result: z.strictObject({ items: z.array(auditRowSchema), head: auditHeadSchema }),
  }),
  verifyAudit: op({
    kind: 'query',
    method: 'GET',
    path: '/api/audit/verify',
    who: auditors,
    scope: 'site',
    summary: 'Walk the chain of the log and say what was done to it, and where',
    params: z.strictObject({}),
    result: z.strictObject({
      entries: z.int(),
      head: auditHeadSchema,
      /** All; the first 200 are listed. */
      found: z.int(),
      findings: z.array(auditFindingSchema),
    }),
  }),
} as const;
