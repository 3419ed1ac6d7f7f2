/** A riser: a named set of rooms and meters across floors that one supply pipe or cable feeds. Tagged as a whole. */
import { z } from 'zod';
import { roomSchema } from './site.ts';

const { id, name } = roomSchema.shape;
export const RISER_MEMBERS_MAX = 2_000;
export const riserSchema = z.strictObject({
  id,
  name,
  /** Every meter in them belongs to it, also one described later. */
  rooms: z.array(id).max(RISER_MEMBERS_MAX),
  /** Meters in no room, or alone in theirs. */
  meters: z.array(id).max(RISER_MEMBERS_MAX),
});
export type Riser = z.infer<typeof riserSchema>;
