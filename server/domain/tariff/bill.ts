/** A whole bill from readings alone: what `npm run price` prints, by the code the wallet runs. */
import type { Tariff } from '../../../protocol/tariff.ts';
import { formatMicro } from '../money.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import { compileTariff, priceInterval, type ChargeLine, type CompiledTariff } from './price.ts';
import { Counters, type CountedPer, type OpenLines } from './state.ts';

export type BillReading = {
  readonly time: string;
  readonly meter: string;
  readonly index: string;
  /** What tiers counted per room add up by; absent: every meter has a room of its own. */
  readonly room?: string;
  /** Band registers (sharp, peak, flat, valley, deep), decimal: they give proportions only. */
  readonly bands?: readonly string[];
};
export type BillOptions = {
  readonly multiplier: number;
  /** Wh or litres counted already in the period of a counter's first reading. */
  readonly tierUseBefore: number;
  /** A split over a longer interval is estimated; absent: none is. */
  readonly freshnessMs?: number;
  readonly heads?: number;
  readonly openedDay?: string | null;
};

export type BillLine = {
  readonly day: string;
  readonly meter: string;
  /** ISO, UTC. */
  readonly from: string;
  readonly to: string;
  readonly version: string;
  readonly band: string;
  readonly tier: number;
  readonly component: string;
  readonly price: string;
  readonly quantity: string;
  readonly amount: string;
  /** Some of it was spread over a longer interval by time. */
  readonly estimated: boolean;
};
export type PrintedBill = {
  readonly tariff: string;
  readonly timeZone: string;
  readonly lines: BillLine[];
  readonly totals: Record<string, string>;
  readonly total: string;
};

export class ReadingError extends Error {
  constructor(row: number, column: string, value: string, expected: string) {
    super(`row ${row}, ${column}: ${JSON.stringify(value)}: expected ${expected}`);
  }
}

type Accumulated = {
  line: ChargeLine;
  meter: string;
  quantity: number;
  amountMicro: number;
  toMs: number;
  estimated: boolean;
};
type Last = {
  readonly atMs: number;
  readonly index: number;
  readonly bands: readonly number[] | null;
  readonly openLines: OpenLines | null;
};

/** Readings in the order in which they arrived; of one meter in order of time. */
export class Billing {
  readonly #tariff: Tariff;
  readonly #compiled: CompiledTariff;
  readonly #timeZone: string;
  readonly #options: BillOptions;
  readonly #last = new Map<string, Last>();
  readonly #counters = new Counters();
  /** Counters that have been given their use before the first reading. */
  readonly #begun = new Set<string>();
  readonly #sums = new Map<string, Accumulated>();
  #row = 0;

  constructor(tariff: Tariff, timeZone: string, options: BillOptions) {
    this.#tariff = tariff;
    this.#timeZone = timeZone;
    this.#options = options;
    this.#compiled = compileTariff(tariff, timeZone);
  }

  /** Throws ReadingError naming the row (1 = first reading). */
  add(reading: BillReading): void {
    const row = (this.#row += 1);
    const now = this.#parse(row, reading);
    const { meter } = reading;
    const before = this.#last.get(meter);
    if (!before) {
      this.#last.set(meter, { ...now, openLines: null });
      return;
    }
    if (now.index < before.index) {
      const least = formatQuantity(before.index);
      throw new ReadingError(row, 'index', reading.index, `not less than the one before of the same meter (${least})`);
    }
    if (now.atMs < before.atMs) {
      const least = new Date(before.atMs).toISOString();
      throw new ReadingError(row, 'time', reading.time, `not earlier than the one before of the same meter (${least})`);
    }
    const quantity = (now.index - before.index) * this.#options.multiplier;
    if (!Number.isSafeInteger(quantity)) throw new ReadingError(row, 'index', reading.index, 'a smaller step');
    const interval = { fromMs: before.atMs, toMs: now.atMs, quantity, bands: increments(before.bands, now.bands) };
    if (before.openLines === null) this.#begin(reading, before.atMs);
    const priced = priceInterval(this.#compiled, interval, before.openLines, {
      used: ({ name, tiers }) => this.#counters.get(whoOf(tiers.countedPer, reading), name),
      heads: () => this.#options.heads ?? 0,
      openedDay: this.#options.openedDay ?? null,
    });
    for (const { countedPer, period, used } of priced.tierUses)
      this.#counters.set(whoOf(countedPer, reading), period, used);
    this.#last.set(meter, { ...now, openLines: priced.openLines });
    const estimated = priced.split && now.atMs - before.atMs > (this.#options.freshnessMs ?? Infinity);
    for (const line of priced.lines) this.#accumulate(meter, line, estimated);
  }

  print(): PrintedBill {
    return print(this.#tariff, this.#timeZone, [...this.#sums.values()]);
  }

  #parse(row: number, reading: BillReading): Omit<Last, 'openLines'> {
    const atMs = parseTime(row, reading.time);
    const [first] = this.#compiled.calendar.versionsFromMs;
    if (first === undefined || atMs < first)
      throw new ReadingError(
        row,
        'time',
        reading.time,
        `not before ${this.#tariff.versions[0]?.from}, when the first version of the tariff begins`,
      );
    if (reading.meter === '') throw new ReadingError(row, 'meter', '', 'the name of a meter');
    return {
      atMs,
      index: parseIndex(row, 'index', reading.index),
      bands: reading.bands?.map((text, band) => parseIndex(row, `band register ${band + 1}`, text)) ?? null,
    };
  }

  #begin(reading: BillReading, atMs: number): void {
    const period = this.#compiled.calendar.periodFrom(atMs);
    if (!period) return;
    const who = whoOf(period.tiers.countedPer, reading);
    if (this.#begun.has(who)) return;
    this.#begun.add(who);
    this.#counters.set(who, period.name, this.#options.tierUseBefore);
  }

  #accumulate(meter: string, line: ChargeLine, estimated: boolean): void {
    const key = [line.day, meter, line.version, line.band, line.tier, line.component].join('\n');
    const { quantity, amountMicro, toMs } = line;
    const sum = this.#sums.get(key);
    if (!sum) this.#sums.set(key, { line, meter, quantity, amountMicro, toMs, estimated });
    else {
      sum.quantity += quantity;
      sum.amountMicro += amountMicro;
      sum.toMs = toMs;
      sum.estimated ||= estimated;
    }
  }
}

export function billReadings(
  tariff: Tariff,
  timeZone: string,
  readings: Iterable<BillReading>,
  options: BillOptions,
): PrintedBill {
  const billing = new Billing(tariff, timeZone, options);
  for (const reading of readings) billing.add(reading);
  return billing.print();
}

const whoOf = (countedPer: CountedPer, { meter, room }: BillReading): string =>
  countedPer === 'account' ? 'account' : countedPer === 'meter' ? `meter ${meter}` : `room ${room ?? meter}`;

function increments(before: readonly number[] | null, now: readonly number[] | null): number[] | null {
  if (!before || !now) return null;
  const steps = now.map((value, band) => value - (before[band] ?? 0));
  return steps.every((step) => step >= 0) ? steps : null;
}

function print(tariff: Tariff, timeZone: string, sums: readonly Accumulated[]): PrintedBill {
  const totals = new Map<string, number>();
  let totalMicro = 0;
  const lines = sums.map(({ line, meter, quantity, amountMicro, toMs, estimated }) => {
    totals.set(line.component, (totals.get(line.component) ?? 0) + amountMicro);
    totalMicro += amountMicro;
    return {
      ...{ day: line.day, meter, from: new Date(line.fromMs).toISOString(), to: new Date(toMs).toISOString() },
      ...{ version: line.version, band: line.band, tier: line.tier, component: line.component },
      ...{ price: formatMicro(line.priceMicro), quantity: formatQuantity(quantity), amount: formatMicro(amountMicro) },
      estimated,
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

const ISO = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseTime(row: number, text: string): number {
  const [, year, month, day] = ISO.exec(text) ?? [];
  // Date.parse takes 30 February for 2 March.
  const isDay = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const atMs = isDay ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs))
    throw new ReadingError(row, 'time', text, 'ISO time with an offset, such as 2026-03-01T22:00:00+08:00');
  return atMs;
}

function parseIndex(row: number, column: string, text: string): number {
  if (!/^\d{1,10}(\.\d{1,3}0*)?$/.test(text))
    throw new ReadingError(row, column, text, 'decimal kWh or m³ with at most three places');
  return parseQuantity(text);
}
