/** What to write into a meter, from a fresh reading in the same exclusive task (rules.md, "Where the money is kept"). */
import { assertNever } from '../assert.ts';
import { priceOf } from '../money.ts';
import { keepsLitres, LITRES_APART, litreMicro } from './volume.ts';
import type { CurrentOrder, Held, MeterSettings, Standing } from './state.ts';

/** The purchase count is 16 bits wide (facts, section 1.3). */
const COUNTS = 0x1_0000;
export const countAfter = (count: number): number => (count + 1) % COUNTS;
export const countBefore = (count: number): number => (count + COUNTS - 1) % COUNTS;

export type WritePlan =
  | { readonly do: 'write'; readonly count: number; readonly remainingMicro: number }
  /** written: it is there already. count: somebody else has written. insufficient: it holds less than is to come back. */
  | { readonly do: 'stop'; readonly why: 'written' | 'count' | 'insufficient' };

export function planWrite({ kind, amountMicro, count }: CurrentOrder, fresh: Standing): WritePlan {
  if (fresh.count === count) return { do: 'stop', why: 'written' };
  if (fresh.count !== countBefore(count)) return { do: 'stop', why: 'count' };
  switch (kind) {
    case 'start':
    case 'empty':
      return { do: 'write', count, remainingMicro: 0 };
    case 'up':
      return { do: 'write', count, remainingMicro: fresh.remainingMicro + amountMicro };
    case 'down': {
      const remainingMicro = fresh.remainingMicro - amountMicro;
      return remainingMicro < 0 ? { do: 'stop', why: 'insufficient' } : { do: 'write', count, remainingMicro };
    }
    default:
      return assertNever(kind);
  }
}

/** What one task saw of the meter; null: nothing was read. `before` and `after` its write. */
export type Seen = { readonly before: Standing | null; readonly after: Standing | null };

/** Steps of the meter's registers and the cent it shows may lie between two readings of the same truth. */
const SLACK_STEPS_UNITS = 20;
const SLACK_MICRO = 20_000;
/** A meter may charge a band edge later than we do, or by another price: what is more than twice our dearest is no use. */
const DEAREST_TIMES = 2;

/** Why the meter cannot have got from the one to the other by use alone; null: it can. */
export function doubtOf(
  settings: MeterSettings,
  from: Standing,
  { index }: Pick<Standing, 'index'>,
  usedMicro: number,
): Held['why'] | null {
  const apartMicro = keepsLitres(settings) ? LITRES_APART * litreMicro(settings) : 0;
  if (usedMicro < -apartMicro) return 'rise';
  return usedMicro > explainedMicro(settings, index - from.index) ? 'fall' : null;
}

/** The most that use of so much can have cost at the meter. */
export function explainedMicro({ pricesMicro }: MeterSettings, quantity: number): number {
  const dearest = Math.max(...pricesMicro);
  return DEAREST_TIMES * priceOf(dearest, Math.max(0, quantity) + SLACK_STEPS_UNITS) + SLACK_MICRO;
}
