import type { CountedUse, Counting } from '../../server/domain/tariff/state.ts';

/** Counters as past intervals left them: the last word on each counts. */
export const counting = (uses: readonly CountedUse[] = [], holder: Partial<Counting> = {}): Counting => ({
  used: ({ name, tiers }) =>
    uses.findLast((one) => one.countedPer === tiers.countedPer && one.period === name)?.used ?? 0,
  heads: () => 0,
  openedDay: null,
  ...holder,
});
