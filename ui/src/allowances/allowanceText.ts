/** Allowances in words. */
import type { AllowanceRule, AllowanceUnit, AllowanceView, Draw } from '../../../protocol/allowances.ts';
import { locale, t } from '../i18n/locale.svelte.ts';

/** Wh, litres or micro-yuan. */
export function amountText(unit: AllowanceUnit, value: number, places = 2): string {
  const { write } = locale;
  return unit === 'yuan' ? write.money(value) : `${write.quantity(value, places)} ${unitText(unit)}`;
}

export const unitText = (unit: AllowanceUnit): string =>
  unit === 'yuan' ? t('allowance.yuan') : unit === 'm3' ? 'm³' : unit;

/** "30 kWh per room and month" */
export const ruleText = ({
  amount,
  unit,
  per,
  period,
}: Pick<AllowanceRule, 'amount' | 'unit' | 'per' | 'period'>): string =>
  t(`allowance.rule.${per}`, { amount: `${amount} ${unitText(unit)}`, period: t(`allowance.each.${period}`) });

/** What was granted last, or why nothing is. */
export function grantText({ share, granted, from }: Pick<AllowanceView, 'share' | 'granted' | 'from'>): string {
  if (share === 0) return t('allowance.nobody');
  return granted === null ? t('allowance.from', { period: from }) : t('allowance.granted', { period: granted });
}

/** What else it says. */
export const termsText = ({ unit, unused, tiers }: Pick<AllowanceRule, 'unit' | 'unused' | 'tiers'>): string =>
  [t(`allowance.unused.${unused}`), unit === 'yuan' ? '' : t(`allowance.tiers.${tiers}`)]
    .filter((text) => text !== '')
    .join(' · ');

/** What of a charge allowances paid. */
export const paidText = (draws: readonly Draw[]): string =>
  draws
    .map(({ unit, period, quantity, amountMicro }) =>
      t(unit === 'yuan' ? 'allowance.paidYuan' : 'allowance.paid', {
        ...{ period, quantity: amountText(unit, quantity, 3), amount: locale.write.money(amountMicro, 4) },
      }),
    )
    .join(', ');
