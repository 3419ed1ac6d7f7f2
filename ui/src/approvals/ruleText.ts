/** Why something needs a second person, with its numbers in the unit of the rule. */
import type { Approval } from '../../../protocol/approvals.ts';
import { locale, t } from '../i18n/locale.svelte.ts';

export function ruleText({ rule, amount, limit }: Pick<Approval, 'rule' | 'amount' | 'limit'>): string {
  const { write } = locale;
  switch (rule) {
    case 'refund':
      return t('approval.rule.refund', { amount: write.money(amount), limit: write.money(limit) });
    case 'releaseQuarantine':
      return t('approval.rule.releaseQuarantine', {
        amount: write.number((amount ?? 0) / 1000, 2),
        limit: write.number((limit ?? 0) / 1000),
      });
    case 'switchMeters':
      return t('approval.rule.switchMeters', { amount: write.number(amount), limit: write.number(limit) });
    case 'releaseInterlock':
      return t('approval.rule.releaseInterlock', { amount: write.number(amount) });
    default:
      return t(`approval.rule.${rule}`);
  }
}
