/** A timeline entry in words. A kind this page does not know is shown by its own name rather than hidden. */
import { switchActions, type TimelineEntry } from '../../../protocol/ops.ts';
import { causes } from '../../../protocol/wall.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { UNKNOWN } from '../lib/format.ts';

const plain = [
  'MoneyRestored',
  'MoneyExhausted',
  'BreakerOpened',
  'BreakerClosed',
  'SwitchUnconfirmed',
  'MoneyCauseSet',
  'MoneyCauseEnded',
  'ReadingQuarantined',
  'SafetyLocked',
] as const;
const temporaryEnds = ['time', 'debt', 'hand', 'money'] as const;
const withAmount = ['Recharged', 'Refunded', 'Reversed'] as const;

export function eventText({ kind, detail }: TimelineEntry): string {
  const amount = withAmount.find((each) => each === kind);
  if (amount !== undefined) {
    const micro = detail['amountMicro'];
    return t(`event.${amount}`, { amount: typeof micro === 'number' ? locale.write.money(micro) : UNKNOWN });
  }
  const known = plain.find((each) => each === kind);
  if (known !== undefined) return t(`event.${known}`);
  const reason = typeof detail['reason'] === 'string' && detail['reason'] !== '' ? `: ${detail['reason']}` : '';
  if (kind === 'TagHung' || kind === 'TagLifted') {
    const on = t(detail['on'] === 'line' ? 'tag.line' : 'tag.room');
    return `${t(`event.${kind}`, { on, holder: String(detail['holder'] ?? UNKNOWN) })}${reason}`;
  }
  if (kind === 'EmergencyCut') return `${t('event.EmergencyCut')}${reason}`;
  if (kind === 'GroupUndone') return t('event.GroupUndone', { order: String(detail['order'] ?? UNKNOWN) });
  if (kind === 'TemporaryPowerGranted') return `${t('event.TemporaryPowerGranted')}${reason}`;
  if (kind === 'TemporaryPowerEnded') {
    const why = temporaryEnds.find((each) => each === detail['why']);
    return `${t('event.TemporaryPowerEnded', { why: why === undefined ? UNKNOWN : t(`temporary.why.${why}`) })}${reason}`;
  }
  if (kind === 'LowMoneyWarned') return t('event.LowMoneyWarned', { level: Number(detail['level'] ?? 0) });
  if (kind === 'Switched') {
    const action = switchActions.find((each) => each === detail['action']);
    return `${t('event.Switched', { action: action === undefined ? String(detail['action'] ?? UNKNOWN) : t(`action.${action}`) })}${reason}`;
  }
  if (kind === 'CauseEnded') {
    const cause = causes.find((each) => each === detail['cause']);
    return t('event.CauseEnded', { cause: cause === undefined ? UNKNOWN : t(`cause.${cause}`) });
  }
  if (kind === 'QuarantineResolved') {
    const released = detail['action'] === 'release';
    const text = t(released ? 'quarantine.release' : 'quarantine.discard').replace('…', '');
    return `${t('event.QuarantineResolved', { action: text })}${reason}`;
  }
  return kind;
}
