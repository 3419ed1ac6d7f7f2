/** A site's rules of the second person. */
import { z } from 'zod';

/**
 * Present in a site's rules: the second person is asked for. How much is much is the site's business: the defaults are
 * this program's own choice (LOW) and can all be changed.
 */
export const secondPersonSchema = z.strictObject({
  /** Letting the held openings of a mass cut go on. */
  releaseInterlock: z.boolean().default(true),
  /** Switching more meters than this by one person within ten minutes. */
  switchMeters: z.int().min(1).max(100_000).default(20),
  /** Paying back more than this to one account within 24 h, yuan. */
  refundAbove: z
    .string()
    .regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "500.00"')
    .default('500'),
  publishTariff: z.boolean().default(true),
  /** Charging a doubtful reading of more than this, kWh and m³. */
  releaseAboveKwh: z.int().min(0).default(100),
  releaseAboveM3: z.int().min(0).default(10),
  /** So long a proposal may wait, ms. */
  validMs: z
    .int()
    .min(60_000)
    .max(7 * 24 * 3_600_000)
    .default(8 * 3_600_000),
});
export type SecondPerson = z.infer<typeof secondPersonSchema>;
