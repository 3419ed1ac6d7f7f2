/** Which days the rules of a tariff's calendar leave out, and which they claim twice. */
import { weekdays, type CalendarRule, type Tariff } from './tariff.ts';

export type DayKind = Tariff['holidays'][string];
export type CalendarFault = {
  /** Rule it stands beside, from 0. */
  readonly rule: number;
  /** A day without a rule; a rule that never applies; one that claims a day of an earlier one. */
  readonly fault: 'gap' | 'shadowed' | 'overlap';
  readonly month: number;
  readonly day: DayKind;
  /** The earlier rule that has the day; null for a gap. */
  readonly by: number | null;
};

const everyMonth = Array.from({ length: 12 }, (_, i) => i + 1);

export const matches =
  (month: number, day: DayKind) =>
  ({ months, days }: Pick<CalendarRule, 'months' | 'days'>): boolean =>
    (!months || months.includes(month)) && (!days || days.includes(day));

/** Every month with the kinds of day it may have; a holiday only where one is listed. */
export function daysListed(holidays: Tariff['holidays']): [number, DayKind][] {
  const listed = Object.entries(holidays).map(([date, kind]): [number, DayKind] => [Number(date.slice(5, 7)), kind]);
  return [...everyMonth.flatMap((month) => weekdays.map((day): [number, DayKind] => [month, day])), ...listed];
}

/** Named by their first day each. The last rule may stand for every other day: it overlaps with none. */
export function calendarFaults(rules: readonly CalendarRule[], holidays: Tariff['holidays']): CalendarFault[] {
  if (rules.length === 0) return [];
  const faults: CalendarFault[] = [];
  const all = everyMonth.flatMap((month) =>
    [...weekdays, 'holiday' as const].map((day): [number, DayKind] => [month, day]),
  );
  for (const [r, rule] of rules.entries()) {
    const own = all.filter(([month, day]) => matches(month, day)(rule));
    const taken = own.flatMap(([month, day]) => {
      const by = rules.slice(0, r).findIndex(matches(month, day));
      return by === -1 ? [] : [{ month, day, by }];
    });
    const [first] = taken;
    if (!first) continue;
    const rest = r === rules.length - 1 && !rule.months && !rule.days;
    if (taken.length === own.length) faults.push({ rule: r, fault: 'shadowed', ...first });
    else if (!rest) faults.push({ rule: r, fault: 'overlap', ...first });
  }
  const gap = daysListed(holidays).find(([month, day]) => !rules.some(matches(month, day)));
  if (gap) faults.push({ rule: rules.length - 1, fault: 'gap', month: gap[0], day: gap[1], by: null });
  return faults;
}
