/** What a wallet remembers between two charges: compact, plain, and enough to price on without looking back. */
import { z } from 'zod';

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
