/** Properties of pricing over random tariffs and readings, and a slow oracle of its own that walks minute by minute. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tariffSchema, type Band, type Tariff } from '../../protocol/tariff.ts';
import { priceOf } from '../../server/domain/money.ts';
import { apportion } from '../../server/domain/quantity.ts';
import { compileTariff, priceInterval, type ChargeLine } from '../../server/domain/tariff/price.ts';
import type { CountedUse, OpenLines } from '../../server/domain/tariff/state.ts';
import { counting } from './counting.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-05-30T00:00:00+08:00');
const zone = 'Asia/Shanghai';
const price = fc.integer({ min: 0, max: 2_000_000 }).map((micro) => (micro / 1e6).toFixed(6));

const tariffs: fc.Arbitrary<Tariff> = fc
  .record({
    edges: fc.uniqueArray(fc.integer({ min: 1, max: 95 }), { minLength: 1, maxLength: 6 }),
    names: fc.array(fc.constantFrom<Band>('sharp', 'peak', 'flat', 'valley', 'deep'), { minLength: 7, maxLength: 7 }),
    prices: fc.tuple(price, price, price, price, price),
    tiers: fc.option(
      fc.record({
        first: fc.integer({ min: 1, max: 300 }),
        more: fc.integer({ min: 1, max: 300 }),
        add: fc.tuple(price, price, price),
        per: fc.constantFrom('month' as const, 'year' as const),
      }),
    ),
    flat: price,
  })
  .map(({ edges, names, prices, tiers, flat }) => {
    const starts: [string, Band][] = [];
    for (const [i, quarter] of [0, ...[...edges].sort((a, b) => a - b)].entries()) {
      const band = names[i] ?? 'flat';
      if (starts.at(-1)?.[1] === band) continue;
      starts.push([
        `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`,
        band,
      ]);
    }
    const [sharp, peak, middle, valley, deep] = prices;
    return tariffSchema.parse({
      ...{ id: 't', name: 't', utility: 'electricity' },
      versions: [
        {
          from: '2026-01-01T00:00',
          calendar: [{ starts }],
          components: [
            { name: 'energy', prices: { sharp, peak, flat: middle, valley, deep } },
            { name: 'fund', price: flat },
          ],
          ...(tiers
            ? {
                tiers: {
                  per: tiers.per,
                  edges: [{ above: [String(tiers.first), String(tiers.first + tiers.more)] }],
                  add: tiers.add,
                },
              }
            : {}),
        },
      ],
    });
  });

/** Readings: minutes after START and whole 10 Wh steps. */
const readings = fc.array(fc.record({ minutes: fc.integer({ min: 0, max: 2_000 }), tens: fc.nat(20_000) }), {
  minLength: 1,
  maxLength: 8,
});

type Totals = Map<string, { quantity: number; amountMicro: number; priceMicro: number }>;
function run(
  tariff: Tariff,
  steps: readonly { minutes: number; tens: number }[],
): { totals: Totals; lines: ChargeLine[]; used: readonly CountedUse[] } {
  const compiled = compileTariff(tariff, zone);
  let atMs = START;
  let open: OpenLines | null = null;
  let used: readonly CountedUse[] = [];
  const totals: Totals = new Map();
  const lines: ChargeLine[] = [];
  for (const { minutes, tens } of steps) {
    const toMs = atMs + minutes * MINUTE;
    const priced = priceInterval(
      compiled,
      { fromMs: atMs, toMs, quantity: tens * 10, bands: null },
      open,
      counting(used),
    );
    atMs = toMs;
    open = priced.openLines;
    used = [...used, ...priced.tierUses];
    for (const line of priced.lines) {
      lines.push(line);
      const key = [line.day, line.band, line.tier, line.component].join();
      const total = totals.get(key) ?? { quantity: 0, amountMicro: 0, priceMicro: line.priceMicro };
      totals.set(key, {
        ...total,
        quantity: total.quantity + line.quantity,
        amountMicro: total.amountMicro + line.amountMicro,
      });
    }
  }
  return { totals, lines, used };
}

describe('pricing', () => {
  it('parts sum to the whole: every Wh once per component, every line is round(price × quantity)', () => {
    fc.assert(
      fc.property(tariffs, readings, (tariff, steps) => {
        const { totals } = run(tariff, steps);
        for (const component of ['energy', 'fund']) {
          let sum = 0;
          for (const [key, total] of totals) if (key.endsWith(component)) sum += total.quantity;
          expect(sum).toBe(steps.reduce((all, step) => all + step.tens * 10, 0));
        }
        for (const { quantity, amountMicro, priceMicro } of totals.values())
          expect(amountMicro).toBe(Number((BigInt(priceMicro) * BigInt(quantity) * 2n + 1000n) / 2000n));
      }),
    );
  });

  it('replay changes nothing', () => {
    fc.assert(
      fc.property(tariffs, readings, (tariff, steps) => {
        expect(run(tariff, steps)).toEqual(run(tariff, steps));
      }),
      { numRuns: 30 },
    );
  });

  it('a further reading on the straight line between two changes no line by more than 2 Wh', () => {
    fc.assert(
      fc.property(
        tariffs,
        fc.integer({ min: 2, max: 3_000 }),
        fc.integer({ min: 1, max: 30_000 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (tariff, minutes, tens, part) => {
          const cut = Math.max(1, Math.min(minutes - 1, Math.round(minutes * part)));
          const compiled = compileTariff(tariff, zone);
          const whole = priceInterval(
            compiled,
            { fromMs: START, toMs: START + minutes * MINUTE, quantity: tens * 10, bands: null },
            null,
            counting(),
          );
          const [first = 0, second = 0] = apportion(tens * 10, [cut, minutes - cut]);
          const a = priceInterval(
            compiled,
            { fromMs: START, toMs: START + cut * MINUTE, quantity: first, bands: null },
            null,
            counting(),
          );
          const b = priceInterval(
            compiled,
            { fromMs: START + cut * MINUTE, toMs: START + minutes * MINUTE, quantity: second, bands: null },
            a.openLines,
            counting(a.tierUses),
          );
          const quantities = (lines: readonly ChargeLine[]): Map<string, number> => {
            const sums = new Map<string, number>();
            for (const line of lines) {
              const key = [line.day, line.band, line.tier, line.component].join();
              sums.set(key, (sums.get(key) ?? 0) + line.quantity);
            }
            return sums;
          };
          const one = quantities(whole.lines);
          const two = quantities([...a.lines, ...b.lines]);
          for (const key of new Set([...one.keys(), ...two.keys()]))
            expect(Math.abs((one.get(key) ?? 0) - (two.get(key) ?? 0))).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  it('agrees with an oracle that walks minute by minute', () => {
    fc.assert(
      fc.property(
        tariffs,
        fc.integer({ min: 1, max: 1_500 }),
        fc.integer({ min: 0, max: 500 }),
        (tariff, minutes, wattHoursAMinute) => {
          const version = tariff.versions[0]!;
          const expected = new Map<string, number>();
          for (let minute = 0; minute < minutes; minute++) {
            const local = new Date(START + minute * MINUTE + 8 * 3_600_000).toISOString();
            const starts = version.calendar![0]!.starts;
            const band = (starts.filter(([start]) => start <= local.slice(11, 16)).at(-1) ?? starts.at(-1))![1];
            const key = [local.slice(0, 10), band].join();
            expected.set(key, (expected.get(key) ?? 0) + wattHoursAMinute);
          }
          const { lines } = run(tariff, [{ minutes, tens: 0 }]);
          expect(lines).toEqual([]);
          const compiled = compileTariff(tariff, zone);
          const priced = priceInterval(
            compiled,
            { fromMs: START, toMs: START + minutes * MINUTE, quantity: wattHoursAMinute * minutes, bands: null },
            null,
            counting(),
          );
          const found = new Map<string, number>();
          for (const line of priced.lines)
            if (line.component === 'fund')
              found.set([line.day, line.band].join(), (found.get([line.day, line.band].join()) ?? 0) + line.quantity);
          for (const [key, quantity] of expected) if (quantity > 0) expect(found.get(key)).toBe(quantity);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a price times a quantity is the same for small and for great numbers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999_999 }),
        fc.integer({ min: 0, max: 900_000_000_000 }),
        (micro, quantity) => {
          const exact = (BigInt(micro) * BigInt(quantity) * 2n + 1000n) / 2000n;
          if (exact < BigInt(Number.MAX_SAFE_INTEGER)) expect(priceOf(micro, quantity)).toBe(Number(exact));
        },
      ),
    );
  });

  it('band registers give the proportions where the meter has them, and are left aside where they cannot be right', () => {
    const tariff = tariffSchema.parse({
      id: 't',
      name: 't',
      utility: 'electricity',
      versions: [
        {
          from: '2026-01-01T00:00',
          calendar: [
            {
              starts: [
                ['00:00', 'valley'],
                ['08:00', 'peak'],
              ],
            },
          ],
          components: [{ name: 'energy', prices: { valley: '0.3', peak: '0.9' } }],
        },
      ],
    });
    const compiled = compileTariff(tariff, zone);
    const span = { fromMs: START + 7 * 60 * MINUTE, toMs: START + 9 * 60 * MINUTE, quantity: 1_000 };
    const by = (bands: number[] | null): Record<string, number> =>
      Object.fromEntries(
        priceInterval(compiled, { ...span, bands }, null, counting()).lines.map((line) => [line.band, line.quantity]),
      );
    expect(by(null)).toEqual({ valley: 500, peak: 500 });
    expect(by([0, 900, 0, 100, 0])).toEqual({ valley: 100, peak: 900 });
    expect(by([0, 500, 500, 0, 0])).toEqual({ valley: 500, peak: 500 });
  });

  it('use without time belongs to the moment it was read', () => {
    const tariff = tariffSchema.parse({
      id: 't',
      name: 't',
      utility: 'electricity',
      versions: [{ from: '2026-01-01T00:00', components: [{ name: 'energy', price: '1' }] }],
    });
    const priced = priceInterval(
      compileTariff(tariff, zone),
      { fromMs: START, toMs: START, quantity: 10, bands: null },
      null,
      counting(),
    );
    expect(priced.lines.map((line) => [line.day, line.quantity])).toEqual([['2026-05-30', 10]]);
  });
});
