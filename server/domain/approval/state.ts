/** Proposals that are not decided or not done yet; decided ones are records. */
import { z } from 'zod';
import { approvalSchema } from '../../../protocol/approvals.ts';
import type { Json } from '../json.ts';
import { assertNever } from '../assert.ts';

const frozenSchema = z.strictObject({
  ...approvalSchema.shape,
  params: z.record(z.string(), z.json()) as z.ZodType<{ readonly [key: string]: Json }>,
  /** From where it was proposed. */
  address: z.string().nullable(),
});
export type Proposal = z.infer<typeof frozenSchema>;

const ends = ['done', 'failed', 'rejected', 'withdrawn', 'expired'] as const;
export const approvalEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ApprovalProposed'), proposal: frozenSchema }),
  /** From here on it is done, once, whatever crashes. */
  z.strictObject({ type: z.literal('ApprovalGiven'), id: z.string(), by: z.string(), atMs: z.int() }),
  z.strictObject({
    type: z.literal('ApprovalEnded'),
    id: z.string(),
    how: z.enum(ends),
    by: z.string().nullable(),
    atMs: z.int(),
    note: z.string().nullable(),
  }),
]);
export type ApprovalEvent = z.infer<typeof approvalEventSchema>;

export const approvalsStateSchema = z.strictObject({
  /** How many have been proposed: numbers the next one. */
  taken: z.int(),
  /** Rises with every change. */
  seq: z.int(),
  open: z.record(z.string(), frozenSchema),
});
export type ApprovalsState = z.infer<typeof approvalsStateSchema>;
export const APPROVALS_SCHEMA = 1;
export const initialApprovals: ApprovalsState = { taken: 0, seq: 0, open: {} };

/** The proposal after the event. */
export function afterEvent(before: Proposal | undefined, event: ApprovalEvent): Proposal | null {
  switch (event.type) {
    case 'ApprovalProposed':
      return event.proposal;
    case 'ApprovalGiven':
      return before ? { ...before, state: 'approved', decidedBy: event.by, decidedMs: event.atMs } : null;
    case 'ApprovalEnded':
      return before
        ? {
            ...before,
            ...{ state: event.how, note: event.note },
            // Who approved it stays named when it is done.
            ...{ decidedBy: before.decidedBy ?? event.by, decidedMs: before.decidedMs ?? event.atMs },
          }
        : null;
    default:
      return assertNever(event);
  }
}

export function evolveApprovals(state: ApprovalsState, event: ApprovalEvent): ApprovalsState {
  const id = event.type === 'ApprovalProposed' ? event.proposal.id : event.id;
  const after = afterEvent(state.open[id], event);
  const { [id]: _before, ...others } = state.open;
  const open = after && (after.state === 'pending' || after.state === 'approved') ? { ...others, [id]: after } : others;
  return { taken: state.taken + (event.type === 'ApprovalProposed' ? 1 : 0), seq: state.seq + 1, open };
}

/** Approved and not known to be done: done again under the same id, which does it once. */
export const outstandingOfApprovals = ({ open }: ApprovalsState): Proposal[] =>
  Object.values(open).filter(({ state }) => state === 'approved');
