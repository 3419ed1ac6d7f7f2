/** What waits for a second person, as one person sees it: own proposals, and those one could do oneself. */
import { approvalSchema, type Approval } from '../../../protocol/approvals.ts';
import type { Who } from '../../../protocol/ipc.ts';
import type { Proposal } from '../../domain/approval/state.ts';
import type { Core } from '../core.ts';
import { aboutOf } from './approvalAbout.ts';
import { durable, found, pageOf, type Answers } from './answer.ts';

export const approvalAnswers: Answers<'getApprovals' | 'getApprovalHistory'> = {
  getApprovals: async ({ core, who }) => {
    const open = Object.values(core.approvals.state.open);
    const rows = await Promise.all(open.map(async (one) => ({ one, may: await core.approvals.mayDo(one, who) })));
    const items = await Promise.all(
      rows
        .filter(({ one, may }) => may || sees(who, one))
        .map(async ({ one: { address: _address, ...one }, may }) => ({
          ...approvalSchema.parse(one),
          mayApprove: may && one.state === 'pending' && one.proposer !== who.operator,
          about: await aboutOf(core, one.params),
        })),
    );
    items.sort((a, b) => a.atMs - b.atMs);
    const rules = core.directory.site.rules.secondPerson ?? null;
    return durable(core, () => found<'getApprovals'>({ items, rules }));
  },
  getApprovalHistory: async ({ core, who }, page) => {
    const { items, cursor } = await pageOf(core, { kind: 'approval', index: 'all' }, page, approvalSchema);
    const shown = await Promise.all(items.map((one) => visible(core, who, one)));
    return found<'getApprovalHistory'>({ items: items.filter((_one, i) => shown[i]), cursor });
  },
};

const sees = (who: Who, { proposer, decidedBy }: Pick<Proposal, 'proposer' | 'decidedBy'>): boolean =>
  proposer === who.operator || decidedBy === who.operator || (who.role === 'auditor' && who.buildings === undefined);

const visible = async (core: Core, who: Who, one: Approval): Promise<boolean> =>
  sees(who, one) || core.approvals.mayDo({ ...one, params: JSON.parse(JSON.stringify(one.params)) }, who);
