/** Quiet hours and quiet days: while they last nothing is newly opened for money (rules.md, "Holds"). */
import type { SiteRules } from '../../protocol/site.ts';

export type Quiet = Pick<SiteRules, 'quietHours' | 'quietDays'>;

const DAY_MINUTES = 1_440;
const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
/** Of a local date, counted from the epoch. */
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

/** Minutes until whatever is quiet at this minute ends; 0: nothing is. Windows may wrap midnight. */
function quietFor({ quietHours }: Quiet, days: ReadonlySet<number>, day: number, minute: number): number {
  let left = days.has(day) ? DAY_MINUTES - minute : 0;
  for (const window of quietHours) {
    const from = minuteOf(window.from);
    const to = minuteOf(window.to);
    const inside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
    if (inside) left = Math.max(left, (to - minute + DAY_MINUTES) % DAY_MINUTES);
  }
  return left;
}

/** How many minutes until quiet hours and days that follow one another end; null outside them. `day`: the local date. */
export function quietMinutesLeft(rules: Quiet, minute: number, day = ''): number | null {
  const days = new Set((rules.quietDays ?? []).map(dayNumber));
  const today = dayNumber(day);
  // Windows that fill the whole day never end: then it is long, and asked again by then.
  const longest = (days.size + 2) * DAY_MINUTES;
  let total = 0;
  while (total < longest) {
    const at = minute + total;
    const left = quietFor(rules, days, today + Math.floor(at / DAY_MINUTES), at % DAY_MINUTES);
    if (left === 0) break;
    total += left;
  }
  return total === 0 ? null : total;
}

/** Minutes since the last quiet hours or day ended; null where there were none, or while they last. */
export function minutesSinceQuiet(rules: Quiet, minute: number, day = ''): number | null {
  if (quietMinutesLeft(rules, minute, day) !== null) return null;
  const today = dayNumber(day);
  const ends = [
    ...rules.quietHours.map((window) => (minute - minuteOf(window.to) + DAY_MINUTES) % DAY_MINUTES),
    ...(rules.quietDays ?? []).map((quiet) => (today - dayNumber(quiet) - 1) * DAY_MINUTES + minute),
  ].filter((since) => since >= 0);
  return ends.length === 0 ? null : Math.min(...ends);
}
