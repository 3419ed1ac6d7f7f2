/** Accounts that open and close: the actors, the configuration that follows them, and who is shown in a room. */
import type { AllowanceRule } from '../../protocol/allowances.ts';
import type { ConfigValue } from '../domain/config.ts';
import type { Send, TenancyMessage } from '../domain/messages.ts';
import { decideTenancy } from '../domain/tenancy/decide.ts';
import { outstandingOfTenancy } from '../domain/tenancy/outstanding.ts';
import { initialTenancy, type TenancyEvent, type TenancyState } from '../domain/tenancy/state.ts';
import { grantsIn } from '../domain/wallet/temporary.ts';
import { attach, detach } from '../domain/meter/place.ts';
import { standingMicro } from '../domain/wallet/standing.ts';
import { usedIn, type WalletState } from '../domain/wallet/state.ts';
import type { Ref } from '../runtime/actor.ts';
import type { Core } from './core.ts';

const none: readonly AllowanceRule[] = [];
type Cell = { state: TenancyState; readonly ref: Ref<TenancyMessage> };

/** The wallet of what is measured in a room, or by a public meter, that no tenant pays. */
const OWNER = 'owner-';
/** `place`: a room, or a meter in none. */
export const ownerWallet = (place: string): string => `${OWNER}${place}`;
export const placeOfOwnerWallet = (wallet: string): string => wallet.slice(OWNER.length);

export class Tenancies {
  readonly #core: Core;
  readonly #cells = new Map<string, Cell>();

  constructor(core: Core) {
    this.#core = core;
  }

  load(id: string, state: TenancyState): void {
    this.#add(id, state);
  }

  /** Of an account that came with the site file, and has not changed since: the initial state. */
  state(id: string): TenancyState {
    return this.#cells.get(id)?.state ?? initialTenancy;
  }

  /** When its tenant moved in; null: before Wattroom. */
  openedMs(id: string): number | null {
    const { openedMs, move } = this.state(id);
    if (move?.takenOver) return move.takenOver.sinceMs;
    return move?.kind === 'open' && move.whole ? move.sinceMs : openedMs;
  }

  /** What any wallet has counted in a counter: of one that is handed on, the last holder's is the greatest. */
  usedBefore(key: string, period: string): number {
    const { wallets } = this.#core;
    return [...wallets.values()].reduce((most, { state }) => Math.max(most, usedIn(state, key, period) ?? 0), 0);
  }

  tell(id: string, message: TenancyMessage): void {
    const cell = this.#cells.get(id) ?? this.#add(id, initialTenancy);
    this.#core.actors.tell(cell.ref, message);
  }

  /** Of the account that has the room. */
  walletsOf(room: string): string[] {
    return this.#core.directory.all('account').flatMap((one) => (one.rooms.includes(room) ? one.wallets : []));
  }

  /** The account whose opening or closing the meter is in; null: none. */
  mover(meter: string): string | null {
    for (const [id, { state }] of this.#cells)
      if (state.move?.meters.some((one) => one.meter === meter && one.placed === null)) return id;
    return null;
  }

  /** Each meter that is changing hands, with the account whose opening or closing it is in. */
  movers(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [id, { state }] of this.#cells)
      for (const { meter, placed } of state.move?.meters ?? []) if (placed === null) found.set(meter, id);
    return found;
  }

  /** A meter on its way to the account from another one. */
  awaited(account: string): { readonly meter: string; readonly mover: string } | null {
    for (const [mover, { state }] of this.#cells) {
      if (mover === account) continue;
      const meters = state.handOver?.closing.meters ?? state.move?.meters;
      const found = meters?.find((one) => one.account === account && one.placed === null);
      if (found) return { meter: found.meter, mover };
    }
    return null;
  }

  /** The account that is handing over to this one, which has yet to open; null: none. */
  handingTo(account: string): string | null {
    for (const [id, { state }] of this.#cells) if (state.handOver?.next === account) return id;
    return null;
  }

  /** What the account grants to one of its wallets. */
  allowancesOf(account: string, wallet: string): readonly AllowanceRule[] {
    const all = this.#core.directory.get('account', account)?.allowances;
    return all === undefined ? none : all.filter((rule) => rule.wallet === wallet);
  }

  /** What an allowance of the account is multiplied by now. */
  shareOf(account: string, per: AllowanceRule['per']): number {
    if (per === 'account') return 1;
    const { directory } = this.#core;
    const rooms = directory.get('account', account)?.rooms ?? [];
    return per === 'room' ? rooms.length : rooms.reduce((sum, id) => sum + (directory.rooms.get(id)?.heads ?? 0), 0);
  }

  /** Of an account, but for one, those that are not settled. */
  walletsOfAccount(account: string, but?: string): WalletState[] {
    const wallets = this.#core.directory.get('account', account)?.wallets ?? [];
    return wallets.flatMap((id) => {
      const state = id === but ? undefined : this.#core.wallets.get(id)?.state;
      return state && !state.settled ? [state] : [];
    });
  }

  /** How often temporary power was granted in a local month to an account's wallets, but for one. */
  grantsOf(account: string, month: string, but?: string): number {
    const wallets = this.#core.directory.get('account', account)?.wallets ?? [];
    return wallets.reduce((sum, id) => {
      const state = id === but ? undefined : this.#core.wallets.get(id)?.state;
      return state ? sum + grantsIn(state, month) : sum;
    }, 0);
  }

  /** At recovery, before the lines open: what a crash left between account, meter and wallet. */
  resume(): void {
    for (const [id, { state }] of this.#cells) this.#send(outstandingOfTenancy(state, id));
    const { meters, wallets } = this.#core;
    for (const [id, { state }] of wallets) {
      for (const meter of state.meters) {
        const now = meters.get(meter.id)?.state;
        if (now?.place.wallet !== id || now.config?.tariff !== meter.tariff) this.#core.send(detach(id, meter.id));
      }
    }
    for (const [id, { state }] of meters) {
      const { wallet, room, account } = state.place;
      if (wallet === null || !state.config) continue;
      if (account === null) this.ensureOwner(wallet);
      const { tariff } = state.config;
      if (wallets.get(wallet)?.state.meters.some((meter) => meter.id === id && meter.tariff === tariff)) continue;
      // What it has measured since is still to be charged there.
      const before = (state.pending[0]?.sequence ?? state.sequence + 1) - 1;
      this.#core.send(attach(wallet, { id, tariff, room }, before));
    }
  }

  #add(id: string, state: TenancyState): Cell {
    const key = `tenancy:${id}`;
    const cell: Cell = {
      state,
      ref: this.#core.actors.spawn(key, (message: TenancyMessage) => {
        const isOpen = (wallet: string): boolean => (this.#core.wallets.get(wallet)?.state.account ?? '') !== '';
        const balanceOf = (wallet: string): number => {
          const state = this.#core.wallets.get(wallet)?.state;
          return state ? standingMicro(state) : 0;
        };
        const decision = decideTenancy(cell.state, message, { ...this.#core.context(), id, isOpen, balanceOf });
        const before = cell.state;
        this.#core.audit.watch(decision.records, `tenancy:${id}`, before, decision.state);
        cell.state = decision.state;
        this.#core.committer.together(() => {
          if (message.type === 'HandOver' && decision.events.length > 0) this.#enter(message);
          this.#core.take(key, { ...decision, sends: [] }, () => (cell.state = before));
          for (const event of decision.events) this.#follow(id, event);
        });
        this.#send(decision.sends);
      }),
    };
    this.#cells.set(id, cell);
    return cell;
  }

  #send(sends: readonly Send[]): void {
    for (const send of sends) {
      if (send.to === 'wallet' && send.message.type === 'Open' && !this.#core.wallets.has(send.id))
        this.#core.addWallet(send.id);
      if (send.to === 'meter' && send.message.type === 'Place' && send.message.place.account === null)
        this.ensureOwner(send.message.place.wallet);
      this.#core.send(send);
    }
  }

  /** Told before the meter that will draw on it, so it is open by then. */
  ensureOwner(wallet: string | null): void {
    if (wallet === null || this.#core.wallets.has(wallet)) return;
    this.#core.addWallet(wallet);
    const amounts = { openingBalanceMicro: 0, overdraftMicro: 0, thresholdsMicro: [] };
    this.#core.send({
      to: 'wallet',
      id: wallet,
      message: { type: 'Open', account: 'owner', holder: '', kind: 'owner', ...amounts, rooms: [], meters: [] },
    });
  }

  /** The account's configuration names the rooms and wallets it has now. */
  #follow(id: string, event: TenancyEvent): void {
    const account = this.#core.directory.get('account', id);
    if (!account) return;
    if (event.type === 'OpeningStarted') {
      const wallets = [...new Set([...account.wallets, ...event.wallets.map((wallet) => wallet.id)])];
      const { plan: _done, payment: _before, ...rest } = account;
      const kept = event.wallets.some(({ inMeter }) => inMeter) ? { payment: 'inMeter' as const } : {};
      const payment = event.move.whole ? kept : account.payment && { payment: account.payment };
      this.#set({ ...rest, ...payment, rooms: event.rooms, wallets }, account.rooms);
    } else if (event.type === 'ClosingStarted' && event.move.whole) {
      const successor = event.move.meters.find((one) => one.account !== null)?.account;
      if (successor != null) this.#link(account, successor);
    } else if (event.type === 'SettlingStarted') {
      const { allowances: _ended, ...rest } = account;
      this.#set({ ...rest, rooms: [] }, account.rooms);
    } else if (event.type === 'MetersMoved') this.#set({ ...account, rooms: this.state(id).rooms }, account.rooms);
  }

  #enter({ entered, request }: Extract<TenancyMessage, { type: 'HandOver' }>): void {
    if (!entered || this.#core.directory.get('account', entered.id)) return;
    this.#core.audit.changed(request.key, `account:${entered.id}`, null, entered);
    this.#core.setConfig('account', entered.id, entered);
  }

  /** Whoever looks at one of them finds the other. */
  #link(account: ConfigValue<'account'>, successor: string): void {
    const next = this.#core.directory.get('account', successor);
    this.#core.setConfig('account', account.id, { ...account, successor });
    if (next) this.#core.setConfig('account', successor, { ...next, predecessor: account.id });
  }

  #set(account: ConfigValue<'account'>, before: readonly string[]): void {
    this.#core.setConfig('account', account.id, account);
    this.show([...before, ...account.rooms]);
  }

  /** Who has the rooms now, under the name of now. */
  show(rooms: readonly string[]): void {
    for (const room of new Set(rooms)) {
      const message = {
        type: 'TenantShown',
        tenant: this.#core.directory.tenantOf(room),
        wallets: this.walletsOf(room),
      } as const;
      this.#core.send({ to: 'room', id: room, message });
    }
  }
}
