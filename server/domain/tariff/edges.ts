/** Where the tiers of one account end: the tariff's edges, more for a large household, less for a part of a year. */
import { parseQuantity } from '../quantity.ts';
import type { TierPeriod } from './calendar.ts';
import type { Counting } from './state.ts';

const MONTHS = 12;

/** Upper edges of the tiers but the last, Wh or litres. */
export function edgesOf(period: TierPeriod, { heads, openedDay }: Omit<Counting, 'used'>): readonly number[] {
  const { tiers, edges } = period;
  const persons = tiers.household ? heads(tiers.countedPer) : 0;
  const row = tiers.household?.findLast((one) => persons >= one.heads);
  const months = tiers.opening === 'byMonths' && openedDay !== null ? monthsLeft(period, openedDay) : MONTHS;
  if (!row && months === MONTHS) return edges;
  const more = row ? parseQuantity(row.more) : 0;
  return edges.map((edge) => {
    const twelfths = (edge + more) * months;
    const rest = twelfths % MONTHS;
    return (twelfths - rest) / MONTHS + (rest >= MONTHS / 2 ? 1 : 0);
  });
}

/** Months of a tier year that an account opened on a day in it has left: the month it was opened in counts whole. */
function monthsLeft({ name, tiers }: TierPeriod, openedDay: string): number {
  if (tiers.per === 'month') return MONTHS;
  const [year = 0, month = 0, day = 0] = name.split('-').map(Number);
  const [openedYear = 0, openedMonth = 0, openedOn = 0] = openedDay.split('-').map(Number);
  const elapsed = (openedYear - year) * MONTHS + openedMonth - month - (openedOn < day ? 1 : 0);
  return elapsed > 0 && elapsed < MONTHS ? MONTHS - elapsed : MONTHS;
}
