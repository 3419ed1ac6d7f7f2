/** The actors of meters, wallets and rooms: thin shells over their decisions, and small, since a site has ten thousand of each. */
import type { MeterMessage, RoomMessage, WalletMessage } from '../domain/messages.ts';
import { decideMeter } from '../domain/meter/decide.ts';
import { freshMeterLive, type MeterLive, type MeterState } from '../domain/meter/state.ts';
import { noteRoom, type RoomState } from '../domain/room.ts';
import { decideWallet } from '../domain/wallet/decide.ts';
import type { WalletState } from '../domain/wallet/state.ts';
import { Actor } from '../runtime/actor.ts';
import { shardOf } from '../runtime/snapshots.ts';
import type { Core } from './core.ts';

export class MeterCell extends Actor<MeterMessage> {
  declare readonly key: `meter:${string}`;
  readonly #core: Core;
  readonly id: string;
  state: MeterState;
  durable: MeterState;
  readonly live: MeterLive = freshMeterLive();

  constructor(core: Core, id: string, state: MeterState) {
    super(`meter:${id}`);
    this.#core = core;
    this.id = id;
    this.state = state;
    this.durable = state;
  }

  handle(message: MeterMessage): void {
    const core = this.#core;
    const { id } = this;
    const before = this.state;
    const context = core.context();
    const decision = decideMeter(before, this.live, message, {
      ...context,
      id,
      charged: core.chargedSequence(id),
      localNowMs: core.directory.time.localMs(context.nowMs),
      spread: shardOf(id, 997) / 997,
      charging: (wallet) => {
        const cell = core.wallets.get(wallet);
        return cell?.parked ? 'parked' : (cell?.state.charging ?? null);
      },
      control: {
        plan: (chosen) => core.controls.forPlatform(id, chosen),
        dayKind: (date) => core.controls.dayKind(id)(date),
      },
    });
    this.state = decision.state;
    core.audit.watch(decision.records, this.key, before, this.state);
    if (message.type === 'TakeReading') core.metrics.pulse(before, decision);
    core.take(this.key, decision, () => (this.state = before));
    if (decision.state !== before) {
      const reached = decision.state;
      core.committer.whenDurable(() => (this.durable = reached));
    }
  }
}

export class WalletCell extends Actor<WalletMessage> {
  declare readonly key: `wallet:${string}`;
  readonly #core: Core;
  readonly id: string;
  state: WalletState;
  /** What is durable of the money in its meter: nothing else is written there. */
  durableCharging: WalletState['charging'];

  constructor(core: Core, id: string, state: WalletState) {
    super(`wallet:${id}`);
    this.#core = core;
    this.id = id;
    this.state = state;
    this.durableCharging = state.charging;
  }

  handle(message: WalletMessage): void {
    const core = this.#core;
    const before = this.state;
    const decision = decideWallet(before, message, {
      ...core.context(),
      id: this.id,
      price: core.pricing.price,
      utilityOf: core.pricing.utilityOf,
      allowances: () => core.tenancies.allowancesOf(before.account, this.id),
      shareOf: (per) => core.tenancies.shareOf(before.account, per),
      wallet: (id) => {
        const cell = core.wallets.get(id);
        return cell && !cell.parked ? cell.state : null;
      },
      otherWallets: () => core.tenancies.walletsOfAccount(before.account, this.id),
      grantsOfOthers: (month) => core.tenancies.grantsOf(before.account, month, this.id),
    });
    core.audit.watch(decision.records, this.key, before, decision.state);
    this.state = decision.state;
    core.take(this.key, decision, () => (this.state = before));
    const { charging } = decision.state;
    if (charging !== before.charging) core.committer.whenDurable(() => (this.durableCharging = charging));
  }
}

export class RoomCell extends Actor<RoomMessage> {
  readonly #core: Core;
  readonly state: RoomState;

  constructor(core: Core, state: RoomState) {
    super(`room:${state.room}`);
    this.#core = core;
    this.state = state;
  }

  handle(message: RoomMessage): void {
    this.#core.perform(this.key, noteRoom(this.state, message, this.#core.context()));
  }
}
