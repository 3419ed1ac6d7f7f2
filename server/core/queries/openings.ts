/** Answers about opening a list of accounts. */
import type { z } from 'zod';
import { openingsSchema, type OpeningPreview, type OpeningsView } from '../../../protocol/openings.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { linkOf } from '../../domain/meter/view.ts';
import { parseYuan } from '../../domain/money.ts';
import { openingOf } from '../commands/accounts.ts';
import type { Core } from '../core.ts';
import { accountStatus } from './accounts.ts';
import { durable, found, pageOf, type Answers } from './answer.ts';

export const openingAnswers: Answers<'checkOpenings' | 'getOpenings'> = {
  checkOpenings: ({ core }, { accounts }) =>
    durable(core, () => found<'checkOpenings'>({ items: accounts.map((id) => preview(core, id)) })),
  getOpenings: ({ core }, page) => lists(core, page),
};

function preview(core: Core, account: string): OpeningPreview {
  const opening = openingOf(core, core.directory.get('account', account));
  const { name = account, plan } = core.directory.get('account', account) ?? {};
  const meters = 'refusal' in opening ? [] : opening.meters;
  const { nowMs } = core.context();
  return {
    ...{ account, name, rooms: (plan?.rooms ?? []).map((room) => core.directory.rooms.get(room)?.name ?? room) },
    meters: meters.flatMap(({ meter }) => {
      const cell = core.meters.get(meter);
      if (!cell) return [];
      const { state, live } = cell;
      return [{ meter, online: linkOf(state, live, nowMs) === 'online', index: state.anchor?.index ?? null }];
    }),
    depositMicro: plan?.deposit ? parseYuan(plan.deposit.amount) : 0,
    rechargeMicro: (plan?.wallets ?? []).reduce(
      (sum, { firstRecharge }) => sum + (firstRecharge ? parseYuan(firstRecharge.amount) : 0),
      0,
    ),
    why: 'refusal' in opening ? { refusal: opening.refusal, detail: opening.detail } : null,
  };
}

async function lists(core: Core, page: OpParams<'getOpenings'>): Promise<OpOutcome> {
  const { items, cursor } = await pageOf(core, { kind: 'openings', index: 'all' }, page, openingsSchema);
  return durable(core, () => found<'getOpenings'>({ items: items.map((one) => viewOf(core, one)), cursor }));
}

/** What each account has come to is told by the account. */
function viewOf(core: Core, kept: z.infer<typeof openingsSchema>): OpeningsView {
  const { list } = core.openings.state;
  const now = list?.id === kept.id ? { ...kept, items: list.items } : kept;
  return {
    ...now,
    items: now.items.map((item) => {
      const move = item.state === 'started' ? core.tenancies.state(item.account).move : null;
      const moving = move?.meters.filter(({ placed }) => placed === null) ?? [];
      return {
        ...item,
        name: core.directory.get('account', item.account)?.name ?? item.account,
        status: accountStatus(core, item.account),
        waitingFor: moving.filter(({ trouble }) => trouble === null).map(({ meter }) => meter),
        troubled: moving.filter(({ trouble }) => trouble !== null).map(({ meter }) => meter),
      };
    }),
  };
}
