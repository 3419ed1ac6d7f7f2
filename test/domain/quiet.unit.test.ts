/** Quiet hours and days against a walk from minute to minute. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutesSinceQuiet, quietMinutesLeft } from '../../server/domain/quiet.ts';

const DAY = 1_440;
const text = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
/** Days around a change of year, counted from 28 December. */
const dateOf = (n: number): string => new Date(Date.UTC(2026, 11, 28 + n)).toISOString().slice(0, 10);

type Window = { readonly from: number; readonly to: number };
/** Written apart: is this minute of this day quiet. */
function isQuiet(windows: readonly Window[], days: readonly number[], at: number): boolean {
  if (days.includes(Math.floor(at / DAY))) return true;
  const minute = ((at % DAY) + DAY) % DAY;
  return windows.some(({ from, to }) => {
    for (let m = from; m !== to; m = (m + 1) % DAY) if (m === minute) return true;
    return false;
  });
}

const minute = fc.integer({ min: 0, max: DAY - 1 });
const window = fc.record({ from: minute, length: fc.integer({ min: 1, max: 700 }) });
const rules = fc.record({
  windows: fc
    .array(window, { maxLength: 2 })
    .map((all) => all.map(({ from, length }) => ({ from, to: (from + length) % DAY }))),
  days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }),
});

describe('quiet hours and days', () => {
  it('last and have ended as a walk over the minutes says, over midnights and days that follow one another', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 8 }), minute, ({ windows, days }, day, now) => {
        const quiet = {
          quietHours: windows.map(({ from, to }) => ({ from: text(from), to: text(to) })),
          quietDays: days.map(dateOf),
        };
        const start = day * DAY + now;
        let ahead = 0;
        while (isQuiet(windows, days, start + ahead) && ahead < 12 * DAY) ahead += 1;
        let since: number | null = null;
        if (ahead === 0)
          for (let back = 1; back <= 12 * DAY; back++)
            if (isQuiet(windows, days, start - back)) {
              since = back - 1;
              break;
            }
        const found = [quietMinutesLeft(quiet, now, dateOf(day)), minutesSinceQuiet(quiet, now, dateOf(day))];
        if (ahead === 12 * DAY) expect(found[0]).toBeGreaterThan(2 * DAY);
        else expect(found).toEqual([ahead === 0 ? null : ahead, since]);
      }),
      { numRuns: 300 },
    );
  });

  it('a quiet day between two nights is one stretch from evening to the second morning', () => {
    const quiet = { quietHours: [{ from: '22:00', to: '08:00' }], quietDays: ['2026-10-01', '2026-10-02'] };
    expect(quietMinutesLeft(quiet, 23 * 60, '2026-09-30')).toBe((1 + 48 + 8) * 60);
    expect(quietMinutesLeft(quiet, 0, '2026-10-03')).toBe(8 * 60);
    expect(quietMinutesLeft(quiet, 8 * 60, '2026-10-03')).toBeNull();
    expect(minutesSinceQuiet({ quietHours: [], quietDays: ['2026-10-02'] }, 5, '2026-10-03')).toBe(5);
    expect(minutesSinceQuiet({ quietHours: [], quietDays: ['2026-10-05'] }, 5, '2026-10-03')).toBeNull();
  });
});
