/** What closing an account would do, before anybody does it. */
import type { ClosingPreview } from '../../../protocol/accounts.ts';
import type { OpName, OpOutcome } from '../../../protocol/ops.ts';
import { askedBackMicro } from '../../domain/charging/orders.ts';
import { linkOf } from '../../domain/meter/view.ts';
import { targetsOf } from '../../domain/scope.ts';
import { payoutOf } from '../../domain/tenancy/payout.ts';
import { reservedMicro } from '../../domain/wallet/refundEvents.ts';
import type { Core } from '../core.ts';
import { leftForOne, metersOfAccount, standingOf, unsettled } from '../payouts.ts';
import { found, notFound, durable, type Answers } from './answer.ts';

export const closingAnswers: Answers<'previewClosing'> = {
  previewClosing: async ({ core }, { account }) => {
    if (!core.directory.get('account', account)) return notFound('account');
    const left = await leftForOne(core, account);
    return durable(core, () => preview(core, account, left));
  },
};

function preview(core: Core, account: string, left: number | undefined): OpOutcome {
  const ids = unsettled(core, account);
  const balances = ids.map((id) => standingOf(core, id));
  const { depositMicro } = core.tenancies.state(account);
  const { wallets, ...sums } = payoutOf(balances, depositMicro);
  return found<'previewClosing'>({
    ...sums,
    depositMicro,
    wallets: wallets.map((one, i) => ({
      ...{ wallet: ids[i] ?? '', balanceMicro: balances[i] ?? 0 },
      unbilledMicro: core.wallets.get(ids[i] ?? '')?.state.unbilledMicro ?? 0,
      ...one,
    })),
    secondAboveMicro: left !== undefined && sums.payoutMicro > left ? left : null,
    meters: metersOfAccount(core, account).flatMap((meter) => meterOf(core, meter) ?? []),
    refunds: refundsOf(core, ids),
    waiting: waitingOf(core, account, ids),
    vacantState: core.directory.site.rules.vacantState,
  });
}

function meterOf(core: Core, meter: string): ClosingPreview['meters'][number] | null {
  const cell = core.meters.get(meter);
  if (!cell?.state.config) return null;
  const { state, live } = cell;
  const { room, wallet } = state.place;
  const charged = wallet === null ? state.sequence : core.chargedSequence(meter);
  return {
    ...{ meter, room, utility: cell.state.config.utility, hasBreaker: cell.state.config.hasBreaker },
    index: state.anchor?.index ?? null,
    lastReadingMs: live.lastReadingMs,
    online: linkOf(state, live, core.context().nowMs) === 'online',
    quarantined: state.quarantine !== null,
    owed: state.pending.reduce((sum, one) => sum + (one.sequence > charged ? one.quantity : 0), 0),
  };
}

function refundsOf(core: Core, wallets: readonly string[]): ClosingPreview['refunds'] {
  return wallets.flatMap((wallet) => {
    const state = core.wallets.get(wallet)?.state;
    if (!state) return [];
    const amountMicro = reservedMicro(state.reserved) + (state.charging ? askedBackMicro(state.charging) : 0);
    return amountMicro > 0 ? [{ wallet, amountMicro }] : [];
  });
}

function waitingOf(core: Core, account: string, wallets: readonly string[]): ClosingPreview['waiting'] {
  return Object.values(core.approvals.state.open)
    .filter(({ state, op, params }) => {
      if (state !== 'pending') return false;
      return targetsOf(op as OpName, params).some(
        ({ kind, id }) => (kind === 'account' && id === account) || (kind === 'wallet' && wallets.includes(id)),
      );
    })
    .map(({ id, op, rule, amount }) => ({ id, op, amountMicro: rule === 'refund' ? amount : null }));
}
