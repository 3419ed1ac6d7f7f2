/** What an interval of use costs: segments of time, through the tiers in time order, line by line (rules.md, "Tariffs"). */
import { bands as bandNames, type Band, type Component, type Tariff } from '../../../protocol/tariff.ts';
import { assert } from '../assert.ts';
import { parseYuan, priceOf } from '../money.ts';
import { apportion } from '../quantity.ts';
import { TariffCalendar, type Stretch } from './calendar.ts';
import { edgesOf } from './edges.ts';
import type { CountedUse, Counting, OpenLines } from './state.ts';

export type ChargeLine = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly day: string;
  /** Whose tiers it counted in; null: there are none. */
  readonly tierPeriod: string | null;
  readonly version: string;
  readonly band: Band;
  readonly tier: number;
  readonly component: string;
  /** micro-yuan per kWh or m³ */
  readonly priceMicro: number;
  /** Wh or litres */
  readonly quantity: number;
  readonly amountMicro: number;
};

export type Interval = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Wh or litres, primary side. */
  readonly quantity: number;
  /** Increments of the meter's own band registers (sharp, peak, flat, valley, deep): proportions only; null = by time. */
  readonly bands: readonly number[] | null;
};

export type PricedInterval = {
  readonly lines: readonly ChargeLine[];
  readonly openLines: OpenLines;
  /** The counters the use counted in, absolute; the one counted in last comes last. */
  readonly tierUses: readonly CountedUse[];
  readonly totalMicro: number;
  /** The quantity was spread over segments by time alone: with a long interval, an estimate. */
  readonly split: boolean;
};

type CompiledComponent = { readonly name: string; readonly priceMicro: (band: Band, tier: number) => number };
type CompiledVersion = { readonly name: string; readonly components: readonly CompiledComponent[] };
type Segment = { readonly day: string; readonly stretch: Stretch; readonly fromMs: number; readonly toMs: number };

export type CompiledTariff = {
  readonly tariff: Tariff;
  readonly calendar: TariffCalendar;
  readonly versions: readonly CompiledVersion[];
};

export function compileTariff(tariff: Tariff, zone: string): CompiledTariff {
  return {
    tariff,
    calendar: new TariffCalendar(tariff, zone),
    versions: tariff.versions.map((version) => ({
      name: version.from,
      components: version.components.map((component, i) =>
        compileComponent(component, i === 0 ? (version.tiers?.add ?? []).map(parseYuan) : []),
      ),
    })),
  };
}

function compileComponent(component: Component, add: readonly number[]): CompiledComponent {
  const table = new Map<string, number>();
  return {
    name: component.name,
    priceMicro: (band, tier) => {
      const key = `${band}${tier}`;
      let micro = table.get(key);
      if (micro === undefined) {
        micro = parseYuan(priceText(component, band, tier)) + (add[tier - 1] ?? 0);
        table.set(key, micro);
      }
      return micro;
    },
  };
}

function priceText(component: Component, band: Band, tier: number): string {
  const given = component.byTier ? component.byTier[tier - 1] : (component.prices ?? component.price);
  const text = typeof given === 'object' ? given[band] : given;
  assert(text !== undefined, `${component.name} has no price for ${band}, tier ${tier}`);
  return text;
}

/** Throws InvariantError for a time before the first version. */
export function priceInterval(
  compiled: CompiledTariff,
  interval: Interval,
  openLines: OpenLines | null,
  counting: Counting,
): PricedInterval {
  assert(interval.toMs >= interval.fromMs && interval.quantity >= 0, 'an interval and its use are not negative');
  const segments = [...compiled.calendar.between(interval.fromMs, interval.toMs)];
  const { quantities, byTime } = spread(interval, segments);
  const bill = new Bill(compiled, openLines, counting);
  for (const [i, segment] of segments.entries()) bill.add(segment, quantities[i] ?? 0);
  return bill.result(segments.at(-1)?.day ?? '', byTime);
}

type Spread = { readonly quantities: readonly number[]; readonly byTime: boolean };

/** Use over segments: by the band registers' proportions where these fit, within a band and otherwise by time. */
function spread({ quantity, bands: registers }: Interval, segments: readonly Segment[]): Spread {
  if (segments.length === 1) return { quantities: [quantity], byTime: false };
  const present = (band: number): boolean => segments.some((segment) => segment.stretch.band === bandNames[band]);
  // A register that moved in a band the interval has no time in: the meter's schedule is not the tariff's.
  if (
    !registers ||
    registers.every((increment) => increment === 0) ||
    registers.some((increment, band) => increment > 0 && !present(band))
  )
    return spreadByTime(quantity, segments);
  const quantities = segments.map(() => 0);
  let byTime = false;
  for (const [band, part] of apportion(quantity, registers).entries()) {
    const own = segments.flatMap((segment, i) => (segment.stretch.band === bandNames[band] ? [{ i, segment }] : []));
    if (own.length === 0) continue;
    const within = spreadByTime(
      part,
      own.map(({ segment }) => segment),
    );
    byTime ||= within.byTime;
    for (const [k, { i }] of own.entries()) quantities[i] = within.quantities[k] ?? 0;
  }
  return { quantities, byTime };
}

function spreadByTime(quantity: number, segments: readonly Segment[]): Spread {
  const quantities = apportion(
    quantity,
    segments.map((segment) => segment.toMs - segment.fromMs),
  );
  return { quantities, byTime: quantities.filter((part) => part > 0).length > 1 };
}

type Accumulator = OpenLines['lines'][number];

class Bill {
  readonly #compiled: CompiledTariff;
  readonly #lines: ChargeLine[] = [];
  /** Accumulators by day; the day the interval starts on comes from the wallet. */
  readonly #days: { readonly day: string; readonly lines: Accumulator[] }[] = [];
  readonly #counting: Counting;
  #tierUses: CountedUse[] = [];
  #totalMicro = 0;

  constructor(compiled: CompiledTariff, openLines: OpenLines | null, counting: Counting) {
    this.#compiled = compiled;
    this.#counting = counting;
    if (openLines) this.#days.push({ day: openLines.day, lines: openLines.lines.map((line) => ({ ...line })) });
  }

  add(segment: Segment, quantity: number): void {
    if (quantity === 0) return;
    const { period } = segment.stretch;
    if (period === null) return this.#charge(segment, 1, quantity);
    const { countedPer } = period.tiers;
    const edges = edgesOf(period, this.#counting);
    const isOwn = (one: CountedUse): boolean => one.period === period.name && one.countedPer === countedPer;
    let used = this.#tierUses.find(isOwn)?.used ?? this.#counting.used(period);
    let left = quantity;
    for (let tier = 1; left > 0; tier++) {
      const edge = edges[tier - 1];
      const part = edge === undefined ? left : Math.min(left, Math.max(0, edge - used));
      if (part > 0) this.#charge(segment, tier, part);
      used += part;
      left -= part;
    }
    this.#tierUses = [...this.#tierUses.filter((one) => !isOwn(one)), { countedPer, period: period.name, used }];
  }

  result(day: string, split: boolean): PricedInterval {
    return {
      lines: this.#lines,
      openLines: { day, lines: this.#linesOf(day) },
      tierUses: this.#tierUses,
      totalMicro: this.#totalMicro,
      split,
    };
  }

  #charge(segment: Segment, tier: number, quantity: number): void {
    const version = this.#compiled.versions[segment.stretch.version];
    assert(version !== undefined, 'a stretch belongs to a version');
    const { day, fromMs, toMs } = segment;
    const { band } = segment.stretch;
    for (const { name, priceMicro: priceAt } of version.components) {
      const priceMicro = priceAt(band, tier);
      const line = this.#accumulator(day, version.name, band, tier, name);
      const amountMicro = priceOf(priceMicro, line.quantity + quantity) - line.amountMicro;
      line.quantity += quantity;
      line.amountMicro += amountMicro;
      this.#totalMicro += amountMicro;
      this.#lines.push({
        fromMs,
        toMs,
        day,
        tierPeriod: segment.stretch.period?.name ?? null,
        version: version.name,
        band,
        tier,
        component: name,
        priceMicro,
        quantity,
        amountMicro,
      });
    }
  }

  /** Nearly always there is one day. */
  #linesOf(day: string): Accumulator[] {
    let open = this.#days.find((one) => one.day === day);
    if (!open) this.#days.push((open = { day, lines: [] }));
    return open.lines;
  }

  #accumulator(day: string, version: string, band: string, tier: number, component: string): Accumulator {
    const lines = this.#linesOf(day);
    let line = lines.find(
      (one) => one.version === version && one.band === band && one.tier === tier && one.component === component,
    );
    if (!line) lines.push((line = { version, band, tier, component, quantity: 0, amountMicro: 0 }));
    return line;
  }
}

/** What the next unit costs: band, tier and the sum of the components' prices. */
export function priceNow(
  compiled: CompiledTariff,
  atMs: number,
  counting: Counting,
): { band: Band; tier: number; version: string; priceMicro: number } | null {
  const first = compiled.calendar.versionsFromMs[0];
  if (first === undefined || atMs < first) return null;
  const [segment] = compiled.calendar.between(atMs, atMs);
  const version = segment && compiled.versions[segment.stretch.version];
  if (!segment || !version) return null;
  const { band, period } = segment.stretch;
  const used = period === null ? 0 : counting.used(period);
  const tier = period === null ? 1 : edgesOf(period, counting).filter((edge) => used >= edge).length + 1;
  return {
    band,
    tier,
    version: version.name,
    priceMicro: version.components.reduce((sum, component) => sum + component.priceMicro(band, tier), 0),
  };
}
