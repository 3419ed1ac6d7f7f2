/** What an interval of use costs: segments of time, through the tiers in time order, line by line (rules.md, "Tariffs"). */
import { bands as bandNames, type Band, type Component, type Tariff } from '../../../protocol/tariff.ts';
import { assert } from '../assert.ts';
import { parseYuan, priceOf } from '../money.ts';
import { apportion } from '../quantity.ts';
import { TariffCalendar, type Stretch } from './calendar.ts';
import type { OpenLines, TierUse } from './state.ts';

export type ChargeLine = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly day: string;
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
  readonly tierUse: TierUse | null;
  readonly totalMicro: number;
  /** The quantity was spread over more than one segment by time. */
  readonly split: boolean;
};

type CompiledComponent = { readonly name: string; readonly priceMicro: (band: Band, tier: number) => number };
type CompiledVersion = { readonly name: string; readonly components: readonly CompiledComponent[] };
type Segment = { readonly day: string; readonly stretch: Stretch; readonly fromMs: number; readonly toMs: number };

export type CompiledTariff = {
  readonly tariff: Tariff;
  readonly calendar: TariffCalendar;
  readonly versions: readonly CompiledVersion[];
  /** What tier use is counted per; null without tiers. */
  readonly countedPer: 'account' | 'meter' | 'room' | null;
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
    countedPer: tariff.versions.findLast((version) => version.tiers)?.tiers?.countedPer ?? null,
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
  tierUse: TierUse | null,
): PricedInterval {
  assert(interval.toMs >= interval.fromMs && interval.quantity >= 0, 'an interval and its use are not negative');
  const segments = [...compiled.calendar.between(interval.fromMs, interval.toMs)];
  const quantities = segments.length === 1 ? [interval.quantity] : spread(interval, segments);
  const bill = new Bill(compiled, openLines, tierUse);
  for (const [i, segment] of segments.entries()) bill.add(segment, quantities[i] ?? 0);
  return bill.result(segments.at(-1)?.day ?? '', quantities.filter((quantity) => quantity > 0).length > 1);
}

/** Use over segments: by the band registers' proportions where these fit, within a band and otherwise by time. */
function spread(interval: Interval, segments: readonly Segment[]): number[] {
  const lengths = segments.map((segment) => segment.toMs - segment.fromMs);
  const registers = interval.bands;
  if (!registers || registers.every((increment) => increment === 0)) return apportion(interval.quantity, lengths);
  const present = (band: number): boolean => segments.some((segment) => segment.stretch.band === bandNames[band]);
  // A register that moved in a band the interval has no time in: the meter's schedule is not the tariff's.
  if (registers.some((increment, band) => increment > 0 && !present(band)))
    return apportion(interval.quantity, lengths);
  const perBand = apportion(interval.quantity, registers);
  const result = segments.map(() => 0);
  for (const [band, quantity] of perBand.entries()) {
    const own = segments.flatMap((segment, i) => (segment.stretch.band === bandNames[band] ? [i] : []));
    if (own.length === 0) continue;
    const parts = apportion(
      quantity,
      own.map((i) => lengths[i] ?? 0),
    );
    for (const [k, i] of own.entries()) result[i] = parts[k] ?? 0;
  }
  return result;
}

type Accumulator = OpenLines['lines'][number];

class Bill {
  readonly #compiled: CompiledTariff;
  readonly #lines: ChargeLine[] = [];
  /** Accumulators by day; the day the interval starts on comes from the wallet. */
  readonly #days = new Map<string, Accumulator[]>();
  #tierUse: TierUse | null;
  #totalMicro = 0;

  constructor(compiled: CompiledTariff, openLines: OpenLines | null, tierUse: TierUse | null) {
    this.#compiled = compiled;
    this.#tierUse = tierUse;
    if (openLines)
      this.#days.set(
        openLines.day,
        openLines.lines.map((line) => ({ ...line })),
      );
  }

  add(segment: Segment, quantity: number): void {
    if (quantity === 0) return;
    const { period, edges } = segment.stretch;
    if (period === null) return this.#charge(segment, 1, quantity);
    let used = this.#tierUse?.period === period ? this.#tierUse.used : 0;
    let left = quantity;
    for (let tier = 1; left > 0; tier++) {
      const edge = edges[tier - 1];
      const part = edge === undefined ? left : Math.min(left, Math.max(0, edge - used));
      if (part > 0) this.#charge(segment, tier, part);
      used += part;
      left -= part;
    }
    this.#tierUse = { period, used };
  }

  result(day: string, split: boolean): PricedInterval {
    return {
      lines: this.#lines,
      openLines: { day, lines: this.#days.get(day) ?? [] },
      tierUse: this.#tierUse,
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

  #accumulator(day: string, version: string, band: string, tier: number, component: string): Accumulator {
    let lines = this.#days.get(day);
    if (!lines) this.#days.set(day, (lines = []));
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
  tierUse: TierUse | null,
): { band: Band; tier: number; version: string; priceMicro: number } | null {
  const first = compiled.calendar.versionsFromMs[0];
  if (first === undefined || atMs < first) return null;
  const [segment] = compiled.calendar.between(atMs, atMs);
  const version = segment && compiled.versions[segment.stretch.version];
  if (!segment || !version) return null;
  const { band, period, edges } = segment.stretch;
  const used = period !== null && tierUse?.period === period ? tierUse.used : 0;
  const above = edges.findIndex((edge) => used < edge);
  const tier = period === null ? 1 : above === -1 ? edges.length + 1 : above + 1;
  return {
    band,
    tier,
    version: version.name,
    priceMicro: version.components.reduce((sum, component) => sum + component.priceMicro(band, tier), 0),
  };
}

/** A version effective before use already charged is refused: that is a correction, posted as a difference. */
export function mayPublish(compiled: CompiledTariff, lastChargedMs: number): 'ok' | 'alreadyCharged' {
  const newest = compiled.calendar.versionsFromMs.at(-1);
  return newest !== undefined && newest < lastChargedMs ? 'alreadyCharged' : 'ok';
}
