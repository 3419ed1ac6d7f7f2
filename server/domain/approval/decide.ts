/** Propose, approve, reject, withdraw, expire, done: pure; who may do the operation itself is said by the caller. */
import { canonicalJson } from '../../../protocol/audit.ts';
import type { ApprovalRule } from '../../../protocol/approvals.ts';
import type { Refusal } from '../../../protocol/ops.ts';
import type { Role } from '../../../protocol/site.ts';
import { assertNever } from '../assert.ts';
import type { Digest } from '../audit/chain.ts';
import type { JsonObject } from '../json.ts';
import type { RecordChange } from '../messages.ts';
import { afterEvent, evolveApprovals, type ApprovalEvent, type ApprovalsState, type Proposal } from './state.ts';

/** More would be no decisions but a queue nobody reads. */
export const OPEN_MAX = 200;

export type ApprovalMessage =
  | {
      readonly type: 'Propose';
      readonly op: string;
      readonly params: JsonObject;
      readonly rule: ApprovalRule;
      readonly amount: number | null;
      readonly limit: number | null;
      readonly by: string;
      readonly role: Role;
      readonly address: string | null;
      readonly reason: string;
      readonly validMs: number;
    }
  /** `hash`: of what the approver has seen; `mayDo`: the approver may do the operation itself, with these parameters. */
  | {
      readonly type: 'Approve';
      readonly id: string;
      readonly by: string;
      readonly hash: string;
      readonly mayDo: boolean;
    }
  | {
      readonly type: 'Reject';
      readonly id: string;
      readonly by: string;
      readonly reason: string;
      readonly mayDo: boolean;
    }
  | { readonly type: 'Withdraw'; readonly id: string; readonly by: string }
  | { readonly type: 'Expire' }
  /** What became of the operation. */
  | { readonly type: 'Finish'; readonly id: string; readonly refusal: string | null };

export type ApprovalDecision = {
  readonly state: ApprovalsState;
  readonly events: readonly ApprovalEvent[];
  readonly records: readonly RecordChange[];
  readonly refused: { readonly refusal: Refusal; readonly detail: string } | null;
};
type Context = { readonly nowMs: number; readonly digest: Digest };

export const contentHash = ({ op, params }: { op: string; params: unknown }, digest: Digest): string =>
  digest(canonicalJson({ op, params }));

export function decideApprovals(state: ApprovalsState, message: ApprovalMessage, context: Context): ApprovalDecision {
  const no = (refusal: Refusal, detail: string): ApprovalDecision => ({
    ...{ state, events: [], records: [] },
    refused: { refusal, detail },
  });
  const { nowMs } = context;
  if (message.type === 'Propose') {
    if (Object.keys(state.open).length >= OPEN_MAX) return no('tooMany', 'too many proposals wait already');
    return emitted(state, [{ type: 'ApprovalProposed', proposal: proposed(state, message, context) }]);
  }
  if (message.type === 'Expire') {
    const late = Object.values(state.open).filter(({ state: at, expiresMs }) => at === 'pending' && expiresMs <= nowMs);
    return emitted(
      state,
      late.map(({ id }) => ended(id, 'expired', null, nowMs)),
    );
  }
  const one = state.open[message.id];
  if (!one) return no('approvalOver', 'it is decided already');
  if (message.type === 'Finish') {
    if (one.state !== 'approved') return no('approvalOver', 'it has not been approved');
    return emitted(state, [ended(one.id, message.refusal === null ? 'done' : 'failed', null, nowMs, message.refusal)]);
  }
  if (one.state !== 'pending') return no('approvalOver', 'it is decided already');
  if (one.expiresMs <= nowMs) return no('approvalOver', 'it waited too long');
  return decidePending(state, one, message, context, no);
}

function decidePending(
  state: ApprovalsState,
  one: Proposal,
  message: Extract<ApprovalMessage, { readonly by: string; readonly id: string }>,
  { nowMs, digest }: Context,
  no: (refusal: Refusal, detail: string) => ApprovalDecision,
): ApprovalDecision {
  const { by } = message;
  switch (message.type) {
    case 'Withdraw':
      if (by !== one.proposer) return no('forbidden', 'only its proposer withdraws it');
      return emitted(state, [ended(one.id, 'withdrawn', by, nowMs)]);
    case 'Reject':
      if (by === one.proposer) return no('ownProposal', 'one withdraws an own proposal');
      if (!message.mayDo) return no('forbidden', 'you may not do this yourself');
      return emitted(state, [ended(one.id, 'rejected', by, nowMs, message.reason)]);
    case 'Approve':
      if (by === one.proposer) return no('ownProposal', 'a second person approves it');
      if (!message.mayDo) return no('forbidden', 'you may not do this yourself');
      if (message.hash !== one.hash || contentHash(one, digest) !== one.hash)
        return no('approvalOver', 'its content is not what you were shown');
      return emitted(state, [{ type: 'ApprovalGiven', id: one.id, by, atMs: nowMs }]);
    default:
      return assertNever(message);
  }
}

function proposed(
  { taken }: ApprovalsState,
  {
    op,
    params,
    rule,
    amount,
    limit,
    by,
    role,
    address,
    reason,
    validMs,
  }: Extract<ApprovalMessage, { type: 'Propose' }>,
  { nowMs, digest }: Context,
): Proposal {
  return {
    ...{ id: `A${taken + 1}`, op, params, hash: contentHash({ op, params }, digest), rule, amount, limit },
    ...{ proposer: by, role, address, reason, atMs: nowMs, expiresMs: nowMs + validMs },
    ...{ state: 'pending', decidedBy: null, decidedMs: null, note: null },
  };
}

const ended = (
  id: string,
  how: Extract<ApprovalEvent, { type: 'ApprovalEnded' }>['how'],
  by: string | null,
  atMs: number,
  note: string | null = null,
): ApprovalEvent => ({ type: 'ApprovalEnded', id, how, by, atMs, note });

function emitted(before: ApprovalsState, events: readonly ApprovalEvent[]): ApprovalDecision {
  let state = before;
  const records: RecordChange[] = [];
  for (const event of events) {
    const id = event.type === 'ApprovalProposed' ? event.proposal.id : event.id;
    const after = afterEvent(state.open[id], event);
    state = evolveApprovals(state, event);
    if (!after) continue;
    const { address: _address, ...value } = after;
    records.push({ kind: 'approval', id, value, index: { all: after.atMs, [`by:${after.proposer}`]: after.atMs } });
  }
  return { state, events, records, refused: null };
}
