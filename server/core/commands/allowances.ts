/** Allowances are configuration of accounts, many in one commit; their wallets grant what is due when they are woken. */
import type { AllowanceRule } from '../../../protocol/allowances.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Request } from '../../domain/messages.ts';
import { unitOf } from '../../domain/wallet/allowance.ts';
import { nextPeriod, periodOf } from '../../domain/wallet/period.ts';
import type { Core } from '../core.ts';
import { accountStatus } from '../queries/accounts.ts';
import { mayDrawOn } from './accounts.ts';
import { configure, refusal, type Routed, type Routes } from './route.ts';

export const allowanceRoutes: Routes<'giveAllowance' | 'endAllowance'> = {
  giveAllowance,
  endAllowance: (core, { accounts, unit }, request) => {
    const values: ConfigValue<'account'>[] = [];
    for (const [i, id] of [...new Set(accounts)].entries()) {
      const account = core.directory.get('account', id);
      if (!account) return refusal('invalid', `accounts.${i}: there is no account ${id}`);
      const { allowances = [], ...rest } = account;
      const kept = allowances.filter((rule) => rule.unit !== unit);
      if (kept.length === allowances.length) return refusal('invalid', `accounts.${i}: ${id} has no such allowance`);
      values.push(kept.length === 0 ? rest : { ...rest, allowances: kept });
    }
    return kept(core, request, values, { ended: values.length });
  },
};

function giveAllowance(core: Core, params: OpParams<'giveAllowance'>, request: Request): Routed {
  const { accounts, begins, wallet, ...fields } = params;
  const { unit, amount, period, unused, tiers } = fields;
  if (unit === 'yuan' && !/^\d+(\.\d{1,2})?$/.test(amount))
    return refusal('invalid', 'amount: yuan have at most two decimals');
  if (unit === 'yuan' && tiers === 'notCounted')
    return refusal('invalid', 'tiers: units that yuan pay for count towards tiers');
  if (wallet !== undefined && accounts.length > 1) return refusal('invalid', 'wallet: of one account only');
  const { nowMs, localDay } = core.context();
  const current = periodOf(period, localDay(nowMs));
  const values: ConfigValue<'account'>[] = [];
  for (const [i, id] of [...new Set(accounts)].entries()) {
    const account = core.directory.get('account', id);
    if (!account) return refusal('invalid', `accounts.${i}: there is no account ${id}`);
    if (accountStatus(core, id) !== 'open') return refusal('invalid', `accounts.${i}: ${account.name} is not open`);
    const { allowances = [] } = account;
    const before = allowances.find((rule) => rule.unit === unit);
    const whose = wallet ?? before?.wallet ?? walletFor(core, account, unit);
    if (whose === null || !mayDrawOn(core, id, whose))
      return refusal(
        'invalid',
        `${wallet === undefined ? `accounts.${i}` : 'wallet'}: ${account.name} has no wallet for it`,
      );
    if (core.wallets.get(whose)?.state.charging)
      return refusal(
        'keptByMeter',
        `accounts.${i}: the meter of ${account.name} keeps its money, and knows no allowance`,
      );
    if (before && before.wallet !== whose)
      return refusal('invalid', 'wallet: end the allowance first, then give it to the other wallet');
    // Of months that become years, or years that become months, none is granted twice.
    const from =
      before && before.period === period ? before.from : before || begins === 'next' ? nextPeriod(current) : current;
    const rule: AllowanceRule = { unit, amount, per: fields.per, period, unused, tiers, wallet: whose, from };
    values.push({ ...account, allowances: [...allowances.filter((one) => one.unit !== unit), rule] });
  }
  return kept(core, request, values, { given: values.length });
}

/** The first wallet that meters of this kind draw on; of yuan, that any does. */
function walletFor(core: Core, { id, wallets }: ConfigValue<'account'>, unit: AllowanceRule['unit']): string | null {
  const live = wallets.filter((wallet) => mayDrawOn(core, id, wallet));
  const drawn = live.find((wallet) =>
    core.wallets
      .get(wallet)
      ?.state.meters.some(({ tariff }) => unit === 'yuan' || unitOf(core.pricing.utilityOf(tariff)) === unit),
  );
  return drawn ?? live[0] ?? null;
}

/** In one commit; then each wallet looks at what is due, as it does at every start. */
async function kept(
  core: Core,
  request: Request,
  values: readonly ConfigValue<'account'>[],
  result: { given: number } | { ended: number },
): Promise<OpOutcome> {
  const changes = values.map((value) => ({ kind: 'account', id: value.id, value }) as const);
  const outcome = await configure(core, request, changes, result);
  for (const { wallets } of values)
    for (const id of wallets)
      if (core.wallets.has(id)) core.send({ to: 'wallet', id, message: { type: 'Wake', name: 'allowance' } });
  return outcome;
}
