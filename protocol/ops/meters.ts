/** The life of a meter: swapped, given another multiplier, and what all of them showed at a time. */
import { z } from 'zod';
import { meterSchema } from '../site.ts';
import { meterViewSchema, timelineEntrySchema } from '../views.ts';
import { admins, everyone, id, ok, op, page, reason } from './op.ts';

/** As the meter shows it. */
const reading = z.string().regex(/^\d{1,9}(\.\d{1,3})?$/, 'decimal kWh or m³, such as "1234.56"');

export const indexRowSchema = z.strictObject({
  meter: z.string(),
  room: z.string().nullable(),
  roomName: z.string().nullable(),
  tenant: z.string().nullable(),
  role: meterSchema.shape.role,
  utility: z.enum(['electricity', 'water']),
  multiplier: z.int(),
  /** Primary side, Wh or litres, and when that was; null: nothing is known of then. */
  from: z.strictObject({ index: z.number(), atMs: z.number() }).nullable(),
  to: z.strictObject({ index: z.number(), atMs: z.number() }).nullable(),
  /** What was charged between, over a swap too; of a main meter the difference of its indexes. null: not known. */
  quantity: z.number().nullable(),
});
export type IndexRow = z.infer<typeof indexRowSchema>;

/** Wh or litres, primary side. */
const shown = z.strictObject({ index: z.number(), atMs: z.number() });

export const metersOps = {
  getMeter: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meters/{meter}',
    who: everyone,
    summary: 'A meter: values, its place among others, use since local midnight, last readings',
    params: z.strictObject({ meter: id }),
    result: z.strictObject({
      meter: meterViewSchema,
      lineName: z.string(),
      /** The meter it hangs behind, and how many hang right behind it. */
      upstream: z.string().nullable(),
      behind: z.int(),
      /** null: not known; `sinceMs`: counted from another time than midnight. */
      use: z.strictObject({ today: z.number().nullable(), sinceMs: z.number().nullable() }),
      /** Newest first. */
      readings: z.array(shown),
    }),
  }),
  getMeterTimeline: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meters/{meter}/timeline',
    who: everyone,
    summary: 'What happened to a meter, newest first',
    params: z.strictObject({ meter: id, ...page }),
    result: z.strictObject({ items: z.array(timelineEntrySchema), cursor: z.string().nullable() }),
  }),
  getIndexes: op({
    kind: 'query',
    method: 'GET',
    path: '/api/indexes',
    who: everyone,
    summary: 'The index of every meter at an instant, or at two and what lies between (抄表单)',
    params: z.strictObject({
      fromMs: z.coerce.number(),
      toMs: z.coerce.number(),
      building: id.optional(),
      ...page,
    }),
    result: z.strictObject({ items: z.array(indexRowSchema), total: z.int(), cursor: z.string().nullable() }),
  }),
  swapMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/swap',
    who: admins,
    summary: 'Another meter in the same place: its first reading, and the last one of the meter before',
    params: z.strictObject({
      meter: id,
      last: reading,
      first: reading,
      number: meterSchema.shape.number,
      unitId: meterSchema.shape.unitId,
      profile: meterSchema.shape.profile,
      ct: z.int().min(1).max(9999),
      pt: z.int().min(1).max(9999),
      /** Of a meter that keeps its money: what the old one showed, yuan or m³, below 0 a debt; absent: it came back before. */
      remaining: z
        .string()
        .regex(/^-?\d{1,7}(\.\d{1,3})?$/, 'yuan such as "12.30", or m³ such as "4.125"')
        .optional(),
      /** What was being written into the old one is in that; absent: it is not. */
      hasOrder: z.boolean().optional(),
      reason,
    }),
    result: ok,
  }),
  changeMultiplier: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/multiplier',
    who: admins,
    summary: 'Other transformers: counting goes on from this reading with another multiplier',
    params: z.strictObject({
      meter: id,
      reading,
      ct: z.int().min(1).max(9999),
      pt: z.int().min(1).max(9999),
      reason,
    }),
    result: ok,
  }),
} as const;
