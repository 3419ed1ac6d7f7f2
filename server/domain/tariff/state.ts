/** What a wallet remembers between two charges: compact, plain, and enough to price on without looking back. */
import { z } from 'zod';
import type { Tiers } from '../../../protocol/tariff.ts';
import type { TierPeriod } from './calendar.ts';

/**
 * The charge lines of one meter on one local day: quantity Q and amount A so far. An increment q charges
 * round(price × (Q + q)) − A, so parts sum to the whole (rules.md, "Money and quantities").
 */
export const openLinesSchema = z.strictObject({
  /** Local date, YYYY-MM-DD. */
  day: z.string(),
  lines: z.array(
    z.strictObject({
      version: z.string(),
      band: z.string(),
      tier: z.int(),
      component: z.string(),
      quantity: z.int(),
      amountMicro: z.int(),
    }),
  ),
});
export type OpenLines = z.infer<typeof openLinesSchema>;

/** Use counted in one tier period, Wh or litres. */
export const tierUseSchema = z.strictObject({ period: z.string(), used: z.int() });
export type TierUse = z.infer<typeof tierUseSchema>;
/** Under the key of its counter. */
export const countedTierSchema = z.strictObject({ key: z.string(), ...tierUseSchema.shape });

export type CountedPer = Tiers['countedPer'];
/** One counter of tier use. A late interval counts in its own period, whatever has been counted in later ones. */
export type CountedUse = TierUse & { readonly countedPer: CountedPer };

/** What tiers depend on beside the tariff and the interval. */
export type Counting = {
  /** Use counted so far, Wh or litres. */
  readonly used: (period: TierPeriod) => number;
  /** Persons of the household whose use adds up; 0: not known. */
  readonly heads: (countedPer: CountedPer) => number;
  /** Local day on which the account was opened; null: before any period. */
  readonly openedDay: string | null;
};

/** Counters of one bill, kept in memory. */
export class Counters {
  readonly #used = new Map<string, number>();

  readonly get = (who: string, period: string): number => this.#used.get(`${who} ${period}`) ?? 0;

  set(who: string, period: string, used: number): void {
    this.#used.set(`${who} ${period}`, used);
  }
}
