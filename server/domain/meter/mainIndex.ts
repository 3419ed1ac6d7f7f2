/** What a main meter showed, kept once per quarter hour: nothing is charged for it, so no charge tells it later. */
import { z } from 'zod';
import type { RecordChange } from '../messages.ts';

const QUARTER_MS = 15 * 60_000;
export const mainIndexSchema = z.strictObject({ meter: z.string(), atMs: z.number(), index: z.number() });

export const mainIndexRecord = (meter: string, atMs: number, index: number): RecordChange => ({
  kind: 'mainIndex',
  id: `${meter}:${Math.floor(atMs / QUARTER_MS)}`,
  value: { meter, atMs, index },
  index: { [`meter:${meter}`]: atMs },
});
