/**
 * A meter that keeps m³ and no purchase count (facts, section 1.8). Its money is its litres at the price it was set up with.
 * Instead of a count it has its index: what remains falls by what the index rises, so a reading of both says whether an
 * order is in it, as long as the order is greater than what the two may be apart.
 */
import type { Charging, MeterSettings, Standing } from './state.ts';

/** As a model shows it: `litres` where it keeps m³, and its count and money are nothing then. */
export type Shown = Standing & { readonly litres?: number | undefined };

/** Index and remainder are floats of m³, read as whole litres, and pulses between the two registers: no source, a guess. */
export const LITRES_APART = 10;
/** An order is told from none by its litres alone. */
const ORDER_LITRES_MIN = 3 * LITRES_APART;
/** Up to here a float gives each whole litre back (24 bits, facts §1.8). */
const LITRES_MAX = 8_192_000;
/** Neither with the order nor without it. */
export const NO_COUNT = -1;

export const keepsLitres = ({ unit }: Pick<MeterSettings, 'unit'>): boolean => unit === 'litres';
/** Whole: prices finer than a thousandth of a yuan per m³ are refused (fits.ts). */
export const litreMicro = ({ pricesMicro }: Pick<MeterSettings, 'pricesMicro'>): number => (pricesMicro[0] ?? 0) / 1000;

/** In money, and with the count that its balance stands for. */
export function believed(charging: Charging, { litres, ...shown }: Shown): Standing {
  if (litres === undefined) return shown;
  const count = countOf(charging, litres, shown.index);
  return { ...shown, remainingMicro: Math.round(litres * litreMicro(charging.settings)), count };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= LITRES_APART;

function countOf({ last, current, phase, settings }: Charging, litres: number, index: number): number {
  if (last === null) return 0;
  const usedLitres = Math.max(0, index - last.index);
  const before = last.remainingMicro / litreMicro(settings) - usedLitres;
  // What it holds before its start is written is not ours, and not known.
  const unchanged = phase === 'starting' || near(litres, before) ? last.count : NO_COUNT;
  if (current === null) return unchanged;
  if (current.kind === 'start' || current.kind === 'empty')
    return litres <= LITRES_APART && litres >= -usedLitres - LITRES_APART ? current.count : unchanged;
  const moved = (current.kind === 'up' ? 1 : -1) * (current.amountMicro / litreMicro(settings));
  return near(litres, before + moved) ? current.count : unchanged;
}

/** What of `freeMicro` goes into the meter: whole litres, enough to be told apart, and no more than its float carries. */
export function wholeLitresMicro(settings: MeterSettings, freeMicro: number, inMeterMicro = 0): number {
  const each = litreMicro(settings);
  const litres = Math.min(Math.floor(freeMicro / each), LITRES_MAX - Math.ceil(inMeterMicro / each));
  return Math.abs(litres) < ORDER_LITRES_MIN ? 0 : litres * each;
}

/** What must come out of it so that so much can be paid. */
export const litresUpMicro = (settings: MeterSettings, amountMicro: number): number =>
  Math.max(ORDER_LITRES_MIN, Math.ceil(amountMicro / litreMicro(settings))) * litreMicro(settings);
