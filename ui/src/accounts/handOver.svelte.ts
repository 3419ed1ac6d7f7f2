/** One tenant moves out and the next one in: entered, opened, handed over, each step once however often it is tried. */
import type { AccountRow, AccountView } from '../../../protocol/accounts.ts';
import { Action } from '../lib/action.svelte.ts';
import { t } from '../i18n/locale.svelte.ts';
import { query, type Failure } from '../net/api.ts';
import { ID, money } from './accountForm.svelte.ts';
import type { Closing } from './closing.svelte.ts';

export const handOverSteps = ['entered', 'opened', 'handedOver'] as const;
type Step = (typeof handOverSteps)[number];

export class HandOver {
  /** '': a new account is entered. */
  next = $state('');
  id = $state('');
  name = $state('');
  phone = $state('');
  recharge = $state('');
  deposit = $state('');
  tried = $state(false);
  done = $state.raw<readonly Step[]>([]);
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);
  readonly #from: Pick<AccountView, 'id' | 'rooms'>;
  readonly #save = new Action('saveAccount');
  readonly #open = new Action('openAccount');
  readonly #close = new Action('closeAccount');

  constructor(from: Pick<AccountView, 'id' | 'rooms'>) {
    this.#from = from;
  }

  readonly wrong = $derived.by((): Readonly<Record<string, string>> => {
    const found: Record<string, string> = {};
    if (this.next !== '') return found;
    if (this.name.trim() === '') found.name = t('account.nameMissing');
    if (!ID.test(this.id.trim())) found.id = t('account.idWrong');
    for (const field of ['recharge', 'deposit'] as const)
      if (money(this[field]) === null) found[field] = t('account.amountWrong');
    return found;
  });
  shown(field: string): string | undefined {
    return this.tried ? this.wrong[field] : undefined;
  }

  /** Entered for these rooms beforehand, or open for them already by an earlier try. */
  async others(): Promise<readonly AccountRow[]> {
    const rows = await Promise.all(
      (['draft', 'open'] as const).map((status) => query('getAccounts', { status, limit: 500 })),
    );
    const rooms = this.#from.rooms.map(({ id }) => id);
    return rows
      .flatMap((answer) => (answer.ok ? answer.value.items : []))
      .filter((row) => row.id !== this.#from.id && row.rooms.some(({ id }) => rooms.includes(id)));
  }

  /** True once the meters are on their way. */
  async run(closing: Closing): Promise<boolean> {
    this.tried = true;
    closing.tried = true;
    const typed = closing.typedReadings();
    if (typed === null || Object.keys(this.wrong).length > 0 || this.busy) return false;
    this.busy = true;
    this.failure = null;
    const all = await this.#steps(closing, typed);
    this.busy = false;
    return all;
  }

  async #steps(closing: Closing, typed: NonNullable<ReturnType<Closing['typedReadings']>>): Promise<boolean> {
    const next = this.next === '' ? this.id.trim() : this.next;
    const entered = this.next !== '' || this.done.includes('entered');
    if (!entered && !this.#did('entered', await this.#save.run(this.#new(next)))) return false;
    const looked = await query('getAccount', { account: next });
    if (!looked.ok) return this.#fail(looked);
    if (looked.value.status !== 'open') {
      const opened = await this.#open.run({ account: next, handOverFrom: this.#from.id });
      if (!this.#did('opened', opened)) return false;
    } else this.done = ['entered', 'opened'];
    const account = await query('getAccount', { account: next });
    if (!account.ok) return this.#fail(account);
    const wallet = account.value.wallets.find(({ purpose, settled }) => purpose === 'use' && !settled);
    if (wallet === undefined) return false;
    const { channel, note } = closing;
    const answer = await this.#close.run({
      ...{ account: this.#from.id, typed, settlement: { channel, note: note.trim() } },
      handOverTo: { account: next, wallet: wallet.id },
    });
    return this.#did('handedOver', answer);
  }

  #did(step: Step, answer: { readonly ok: true } | Failure | null): boolean {
    if (answer === null) return false;
    if (!answer.ok) return this.#fail(answer);
    this.done = handOverSteps.slice(0, handOverSteps.indexOf(step) + 1);
    return true;
  }
  #fail(failure: Failure): false {
    this.failure = failure;
    return false;
  }

  #new(account: string): Parameters<Action<'saveAccount'>['run']>[0] {
    const recharge = money(this.recharge) ?? '0';
    const deposit = money(this.deposit) ?? '0';
    return {
      ...{ account, isNew: true, name: this.name.trim(), phone: this.phone.trim() },
      details: {
        ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '', note: '' },
        ...{ contractFromMs: null, contractUntilMs: null },
      },
      plan: {
        rooms: this.#from.rooms.map((room) => room.id),
        wallets: [
          { id: `w-${account}`, firstRecharge: recharge === '0' ? null : { amount: recharge, channel: 'cash' } },
        ],
        meters: [],
        deposit: deposit === '0' ? null : { amount: deposit, channel: 'cash' },
      },
    };
  }
}
