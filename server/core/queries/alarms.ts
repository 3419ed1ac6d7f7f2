/** Answers about alarms. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { alarmSchema, type Alarm } from '../../../protocol/wall.ts';
import type { Core } from '../core.ts';
import { durable, found, type Answers } from './answer.ts';

export const alarmAnswers: Answers<'getAlarms' | 'getAlarmHistory'> = {
  getAlarms: ({ core }) =>
    durable(core, () => found<'getAlarms'>({ seq: core.alarms.seq, alarms: Object.values(core.alarms.alarms) })),
  getAlarmHistory: ({ core }, params) => alarmHistory(core, params),
};

/** Filters while paging: a page may come back short with a cursor, never wrongly ended. */
async function alarmHistory(
  core: Core,
  { fromMs, toMs, text, priority, ...page }: OpParams<'getAlarmHistory'>,
): Promise<OpOutcome> {
  const items: Alarm[] = [];
  const wanted = text?.toLowerCase();
  let cursor = page.cursor;
  for (let rounds = 0; rounds < 20 && items.length < page.limit; rounds++) {
    const result = await core.options.store.range({
      kind: 'alarm',
      index: 'all',
      newestFirst: true,
      limit: page.limit - items.length,
      ...(fromMs === undefined ? {} : { min: fromMs }),
      ...(toMs === undefined ? {} : { max: toMs }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value } of result.items) {
      const alarm = alarmSchema.parse(value);
      const room = alarm.room === null ? '' : (core.directory.rooms.get(alarm.room)?.name ?? '');
      const haystack = `${alarm.id} ${room} ${Object.values(alarm.detail).join(' ')}`.toLowerCase();
      if ((priority === undefined || alarm.priority === priority) && (!wanted || haystack.includes(wanted)))
        items.push(alarm);
    }
    cursor = result.cursor ?? undefined;
    if (cursor === undefined) break;
  }
  return found<'getAlarmHistory'>({ items, cursor: cursor ?? null });
}
