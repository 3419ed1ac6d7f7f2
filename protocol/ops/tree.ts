/** What the tree of meters shows beside each: today's use. */
import { z } from 'zod';
import { everyone, op } from './op.ts';

export const treeOps = {
  getMeterUse: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meter-use',
    who: everyone,
    scope: 'filtered',
    summary: "Each meter's index and its use since local midnight",
    params: z.strictObject({}),
    result: z.strictObject({
      dayMs: z.number(),
      items: z.array(
        z.strictObject({
          meter: z.string(),
          room: z.string().nullable(),
          index: z.number().nullable(),
          /** Wh or litres; null: not known. */
          today: z.number().nullable(),
          /** Counted from another time than midnight: the meter was new, or its index at midnight is not known. */
          sinceMs: z.number().nullable(),
        }),
      ),
    }),
  }),
} as const;
