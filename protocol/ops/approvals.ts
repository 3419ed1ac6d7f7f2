/** The second person: what waits for one, and what was decided. */
import { z } from 'zod';
import { approvalAboutSchema, approvalSchema } from '../approvals.ts';
import { secondPersonSchema } from '../secondPerson.ts';
import { admins, id, insiders, ok, op, page, reason } from './op.ts';

const approval = id;

export const approvalsOps = {
  getApprovals: op({
    kind: 'query',
    method: 'GET',
    path: '/api/approvals',
    who: insiders,
    scope: 'filtered',
    summary: 'What waits for a second person: own proposals and those one may decide on',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(z.strictObject({ ...approvalSchema.shape, mayApprove: z.boolean(), about: approvalAboutSchema })),
      /** What needs a second person on this site; null: nothing does. */
      rules: secondPersonSchema.nullable(),
    }),
  }),
  getApprovalHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/approvals/history',
    who: insiders,
    scope: 'filtered',
    summary: 'All proposals and what became of them, newest first',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(approvalSchema), cursor: z.string().nullable() }),
  }),
  approve: op({
    kind: 'command',
    method: 'POST',
    path: '/api/approvals/{approval}/approve',
    who: insiders,
    scope: 'open',
    reauth: true,
    summary: 'Approve what somebody else has proposed, as it was shown: it is done once, under both names',
    params: z.strictObject({ approval, hash: z.string() }),
    result: ok,
  }),
  reject: op({
    kind: 'command',
    method: 'POST',
    path: '/api/approvals/{approval}/reject',
    who: insiders,
    scope: 'open',
    summary: 'Turn down what somebody else has proposed',
    params: z.strictObject({ approval, reason }),
    result: ok,
  }),
  withdraw: op({
    kind: 'command',
    method: 'POST',
    path: '/api/approvals/{approval}/withdraw',
    who: insiders,
    scope: 'open',
    summary: 'Take back an own proposal',
    params: z.strictObject({ approval }),
    result: ok,
  }),
  setSecondPerson: op({
    kind: 'command',
    method: 'POST',
    path: '/api/approvals/rules',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Say what needs a second person; itself needs one where that is in force',
    params: z.strictObject({ rules: secondPersonSchema.nullable() }),
    result: ok,
  }),
} as const;
