/** What a plan says at an instant, against an oracle that looks at every minute. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlPlanSchema, planDays, type ControlPlan, type PlanDay } from '../../protocol/control.ts';
import { cutUntil, dayKindOf, limitAt, meterValuesOf } from '../../server/domain/control/plan.ts';

const MINUTE = 60_000;
const plan = (more: Partial<ControlPlan>): ControlPlan => ({
  ...{ id: 'p', name: 'P', limits: [], seconds: 30, recoverMinutes: 5, tries: 3, cuts: [], inMeter: false },
  ...more,
});
/** Local time read as if UTC; 2026-06-01 is a Monday. */
const at = (text: string): number => Date.parse(`${text}Z`);
const kind = dayKindOf({ '2026-06-02': 'holiday', '2026-06-06': 'mon' });

describe('time control', () => {
  const nights = plan({ cuts: [{ days: ['mon', 'tue'], from: '23:00', to: '06:30' }] });

  it('belongs to the day it begins on, and goes over midnight', () => {
    expect(cutUntil(nights, at('2026-06-01T22:59'), kind)).toBeNull();
    expect(cutUntil(nights, at('2026-06-01T23:00'), kind)).toBe(at('2026-06-02T06:30'));
    expect(cutUntil(nights, at('2026-06-02T06:29'), kind)).toBe(at('2026-06-02T06:30'));
    expect(cutUntil(nights, at('2026-06-02T06:30'), kind)).toBeNull();
  });

  it('leaves a holiday alone unless it names holidays, and takes a make-up workday for its weekday', () => {
    expect(cutUntil(nights, at('2026-06-02T23:30'), kind)).toBeNull();
    expect(cutUntil(nights, at('2026-06-06T23:30'), kind)).toBe(at('2026-06-07T06:30'));
    const holidays = plan({ cuts: [{ days: ['holiday'], from: '00:00', to: '00:00' }] });
    expect(cutUntil(holidays, at('2026-06-02T12:00'), kind)).toBe(at('2026-06-03T00:00'));
  });

  const minute = fc.integer({ min: 0, max: 1439 });
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = (value: number): string => `${two(Math.floor(value / 60))}:${two(value % 60)}`;
  const cut = fc.record({
    days: fc.subarray([...planDays], { minLength: 1 }),
    from: minute.map(text),
    to: minute.map(text),
  });

  it('is in force exactly in the minutes of its windows', () => {
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 4 }), fc.integer({ min: 0, max: 9 * 1440 - 1 }), (cuts, offset) => {
        const now = at('2026-05-30T00:00') + offset * MINUTE;
        const inForce = cuts.some(({ days, from, to }) => {
          // Goes back minute by minute to where the window would have begun.
          const [start, end] = [from, to].map((each) => Number(each.slice(0, 2)) * 60 + Number(each.slice(3)));
          for (let back = 0; back < 1440; back += 1) {
            const then = new Date(now - back * MINUTE);
            const of = then.getUTCHours() * 60 + then.getUTCMinutes();
            if (back > 0 && (of + 1) % 1440 === end) return false;
            if (of === start) return days.includes(kind(then.toISOString().slice(0, 10)));
          }
          return false;
        });
        expect(cutUntil(plan({ cuts }), now, kind) !== null).toBe(inForce);
      }),
      { numRuns: 400, seed: 5 },
    );
  });
});

describe('a power limit', () => {
  it('is the least in force: by night another than by day', () => {
    const both = plan({
      limits: [
        { watts: 3_000, window: null },
        { watts: 500, window: { from: '23:00', to: '06:00' } },
      ],
    });
    expect(limitAt(both, at('2026-06-01T12:00'))).toEqual({ watts: 3_000, night: false });
    expect(limitAt(both, at('2026-06-01T23:00'))).toEqual({ watts: 500, night: true });
    expect(limitAt(both, at('2026-06-02T05:59'))).toEqual({ watts: 500, night: true });
    expect(limitAt(both, at('2026-06-02T06:00'))).toEqual({ watts: 3_000, night: false });
    expect(limitAt(plan({}), 0)).toBeNull();
  });
});

describe('a plan in a meter', () => {
  const workdays: PlanDay[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
  it('has its limit on the secondary side and its cuts as edges of two kinds of day', () => {
    const found = meterValuesOf(
      plan({
        limits: [{ watts: 3_050, window: null }],
        cuts: [
          { days: workdays, from: '12:00', to: '13:30' },
          { days: [...planDays], from: '23:00', to: '06:00' },
        ],
      }),
      30,
    );
    expect(found).toEqual({
      loadLimit: { on: true, maxWatts: 101, stepWatts: 0, powerFactor: 0, recoverMinutes: 5, triesMax: 3 },
      timeControl: {
        on: true,
        weekdays: [1, 2, 3, 4, 5],
        workday: [
          { at: '00:00', on: false },
          { at: '06:00', on: true },
          { at: '12:00', on: false },
          { at: '13:30', on: true },
          { at: '23:00', on: false },
        ],
        holiday: [
          { at: '00:00', on: false },
          { at: '06:00', on: true },
          { at: '23:00', on: false },
        ],
      },
    });
  });

  it('is none where the meter cannot say it', () => {
    const night = { watts: 500, window: { from: '23:00', to: '06:00' } };
    expect(meterValuesOf(plan({ limits: [night] }), 1)).toBeNull();
    expect(meterValuesOf(plan({ cuts: [{ days: ['mon'], from: '12:00', to: '13:00' }] }), 1)).toBeNull();
    expect(meterValuesOf(plan({ cuts: [{ days: workdays, from: '23:00', to: '06:00' }] }), 1)).toBeNull();
  });
});

it('every plan of the tests is one', () => {
  expect(controlPlanSchema.safeParse(plan({})).success).toBe(true);
});
