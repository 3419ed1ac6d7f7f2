/** Deciding on what somebody else has proposed. */
import type { OpOutcome } from '../../../protocol/ops.ts';
import type { Proposal } from '../../domain/approval/state.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

export const approvalRoutes: Routes<'approve' | 'reject' | 'withdraw' | 'setSecondPerson'> = {
  approve: async (core, { approval: id, hash }, request) => {
    const one = core.approvals.state.open[id];
    if (!one) return nothing(core, id);
    const left = await proposerLeft(core, one);
    if (left) return left;
    const mayDo = await core.approvals.mayDo(one, request);
    return core.approvals.decide({ type: 'Approve', id, by: request.operator, hash, mayDo }, request);
  },
  reject: async (core, { approval: id, reason }, request) => {
    const one = core.approvals.state.open[id];
    if (!one) return nothing(core, id);
    const mayDo = await core.approvals.mayDo(one, request);
    return core.approvals.decide({ type: 'Reject', id, by: request.operator, reason, mayDo }, request);
  },
  withdraw: (core, { approval: id }, request) =>
    core.approvals.state.open[id]
      ? core.approvals.decide({ type: 'Withdraw', id, by: request.operator }, request)
      : nothing(core, id),
  setSecondPerson: (core, { rules }, request) => {
    const { site } = core.directory;
    const { secondPerson: _before, ...others } = site.rules;
    const value = { ...site, rules: rules === null ? others : { ...others, secondPerson: rules } };
    return configure(core, request, [{ kind: 'site', id: 'site', value }], { ok: true });
  },
};

async function nothing(core: Core, id: string): Promise<OpOutcome> {
  const known = await core.options.store.get('approval', id);
  return known ? refusal('approvalOver', 'it is decided already') : refusal('notFound', 'there is no such proposal');
}

/** Somebody who may not log in any more, or has another role or other buildings, does nothing through others either. */
async function proposerLeft(core: Core, one: Proposal): Promise<OpOutcome | null> {
  const now = core.directory.get('operator', one.proposer);
  if (!now) return null;
  return now.disabled || now.role !== one.role || !(await core.approvals.mayDo(one, now))
    ? refusal('approvalOver', 'who proposed it may not do it any more: reject it')
    : null;
}
