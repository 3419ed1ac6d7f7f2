/** One title a rule of "Tariffs" and "Money and quantities". */
import { describe, expect, it } from 'vitest';
import { mistakesOf, mistakeText } from '../../protocol/mistake.ts';
import { tariffSchema, type Tariff } from '../../protocol/tariff.ts';
import { parseQuantity } from '../../server/domain/quantity.ts';
import { billReadings, type BillOptions, type BillReading } from '../../server/domain/tariff/bill.ts';

type Version = { from?: string; tiers?: unknown; calendar?: unknown; components?: unknown };
const inputOf = (versions: Version[], holidays: Record<string, string> = {}): unknown => ({
  ...{ id: 't', name: 't', utility: 'electricity', holidays },
  versions: versions.map((one) => ({
    ...{ from: '2026-01-01T00:00', components: [{ name: 'energy', price: '1' }] },
    ...one,
  })),
});
const tariffOf = (...versions: Version[]): Tariff => tariffSchema.parse(inputOf(versions));
function mistakes(versions: Version[], holidays: Record<string, string> = {}): string[] {
  const input = inputOf(versions, holidays);
  const parsed = tariffSchema.safeParse(input);
  return parsed.success ? [] : mistakesOf(parsed.error, input).map(mistakeText);
}

/** "a 01-31T23:00 5 r1": meter, local time (of 2026, or with its year), index, room. */
function readings(rows: readonly string[]): BillReading[] {
  return rows.map((row) => {
    const [meter = '', time = '', index = '', room] = row.split(' ');
    const at = time.length === 'MM-DDTHH:MM'.length ? `2026-${time}` : time;
    return { meter, time: `${at}:00+08:00`, index, ...(room === undefined ? {} : { room }) };
  });
}
/** "a 2026-02-01 2: 5": meter, day, tier, quantity. */
function used(tariff: Tariff, rows: readonly string[], options: Partial<BillOptions> = {}): string[] {
  const all = { multiplier: 1, tierUseBefore: 0, ...options };
  const { lines } = billReadings(tariff, 'Asia/Shanghai', readings(rows), all);
  return lines.map(({ meter, day, tier, quantity }) => `${meter} ${day} ${tier}: ${quantity}`);
}
const monthly = (above: string[], countedPer = 'account'): unknown => ({
  per: 'month',
  countedPer,
  edges: [{ above }],
});

describe('tiers', () => {
  it('a late interval counts in its own period, also when another meter has begun the next one', () => {
    const tariff = tariffOf({ tiers: monthly(['10']) });
    const first = ['a 01-31T20:00 0', 'b 01-31T20:00 0', 'a 01-31T22:00 8', 'a 02-01T01:00 14'];
    expect(used(tariff, [...first, 'b 02-01T00:00 4', 'b 02-01T02:00 14'])).toEqual([
      ...['a 2026-01-31 1: 10', 'a 2026-01-31 2: 2', 'a 2026-02-01 1: 2'],
      ...['b 2026-01-31 2: 4', 'b 2026-02-01 1: 8', 'b 2026-02-01 2: 2'],
    ]);
  });

  it('each version counts as it says: per meter before, per account after', () => {
    const tariff = tariffOf(
      { tiers: monthly(['10'], 'meter') },
      { from: '2026-02-01T00:00', tiers: monthly(['10'], 'account') },
    );
    const first = ['a 01-01T00:00 0', 'b 01-01T00:00 0', 'a 01-01T01:00 8', 'b 01-01T01:00 8'];
    const second = ['a 02-01T00:00 8', 'b 02-01T00:00 8', 'a 02-01T01:00 16', 'b 02-01T01:00 16'];
    expect(used(tariff, [...first, ...second])).toEqual([
      ...['a 2026-01-01 1: 8', 'b 2026-01-01 1: 8'],
      ...['a 2026-02-01 1: 8', 'b 2026-02-01 1: 2', 'b 2026-02-01 2: 6'],
    ]);
  });

  it('counted per room: the meters of a room add up, another room starts at zero', () => {
    const tariff = tariffOf({ tiers: monthly(['10'], 'room') });
    const first = ['a 01-01T00:00 0 r1', 'b 01-01T00:00 0 r1', 'c 01-01T00:00 0 r2'];
    expect(used(tariff, [...first, 'a 01-01T01:00 9 r1', 'b 01-01T01:00 9 r1', 'c 01-01T01:00 9 r2'])).toEqual([
      ...['a 2026-01-01 1: 9', 'b 2026-01-01 1: 1', 'b 2026-01-01 2: 8', 'c 2026-01-01 1: 9'],
    ]);
  });

  it('use before belongs to the period of the first reading, or to the first one with tiers', () => {
    const before = { tierUseBefore: parseQuantity('9') };
    const rows = ['a 01-31T23:00 0', 'a 02-01T00:00 0', 'a 02-01T01:00 5'];
    expect(used(tariffOf({ tiers: monthly(['10']) }), rows, before)).toEqual(['a 2026-02-01 1: 5']);
    const later = tariffOf({}, { from: '2026-02-01T00:00', tiers: monthly(['10']) });
    expect(used(later, rows, before)).toEqual(['a 2026-02-01 1: 1', 'a 2026-02-01 2: 4']);
  });

  it('a version goes on counting in the period, with its own edges', () => {
    const tariff = tariffOf({ tiers: monthly(['10']) }, { from: '2026-01-01T12:00', tiers: monthly(['5']) });
    expect(used(tariff, ['a 01-01T11:00 0', 'a 01-01T12:00 6', 'a 01-01T13:00 8'])).toEqual([
      ...['a 2026-01-01 1: 6', 'a 2026-01-01 2: 2'],
    ]);
  });

  it('months without edges have one tier, and their use counts', () => {
    const edges = [{ months: [12, 1, 2, 3, 4], above: ['10', '20'] }, { above: [] }];
    const tariff = tariffOf({ tiers: { per: 'year', starts: '03-01', edges, add: ['0', '1', '2'] } });
    const rows = ['a 04-30T23:00 0', 'a 05-01T00:00 9', 'a 05-01T01:00 18', 'a 12-01T00:00 18', 'a 12-01T01:00 23'];
    expect(used(tariff, rows)).toEqual([
      ...['a 2026-04-30 1: 9', 'a 2026-05-01 1: 9', 'a 2026-12-01 2: 2', 'a 2026-12-01 3: 3'],
    ]);
  });

  it('a tier year from 29 February begins on 1 March of other years', () => {
    const tariff = tariffOf({ tiers: { per: 'year', starts: '02-29', edges: [{ above: ['10'] }] } });
    expect(used(tariff, ['a 2027-02-28T00:00 0', 'a 2027-03-01T00:00 12', 'a 2027-03-01T12:00 20'])).toEqual([
      ...['a 2027-02-28 1: 10', 'a 2027-02-28 2: 2', 'a 2027-03-01 1: 8'],
    ]);
    expect(used(tariff, ['a 2028-02-28T00:00 0', 'a 2028-02-29T00:00 12', 'a 2028-02-29T12:00 20'])).toEqual([
      ...['a 2028-02-28 1: 10', 'a 2028-02-28 2: 2', 'a 2028-02-29 1: 8'],
    ]);
  });

  it('a large household has more below every edge', () => {
    const household = [
      { heads: 5, more: '5' },
      { heads: 7, more: '8' },
    ];
    const tariff = tariffOf({ tiers: { per: 'month', edges: [{ above: ['10', '20'] }], household } });
    const tiers = (heads: number): (string | undefined)[] =>
      used(tariff, ['a 01-01T00:00 0', 'a 01-01T01:00 40'], { heads }).map((one) => one.split(': ')[1]);
    expect(tiers(4)).toEqual(['10', '10', '20']);
    expect(tiers(5)).toEqual(['15', '10', '15']);
    expect(tiers(6)).toEqual(['15', '10', '15']);
    expect(tiers(9)).toEqual(['18', '10', '12']);
  });

  it('opened in mid-year: whole edges, or a twelfth for every month left', () => {
    const rows = ['a 2026-12-15T00:00 0', 'a 2026-12-15T01:00 20', 'a 2027-03-01T00:00 20', 'a 2027-03-01T01:00 40'];
    const first = (opening: string, openedDay: string | null): (string | undefined)[] =>
      used(tariffOf({ tiers: { per: 'year', starts: '03-01', edges: [{ above: ['12'] }], opening } }), rows, {
        openedDay,
      })
        .filter((one) => one.includes(' 1: '))
        .map((one) => one.split(': ')[1]);
    expect(first('whole', '2026-12-10')).toEqual(['12', '12']);
    // December, January, February: three of twelve; the next year is whole again.
    expect(first('byMonths', '2026-12-10')).toEqual(['3', '12']);
    expect(first('byMonths', '2026-03-01')).toEqual(['12', '12']);
    expect(first('byMonths', '2020-05-05')).toEqual(['12', '12']);
    expect(first('byMonths', null)).toEqual(['12', '12']);
  });
});

describe('readings', () => {
  it('use between two readings of one instant belongs to that instant; no use makes no line', () => {
    const rows = ['a 01-01T23:00 5', 'a 01-02T00:00 5', 'a 01-02T00:00 5', 'a 01-02T00:00 6'];
    expect(used(tariffOf({}), rows)).toEqual(['a 2026-01-02 1: 1']);
  });
});

describe('a tariff file', () => {
  const starts = [['00:00', 'flat']];
  it('needs no last rule for every day where its rules match every day', () => {
    const calendar = [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], starts },
      { days: ['sat', 'sun'], starts },
    ];
    expect(mistakes([{ calendar }])).toEqual([]);
    expect(mistakes([{ calendar }], { '2026-10-01': 'holiday' })).toEqual([
      expect.stringMatching(/^versions\[0\]\.calendar\[1\]: .*none matches holiday in month 10$/),
    ]);
  });

  it('with a gap is refused, and the gap is named', () => {
    expect(mistakes([{ calendar: [{ months: [11, 12, 1, 2], starts }] }])).toEqual([
      expect.stringMatching(/none matches mon in month 3$/),
    ]);
    expect(mistakes([{ tiers: { per: 'month', edges: [{ months: [1, 2, 4], above: ['1'] }] } }])).toEqual([
      expect.stringMatching(/^versions\[0\]\.tiers\.edges\[0\]: .*none matches month 3$/),
    ]);
  });

  it('names no day that does not exist', () => {
    expect(mistakes([{ from: '2026-02-30T00:00' }])).toEqual([
      'versions[0].from: "2026-02-30T00:00": expected a day of the calendar',
    ]);
    expect(mistakes([{ tiers: { per: 'year', starts: '04-31', edges: [{ above: ['1'] }] } }])).toEqual([
      'versions[0].tiers.starts: "04-31": expected a day of the calendar, MM-DD',
    ]);
    expect(mistakes([{}], { '2026-02-29': 'holiday' })).toEqual([
      'holidays.2026-02-29: "holiday": expected a date, YYYY-MM-DD',
    ]);
  });
});
