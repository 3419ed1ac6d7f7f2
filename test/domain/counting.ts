import type { CountedUse, Counting } from '../../server/domain/tariff/state.ts';

/** Counters as past intervals left them: the last word on each counts. */
export const counting = (uses: readonly CountedUse[] = [], holder: Partial<Counting> = {}): Counting => ({
  used: (countedPer, period) =>
    uses.findLast((one) => one.countedPer === countedPer && one.period === period)?.used ?? 0,
  heads: () => 0,
  openedDay: null,
  ...holder,
});
