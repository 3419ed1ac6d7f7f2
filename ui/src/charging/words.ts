/** Money in a meter in words. */
import type { MeterCheck, MeterMoney } from '../../../protocol/meterMoney.ts';
import type { Order } from '../../../protocol/orders.ts';
import { locale, t } from '../i18n/locale.svelte.ts';

export function phaseText({ phase, released, backMicro }: MeterMoney): string {
  if (backMicro !== null) return t('meterMoney.phase.back', { amount: locale.write.money(backMicro) });
  return t(phase === 'running' && !released ? 'meterMoney.phase.kept' : `meterMoney.phase.${phase}`);
}

/** Its purchase count; where it has none, the m³ that its money is. */
export function shownAs(
  { litreMicro }: Pick<MeterMoney, 'litreMicro'>,
  { count, remainingMicro }: NonNullable<MeterMoney['seen']>,
): string {
  if (litreMicro === null) return t('meterMoney.count', { count });
  return `${locale.write.quantity(remainingMicro / litreMicro, 3)} m³`;
}

const told = ['silent', 'wrongNumber', 'notKept'] as const;
export function troubleText({ trouble, orders, phase }: MeterMoney): string {
  if (trouble === null || (orders.length === 0 && phase !== 'settingUp')) return '';
  if (trouble === 'exception') return t('meterMoney.trouble.refused');
  if (trouble === 'timeout' || trouble === 'lineDown' || trouble === 'notHere') return t('meterMoney.trouble.silent');
  const known = told.find((each) => each === trouble);
  return known ? t(`meterMoney.trouble.${known}`) : t('meterMoney.trouble.other', { why: trouble });
}

export function heldText({ held, booked }: MeterMoney): string {
  if (held === null) return '';
  const amount = locale.write.moneyChange(held.seen.remainingMicro - (booked?.remainingMicro ?? 0), 2);
  return t(`meterMoney.why.${held.why}`, { count: held.seen.count, amount });
}

/** Where an order's money is; empty of one whose money is with us. */
export function orderMeterText({ kind, meter }: Pick<Order, 'kind' | 'meter'>): string {
  if (!meter) return '';
  const back = kind === 'refund' && (meter.state === 'waiting' || meter.state === 'done');
  return t(
    back
      ? meter.state === 'waiting'
        ? 'meterMoney.order.waitingBack'
        : 'meterMoney.order.doneBack'
      : `meterMoney.order.${meter.state}`,
  );
}

export function checkText(check: MeterCheck | null): string {
  if (check === null) return t('meterMoney.checkNone');
  const { day, differenceMicro, sameCount } = check;
  if (differenceMicro === null) return t('meterMoney.checkSilent', { day });
  if (sameCount === false) return t('meterMoney.checkCount', { day });
  if (differenceMicro === 0) return t('meterMoney.checkSame', { day });
  return t('meterMoney.checkDiffers', { day, amount: locale.write.moneyChange(differenceMicro, 2) });
}
