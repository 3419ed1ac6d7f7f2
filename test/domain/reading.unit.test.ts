import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Plausible } from '../../server/domain/meter/reading.ts';

const meter: Plausible = { rating: 10_000, registerEnd: 1_000_000_000, step: 10 };
const HOUR = 3_600_000;

describe('whether a reading may move money', () => {
  it.each([
    ['the first value is where counting starts', 500, null, { kind: 'first' }],
    ['an unchanged index charges nothing', 500, { index: 500, atMs: 0 }, { kind: 'unchanged' }],
    [
      'a believable step is charged',
      5_500,
      { index: 500, atMs: 0 },
      { kind: 'forward', quantity: 5_000, rolledOver: false },
    ],
    ['a step beyond rating × time is doubtful', 500_000, { index: 500, atMs: 0 }, { kind: 'doubtful', why: 'jump' }],
    ['backwards is doubtful', 400, { index: 500, atMs: 0 }, { kind: 'doubtful', why: 'backwards' }],
    [
      'a rollover near the end is accepted',
      90,
      { index: 999_999_990, atMs: 0 },
      { kind: 'forward', quantity: 100, rolledOver: true },
    ],
    [
      'a reset in the middle is no rollover',
      90,
      { index: 400_000_000, atMs: 0 },
      { kind: 'doubtful', why: 'backwards' },
    ],
    ['NaN is doubtful', 'notANumber', { index: 500, atMs: 0 }, { kind: 'doubtful', why: 'notANumber' }],
    ['all ones are doubtful', 'allOnes', { index: 500, atMs: 0 }, { kind: 'doubtful', why: 'allOnes' }],
  ] as const)('%s', (_title, index, last, verdict) => expect(judge(index, HOUR, last, meter)).toEqual(verdict));

  it('never charges more than the rating allows, nor less than nothing', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.nat(999_999_999), fc.nat(48 * HOUR), (before, now, elapsed) => {
        const verdict = judge(now, elapsed, { index: before, atMs: 0 }, meter);
        if (verdict.kind !== 'forward') return;
        expect(verdict.quantity).toBeGreaterThan(0);
        expect(verdict.quantity).toBeLessThanOrEqual(Math.ceil((10_000 * 1.2 * elapsed) / HOUR) + 20);
        expect((before + verdict.quantity) % 1_000_000_000).toBe(now);
      }),
    );
  });
});
