/** The last group order a meter has taken. */
import { z } from 'zod';
import { leftOuts } from '../../../protocol/group.ts';
import { causeEntrySchema, causesSchema } from '../switching.ts';

export const takenBySchema = z.strictObject({
  n: z.int(),
  refusal: z.enum(leftOuts).nullable(),
  /** What it has changed, as it was. */
  before: z.strictObject({ causes: causesSchema, hold: causeEntrySchema.nullable() }),
  undone: z.literal(true).optional(),
});
export type TakenBy = z.infer<typeof takenBySchema>;
