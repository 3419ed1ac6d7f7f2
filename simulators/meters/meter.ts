/** What every virtual meter has in common. */
import type { LocalTime } from '../clock.ts';
import type { MeterFaults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { RegisterDevice } from '../slave.ts';
import type { SavedMeter } from './saved.ts';

export const models = ['ddsy1352', 'dtsy1352', 'sdm120', 'sdm630', 'xintai'] as const;
export type Model = (typeof models)[number];

export type Moment = { readonly siteMs: number; readonly monoMs: number };

/** What hangs behind the meter: watts, or litres an hour, constant within each minute of local time. */
export type Load = (localMs: number) => number;

export type MeterOptions = {
  readonly unitId: number;
  /** Twelve digits at most. */
  readonly number: string;
  readonly load: Load;
  readonly local: LocalTime;
  /** For voltage ripple, phase shares and the like. */
  readonly seed: number;
  /** For faults. */
  readonly random: Random;
  /** Values may change while running. */
  readonly faults: MeterFaults;
  readonly pt?: number;
  readonly ct?: number;
  /** Index at the first start, Wh or litres. */
  readonly startIndex?: number;
};

export type VirtualMeter = RegisterDevice & {
  readonly model: Model;
  readonly unitId: number;
  readonly faults: MeterFaults;
  /** Integrates the load up to this moment, which is never before the last one; the first one only sets the start. */
  readonly advance: (now: Moment) => void;
  /** Goes to any moment without drawing anything on the way. */
  readonly skipTo: (now: Moment) => void;
  /** The cumulative register goes back to zero, as after a repair or a reset over the bus. */
  readonly resetIndex: () => void;
  /** Wh or litres, and whether anything can flow: for people and tests, not on the wire. */
  readonly look: () => { readonly index: number; readonly conducting: boolean };
  readonly save: () => SavedMeter;
};

const MINUTE_MS = 60_000;

/**
 * Calls `slice` once for each whole or partial minute of `from…to`, with its middle and its length, so that what is
 * integrated does not depend on how often somebody polls.
 */
export function eachMinute(fromMs: number, toMs: number, slice: (middleMs: number, lengthMs: number) => void): void {
  let at = fromMs;
  while (at < toMs) {
    const end = Math.min(toMs, (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS);
    slice((at + end) / 2, end - at);
    at = end;
  }
}

export const HOUR_MS = 3_600_000;
