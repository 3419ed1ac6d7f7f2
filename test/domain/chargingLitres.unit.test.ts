/**
 * Orders for a meter that keeps litres and no count. What was lost on the way is told by its balance against its index:
 * each order moves it once, or a person is asked; nothing is counted twice. The meter here is four numbers.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Charging, CurrentOrder, Standing } from '../../server/domain/charging/state.ts';
import { believed, NO_COUNT, type Shown } from '../../server/domain/charging/volume.ts';
import { planWrite } from '../../server/domain/charging/write.ts';

/** 3 yuan a m³: 3 000 micro-yuan a litre. */
const LITRE = 3_000;
const settings = {
  alarm1Micro: 0,
  alarm2Micro: 0,
  overdraftMicro: 0,
  pricesMicro: [3_000_000],
  unit: 'litres' as const,
};
const bookOf = (last: Standing, current: CurrentOrder | null): Charging => ({
  ...{ meter: 'm', revenue: 'r', settings, phase: 'running', released: true, last, queue: [], current, held: null },
  ...{ usedMicro: 0, shadowMicro: 0, tenancy: null },
});

describe('an order for a meter without a purchase count', () => {
  it('is found to be in it, or not in it, as it is', () => {
    fc.assert(
      fc.property(
        fc.record({
          litres: fc.integer({ min: -500, max: 2_000_000 }),
          bought: fc.integer({ min: 30, max: 500_000 }),
          down: fc.boolean(),
          /** Between our book and the look, and how far float and pulses are apart. */
          used: fc.nat(5_000),
          apart: fc.integer({ min: -4, max: 4 }),
          arrived: fc.boolean(),
          foreign: fc.option(fc.integer({ min: 30, max: 9_999 }), { nil: null }),
        }),
        ({ litres, bought, down, used, apart, arrived, foreign }) => {
          const last = { count: 7, remainingMicro: litres * LITRE, index: 90_000, atMs: 0 };
          const kind = down ? ('down' as const) : ('up' as const);
          const current: CurrentOrder = { id: 'o', kind, amountMicro: bought * LITRE, order: null, count: 8 };
          const moved = (arrived ? (down ? -bought : bought) : 0) + (foreign ?? 0);
          const shown: Shown = {
            ...{ count: 0, remainingMicro: 0, index: 90_000 + used, atMs: 1 },
            litres: litres - used + moved + apart,
          };
          const seen = believed(bookOf(last, current), shown);
          // Somebody else's purchase may look like ours only where it is as great.
          if (foreign !== null && Math.abs(Math.abs(foreign) - bought) <= 14) return;
          if (foreign !== null && arrived && down && Math.abs(foreign - bought) <= 14) return;
          const wanted = foreign !== null ? NO_COUNT : arrived ? 8 : 7;
          expect(seen.count).toBe(wanted);
          expect(seen.remainingMicro).toBe(shown.litres! * LITRE);
          const plan = planWrite(current, seen);
          if (wanted !== 7) expect(plan).toEqual({ do: 'stop', why: wanted === 8 ? 'written' : 'count' });
          else if (plan.do === 'write')
            expect(plan.remainingMicro).toBe((shown.litres! + (down ? -bought : bought)) * LITRE);
          else expect(shown.litres! - bought).toBeLessThan(0);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('sets it to nothing once, whatever it held', () => {
    const last = { count: 1, remainingMicro: 0, index: 500, atMs: 0 };
    const start: CurrentOrder = { id: 's', kind: 'start', amountMicro: 0, order: null, count: 2 };
    const book = { ...bookOf(last, start), phase: 'starting' as const };
    const shows = (litres: number, index: number): number =>
      believed(book, { count: 0, remainingMicro: 0, litres, index, atMs: 1 }).count;
    expect(shows(123_456, 520)).toBe(1);
    expect(shows(0, 520)).toBe(2);
    expect(shows(-18, 520)).toBe(2);
    expect(shows(-900, 520)).toBe(1);
  });
});
