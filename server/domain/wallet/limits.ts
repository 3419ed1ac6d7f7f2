/** Amounts of the site's rules, parsed once for each set of rules: every charge asks for them. */
import type { Context } from '../messages.ts';
import { CENT, formatCents, parseYuan } from '../money.ts';

/** The site's own limit where it chose none: no source gives one. */
const METER_DRIFT_MAX = '5';

type Rules = Context['rules'];
type Limits = {
  readonly hysteresisMicro: number;
  readonly restoreAboveMicro: number;
  readonly balanceMaxMicro: number;
  readonly meterDriftMaxMicro: number;
};
const known = new WeakMap<Rules, Limits>();

export function limitsOf(rules: Rules): Limits {
  let limits = known.get(rules);
  if (!limits) {
    limits = {
      hysteresisMicro: parseYuan(rules.thresholdHysteresis),
      restoreAboveMicro: parseYuan(rules.restoreAbove),
      balanceMaxMicro: parseYuan(rules.balanceMax),
      meterDriftMaxMicro: parseYuan(rules.meterDriftMax ?? METER_DRIFT_MAX),
    };
    known.set(rules, limits);
  }
  return limits;
}

/** How much a wallet may still take; null: the site sets no limit. */
export function acceptsMicro(balanceMicro: number, rules: Rules): number | null {
  const { balanceMaxMicro } = limitsOf(rules);
  return balanceMaxMicro === 0 ? null : Math.max(0, balanceMaxMicro - balanceMicro);
}

/** What stands against this amount, before it is taken; null: nothing. */
export function overLimit(balanceMicro: number, amountMicro: number, rules: Rules): string | null {
  const accepts = acceptsMicro(balanceMicro, rules);
  if (accepts === null || amountMicro <= accepts) return null;
  return `at most ${formatCents(Math.floor(accepts / CENT) * CENT)} yuan more, for a balance of ${rules.balanceMax} at most`;
}
