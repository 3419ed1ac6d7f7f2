/** A timeline entry in words. A kind this page does not know is shown by its own name rather than hidden. */
import { switchActions, type TimelineEntry } from '../../../protocol/ops.ts';
import { causes } from '../../../protocol/wall.ts';
import { controlReason, lockReason } from '../field/controlText.ts';
import { writeEndedText } from '../field/parameterText.ts';
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
  'MeterOnOtherWallet',
  'CreditLimitReached',
  'LeftToItself',
  'MeterMoneyHeld',
  'MeterPricesChosen',
  'ThresholdsSet',
  'CreditLimitSet',
] as const;
const temporaryEnds = ['time', 'debt', 'hand', 'money'] as const;
const withAmount = {
  Recharged: 'amountMicro',
  Refunded: 'amountMicro',
  Reversed: 'amountMicro',
  Transferred: 'amountMicro',
  RefundReserved: 'amountMicro',
  RefundPaid: 'amountMicro',
  RefundReleased: 'amountMicro',
  WalletSettled: 'refundMicro',
} as const;
/** Of a meter: what its words name, indexes as kWh or m³. */
const ofMeter = [
  ...(['MeterTaken', 'MeterReturned', 'MeterSwapped', 'MultiplierChanged', 'MeterConfigured'] as const),
  ...(['TariffChosen', 'TariffTakenUp'] as const),
] as const;

const isPaid = (kind: string): kind is keyof typeof withAmount => Object.hasOwn(withAmount, kind);

export function eventText({ kind, detail, meter }: TimelineEntry): string {
  if (isPaid(kind)) {
    const micro = detail[withAmount[kind]];
    return t(`event.${kind}`, { amount: typeof micro === 'number' ? locale.write.money(micro) : UNKNOWN });
  }
  const known = plain.find((each) => each === kind);
  if (known !== undefined) return t(`event.${known}`);
  const reason = typeof detail['reason'] === 'string' && detail['reason'] !== '' ? `: ${detail['reason']}` : '';
  const own = ofMeter.find((each) => each === kind);
  if (own !== undefined) {
    const index = (name: string): string => {
      const value = detail[name];
      return locale.write.quantity(typeof value === 'number' ? value : null, 2);
    };
    const places = {
      ...{ meter: meter ?? UNKNOWN, index: index('index'), last: index('last'), first: index('first') },
      ...{ tariff: String(detail['tariff'] ?? UNKNOWN), multiplier: String(detail['multiplier'] ?? UNKNOWN) },
    };
    return `${t(`event.${own}`, places)}${reason}`;
  }
  if (kind === 'TagHung' || kind === 'TagLifted') {
    const on = t(`tag.${(['line', 'riser'] as const).find((each) => each === detail['on']) ?? 'room'}`);
    return `${t(`event.${kind}`, { on, holder: String(detail['holder'] ?? UNKNOWN) })}${reason}`;
  }
  if (kind === 'ParameterWriteEnded') return `${writeEndedText(detail)}${reason}`;
  if (kind === 'ControlCut')
    return t('event.ControlCut', {
      plan: String(detail['plan'] ?? ''),
      reason: controlReason(String(detail['why'] ?? '')),
    });
  if (kind === 'SafetyLocked')
    return typeof detail['plan'] === 'string'
      ? t('event.LockedByPlan', { plan: detail['plan'], reason: lockReason(String(detail['why'] ?? 'overload')) })
      : t('event.SafetyLocked');
  if (kind === 'ControlPlanChosen')
    return t('event.ControlPlanChosen', {
      plan: detail['plan'] === '' ? t('common.none') : String(detail['plan'] ?? ''),
    });
  if (kind === 'EmergencyCut') return `${t('event.EmergencyCut')}${reason}`;
  if (kind === 'GroupUndone') return t('event.GroupUndone', { order: String(detail['order'] ?? UNKNOWN) });
  if (kind === 'TemporaryPowerGranted') return `${t('event.TemporaryPowerGranted')}${reason}`;
  if (kind === 'TemporaryPowerEnded') {
    const why = temporaryEnds.find((each) => each === detail['why']);
    return `${t('event.TemporaryPowerEnded', { why: why === undefined ? UNKNOWN : t(`temporary.why.${why}`) })}${reason}`;
  }
  if (kind === 'MeterMoneyResolved' || kind === 'MeterSwapPrepared' || kind === 'MeterSwapCalledOff')
    return `${t(`event.${kind}`)}${reason}`;
  if (kind === 'ChargingModeSet') {
    const mode = (['kept', 'released', 'platform'] as const).find((each) => each === detail['mode']);
    return mode === undefined ? kind : t(`event.ChargingModeSet.${mode}`);
  }
  if (kind === 'MeterWritten')
    return t('event.MeterWritten', {
      count: Number(detail['count'] ?? 0),
      amount: locale.write.money(Number(detail['amountMicro'] ?? 0)),
    });
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
    const { action } = detail;
    const words =
      action === 'release' ? 'quarantine.release' : action === 'correct' ? 'tenancy.correct' : 'quarantine.discard';
    const text = t(words).replace('…', '');
    return `${t('event.QuarantineResolved', { action: text })}${reason}`;
  }
  return kind;
}
