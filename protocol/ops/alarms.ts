/** Alarms: active, past, acknowledged, shelved. */
import { z } from 'zod';
import { alarmSchema } from '../wall.ts';
import { everyone, field, id, ok, op, page, reason } from './op.ts';

export const alarmsOps = {
  getAlarms: op({
    kind: 'query',
    method: 'GET',
    path: '/api/alarms',
    who: everyone,
    scope: 'filtered',
    summary: 'Active and unacknowledged alarms',
    params: z.strictObject({}),
    result: z.strictObject({ seq: z.int(), alarms: z.array(alarmSchema) }),
  }),
  getAlarmHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/alarms/history',
    who: everyone,
    scope: 'filtered',
    summary: 'Past alarms, newest first',
    params: z.strictObject({
      fromMs: z.coerce.number().optional(),
      toMs: z.coerce.number().optional(),
      text: z.string().max(80).optional(),
      priority: z.coerce.number().int().min(1).max(3).optional(),
      ...page,
    }),
    result: z.strictObject({ items: z.array(alarmSchema), cursor: z.string().nullable() }),
  }),
  acknowledgeAlarms: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/acknowledge',
    who: field,
    targets: { ids: 'alarm' },
    summary: 'Acknowledge alarms',
    // Each is an event and a record: what one commit holds.
    params: z.strictObject({ ids: z.array(id).min(1).max(300) }),
    result: z.strictObject({ acknowledged: z.int() }),
  }),
  shelveAlarm: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/{alarm}/shelve',
    who: field,
    summary: 'Shelve an alarm for a time, with a reason',
    params: z.strictObject({
      alarm: id,
      reason,
      minutes: z
        .int()
        .min(1)
        .max(7 * 24 * 60),
    }),
    result: ok,
  }),
  unshelveAlarm: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/{alarm}/unshelve',
    who: field,
    summary: 'Take an alarm off the shelf',
    params: z.strictObject({ alarm: id }),
    result: ok,
  }),
} as const;
