/** The content of a proposal as lines of words: what an approver must know before the ids. */
import { channels, switchActions, type OpResult } from '../../../protocol/ops.ts';
import { locale, t } from '../i18n/locale.svelte.ts';

type Name = `approval.${'tenant' | 'rooms' | 'amount' | 'action' | 'end' | 'note' | 'balance'}` | 'money.channel';
type Item = Pick<OpResult<'getApprovals'>['items'][number], 'params' | 'about'>;

export function contentLines({ params, about }: Item): (readonly [Name, string])[] {
  const { write } = locale;
  const { action, channel, untilMs } = params;
  const lines: (readonly [Name, string | null])[] = [
    ['approval.tenant', about.tenant],
    ['approval.rooms', about.rooms.length === 0 ? null : about.rooms.join(', ')],
    ['approval.amount', typeof params.amount === 'string' ? `¥${params.amount}` : null],
    ['money.channel', isOneOf(channels, channel) ? t(`money.channel.${channel}`) : null],
    ['approval.action', isOneOf(switchActions, action) ? t(`switch.${action}`).replace('…', '') : null],
    ['approval.end', typeof untilMs === 'number' ? write.fullDate(untilMs) : null],
    ['approval.note', typeof params.note === 'string' && params.note !== '' ? params.note : null],
    ['approval.balance', about.balanceMicro === null ? null : write.money(about.balanceMicro)],
  ];
  return lines.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}
