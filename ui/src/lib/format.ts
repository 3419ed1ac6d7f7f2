/** Numbers as people read them. Money and quantities come as integers and never pass through a float. */
import type { Language } from '../i18n/translate.ts';

/** What is not known. */
export const UNKNOWN = '—';

const tags: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' };

/** An integer of 10^-places as a decimal string: (18420000, 6) → "18.420000". */
export function decimal(value: number, places: number): `${number}` {
  if (!Number.isSafeInteger(value)) throw new Error(`not an integer: ${value}`);
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const text = places === 0 ? whole : `${whole}.${digits.slice(digits.length - places)}`;
  return `${value < 0 ? '-' : ''}${text}` as `${number}`;
}

type Unit = 'second' | 'minute' | 'hour' | 'day';
const unitMs: Readonly<Record<Unit, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export class Writer {
  readonly #tag: string;
  readonly #zone: string;
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #dates = new Map<string, Intl.DateTimeFormat>();

  constructor(language: Language, timeZone: string) {
    this.#tag = tags[language];
    this.#zone = timeZone;
  }

  /** Yuan from micro-yuan. A balance is cut down to the cent, so that no one reads money that is not there. */
  money(micro: number | null, places = 2): string {
    if (micro === null) return UNKNOWN;
    const text = this.#exact(decimal(micro, 6), places, places <= 2 ? 'floor' : 'halfExpand');
    return text.startsWith('−') ? `−¥${text.slice(1)}` : `¥${text}`;
  }

  /** For a place too small for the yuan: thousands, cut down like any balance; null below a thousand. */
  moneyShort(micro: number): string | null {
    const hundreds = Math.floor(micro / 100_000_000);
    if (hundreds < 10) return null;
    return `¥${hundreds < 100 ? decimal(hundreds, 1) : Math.floor(hundreds / 10)}k`;
  }

  /** Signed, with the four places a single charge needs. */
  moneyChange(micro: number, places = 4): string {
    const text = this.#exact(decimal(Math.abs(micro), 6), places, 'halfExpand');
    return `${micro < 0 ? '−' : '+'}${text}`;
  }

  /** kWh from Wh, m³ from litres. */
  quantity(value: number | null, places: number): string {
    return value === null ? UNKNOWN : this.#exact(decimal(value, 3), places, 'halfExpand');
  }

  /** Any measured number. */
  number(value: number | null, places = 0): string {
    return value === null ? UNKNOWN : this.#format(places, 'halfExpand').format(value).replace('-', '−');
  }

  percent(ratio: number | null, places = 0): string {
    return ratio === null ? UNKNOWN : `${this.number(ratio * 100, places)} %`;
  }

  time(ms: number | null): string {
    return this.#date('time', ms, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  }

  hour(ms: number | null): string {
    return this.#date('hour', ms, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  dateTime(ms: number | null): string {
    return this.#date('dateTime', ms, {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  }

  date(ms: number | null): string {
    return this.#date('date', ms, { year: 'numeric', month: 'short', day: 'numeric' });
  }

  fullDate(ms: number | null): string {
    return this.#date('full', ms, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** To the second, for what may be asked about years later. */
  stamp(ms: number | null): string {
    return this.#date('stamp', ms, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Two units at most and no more precision than a person acts on: 4 s, 3 min, 2 h, 5 days. */
  duration(ms: number | null): string {
    if (ms === null) return UNKNOWN;
    const size = Math.abs(ms);
    if (size < unitMs.minute) return this.#unit(Math.floor(size / unitMs.second), 'second');
    if (size < unitMs.hour) return this.#unit(Math.floor(size / unitMs.minute), 'minute');
    if (size < 2 * unitMs.day) return this.#unit(Math.floor(size / unitMs.hour), 'hour');
    return this.#unit(Math.floor(size / unitMs.day), 'day');
  }

  /** Compares names as this language sorts them, "2" before "10". */
  readonly compare = (a: string, b: string): number => a.localeCompare(b, this.#tag, { numeric: true });

  #unit(value: number, unit: Unit): string {
    const key = `unit:${unit}`;
    const made =
      this.#numbers.get(key) ?? new Intl.NumberFormat(this.#tag, { style: 'unit', unit, unitDisplay: 'short' });
    this.#numbers.set(key, made);
    return made.format(value);
  }

  #exact(text: `${number}`, places: number, rounding: 'floor' | 'halfExpand'): string {
    return this.#format(places, rounding).format(text).replace('-', '−');
  }

  #format(places: number, roundingMode: 'floor' | 'halfExpand'): Intl.NumberFormat {
    const key = `${places}:${roundingMode}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const made = new Intl.NumberFormat(this.#tag, {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
      roundingMode,
    });
    this.#numbers.set(key, made);
    return made;
  }

  #date(key: string, ms: number | null, options: Intl.DateTimeFormatOptions): string {
    if (ms === null) return UNKNOWN;
    const known = this.#dates.get(key) ?? new Intl.DateTimeFormat(this.#tag, { ...options, timeZone: this.#zone });
    this.#dates.set(key, known);
    return known.format(ms);
  }
}
