/** Work tags on a room, a line or a riser: nothing closes a breaker under one. A tag on a single meter is a cause of that meter. */
import { z } from 'zod';

export const tagSchema = z.strictObject({
  id: z.string(),
  on: z.strictObject({ kind: z.enum(['room', 'line', 'riser']), id: z.string() }),
  /** Login name of who hung it: lifts it, and so may every manager. */
  by: z.string(),
  /** Who works there, and how to reach them. */
  holder: z.string(),
  phone: z.string(),
  reason: z.string(),
  sinceMs: z.int(),
});
export type Tag = z.infer<typeof tagSchema>;
