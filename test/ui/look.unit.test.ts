import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UtilityTile } from '../../protocol/wall.ts';
import { actionGroup, fits, lookOf } from '../../ui/src/wall/look.ts';
import { money, part, plainTile } from './site.ts';

const withPart = (change: Partial<UtilityTile>) => {
  const tile = plainTile('b1', 'A-0101');
  return { ...tile, electricity: part('e-A-0101', change) };
};
const look = (change: Partial<UtilityTile>) => lookOf(withPart(change), 'electricity');

describe('a tile', () => {
  it('is solid when closed, hollow when open', () => {
    expect(look({}).fill).toBe('closed');
    expect(look({ wanted: 'open', actual: 'open' }).fill).toBe('open');
  });

  it('is hatched when its state is unknown or not confirmed, whatever was read last', () => {
    expect(look({ actual: 'unknown' }).fill).toBe('hatched');
    expect(look({ mismatchSinceMs: 1 }).fill).toBe('hatched');
    expect(look({ wanted: 'open', actual: 'closed', mismatchSinceMs: 1 }).fill).toBe('hatched');
  });

  it('never looks closed unless closed was read back', () => {
    const actual = fc.constantFrom('open', 'closed', 'unknown');
    const wanted = fc.constantFrom('open', 'closed');
    fc.assert(
      fc.property(actual, wanted, fc.option(fc.nat()), (is, should, mismatchSinceMs) => {
        const { fill } = look({ actual: is, wanted: should, mismatchSinceMs });
        if (fill === 'closed') expect([is, mismatchSinceMs]).toEqual(['closed', null]);
      }),
      { seed: 1 },
    );
  });

  it('shows the link on the border alone', () => {
    expect(look({ link: 'stale' })).toEqual({ ...look({}), border: 'dashed' });
    expect(look({ link: 'never' }).border).toBe('dashed');
  });

  it('fills the bar with days of money, a week being full', () => {
    const tile = withPart({});
    const bar = (balance: number, hours: number | null) =>
      lookOf({ ...tile, money: money('A-0101', balance, hours) }, 'electricity').bar;
    expect(bar(200, 84)).toEqual({ fraction: 0.5, tone: 'quiet' });
    expect(bar(200, 5000)).toEqual({ fraction: 1, tone: 'quiet' });
    expect(bar(200, null)).toEqual({ fraction: 1, tone: 'quiet' });
    expect(bar(10, 16.8)).toEqual({ fraction: 0.1, tone: 'low' });
    expect(bar(-1, 0)).toEqual({ fraction: 0, tone: 'exhausted' });
  });

  it('has no bar where nobody pays in advance', () => {
    expect(look({ look: 'public' }).bar).toBeNull();
    expect(look({ look: 'notOpened' }).bar).toBeNull();
  });

  it('has no fill for a utility the room does not have', () => {
    expect(lookOf({ ...plainTile('b1', 'x'), water: null }, 'water').fill).toBe('none');
  });
});

describe('filters', () => {
  it('find stale, open and mismatching rooms per utility', () => {
    const tile = withPart({ link: 'stale', actual: 'open', mismatchSinceMs: 5 });
    expect(['open', 'stale', 'mismatch', 'low', 'alarm'].filter((f) => fits(tile, 'electricity', f as 'open'))).toEqual(
      ['open', 'stale', 'mismatch'],
    );
    expect(fits(tile, 'water', 'stale')).toBe(false);
  });

  it('put each room into its most urgent group', () => {
    const open = withPart({ actual: 'open', wanted: 'open', cause: 'moneyExhausted', link: 'stale' });
    expect(actionGroup({ ...open, alarm: 2 }, 'electricity')).toBe('alarm');
    expect(actionGroup(open, 'electricity')).toBe('open');
    expect(actionGroup(withPart({}), 'electricity')).toBeNull();
  });

  it('leave an empty room that is off alone', () => {
    const vacant = withPart({ look: 'notOpened', actual: 'open', wanted: 'open', cause: 'noAccount' });
    expect(actionGroup({ ...vacant, money: null }, 'electricity')).toBeNull();
  });
});
