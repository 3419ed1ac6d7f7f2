/** What is being entered of an allowance. */
import type { AllowanceRule } from '../../../protocol/allowances.ts';
import { t } from '../i18n/locale.svelte.ts';
import type { command } from '../net/api.ts';

type Params = Omit<Parameters<typeof command<'giveAllowance'>>[1], 'accounts'>;

export class AllowanceForm {
  unit = $state<AllowanceRule['unit']>('kWh');
  amount = $state('');
  per = $state<AllowanceRule['per']>('account');
  period = $state<AllowanceRule['period']>('month');
  unused = $state<AllowanceRule['unused']>('expires');
  tiers = $state<AllowanceRule['tiers']>('counted');
  begins = $state<'now' | 'next'>('now');
  wallet = $state('');
  tried = $state(false);

  constructor(rule: AllowanceRule | null) {
    if (rule === null) return;
    const { unit, amount, per, period, unused, tiers, wallet } = rule;
    Object.assign(this, { unit, amount, per, period, unused, tiers, wallet });
  }

  get #amount(): string {
    return this.amount.normalize('NFKC').trim().replace(',', '.');
  }
  readonly wrong = $derived.by((): string | undefined => {
    const places = this.unit === 'yuan' ? 2 : 3;
    const fits = new RegExp(`^\\d{1,6}(\\.\\d{1,${places}})?$`).test(this.#amount) && Number(this.#amount) > 0;
    return fits ? undefined : t('allowance.amountWrong', { places });
  });

  /** null while something is wrong. */
  params(): Params | null {
    if (this.wrong !== undefined) return null;
    const { unit, per, period, unused, begins, wallet } = this;
    const tiers = unit === 'yuan' ? 'counted' : this.tiers;
    return { unit, amount: this.#amount, per, period, unused, tiers, begins, ...(wallet === '' ? {} : { wallet }) };
  }
}
