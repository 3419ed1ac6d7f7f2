/** Counters of tier use a wallet keeps: the one counted in last, and those a meter may still bring late use into. */
import type { CountedTier, WalletState } from './state.ts';

/** A meter that stays silent for ever must not keep them all. */
const OTHERS_KEPT = 12;

export function countTierUse(
  { tierUse, charged, meters }: Pick<WalletState, 'tierUse' | 'charged' | 'meters'>,
  counted: readonly CountedTier[],
): readonly CountedTier[] {
  // Nearly always one counter, and it is there already.
  if (counted.length === 1 && counted[0]) {
    const [one] = counted;
    const at = tierUse.findIndex(({ key, period }) => key === one.key && period === one.period);
    if (at !== -1 && !tierUse.slice(at + 1).some(({ key }) => key === one.key)) {
      const next = tierUse.slice();
      next[at] = one;
      return next;
    }
  }
  let next = tierUse.slice();
  for (const one of counted) {
    const others = next.filter(({ key, period }) => key === one.key && period !== one.period);
    const late = meters.length > 1 ? others.filter(({ period }) => mayCome(period, charged, meters)) : [];
    next = [...next.filter(({ key }) => key !== one.key), ...late.slice(-OTHERS_KEPT), one];
  }
  return next;
}

/** A meter of the wallet has not been charged up to the end of the period. */
function mayCome(period: string, charged: WalletState['charged'], meters: WalletState['meters']): boolean {
  const isMonth = period.length === 'YYYY-MM'.length;
  const end = isMonth ? `${period}-32` : `${Number(period.slice(0, 4)) + 1}${period.slice(4)}`;
  return meters.some(({ id }) => (charged.find(({ meter }) => meter === id)?.openLines.day ?? '') < end);
}
