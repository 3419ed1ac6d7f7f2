/** Months and years by name: YYYY-MM and YYYY, which compare as they follow one another. */

export type PeriodKind = 'month' | 'year';

/** The period a local day lies in. */
export const periodOf = (kind: PeriodKind, day: string): string => day.slice(0, kind === 'month' ? 7 : 4);

export const kindOfPeriod = (period: string): PeriodKind => (period.length === 4 ? 'year' : 'month');

export function nextPeriod(period: string): string {
  const year = Number(period.slice(0, 4));
  if (kindOfPeriod(period) === 'year') return String(year + 1);
  const month = Number(period.slice(5));
  return month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`;
}

/** Its first local day. */
export const firstDayOf = (period: string): string =>
  kindOfPeriod(period) === 'year' ? `${period}-01-01` : `${period}-01`;
