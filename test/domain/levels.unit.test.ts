import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutDecision, levelOf, missingMicro } from '../../server/domain/wallet/levels.ts';
import { addUse, hoursLeft } from '../../server/domain/wallet/pace.ts';

const YUAN = 1_000_000;
const levels = [50 * YUAN, 20 * YUAN, 0];

describe('warning levels', () => {
  it.each([
    [51, 0, 0],
    [50, 0, 1],
    [19.99, 0, 2],
    [-3, 0, 3],
    [50.5, 1, 1], // within the hysteresis
    [51.01, 1, 0],
    [0.5, 3, 3],
    [1.01, 3, 2],
  ])('at %f yuan, from level %i, it is level %i', (yuan, before, level) =>
    expect(levelOf(yuan * YUAN, levels, before, YUAN)).toBe(level),
  );

  it('a balance that wavers by less than the hysteresis crosses at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 19_500_000, max: 20_499_999 }), { minLength: 2 }), (balances) => {
        let level = 1;
        let crossings = 0;
        for (const balance of balances) {
          const next = levelOf(balance, levels, level, YUAN);
          if (next !== level) crossings += 1;
          level = next;
        }
        expect(crossings).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('warn, then cut', () => {
  const facts = { balanceMicro: -1, overdraftMicro: 0, warnedMs: 0, warnBeforeCutMs: 1_800_000, nowMs: 0 };
  it('waits until the warning is old enough, and says until when', () =>
    expect(cutDecision({ ...facts, nowMs: 1_799_999 })).toBe(1_800_000));
  it('cuts then', () => expect(cutDecision({ ...facts, nowMs: 1_800_000 })).toBe('cut'));
  it('never cuts without a warning', () => expect(cutDecision({ ...facts, warnedMs: null, nowMs: 1e12 })).toBe('no'));
  it('leaves the overdraft to the tenant', () => {
    expect(cutDecision({ ...facts, balanceMicro: -99 * YUAN, overdraftMicro: 100 * YUAN, nowMs: 1e12 })).toBe('no');
    expect(cutDecision({ ...facts, balanceMicro: -100 * YUAN, overdraftMicro: 100 * YUAN, nowMs: 1e12 })).toBe('cut');
  });
});

describe('what is missing until power returns', () => {
  it('is in cents, and enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 0 }), fc.integer({ min: 0, max: 1e9 }), (balance, restoreAbove) => {
        const missing = missingMicro(balance, restoreAbove, true);
        expect(missing % 10_000).toBe(0);
        expect(balance + missing).toBeGreaterThan(restoreAbove);
        expect(balance + missing - 10_000).toBeLessThanOrEqual(restoreAbove);
      }),
    );
  });
  it('is nothing while nothing was cut', () => expect(missingMicro(-5, 0, false)).toBe(0));
});

describe('the forecast', () => {
  const HOUR = 3_600_000;
  it('says how long the money lasts at the pace seen', () => {
    let pace = { hour: 0, micro: [] as number[] };
    for (let hour = 100; hour < 110; hour++) pace = addUse(pace, hour * HOUR + 1, 2 * YUAN);
    expect(hoursLeft(pace, 110 * HOUR - 1, 20 * YUAN, 0)).toBeCloseTo(10, 0);
  });
  it('forgets what is a day old, and invents nothing', () => {
    const pace = addUse({ hour: 0, micro: [] }, 100 * HOUR, YUAN);
    expect(hoursLeft(pace, 125 * HOUR, YUAN, 0)).toBeNull();
    expect(hoursLeft({ hour: 0, micro: [] }, HOUR, YUAN, 0)).toBeNull();
  });
});
