/** What a plan of load and time control says at an instant of local time. Pure. */
import type { ControlPlan, PlanDay } from '../../../protocol/control.ts';
import type { ParameterValues } from '../../../protocol/parameters.ts';
import { weekdays } from '../../../protocol/tariff.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const METER_SLOTS_MAX = 8;

/** Kind of a local date, `YYYY-MM-DD`: by the holiday calendar, else its weekday. */
export type DayKind = (date: string) => PlanDay;

export function dayKindOf(holidays: Readonly<Record<string, PlanDay>>): DayKind {
  return (date) => holidays[date] ?? weekdays[(new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7] ?? 'mon';
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** The same time twice is the whole day. */
function lengthOf(from: string, to: string): number {
  return (minuteOf(to) - minuteOf(from) + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
}

/** The least limit in force. `localMs`: local time as epoch ms read as if UTC. */
export function limitAt(
  plan: ControlPlan,
  localMs: number,
): { readonly watts: number; readonly night: boolean } | null {
  const minute = Math.floor((localMs % DAY_MS) / MINUTE_MS);
  let least: { watts: number; night: boolean } | null = null;
  for (const { watts, window } of plan.limits) {
    const inForce =
      window === null ||
      (minute - minuteOf(window.from) + DAY_MINUTES) % DAY_MINUTES < lengthOf(window.from, window.to);
    if (inForce && (least === null || watts < least.watts)) least = { watts, night: window !== null };
  }
  return least;
}

/** Local time at which the cut in force ends, ms as above; null: supplied now. */
export function cutUntil(plan: ControlPlan, localMs: number, kind: DayKind): number | null {
  const today = Math.floor(localMs / DAY_MS) * DAY_MS;
  let untilMs: number | null = null;
  for (const dayMs of [today - DAY_MS, today]) {
    const day = kind(new Date(dayMs).toISOString().slice(0, 10));
    for (const { days, from, to } of plan.cuts) {
      if (!days.includes(day)) continue;
      const startMs = dayMs + minuteOf(from) * MINUTE_MS;
      const endMs = startMs + lengthOf(from, to) * MINUTE_MS;
      if (startMs <= localMs && localMs < endMs) untilMs = Math.max(untilMs ?? 0, endMs);
    }
  }
  return untilMs;
}

const workdays: readonly PlanDay[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const others: readonly PlanDay[] = ['sat', 'sun', 'holiday'];

/**
 * The plan as a meter keeps it; null where the meter cannot: night limits, days that are neither all workdays nor all
 * others, a cut over midnight on some days only, more than eight edges a day. `multiplier`: CT × PT.
 */
export function meterValuesOf(plan: ControlPlan, multiplier: number): ParameterValues | null {
  const [limit, ...more] = plan.limits;
  if (more.length > 0 || (limit && limit.window !== null)) return null;
  const all = (cut: ControlPlan['cuts'][number], days: readonly PlanDay[]): boolean =>
    days.every((day) => cut.days.includes(day));
  const none = (cut: ControlPlan['cuts'][number], days: readonly PlanDay[]): boolean =>
    !days.some((day) => cut.days.includes(day));
  for (const cut of plan.cuts) {
    const both = all(cut, workdays) && all(cut, others);
    const wraps = minuteOf(cut.from) + lengthOf(cut.from, cut.to) > DAY_MINUTES;
    if (wraps && !both) return null;
    if (![workdays, others].every((days) => all(cut, days) || none(cut, days))) return null;
  }
  const [workday, holiday] = [workdays, others].map((days) => slotsOf(plan.cuts.filter((cut) => all(cut, days))));
  if (!workday || !holiday || workday.length > METER_SLOTS_MAX || holiday.length > METER_SLOTS_MAX) return null;
  const maxWatts = limit ? Math.floor(limit.watts / multiplier) : 0;
  const { recoverMinutes, tries, step } = plan;
  const stepWatts = step ? Math.floor(step.watts / multiplier) : 0;
  if (Math.max(maxWatts, stepWatts) > 65_535 || (limit && maxWatts === 0) || (step && stepWatts === 0)) return null;
  return {
    loadLimit: {
      ...{ on: limit !== undefined || step !== undefined, maxWatts, stepWatts, powerFactor: step?.powerFactor ?? 0 },
      ...{ recoverMinutes, triesMax: tries },
    },
    timeControl: { on: plan.cuts.length > 0, weekdays: [1, 2, 3, 4, 5], workday, holiday },
  };
}

/** On and off by the minute of the day, from 00:00. */
function slotsOf(cuts: readonly { readonly from: string; readonly to: string }[]): { at: string; on: boolean }[] {
  const isCut = (minute: number): boolean =>
    cuts.some(({ from, to }) => (minute - minuteOf(from) + DAY_MINUTES) % DAY_MINUTES < lengthOf(from, to));
  const edges = [...new Set([0, ...cuts.flatMap(({ from, to }) => [minuteOf(from), minuteOf(to)])])].sort(
    (a, b) => a - b,
  );
  const two = (value: number): string => String(value).padStart(2, '0');
  return edges
    .filter((minute, n) => n === 0 || isCut(minute) !== isCut(edges[n - 1] ?? 0))
    .map((minute) => ({ at: `${two(Math.floor(minute / 60))}:${two(minute % 60)}`, on: !isCut(minute) }));
}

/** A meter that has a plan no more keeps none. */
export const noMeterControl: ParameterValues = {
  loadLimit: { on: false, maxWatts: 0, stepWatts: 0, powerFactor: 0, recoverMinutes: 0, triesMax: 0 },
  timeControl: { on: false, weekdays: [], workday: [], holiday: [] },
};
