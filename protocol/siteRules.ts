/** The rules of a site that a manager sets on one form. */
import { z } from 'zod';
import { siteRulesSchema, utilities } from './site.ts';

const s = siteRulesSchema.shape;
const DAY_MS = 24 * 3_600_000;
const notNegative = z.string().regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "1.00"');
export const QUIET_DAYS_MAX = 400;

/** A sum of everything: nothing is left out, so that nothing falls back to a default unseen. */
export const siteRulesFormSchema = z.strictObject({
  quietHours: z
    .array(
      s.quietHours
        .unwrap()
        .element.refine(({ from, to }) => from !== to, { error: 'ends at another time', path: ['to'] }),
    )
    .max(10),
  quietDays: s.quietDays.unwrap().max(QUIET_DAYS_MAX),
  warnBeforeCutMs: s.warnBeforeCutMs.unwrap().max(7 * DAY_MS),
  massCutLimit: s.massCutLimit.unwrap().max(10_000),
  restoreAbove: notNegative,
  thresholdHysteresis: notNegative,
  warningRepeats: s.warningRepeats.unwrap(),
  warningRepeatMs: s.warningRepeatMs.unwrap().max(30 * DAY_MS),
  cutHeldMs: s.cutHeldMs.unwrap().max(30 * DAY_MS),
  vacantState: s.vacantState.unwrap(),
  meterSilentMs: s.meterSilentMs.unwrap().max(DAY_MS),
  /** Which utilities an empty wallet cuts. */
  arrearsCut: z.array(z.enum(utilities)).max(utilities.length),
});
