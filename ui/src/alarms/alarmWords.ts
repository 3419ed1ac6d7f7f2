/** An alarm in words: what, where, which numbers, what to do. */
import type { Alarm } from '../../../protocol/wall.ts';
import { alarmTexts, doubtTexts } from '../i18n/alarms.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { live } from '../net/live.svelte.ts';

export const alarmTitle = (alarm: Alarm): string => alarmTexts[locale.language][alarm.kind].title;
export const alarmTodo = (alarm: Alarm): string => alarmTexts[locale.language][alarm.kind].todo;

export function roomName(room: string | null): string | null {
  return room === null ? null : (live.wall.rooms.get(room)?.name ?? room);
}

export function alarmPlace(alarm: Alarm): string {
  const name = alarm.detail['name'];
  if (alarm.room !== null) return roomName(alarm.room) ?? alarm.room;
  if (alarm.line !== null) return typeof name === 'string' && name !== '' ? name : alarm.line;
  return alarm.meter ?? t('alarms.site');
}

/** A duration in the detail was true when the alarm came up, and has grown since. */
const lastedMs = ({ sinceMs, clearedMs }: Alarm): number =>
  Math.max(0, (clearedMs ?? live.siteNowMs ?? sinceMs) - sinceMs);

/** The numbers of the detail, with their units; names of fields nobody translated are left out. */
export function alarmDetail(alarm: Alarm): string {
  const { detail, meter, kind } = alarm;
  const { write, language } = locale;
  const parts: string[] = [];
  for (const [key, value] of Object.entries(detail)) {
    if (typeof value === 'number') {
      if (key === 'amps' && value > 0) parts.push(`${write.number(value, 2)} A`);
      else if (key === 'seconds') parts.push(write.duration(value * 1000));
      else if (key === 'minutes') parts.push(write.duration(value * 60_000 + lastedMs(alarm)));
      else if (key === 'micro') parts.push(write.moneyChange(value, 6));
      else if (key === 'phase') parts.push(`L${value}`);
      else if (key === 'held') parts.push(t('alarms.held', { count: value }));
      else if (key === 'attempts') parts.push(t('alarms.attempts', { count: value }));
    } else if (value !== '') {
      if (key === 'places') parts.push(value);
      else if (key === 'by') parts.push(t('order.by', { name: value }));
      else if (key === 'why') parts.push(doubtTexts[language][value] ?? value);
      else if (key === 'found') parts.push(t('alarms.found', { number: value }));
      else if (key === 'actor') parts.push(value);
      else if (key === 'reason' && kind === 'lineDead') parts.push(value);
    }
  }
  if (meter !== null) parts.push(meter);
  return parts.join(' · ');
}
