/** What the core tells the process that started it, where that gave it a channel: the control room is open, at this port. */
import { z } from 'zod';

export const openedSchema = z.strictObject({
  type: z.literal('opened'),
  host: z.string(),
  port: z.int().min(1).max(65535),
});
export type Opened = z.infer<typeof openedSchema>;
