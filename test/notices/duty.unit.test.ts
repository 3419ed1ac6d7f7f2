/** Who is on duty when, and how a call goes on until somebody acknowledges. */
import { describe, expect, it } from 'vitest';
import { dutyRosterSchema, type DutyRoster } from '../../protocol/notices.ts';
import {
  CALLS_MAX,
  decideDuty,
  initialDuty,
  isoWeek,
  onDuty,
  type DutyState,
  type UrgentAlarm,
} from '../../server/domain/notice/duty.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const MINUTE = 60_000;
const person = (id: string) => ({ id, name: id.toUpperCase(), channels: ['sms' as const], phone: '13800000000' });
const roster = (shifts: unknown[], more: object = {}): DutyRoster =>
  dutyRosterSchema.parse({ people: ['an', 'bo', 'cy'].map(person), shifts, ...more });
const whole = { days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00', order: ['an', 'bo', 'cy'] };
const alarm = (id: string, sinceMs = 0): UrgentAlarm => ({ id, kind: 'paidNotPowered', sinceMs, place: 'A-101' });

describe('the roster', () => {
  const ids = (of: DutyRoster, local: string): string[] => onDuty(of, at(local)).map(({ id }) => id);
  it('a shift over midnight belongs to the day on which it begins', () => {
    const night = roster([{ days: [5], from: '20:00', to: '08:00', order: ['an'] }]);
    // 2026-06-05 is a Friday.
    expect(ids(night, '2026-06-05T19:59')).toEqual([]);
    expect(ids(night, '2026-06-05T20:00')).toEqual(['an']);
    expect(ids(night, '2026-06-06T07:59')).toEqual(['an']);
    expect(ids(night, '2026-06-06T08:00')).toEqual([]);
    expect(ids(night, '2026-06-05T07:00')).toEqual([]);
  });
  it('teams take turns by week, and each person is told once', () => {
    const turns = roster([
      { ...whole, weeks: 'odd', order: ['an'] },
      { ...whole, weeks: 'even', order: ['bo'] },
      { ...whole, order: ['cy', 'an'] },
    ]);
    expect(isoWeek(at('2026-06-05T00:00') / 86_400_000)).toBe(23);
    expect(isoWeek(at('2027-01-01T00:00') / 86_400_000)).toBe(53);
    expect(isoWeek(at('2024-12-30T00:00') / 86_400_000)).toBe(1);
    expect(ids(turns, '2026-06-05T12:00')).toEqual(['an', 'cy']);
    expect(ids(turns, '2026-06-12T12:00')).toEqual(['bo', 'cy', 'an']);
  });
  it('names nobody it does not know', () => {
    expect(dutyRosterSchema.safeParse({ people: [], shifts: [{ ...whole }] }).success).toBe(false);
  });
});

describe('a call', () => {
  /** Looks each minute, as the clock does. */
  function run(of: DutyRoster, minutes: number, urgent: (minute: number) => UrgentAlarm[]) {
    let state: DutyState = initialDuty;
    const told: string[] = [];
    for (let minute = 0; minute <= minutes; minute++) {
      const nowMs = minute * MINUTE;
      const decision = decideDuty(state, urgent(minute), { nowMs, localMs: nowMs, roster: of });
      state = decision.state;
      for (const { person: one, alarm: about } of decision.calls) told.push(`${minute} ${one.id} ${about}`);
    }
    return { told, state };
  }

  it('goes to the next person after the rule’s minutes, round after round, then ends', () => {
    const { told, state } = run(roster([whole], { rounds: 2 }), 200, () => [alarm('x')]);
    expect(told).toEqual(['0 an x', '10 bo x', '20 cy x', '30 an x', '40 bo x', '50 cy x']);
    expect(state.calls.x).toMatchObject({ step: 6, nextMs: null });
  });
  it('ends when it is acknowledged, and begins anew with an alarm raised anew', () => {
    const { told } = run(roster([whole]), 40, (minute) =>
      minute < 15 ? [alarm('x')] : minute < 30 ? [] : [alarm('x', 1)],
    );
    expect(told).toEqual(['0 an x', '10 bo x', '30 an x', '40 bo x']);
  });
  it('that found nobody on duty is made when somebody comes', () => {
    const late = roster([{ ...whole, from: '00:25', to: '23:00' }]);
    const { told } = run(late, 36, () => [alarm('x')]);
    expect(told).toEqual(['25 an x', '35 bo x']);
  });
  it('a flood is called for a few at once, the oldest first', () => {
    const many = Array.from({ length: 30 }, (_, n) => alarm(`x${n}`, n));
    const { told } = run(roster([whole]), 1, (minute) => (minute === 0 ? many : many.slice(1)));
    expect(told.filter((one) => one.startsWith('0 '))).toHaveLength(CALLS_MAX);
    expect(told.at(-1)).toBe(`1 an x${CALLS_MAX}`);
  });
});
