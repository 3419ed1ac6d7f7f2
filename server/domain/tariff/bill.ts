/** A whole bill from readings alone: what `npm run price` prints, by the code the wallet runs. */
import type { Tariff } from '../../../protocol/tariff.ts';
import { formatMicro } from '../money.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import { compileTariff, priceInterval, type ChargeLine } from './price.ts';
import type { OpenLines, TierUse } from './state.ts';

export type BillReading = { readonly time: string; readonly meter: string; readonly index: string };

export type BillLine = {
  readonly day: string;
  readonly meter: string;
  /** ISO with the site's offset left to the reader: UTC. */
  readonly from: string;
  readonly to: string;
  readonly version: string;
  readonly band: string;
  readonly tier: number;
  readonly component: string;
  readonly price: string;
  readonly quantity: string;
  readonly amount: string;
};
export type PrintedBill = {
  readonly tariff: string;
  readonly timeZone: string;
  readonly lines: BillLine[];
  readonly totals: Record<string, string>;
  readonly total: string;
};

export class ReadingError extends Error {
  readonly row: number;
  readonly column: keyof BillReading;
  readonly value: string;
  constructor(row: number, column: keyof BillReading, value: string, expected: string) {
    super(`row ${row}, ${column}: ${JSON.stringify(value)}: expected ${expected}`);
    this.row = row;
    this.column = column;
    this.value = value;
  }
}

type Accumulated = { line: ChargeLine; meter: string; quantity: number; amountMicro: number; toMs: number };

/** Prices readings in order. Throws ReadingError naming the row (1 = first reading). */
export function billReadings(
  tariff: Tariff,
  timeZone: string,
  readings: readonly BillReading[],
  options: { multiplier: number; tierUseBefore: number },
): PrintedBill {
  const compiled = compileTariff(tariff, timeZone);
  const last = new Map<string, { atMs: number; index: number; openLines: OpenLines | null }>();
  const uses = new Map<string, TierUse>();
  const sums = new Map<string, Accumulated>();
  for (const [i, reading] of readings.entries()) {
    const atMs = parseTime(i + 1, reading.time);
    const index = parseIndex(i + 1, reading.index);
    const before = last.get(reading.meter);
    if (before && index < before.index)
      throw new ReadingError(
        i + 1,
        'index',
        reading.index,
        `not less than the one before (${formatQuantity(before.index)})`,
      );
    if (before && atMs < before.atMs)
      throw new ReadingError(i + 1, 'time', reading.time, 'not earlier than the one before of the same meter');
    if (!before) {
      last.set(reading.meter, { atMs, index, openLines: null });
      continue;
    }
    const counter = compiled.countedPer === 'account' ? 'account' : reading.meter;
    const interval = {
      fromMs: before.atMs,
      toMs: atMs,
      quantity: (index - before.index) * options.multiplier,
      bands: null,
    };
    const firstUse = (): TierUse | null => {
      const period = compiled.calendar.between(before.atMs, before.atMs).next().value?.stretch.period;
      return period == null ? null : { period, used: options.tierUseBefore };
    };
    const priced = priceInterval(compiled, interval, before.openLines, uses.get(counter) ?? firstUse());
    if (priced.tierUse) uses.set(counter, priced.tierUse);
    last.set(reading.meter, { atMs, index, openLines: priced.openLines });
    for (const line of priced.lines) accumulate(sums, reading.meter, line);
  }
  return print(tariff, timeZone, [...sums.values()]);
}

function accumulate(sums: Map<string, Accumulated>, meter: string, line: ChargeLine): void {
  const key = [line.day, meter, line.version, line.band, line.tier, line.component].join('\n');
  const sum = sums.get(key);
  if (!sum) sums.set(key, { line, meter, quantity: line.quantity, amountMicro: line.amountMicro, toMs: line.toMs });
  else {
    sum.quantity += line.quantity;
    sum.amountMicro += line.amountMicro;
    sum.toMs = line.toMs;
  }
}

function print(tariff: Tariff, timeZone: string, sums: readonly Accumulated[]): PrintedBill {
  const totals = new Map<string, number>();
  let totalMicro = 0;
  const lines = sums.map(({ line, meter, quantity, amountMicro, toMs }) => {
    totals.set(line.component, (totals.get(line.component) ?? 0) + amountMicro);
    totalMicro += amountMicro;
    return {
      ...{ day: line.day, meter, from: new Date(line.fromMs).toISOString(), to: new Date(toMs).toISOString() },
      ...{ version: line.version, band: line.band, tier: line.tier, component: line.component },
      ...{ price: formatMicro(line.priceMicro), quantity: formatQuantity(quantity), amount: formatMicro(amountMicro) },
    };
  });
  return {
    tariff: tariff.id,
    timeZone,
    lines,
    totals: Object.fromEntries([...totals].map(([name, micro]) => [name, formatMicro(micro)])),
    total: formatMicro(totalMicro),
  };
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseTime(row: number, text: string): number {
  const atMs = ISO.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs))
    throw new ReadingError(row, 'time', text, 'ISO time with an offset, such as 2026-03-01T22:00:00+08:00');
  return atMs;
}

function parseIndex(row: number, text: string): number {
  if (!/^\d{1,10}(\.\d{1,3})?$/.test(text))
    throw new ReadingError(row, 'index', text, 'decimal kWh or m³ with at most three places');
  return parseQuantity(text);
}
