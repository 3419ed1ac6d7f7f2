/**
 * Calls to the people on duty: an alarm of priority 1 that nobody acknowledges goes to the next person, and so on. Driven by
 * what is urgent now, so that a restart, a missed wake-up or a repeat changes nothing.
 */
import { z } from 'zod';
import type { DutyPerson, DutyRoster, DutyShift, NoticeValues } from '../../../protocol/notices.ts';
import { alarmKinds, type Alarm } from '../../../protocol/wall.ts';
import { assertNever } from '../assert.ts';

export const callSchema = z.strictObject({
  alarm: z.string(),
  kind: z.enum(alarmKinds),
  place: z.string(),
  sinceMs: z.int(),
  /** Calls made so far. */
  step: z.int(),
  /** Who was told last; null while nobody was on duty. */
  person: z.string().nullable(),
  calledMs: z.int(),
  /** When the next one is told; null: the order has been gone through as often as the rule says. */
  nextMs: z.int().nullable(),
});
export type DutyCall = z.infer<typeof callSchema>;

export const dutyEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('DutyCalled'), call: callSchema }),
  z.strictObject({ type: z.literal('DutyCallEnded'), alarm: z.string(), atMs: z.int() }),
]);
export type DutyEvent = z.infer<typeof dutyEventSchema>;
export const dutyStateSchema = z.strictObject({ calls: z.record(z.string(), callSchema) });
export type DutyState = z.infer<typeof dutyStateSchema>;
export const DUTY_SCHEMA = 1;
export const initialDuty: DutyState = { calls: {} };

/** In a flood the people on duty are called for so many alarms at once; the others follow as these end. */
export const CALLS_MAX = 10;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const isUrgent = (alarm: Alarm): boolean =>
  alarm.priority === 1 && alarm.active && !alarm.acknowledged && !alarm.shelved && !alarm.suppressedBy;

export type UrgentAlarm = Pick<Alarm, 'id' | 'kind' | 'sinceMs'> & { readonly place: string };
export type DutyContext = {
  readonly nowMs: number;
  /** Local wall time as epoch ms read as if UTC. */
  readonly localMs: number;
  readonly roster: DutyRoster;
};
export type DutyDecision = {
  readonly state: DutyState;
  readonly events: readonly DutyEvent[];
  readonly calls: readonly { readonly person: DutyPerson; readonly alarm: string; readonly values: NoticeValues }[];
};

export function decideDuty(state: DutyState, urgent: readonly UrgentAlarm[], context: DutyContext): DutyDecision {
  const events: DutyEvent[] = [];
  const calls: DutyDecision['calls'][number][] = [];
  let now = state;
  const emit = (event: DutyEvent): void => {
    now = evolveDuty(now, event);
    events.push(event);
  };
  const byId = new Map(urgent.map((alarm) => [alarm.id, alarm]));
  for (const call of Object.values(state.calls)) {
    // The same alarm raised anew is a call of its own.
    if (byId.get(call.alarm)?.sinceMs !== call.sinceMs)
      emit({ type: 'DutyCallEnded', alarm: call.alarm, atMs: context.nowMs });
  }
  for (const alarm of [...urgent].sort((a, b) => a.sinceMs - b.sinceMs)) {
    const before = now.calls[alarm.id];
    if (!before && Object.keys(now.calls).length >= CALLS_MAX) break;
    if (before && (before.nextMs === null || before.nextMs > context.nowMs)) continue;
    const next = nextCall(alarm, before ?? null, context);
    // Nobody on duty, as before: looked at again later, without a word in the journal.
    if (before && next.call.person === null && before.person === null) continue;
    emit({ type: 'DutyCalled', call: next.call });
    if (next.person)
      calls.push({
        person: next.person,
        alarm: alarm.id,
        values: { alarm: alarm.kind, place: alarm.place, since: alarm.sinceMs, step: next.call.step },
      });
  }
  return { state: now, events, calls };
}

function nextCall(
  alarm: UrgentAlarm,
  before: DutyCall | null,
  { nowMs, localMs, roster }: DutyContext,
): { call: DutyCall; person: DutyPerson | null } {
  const order = onDuty(roster, localMs);
  const made = before?.step ?? 0;
  const person = order[made % Math.max(1, order.length)] ?? null;
  const step = person ? made + 1 : made;
  const more = order.length === 0 || step < order.length * roster.rounds;
  return {
    person,
    call: {
      ...{ alarm: alarm.id, kind: alarm.kind, place: alarm.place, sinceMs: alarm.sinceMs, step },
      ...{ person: person?.id ?? null, calledMs: nowMs },
      nextMs: more ? nowMs + roster.nextAfterMinutes * MINUTE_MS : null,
    },
  };
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
/** Days since the epoch began on a Thursday. */
const weekday = (day: number): number => ((day + 3) % 7) + 1;

/** ISO 8601 week number of a day given in days since the epoch. */
export function isoWeek(day: number): number {
  const thursday = day + 4 - weekday(day);
  const year = new Date(thursday * DAY_MS).getUTCFullYear();
  return Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1;
}

function covers(shift: DutyShift, day: number, minute: number): boolean {
  const from = minuteOf(shift.from);
  const to = minuteOf(shift.to);
  const began = (start: number): boolean =>
    shift.days.includes(weekday(start)) &&
    (shift.weeks === 'every' || (shift.weeks === 'odd') === (isoWeek(start) % 2 === 1));
  if (from < to) return minute >= from && minute < to && began(day);
  return (minute >= from && began(day)) || (minute < to && began(day - 1));
}

/** Who is on duty at a local time, in the order in which they are told: of all shifts that hold, each person once. */
export function onDuty(roster: DutyRoster, localMs: number): DutyPerson[] {
  const day = Math.floor(localMs / DAY_MS);
  const minute = Math.floor((localMs - day * DAY_MS) / MINUTE_MS);
  const ids = roster.shifts.filter((shift) => covers(shift, day, minute)).flatMap((shift) => shift.order);
  return [...new Set(ids)].flatMap((id) => roster.people.find((person) => person.id === id) ?? []);
}

export function evolveDuty(state: DutyState, event: DutyEvent): DutyState {
  switch (event.type) {
    case 'DutyCalled':
      return { calls: { ...state.calls, [event.call.alarm]: event.call } };
    case 'DutyCallEnded': {
      const { [event.alarm]: _ended, ...calls } = state.calls;
      return { calls };
    }
    default:
      return assertNever(event);
  }
}
