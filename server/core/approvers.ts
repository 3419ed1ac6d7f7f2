/** Who may decide on a proposal is told that it waits, in its commit; what has not left by the decision is taken back. */
import type { Proposal, ApprovalEvent } from '../domain/approval/state.ts';
import { mayDo } from '../domain/roles.ts';
import type { Core } from './core.ts';
import type { Extra } from './notices.ts';
import { tellStaff, type Operator } from './staff.ts';

/** Not the proposer, and nobody who could not do it alone. Rejects with StoreError. */
export async function approversOf(
  core: Core,
  proposal: Pick<Proposal, 'op' | 'params' | 'proposer'>,
): Promise<Operator[]> {
  const others = core.directory.all('operator').filter(({ name, disabled, passwordHash, role }) => {
    const isThere = !disabled && passwordHash !== null && name !== proposal.proposer;
    return isThere && mayDo(role, 'approve');
  });
  const may = await Promise.all(others.map((one) => core.approvals.mayDo(proposal, one)));
  return others.filter((_one, i) => may[i]);
}

/** `approvers`: of what is proposed. The caller appends what it is given with the events. */
export function tellApprovers(core: Core, events: readonly ApprovalEvent[], approvers: readonly Operator[]): Extra {
  const out: Extra = { events: [], records: [] };
  for (const event of events) {
    if (event.type !== 'ApprovalProposed') {
      core.notices.withdraw(event.id, 'approvalWaits', out);
      continue;
    }
    const { id, rule, proposer, reason, expiresMs } = event.proposal;
    const by = core.directory.get('operator', proposer)?.displayName ?? proposer;
    const values = { what: rule, by, reason: reason === '' ? null : reason, until: expiresMs };
    tellStaff(core, approvers, { kind: 'approvalWaits', about: id, values }, out);
  }
  return out;
}
