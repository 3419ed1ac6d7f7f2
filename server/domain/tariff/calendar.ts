/** Local days cut into stretches of one version, band and tier period. Compiled once a day; a pulse only compares numbers. */
import { Temporal } from 'temporal-polyfill';
import {
  weekdays,
  type Band,
  type CalendarRule,
  type Tariff,
  type TariffVersion,
  type Tiers,
} from '../../../protocol/tariff.ts';
import { assert } from '../assert.ts';
import { parseQuantity } from '../quantity.ts';

export type TierPeriod = {
  /** YYYY-MM, or the first day of the tier year. */
  readonly name: string;
  /** Upper edges of the tiers but the last, Wh or litres. */
  readonly edges: readonly number[];
  readonly tiers: Tiers;
};

export type Stretch = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Index into the tariff's versions. */
  readonly version: number;
  readonly band: Band;
  /** Tier period the day belongs to; null in a version without tiers. */
  readonly period: TierPeriod | null;
};

export type LocalDay = {
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stretches: readonly Stretch[];
};

const MINUTE_MS = 60_000;
const DAYS_KEPT = 64;

/** Rules with their band edges in minutes after midnight. */
type CompiledRule = {
  readonly rule: CalendarRule;
  readonly starts: readonly { readonly minute: number; readonly band: Band }[];
};
type CompiledTiers = {
  readonly tiers: Tiers;
  readonly edges: readonly { readonly months: readonly number[] | undefined; readonly above: readonly number[] }[];
};

const everyDay: CompiledRule = { rule: { starts: [['00:00', 'flat']] }, starts: [{ minute: 0, band: 'flat' }] };

export class TariffCalendar {
  readonly #zone: string;
  readonly #holidays: Tariff['holidays'];
  readonly #fromMs: readonly number[];
  readonly #rules: readonly (readonly CompiledRule[])[];
  readonly #tiers: readonly (CompiledTiers | null)[];
  readonly #days = new Map<string, LocalDay>();
  #last: LocalDay | null = null;

  constructor(tariff: Tariff, zone: string) {
    this.#zone = zone;
    this.#holidays = tariff.holidays;
    this.#fromMs = tariff.versions.map((version) => instantOf(version, zone));
    this.#rules = tariff.versions.map((version) => version.calendar?.map(compileRule) ?? [everyDay]);
    this.#tiers = tariff.versions.map(({ tiers }) =>
      tiers
        ? { tiers, edges: tiers.edges.map((rule) => ({ months: rule.months, above: rule.above.map(parseQuantity) })) }
        : null,
    );
  }

  /** Instant from which each version holds. */
  get versionsFromMs(): readonly number[] {
    return this.#fromMs;
  }

  /** The tier period at an instant, or the first one to come; null: no version from then on has tiers. */
  periodFrom(atMs: number): TierPeriod | null {
    const later = this.#fromMs.filter((fromMs) => fromMs > atMs);
    for (const fromMs of [Math.max(atMs, this.#fromMs[0] ?? atMs), ...later]) {
      const stretch = this.dayAt(fromMs).stretches.find((one) => one.fromMs <= fromMs && fromMs < one.toMs);
      if (stretch?.period) return stretch.period;
    }
    return null;
  }

  /** The local day an instant lies in. Throws InvariantError before the first version. */
  dayAt(atMs: number): LocalDay {
    if (this.#last && atMs >= this.#last.fromMs && atMs < this.#last.toMs) return this.#last;
    const date = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(this.#zone).toPlainDate();
    const day = date.toString();
    let found = this.#days.get(day);
    if (!found) {
      if (this.#days.size >= DAYS_KEPT) this.#days.clear();
      found = this.#compile(date);
      this.#days.set(day, found);
    }
    this.#last = found;
    return found;
  }

  /** Stretches of [fromMs, toMs), cut to it, with their days; for an empty interval the one stretch at fromMs. */
  *between(
    fromMs: number,
    toMs: number,
  ): Generator<{ readonly day: string; readonly stretch: Stretch; readonly fromMs: number; readonly toMs: number }> {
    let atMs = fromMs;
    do {
      const { day, stretches, toMs: endMs } = this.dayAt(atMs);
      for (const stretch of stretches) {
        if (stretch.toMs <= atMs) continue;
        if (stretch.fromMs >= toMs && stretch.fromMs > fromMs) return;
        assert(stretch.fromMs <= atMs, `the tariff has no version at ${new Date(atMs).toISOString()}`);
        const cutMs = Math.min(stretch.toMs, toMs);
        yield { day, stretch, fromMs: atMs, toMs: cutMs };
        atMs = cutMs;
        if (atMs >= toMs) return;
      }
      assert(atMs === endMs, `the tariff has no version at ${new Date(atMs).toISOString()}`);
    } while (atMs < toMs);
  }

  #compile(date: Temporal.PlainDate): LocalDay {
    const start = date.toZonedDateTime(this.#zone);
    const fromMs = start.epochMilliseconds;
    const toMs = date.add({ days: 1 }).toZonedDateTime(this.#zone).epochMilliseconds;
    const stretches: Stretch[] = [];
    for (const [version, versionFromMs] of this.#fromMs.entries()) {
      const first = Math.max(fromMs, versionFromMs);
      const end = Math.min(toMs, this.#fromMs[version + 1] ?? Infinity);
      if (first < end) this.#cut(stretches, version, date, first, end);
    }
    return { day: date.toString(), fromMs, toMs, stretches };
  }

  /** Bands follow the local clock, also where it jumps: the offset is constant between two clock changes. */
  #cut(out: Stretch[], version: number, date: Temporal.PlainDate, fromMs: number, toMs: number): void {
    const { starts } = this.#ruleOf(version, date);
    const period = this.#tierPeriod(version, date);
    let atMs = fromMs;
    while (atMs < toMs) {
      const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(this.#zone);
      const pieceEnd = Math.min(toMs, zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity);
      const midnightMs = atMs - (zoned.hour * 60 + zoned.minute) * MINUTE_MS - zoned.second * 1000 - zoned.millisecond;
      while (atMs < pieceEnd) {
        const minute = Math.floor((atMs - midnightMs) / MINUTE_MS);
        const next = starts.find((one) => one.minute > minute);
        const band = (starts.findLast((one) => one.minute <= minute) ?? starts.at(-1))?.band;
        assert(band !== undefined, 'a calendar rule has a band');
        const endMs = Math.min(pieceEnd, next ? midnightMs + next.minute * MINUTE_MS : Infinity);
        const last = out.at(-1);
        if (last && last.version === version && last.band === band && last.toMs === atMs)
          out[out.length - 1] = { ...last, toMs: endMs };
        else out.push({ fromMs: atMs, toMs: endMs, version, band, period });
        atMs = endMs;
      }
    }
  }

  #ruleOf(version: number, date: Temporal.PlainDate): CompiledRule {
    const kind = this.#holidays[date.toString()] ?? weekdays[date.dayOfWeek - 1];
    const rule = this.#rules[version]?.find(
      ({ rule: { months, days } }) =>
        (!months || months.includes(date.month)) && (!days || days.some((day) => day === kind)),
    );
    assert(rule !== undefined, `no calendar rule for ${date.toString()}`);
    return rule;
  }

  #tierPeriod(version: number, date: Temporal.PlainDate): TierPeriod | null {
    const compiled = this.#tiers[version];
    if (!compiled) return null;
    const edges = compiled.edges.find(({ months }) => !months || months.includes(date.month))?.above;
    assert(edges !== undefined, `no tier edges for ${date.toString()}`);
    const { tiers } = compiled;
    const day = date.toString();
    if (tiers.per === 'month') return { name: day.slice(0, 7), edges, tiers };
    const year = day.slice(5) >= tiers.starts ? date.year : date.year - 1;
    return { name: `${year}-${tiers.starts}`, edges, tiers };
  }
}

function compileRule(rule: CalendarRule): CompiledRule {
  return {
    rule,
    starts: rule.starts.map(([start, band]) => ({
      minute: Number(start.slice(0, 2)) * 60 + Number(start.slice(3)),
      band,
    })),
  };
}

function instantOf(version: TariffVersion, zone: string): number {
  return Temporal.PlainDateTime.from(version.from).toZonedDateTime(zone).epochMilliseconds;
}
