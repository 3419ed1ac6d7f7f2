/** Pricing against an oracle that walks minute by minute with the platform's own calendar (Intl) and big integers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tariffSchema, weekdays, type Band, type Tariff } from '../../protocol/tariff.ts';
import { compileTariff, priceInterval } from '../../server/domain/tariff/price.ts';
import type { CountedUse, OpenLines } from '../../server/domain/tariff/state.ts';
import { counting } from './counting.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
const zones = ['Europe/Berlin', 'Asia/Shanghai', 'America/St_Johns', 'Australia/Lord_Howe'] as const;
/** Around both clock changes of the north and the south, a new year, a month's end, a tier year's start. */
const around = ['2026-03-28', '2026-10-24', '2026-04-04', '2026-10-03', '2026-12-31', '2026-06-30'] as const;
const bandNames: readonly Band[] = ['sharp', 'peak', 'flat', 'valley', 'deep'];

const price = fc.integer({ min: 0, max: 2_000_000 }).map((micro) => (micro / 1e6).toFixed(6));
const hhmm = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const starts = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 0, max: DAY_MINUTES - 1 }), { minLength: 1, maxLength: 5 }), fc.nat(4))
  .map(([minutes, shift]) =>
    [...minutes]
      .sort((a, b) => a - b)
      .map((minute, i): [string, Band] => [hhmm(minute), bandNames[(i + shift) % 5] ?? 'flat']),
  );
const rules = fc
  .tuple(
    fc.array(
      fc.record({
        starts,
        months: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), { nil: undefined }),
        days: fc.option(fc.uniqueArray(fc.constantFrom(...weekdays, 'holiday' as const), { minLength: 1 }), {
          nil: undefined,
        }),
      }),
      { maxLength: 2 },
    ),
    starts,
  )
  .map(([some, last]) => [...some.map((rule) => JSON.parse(JSON.stringify(rule)) as object), { starts: last }]);
const tiers = fc
  .record({
    per: fc.constantFrom('month' as const, 'year' as const),
    starts: fc.constantFrom('01-01', '07-01', '10-25'),
    lower: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
    summer: fc.option(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))),
    add: fc.tuple(price, price, price),
  })
  .map(({ per, starts: from, lower, summer, add }) => {
    const above = ([a, b]: [number, number]): string[] => [String(a), String(a + b)];
    const edges = [...(summer ? [{ months: [4, 10], above: above(summer) }] : []), { above: above(lower) }];
    return { per, starts: from, edges, add };
  });
const version = (from: string): fc.Arbitrary<object> =>
  fc
    .record({ rules, tiers: fc.option(tiers), prices: fc.tuple(price, price, price, price, price), flat: price })
    .map(({ rules: calendar, tiers: steps, prices, flat }) => ({
      from,
      calendar,
      components: [
        { name: 'energy', prices: Object.fromEntries(bandNames.map((band, i) => [band, prices[i]])) },
        { name: 'fund', price: flat },
      ],
      ...(steps ? { tiers: steps } : {}),
    }));

type Case = { zone: string; tariff: Tariff; startMs: number; parts: number[]; whAMinute: number };
const cases: fc.Arbitrary<Case> = fc
  .record({
    zone: fc.constantFrom(...zones),
    day: fc.constantFrom(...around),
    first: version('2025-01-01T00:00'),
    clock: fc.constantFrom('00:00', '02:30', '17:07'),
    seed: fc.nat(2),
    holiday: fc.constantFrom('holiday' as const, 'mon' as const, 'sun' as const),
    offset: fc.integer({ min: 0, max: DAY_MINUTES }),
    parts: fc.array(fc.integer({ min: 1, max: 1_700 }), { minLength: 1, maxLength: 4 }),
    whAMinute: fc.integer({ min: 1, max: 60 }),
  })
  .chain((one) =>
    version(`${one.day}T${one.clock}`).map((second) => ({
      zone: one.zone,
      tariff: tariffSchema.parse({
        ...{ id: 't', name: 't', utility: 'electricity', holidays: { [one.day]: one.holiday } },
        versions: one.seed === 0 ? [one.first] : [one.first, second],
      }),
      startMs: Date.parse(`${one.day}T00:00Z`) - DAY_MINUTES * MINUTE + one.offset * MINUTE,
      parts: one.parts,
      whAMinute: one.whAMinute,
    })),
  );

type Sums = Record<string, { quantity: number; amountMicro: bigint }>;

/** What each line holds, walked minute by minute. */
function oracle({ zone, tariff, startMs, parts, whAMinute }: Case): Sums {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const lines: Sums = {};
  const prices = new Map<string, bigint>();
  let used = 0;
  let period = '';
  const micro = (text: string): bigint => BigInt(Math.round(Number(text) * 1e6));
  const minutes = parts.reduce((sum, part) => sum + part, 0);
  for (let minute = 0; minute < minutes; minute++) {
    const [day = '', time = ''] = clock.format(startMs + minute * MINUTE).split(' ');
    const inForce = tariff.versions.filter((one) => one.from <= `${day}T${time}`).at(-1)!;
    const month = Number(day.slice(5, 7));
    const kind = tariff.holidays[day] ?? weekdays[(new Date(`${day}T12:00Z`).getUTCDay() + 6) % 7]!;
    const rule = inForce.calendar!.find(
      (one) => (!one.months || one.months.includes(month)) && (!one.days || one.days.includes(kind)),
    )!;
    const band = (rule.starts.filter(([start]) => start <= time).at(-1) ?? rule.starts.at(-1)!)[1];
    const steps = inForce.tiers;
    let left = whAMinute;
    let edges: number[] = [];
    if (steps) {
      edges = steps.edges
        .find((one) => !one.months || one.months.includes(month))!
        .above.map((kwh) => Number(kwh) * 1000);
      const year = Number(day.slice(0, 4)) - (day.slice(5) < steps.starts ? 1 : 0);
      const now = steps.per === 'month' ? day.slice(0, 7) : `year ${year} from ${steps.starts}`;
      if (now !== period) used = 0;
      period = now;
    }
    while (left > 0) {
      const tier = steps ? edges.filter((edge) => used >= edge).length + 1 : 1;
      const part = Math.min(left, steps ? (edges[tier - 1] ?? Infinity) - used : left);
      for (const [i, component] of inForce.components.entries()) {
        const key = [day, inForce.from, band, tier, component.name].join(' ');
        const add = i === 0 && steps?.add ? micro(steps.add[tier - 1]!) : 0n;
        prices.set(key, micro(component.price ?? component.prices![band]!) + add);
        lines[key] = { quantity: (lines[key]?.quantity ?? 0) + part, amountMicro: 0n };
      }
      if (steps) used += part;
      left -= part;
    }
  }
  for (const [key, line] of Object.entries(lines))
    line.amountMicro = (prices.get(key)! * BigInt(line.quantity) * 2n + 1000n) / 2000n;
  return lines;
}

function priced({ zone, tariff, startMs, parts, whAMinute }: Case): Sums {
  const compiled = compileTariff(tariff, zone);
  const lines: Sums = {};
  let fromMs = startMs;
  let open: OpenLines | null = null;
  let uses: readonly CountedUse[] = [];
  for (const minutes of parts) {
    const toMs = fromMs + minutes * MINUTE;
    const result = priceInterval(
      compiled,
      { fromMs, toMs, quantity: minutes * whAMinute, bands: null },
      open,
      counting(uses),
    );
    for (const line of result.lines) {
      const key = [line.day, line.version, line.band, line.tier, line.component].join(' ');
      const sum = (lines[key] ??= { quantity: 0, amountMicro: 0n });
      sum.quantity += line.quantity;
      sum.amountMicro += BigInt(line.amountMicro);
    }
    open = result.openLines;
    uses = [...uses, ...result.tierUses];
    fromMs = toMs;
  }
  return lines;
}

describe('pricing through clock changes, versions, holidays and tiers', () => {
  it('is line by line what the minute-by-minute oracle says, in four zones, however readings fall', () => {
    fc.assert(
      fc.property(cases, (one) => {
        expect(priced(one)).toEqual(oracle(one));
      }),
      { numRuns: 60 },
    );
  });

  it('a day of 23 and one of 25 hours are charged by what they have', () => {
    const tariff = tariffSchema.parse({
      ...{ id: 't', name: 't', utility: 'electricity' },
      versions: [
        {
          from: '2026-01-01T00:00',
          calendar: [
            {
              starts: [
                ['00:00', 'valley'],
                ['06:00', 'peak'],
              ],
            },
          ],
          components: [{ name: 'energy', prices: { valley: '0.1', peak: '0.2' } }],
        },
      ],
    });
    const compiled = compileTariff(tariff, 'Europe/Berlin');
    const day = (from: string, to: string): unknown => {
      const interval = { fromMs: Date.parse(from), toMs: Date.parse(to) };
      const hours = (interval.toMs - interval.fromMs) / 3_600_000;
      const { lines } = priceInterval(
        compiled,
        { ...interval, quantity: hours * 1_000, bands: null },
        null,
        counting(),
      );
      return lines.map((line) => [line.band, line.quantity]);
    };
    expect(day('2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00')).toEqual([
      ['valley', 5_000],
      ['peak', 18_000],
    ]);
    expect(day('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00')).toEqual([
      ['valley', 7_000],
      ['peak', 18_000],
    ]);
  });
});
