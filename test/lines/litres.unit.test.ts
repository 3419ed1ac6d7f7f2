/** Remaining m³ of a Xintai meter, from raw registers: XINTAI gives 1E 85 0B 3F for 0.545 and DCBA for the order. */
import { describe, expect, it } from 'vitest';
import { floatWords, headOf } from '../../server/lines/decode.ts';
import { litresProgram } from '../../server/lines/money.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import type { Standing } from '../../server/domain/charging/state.ts';
import type { Shown } from '../../server/domain/charging/volume.ts';

const { money } = createProfiles()['xintai-valve-water'];
if (money?.keeps !== 'litres') throw new Error('it keeps m³');
const spec = money;
/** 2 800 micro-yuan a litre. */
const LITRE = 2_800;
const believe = ({ litres = 0, ...shown }: Shown): Standing => ({ ...shown, remainingMicro: litres * LITRE, count: 4 });
const read = (bytes: string) => {
  const wire = bytes.split(' ').map((byte) => Number.parseInt(byte, 16));
  const registers = Array.from({ length: wire.length / 2 }, (_, at) => (wire[2 * at]! << 8) | wire[2 * at + 1]!);
  return { registers, exception: null };
};
/** 0x0001 to 0x0009: 12.345 m³ forward, none back, no flow, full pipe, 0.545 m³ left. */
const standing = '1F 85 45 41 00 00 00 00 00 00 00 00 00 AA 1E 85 0B 3F';

describe('remaining m³ in a water meter', () => {
  it('is written as a float, the half without its sign first, and read back', () => {
    const seen: object[] = [];
    const program = litresProgram(spec, {
      ...{ believe, litreMicro: LITRE, site: () => 7 },
      plan: (fresh) => ({ do: 'write', count: 5, remainingMicro: fresh.remainingMicro + 10_000 * LITRE }),
      saw: (before, half) => seen.push({ before, half }),
    });
    expect(program([])).toEqual({ do: 'read', fn: 3, address: 1, count: 9 });
    const first = read(standing);
    // 10.545 m³ is 52 B8 28 41.
    expect(program([first])).toEqual({ do: 'write', fn: 6, address: 8, values: [0x52b8] });
    const none = { registers: [], exception: null };
    expect(program([first, none])).toEqual({ do: 'write', fn: 6, address: 9, values: [0x2841] });
    expect(program([first, none, none])).toEqual({ do: 'read', fn: 3, address: 1, count: 10 });
    const last = read(`${standing.slice(0, -11)}52 B8 28 41 00 00`);
    const before = { count: 4, remainingMicro: 545 * LITRE, index: 12_345, atMs: 7 };
    expect(program([first, none, none, last])).toEqual({
      do: 'done',
      result: { before, after: { ...before, remainingMicro: 10_545 * LITRE }, stopped: null },
    });
    // With the first half alone: 52 B8 0B 3F.
    expect(seen).toEqual([{ before, half: { shown: 546, real: 545, index: 12_345 } }]);
  });

  it('gives each whole litre back up to 8 192 m³, in any order of bytes', () => {
    for (const litres of [1, 545, 4_095_999, 8_191_999, -37])
      for (const order of ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const) {
        const words = floatWords(litres / 1000, order);
        const bytes = Uint8Array.from(words.flatMap((word) => [word >>> 8, word & 255]));
        const at = { ABCD: [0, 1, 2, 3], CDAB: [2, 3, 0, 1], BADC: [1, 0, 3, 2], DCBA: [3, 2, 1, 0] }[order];
        const plain = Uint8Array.from(at.map((from) => bytes[from]!));
        expect(Math.round(new DataView(plain.buffer).getFloat32(0) * 1000)).toBe(litres);
        expect(headOf(order)).toBe(at[0]! < 2 ? 0 : 1);
      }
  });

  it('is not written where the registers hold no number', () => {
    const program = litresProgram(spec, {
      ...{ believe, litreMicro: LITRE, site: () => 7, saw: () => undefined },
      plan: () => ({ do: 'write', count: 5, remainingMicro: 0 }),
    });
    const blank = read('1F 85 45 41 00 00 00 00 00 00 00 00 00 AA FF FF FF FF');
    expect(program([blank])).toEqual({ do: 'done', result: { before: null, after: null, stopped: null } });
  });
});
