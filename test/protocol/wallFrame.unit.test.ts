import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tile } from '../../protocol/wall.ts';
import {
  adopt,
  decodeFrame,
  decodeMoves,
  decodeServerMessage,
  encodeFrame,
  encodeMoves,
  moved,
  movedMask,
  moveOf,
} from '../../protocol/wallFrame.ts';

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom(0, -1, 127, 128, 2 ** 51, -(2 ** 51), 2 ** 51 + 1, 1_780_000_000_000),
);
const maybe = fc.option(number, { nil: null });
const utility = fc
  .record({ lastReadingMs: maybe, rate: maybe, today: number, todayMicro: number, quarantined: fc.boolean() })
  .map((part): NonNullable<Tile['water']> => ({
    ...{ meter: 'm', look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null },
    ...{ mismatchSinceMs: null, link: 'online', ...part },
  }));
const money = fc
  .record({ balanceMicro: number, hoursLeft: maybe })
  .map((part) => ({ wallet: 'w', level: 0, levels: 3, exhausted: false, temporary: false, ...part }));
const tile: fc.Arbitrary<Tile> = fc.record({
  room: fc.constant('r'),
  building: fc.constant('b'),
  tenant: fc.constantFrom(null, 'Ann', '周'),
  operating: fc.constantFrom(null, 'olga'),
  electricity: fc.option(utility, { nil: null }),
  water: fc.option(utility, { nil: null }),
  money: fc.option(money, { nil: null }),
  waterMoney: fc.option(money, { nil: null }),
  alarm: fc.constantFrom(0, 1, 2, 3),
});
/** Mostly tiles whose numbers alone differ. */
const pair = fc.tuple(tile, tile, fc.boolean()).map(([old, other, whole]): [Tile, Tile] => {
  if (whole) return [old, other];
  const fit = <T extends object>(from: T | null, to: T | null, keep: object): T | null =>
    from && { ...from, ...(to ?? {}), ...keep };
  const now = {
    ...old,
    electricity: fit(old.electricity, other.electricity, { quarantined: old.electricity?.quarantined }),
    water: fit(old.water, other.water, { quarantined: old.water?.quarantined }),
    money: fit(old.money, other.money, {}),
    waterMoney: fit(old.waterMoney, other.waterMoney, {}),
  };
  return [old, now];
});

describe('a frame', () => {
  it('brings the old tile to the new one, whatever moved, bit for bit', () => {
    let moves = 0;
    fc.assert(
      fc.property(pair, fc.nat({ max: 100_000 }), ([old, now], place) => {
        const mask = movedMask(old, now);
        if (mask === null) return;
        if (mask === 0) expect(now).toEqual(old);
        if (mask === 0) return;
        moves += 1;
        const frame = decodeFrame(encodeFrame('b', 7, [], [moveOf(place, mask, now)]));
        expect(frame).toMatchObject({ type: 'frame', building: 'b', seq: 7, tiles: [], moves: [{ place, mask }] });
        expect(decodeMoves(encodeMoves(frame.moves))).toEqual(frame.moves);
        const before = structuredClone(old);
        for (const move of frame.moves) expect(moved(old, move)).toEqual(now);
        expect(old).toEqual(before);
        for (const move of frame.moves) adopt(before, move);
        expect(before).toEqual(now);
      }),
      { seed: 20_250_302, numRuns: 1_000 },
    );
    expect(moves).toBeGreaterThan(200);
  });

  it('sends a tile whole when more than numbers differ', () => {
    const [one] = fc.sample(tile, { seed: 3, numRuns: 50 }).filter(({ water }) => water !== null);
    if (one?.water == null) throw new Error('there is no sample with water');
    expect(movedMask(one, { ...one, tenant: 'Bob' })).toBeNull();
    expect(movedMask(one, { ...one, water: null })).toBeNull();
    expect(movedMask(one, { ...one, water: { ...one.water, actual: 'open' } })).toBeNull();
    expect(movedMask({ ...one, water: null }, one)).toBeNull();
    const text = JSON.stringify(one);
    expect(decodeServerMessage(encodeFrame('楼', 1, [text, text], []))).toEqual({
      ...{ type: 'frame', building: '楼', seq: 1, tiles: [JSON.parse(text), JSON.parse(text)], moves: [] },
    });
  });

  it('that is cut anywhere, or names numbers unknown, is none', () => {
    const move = { place: 300, mask: 0b11_0000_0001, values: [1_780_000_000_000, -5, 0.1] };
    const bytes = encodeFrame('b', 1, [], [move]);
    const head = encodeFrame('b', 1, [], []).length;
    expect(decodeFrame(bytes).moves).toEqual([move]);
    for (let length = 0; length < bytes.length; length += 1) {
      if (length !== head) expect(() => decodeFrame(bytes.subarray(0, length))).toThrow();
    }
    for (const mask of [0, 1 << 12]) {
      expect(() => decodeFrame(encodeFrame('b', 1, [], [{ ...move, mask }]))).toThrow('unknown numbers');
    }
  });

  it('is refused where it does not fit the tile: a part that is not there, a null that may not be', () => {
    const bare: Tile = {
      ...{ room: 'r', building: 'b', tenant: null, alarm: 0, operating: null },
      electricity: null,
      water: null,
      money: null,
      waterMoney: null,
    };
    expect(() => moved(bare, { place: 0, mask: 1, values: [1] })).toThrow('electricity');
    expect(() => moved(bare, { place: 0, mask: 1 << 8, values: [1] })).toThrow('money');
    expect(() => moved(bare, { place: 0, mask: 1 << 10, values: [1] })).toThrow('waterMoney');
    const rich = {
      ...bare,
      money: { wallet: 'w', balanceMicro: 1, level: 0, levels: 3, hoursLeft: null, exhausted: false, temporary: false },
    };
    expect(() => moved(rich, { place: 0, mask: 1 << 8, values: [null] })).toThrow('null');
  });
});
