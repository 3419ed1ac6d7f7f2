/** Amounts of the site's rules, parsed once for each set of rules: every charge asks for them. */
import type { Context } from '../messages.ts';
import { parseYuan } from '../money.ts';

type Rules = Context['rules'];
type Limits = { readonly hysteresisMicro: number; readonly restoreAboveMicro: number };
const known = new WeakMap<Rules, Limits>();

export function limitsOf(rules: Rules): Limits {
  let limits = known.get(rules);
  if (!limits) {
    limits = {
      hysteresisMicro: parseYuan(rules.thresholdHysteresis),
      restoreAboveMicro: parseYuan(rules.restoreAbove),
    };
    known.set(rules, limits);
  }
  return limits;
}
