/** Calendars to be published: each day of the year has exactly one rule, and what is wrong names the day. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarRule } from '../../protocol/tariff.ts';
import { calendarFaults } from '../../protocol/tariffCalendar.ts';
import { publishMistakes } from '../../server/domain/tariff/publish.ts';

const starts: CalendarRule['starts'] = [['00:00', 'valley']];
const kinds = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'] as const;
const tariff = (calendar: CalendarRule[], from = '2026-01-01T00:00') => ({
  ...{ id: 't', name: 'T', utility: 'electricity' as const, holidays: {} },
  versions: [{ from, calendar, components: [{ name: 'energy', price: '1' }] }],
});

describe('a calendar', () => {
  it('has no rule after one that holds on every day', () => {
    expect(calendarFaults([{ starts }, { months: [7], starts }, { starts }], {})).toEqual([
      { rule: 1, fault: 'shadowed', month: 7, day: 'mon', by: 0 },
      { rule: 2, fault: 'shadowed', month: 1, day: 'mon', by: 0 },
    ]);
  });

  it('gives a day to one rule, but for the last, which may stand for every other day', () => {
    const summer: CalendarRule = { months: [7, 8], starts };
    const weekend: CalendarRule = { days: ['sat', 'sun'], starts };
    expect(calendarFaults([summer, { starts }], {})).toEqual([]);
    expect(calendarFaults([summer, weekend, { starts }], {})).toEqual([
      { rule: 1, fault: 'overlap', month: 7, day: 'sat', by: 0 },
    ]);
  });

  it('leaves no day out; a holiday only where one is listed', () => {
    const week: CalendarRule = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], starts };
    expect(calendarFaults([week], {})).toEqual([{ rule: 0, fault: 'gap', month: 1, day: 'sat', by: null }]);
    const all: CalendarRule = { days: ['sat', 'sun'], starts };
    expect(calendarFaults([week, all], {})).toEqual([]);
    expect(calendarFaults([week, all], { '2026-10-01': 'holiday' })).toEqual([
      { rule: 1, fault: 'gap', month: 10, day: 'holiday', by: null },
    ]);
  });

  it('is without fault exactly when each day of a month has one rule, or none before the rest', () => {
    const rule = fc.record(
      {
        months: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
        days: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1, maxLength: 8 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
        const last = rules.at(-1);
        const rest = last?.months === undefined && last?.days === undefined;
        const strict = rest ? rules.slice(0, -1) : rules;
        let right = true;
        let left = 0;
        for (let month = 1; month <= 12; month += 1)
          for (const day of kinds) {
            const claims = strict.filter(
              ({ months, days }) => (months?.includes(month) ?? true) && (days?.includes(day) ?? true),
            ).length;
            if (claims > 1) right = false;
            if (claims === 0 && !rest && day !== 'holiday') right = false;
            if (claims === 0) left += 1;
          }
        // Nothing is left for "every other day".
        if (rest && left === 0) right = false;
        expect(
          calendarFaults(
            rules.map((one) => ({ ...one, starts })),
            {},
          ).length === 0,
        ).toBe(right);
      }),
    );
  });

  it('is judged when it is published; one that holds already stays', () => {
    const shadowed = tariff([{ starts }, { months: [7], starts }, { starts }]);
    expect(publishMistakes(undefined, shadowed, null)).toEqual([
      {
        path: 'versions.0.calendar.1',
        message: 'never applies: rule 1 has mon in month 7 and all its other days are taken',
      },
      {
        path: 'versions.0.calendar.2',
        message: 'never applies: rule 1 has mon in month 1 and all its other days are taken',
      },
    ]);
    const version = { from: '2027-01-01T00:00', components: [{ name: 'energy', price: '2' }] };
    expect(publishMistakes(shadowed, { ...shadowed, versions: [...shadowed.versions, version] }, null)).toEqual([]);
  });
});
