/** What is entered for handing over: who takes over, entered with it or beforehand. One command does the rest. */
import type { AccountRow, AccountView } from '../../../protocol/accounts.ts';
import type { channels } from '../../../protocol/ops.ts';
import { Action } from '../lib/action.svelte.ts';
import { t } from '../i18n/locale.svelte.ts';
import { query } from '../net/api.ts';
import { instantOf } from '../lib/siteTime.ts';
import { EMAIL, ID, money } from './accountForm.svelte.ts';
import type { Closing } from './closing.svelte.ts';

type Channel = (typeof channels)[number];

export class HandOver {
  /** '': a new account is entered. */
  next = $state('');
  id = $state('');
  name = $state('');
  phone = $state('');
  email = $state('');
  /** Dates, YYYY-MM-DD. */
  from = $state('');
  until = $state('');
  channel = $state<Channel>('cash');
  recharge = $state('');
  deposit = $state('');
  tried = $state(false);
  readonly #from: Pick<AccountView, 'id' | 'rooms'>;
  readonly #zone: string;
  readonly action = new Action('handOver');

  constructor(from: Pick<AccountView, 'id' | 'rooms'>, zone: string) {
    this.#from = from;
    this.#zone = zone;
  }

  #day(date: string): number | null {
    return instantOf(date && `${date}T00:00`, this.#zone);
  }

  readonly wrong = $derived.by((): Readonly<Record<string, string>> => {
    const found: Record<string, string> = {};
    if (this.next !== '') return found;
    if (this.name.trim() === '') found.name = t('account.nameMissing');
    if (!ID.test(this.id.trim())) found.id = t('account.idWrong');
    if (this.email.trim() !== '' && !EMAIL.test(this.email.trim())) found.email = t('account.emailWrong');
    const [from, until] = [this.#day(this.from), this.#day(this.until)];
    if (from !== null && until !== null && until <= from) found.until = t('account.contractWrong');
    for (const field of ['recharge', 'deposit'] as const)
      if (money(this[field]) === null) found[field] = t('account.amountWrong');
    return found;
  });
  shown(field: string): string | undefined {
    return this.tried ? this.wrong[field] : undefined;
  }

  /** Entered for these rooms beforehand, or open for them already. */
  async others(): Promise<readonly AccountRow[]> {
    const rows = await Promise.all(
      (['draft', 'open'] as const).map((status) => query('getAccounts', { status, limit: 500 })),
    );
    const rooms = this.#from.rooms.map(({ id }) => id);
    return rows
      .flatMap((answer) => (answer.ok ? answer.value.items : []))
      .filter((row) => row.id !== this.#from.id && row.rooms.some(({ id }) => rooms.includes(id)));
  }

  /** True once it is agreed: it goes on by itself from there. */
  async run(closing: Closing): Promise<boolean> {
    this.tried = true;
    closing.tried = true;
    const typed = closing.typedReadings();
    if (typed === null || Object.keys(this.wrong).length > 0) return false;
    const { channel, note } = closing;
    const answer = await this.action.run({
      ...{ account: this.#from.id, next: this.next === '' ? this.id.trim() : this.next, typed },
      enter: this.next === '' ? this.#entered() : null,
      settlement: { channel, note: note.trim() },
    });
    return answer?.ok === true;
  }

  #entered(): Parameters<Action<'handOver'>['run']>[0]['enter'] {
    const recharge = money(this.recharge) ?? '0';
    const deposit = money(this.deposit) ?? '0';
    return {
      ...{ name: this.name.trim(), phone: this.phone.trim() },
      details: {
        ...{ kind: 'person', contact: '', language: 'zh', idNumber: '', invoiceTitle: '', note: '' },
        ...{ email: this.email.trim(), contractFromMs: this.#day(this.from), contractUntilMs: this.#day(this.until) },
      },
      plan: {
        rooms: this.#from.rooms.map((room) => room.id),
        wallets: [
          {
            id: `w-${this.id.trim()}`,
            firstRecharge: recharge === '0' ? null : { amount: recharge, channel: this.channel },
          },
        ],
        meters: [],
        deposit: deposit === '0' ? null : { amount: deposit, channel: this.channel },
      },
    };
  }
}
