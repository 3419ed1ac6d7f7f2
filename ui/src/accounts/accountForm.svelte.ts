/** What is being entered of an account: texts as typed, what is wrong with each, and what is sent. */
import type { AccountView } from '../../../protocol/accounts.ts';
import type { channels } from '../../../protocol/ops.ts';
import type { Payment } from '../../../protocol/meterMoney.ts';
import { t } from '../i18n/locale.svelte.ts';
import { readAmount } from '../lib/amount.ts';
import { readDate } from '../lib/dateText.ts';
import { instantOf } from '../lib/siteTime.ts';
import type { command } from '../net/api.ts';
import { WalletPlan, type PlannedWallet } from './walletPlan.svelte.ts';

type Channel = (typeof channels)[number];
type Params = Parameters<typeof command<'saveAccount'>>[1];
export const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
export const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Amounts that may be absent or 0. */
export function money(text: string): string | null {
  const plain = text.normalize('NFKC').trim().replace(',', '.');
  if (plain === '' || /^0(\.0{1,2})?$/.test(plain)) return '0';
  return readAmount(plain)?.text ?? null;
}

export function levels(text: string): string[] | null {
  const parts = text
    .normalize('NFKC')
    .split(/[,;、\s]+/)
    .filter((part) => part !== '');
  if (parts.length === 0 || parts.length > 10 || !parts.every((part) => /^-?\d{1,9}(\.\d{1,2})?$/.test(part)))
    return null;
  return parts.every((part, i) => i === 0 || Number(part) < Number(parts[i - 1])) ? parts : null;
}

export type RoomChoice = { readonly id: string; readonly name: string };

export class AccountForm {
  id = $state('');
  name = $state('');
  kind = $state<'person' | 'company'>('person');
  phone = $state('');
  contact = $state('');
  email = $state('');
  language = $state<'zh' | 'en'>('zh');
  idNumber = $state('');
  invoiceTitle = $state('');
  from = $state('');
  until = $state('');
  note = $state('');
  rooms = $state.raw<readonly RoomChoice[]>([]);
  wallet = $state('');
  payment = $state<Payment>('prepaid');
  creditLimit = $state('');
  thresholds = $state('50, 20, 0');
  overdraft = $state('0');
  rechargeChannel = $state<Channel>('cash');
  deposit = $state('');
  depositChannel = $state<Channel>('cash');
  tried = $state(false);
  readonly walletPlan: WalletPlan;
  readonly isNew: boolean;
  /** Only an account that is not open has something to open. */
  readonly planned: boolean;
  readonly #zone: string;

  constructor(view: AccountView | null, zone: string, dateField: (ms: number | null) => string) {
    this.isNew = view === null;
    this.planned = view === null || view.status === 'draft' || view.status === 'closed';
    this.#zone = zone;
    this.walletPlan = new WalletPlan(view?.plan ?? null);
    if (view === null) return;
    const { details, plan } = view;
    Object.assign(this, { id: view.id, name: view.name, phone: view.phone ?? '' });
    const { contractFromMs, contractUntilMs, ...texts } = details;
    Object.assign(this, texts, { from: dateField(contractFromMs), until: dateField(contractUntilMs) });
    const first = plan?.wallets.find(({ purpose }) => purpose === 'use');
    this.rooms = (plan?.rooms ?? []).map((id) => view.rooms.find((room) => room.id === id) ?? { id, name: id });
    // Of several the numbers begin with it.
    this.wallet = this.walletPlan.split === 'one' ? (first?.id ?? '') : '';
    if (first) {
      this.thresholds = first.thresholds.join(', ');
      this.overdraft = first.overdraft;
    }
    this.payment = plan?.payment ?? 'prepaid';
    if (plan && plan.creditLimit !== '0') this.creditLimit = plan.creditLimit;
    this.rechargeChannel = plan?.wallets.find((one) => one.firstRecharge !== null)?.firstRecharge?.channel ?? 'cash';
    this.deposit = plan?.deposit?.amount ?? '';
    this.depositChannel = plan?.deposit?.channel ?? 'cash';
  }

  /** Number of the one wallet, or what the numbers of several begin with. */
  get #prefix(): string {
    return this.wallet.trim() === '' ? `w-${this.id.trim()}` : this.wallet.trim();
  }
  get plannedWallets(): readonly PlannedWallet[] {
    return this.walletPlan.wallets(this.#prefix);
  }

  /** What is wrong, by field; nothing is shown before the first attempt. */
  readonly wrong = $derived.by((): Readonly<Record<string, string>> => {
    const found: Record<string, string> = {};
    if (!ID.test(this.id.trim())) found.id = t('account.idWrong');
    if (this.name.trim() === '') found.name = t('account.nameMissing');
    if (this.email.trim() !== '' && !EMAIL.test(this.email.trim())) found.email = t('account.emailWrong');
    const from = instantOf(this.from && `${this.from}T00:00`, this.#zone);
    const until = instantOf(this.until && `${this.until}T00:00`, this.#zone);
    for (const field of ['from', 'until'] as const)
      if (this[field] !== '' && readDate(this[field], 'date') === null)
        found[field] = t('date.wrong', { format: t('date.date') });
    if (from !== null && until !== null && until <= from) found.until = t('account.contractWrong');
    if (!this.planned) return found;
    if (this.rooms.length === 0) found.rooms = t('account.roomMissing');
    if (this.wallet.trim() !== '' && !ID.test(this.wallet.trim())) found.wallet = t('account.idWrong');
    const prepaid = this.payment !== 'postpaid';
    if (prepaid && levels(this.thresholds) === null) found.thresholds = t('account.thresholdsWrong');
    for (const field of [prepaid ? 'overdraft' : 'creditLimit', 'deposit'] as const)
      if (money(this[field]) === null) found[field] = t('account.amountWrong');
    if (this.plannedWallets.every(({ purpose }) => purpose === 'fee')) found.split = t('wallet.noMetersYet');
    if (this.plannedWallets.length > 20) found.split = t('wallet.tooMany');
    for (const { id } of this.plannedWallets)
      if (money(this.walletPlan.amounts[id] ?? '') === null) found[`recharge.${id}`] = t('account.amountWrong');
    return found;
  });

  shown(field: string): string | undefined {
    return this.tried ? this.wrong[field] : undefined;
  }

  /** null while something is wrong. Without `plan` only the data is kept. */
  params(withPlan: boolean): Params | null {
    const fields = Object.keys(this.wrong).filter(
      (field) => withPlan || ['id', 'name', 'email', 'from', 'until'].includes(field),
    );
    if (fields.length > 0) return null;
    const { kind, language } = this;
    const id = this.id.trim();
    const deposit = money(this.deposit) ?? '0';
    const texts = {
      ...{ contact: this.contact.trim(), email: this.email.trim(), idNumber: this.idNumber.trim() },
      ...{ invoiceTitle: this.invoiceTitle.trim(), note: this.note.trim() },
    };
    return {
      ...{ account: id, isNew: this.isNew, name: this.name.trim(), phone: this.phone.trim() },
      details: {
        ...{ kind, language, ...texts },
        contractFromMs: instantOf(this.from && `${this.from}T00:00`, this.#zone),
        contractUntilMs: instantOf(this.until && `${this.until}T00:00`, this.#zone),
      },
      plan: withPlan
        ? {
            rooms: this.rooms.map((room) => room.id),
            wallets: this.plannedWallets.map(({ id: wallet, name, purpose }) => {
              const recharge = money(this.walletPlan.amounts[wallet] ?? '') ?? '0';
              return {
                ...{ id: wallet, name, purpose, overdraft: money(this.overdraft) ?? '0' },
                thresholds: levels(this.thresholds) ?? ['0'],
                firstRecharge: recharge === '0' ? null : { amount: recharge, channel: this.rechargeChannel },
              };
            }),
            ...{ payment: this.payment, creditLimit: money(this.creditLimit) ?? '0' },
            meters: this.walletPlan.drawn(this.#prefix),
            deposit: deposit === '0' ? null : { amount: deposit, channel: this.depositChannel },
          }
        : null,
    };
  }
}
