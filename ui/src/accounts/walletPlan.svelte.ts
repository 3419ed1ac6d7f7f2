/** Which wallets open with an account, and which meter draws on which. */
import type { OpeningPlan } from '../../../protocol/accounts.ts';
import { t } from '../i18n/locale.svelte.ts';
import { query } from '../net/api.ts';
import type { RoomChoice } from './accountForm.svelte.ts';

/** kept: entered in another way than this form knows, and left as it is. */
export const splits = ['one', 'utility', 'meter', 'kept'] as const;
export type Split = (typeof splits)[number];
type Meter = { readonly id: string; readonly utility: 'electricity' | 'water'; readonly room: string };
export type PlannedWallet = { readonly id: string; readonly name: string; readonly purpose: 'use' | 'fee' };
type Planned = OpeningPlan['meters'];

export class WalletPlan {
  split = $state<Split>('one');
  fee = $state(false);
  /** First recharges as typed, by wallet. */
  amounts = $state<Record<string, string>>({});
  meters = $state.raw<readonly Meter[]>([]);
  readonly kept: OpeningPlan | null = null;
  #asked = '';

  constructor(plan: OpeningPlan | null) {
    if (plan === null) return;
    const uses = plan.wallets.filter(({ purpose }) => purpose === 'use');
    this.fee = uses.length < plan.wallets.length;
    const [first] = uses;
    const own = (wallet: string): number => plan.meters.filter((one) => one.wallet === wallet).length;
    if (uses.length === 1 && plan.meters.length === 0) this.split = 'one';
    else if (first && uses.every(({ id }) => /-(electricity|water)$/.test(id))) this.split = 'utility';
    else if (uses.every(({ id }) => own(id) === 1)) this.split = 'meter';
    else this.split = 'kept';
    if (this.split === 'kept') this.kept = plan;
    for (const { id, firstRecharge } of plan.wallets) this.amounts[id] = firstRecharge?.amount ?? '';
  }

  /** Meters of tenants in the rooms: asked for when the rooms are others. */
  async load(rooms: readonly RoomChoice[]): Promise<void> {
    const asked = rooms.map(({ id }) => id).join(' ');
    if (asked === this.#asked) return;
    this.#asked = asked;
    const answers = await Promise.all(
      rooms.map(async ({ id, name }) => ({ name, room: await query('getRoom', { room: id }) })),
    );
    if (this.#asked !== asked) return;
    this.meters = answers.flatMap(({ name, room }) =>
      room.ok
        ? room.value.meters
            .filter(({ role }) => role === 'tenant')
            .map(({ id, utility }) => ({ id, utility, room: name }))
        : [],
    );
  }

  /** `prefix`: the number of the one wallet, and what the numbers of several begin with. */
  wallets(prefix: string): PlannedWallet[] {
    if (this.kept !== null && this.split === 'kept') return this.kept.wallets;
    const fee: PlannedWallet[] = this.fee ? [{ id: `${prefix}-fee`, name: t('wallet.feeName'), purpose: 'fee' }] : [];
    return [...this.#uses(prefix), ...fee];
  }

  drawn(prefix: string): Planned {
    if (this.kept !== null && this.split === 'kept') return this.kept.meters;
    if (this.split === 'one') return [];
    return this.meters.map(({ id, utility }) => ({
      ...{ meter: id, tariff: null },
      wallet: this.split === 'utility' ? `${prefix}-${utility}` : walletOf(prefix, id),
    }));
  }

  #uses(prefix: string): PlannedWallet[] {
    const purpose = 'use';
    if (this.split === 'utility')
      return (['electricity', 'water'] as const)
        .filter((utility) => this.meters.some((meter) => meter.utility === utility))
        .map((utility) => ({ id: `${prefix}-${utility}`, name: t(`wall.${utility}`), purpose }));
    if (this.split === 'meter')
      return this.meters.map(({ id, utility, room }) => ({
        ...{ id: walletOf(prefix, id), name: `${room} ${t(`wall.${utility}`)}`.slice(0, 40), purpose },
      }));
    return [{ id: prefix, name: '', purpose }];
  }
}

/** Ids have at most 64 characters. */
const walletOf = (prefix: string, meter: string): string => `${prefix}-${meter}`.slice(-64).replace(/^[._-]+/, '');
