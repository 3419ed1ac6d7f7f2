/** Hands what is due to the sender: few at once, so many a minute and channel, each only once its start is durable. */
import {
  pushSubscriptionSchema,
  type Delivered,
  type NoticeChannel,
  type OutgoingNotice,
} from '../../protocol/notices.ts';
import type { Delivery } from '../domain/notice/delivery.ts';
import { dueOf } from '../domain/notice/outbox.ts';
import { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';
import { shardOfId, type Extra, type Notices } from './notices.ts';

const UNDER_WAY_MAX = 16;
/** The senders' own limits are shorter; after this a lost answer counts as a failure, and the next attempt has the same id. */
const ANSWER_MS_MAX = 60_000;
/** What was saved up while nothing was sent: so many minutes' worth at once. */
const BURST_MINUTES = 1 / 6;
const SUBSCRIPTIONS_MAX = 20;

export class NoticePump {
  readonly #core: Core;
  readonly #notices: Notices;
  #post: ((notice: OutgoingNotice) => void) | null = null;
  /** Delivery id → when it was started, monotonic ms. */
  readonly #underWay = new Map<string, number>();
  readonly #budget = new Map<NoticeChannel, { left: number; atMono: number }>();

  constructor(core: Core, notices: Notices) {
    this.#core = core;
    this.#notices = notices;
  }

  get underWay(): ReadonlyMap<string, number> {
    return this.#underWay;
  }

  attach(post: (notice: OutgoingNotice) => void): void {
    this.#post = post;
  }

  /** The sender is gone: what it had is not known to have left. */
  detach(): void {
    this.#post = null;
    for (const id of [...this.#underWay.keys()]) this.#failed(id, 'the sender ended');
  }

  tick(): void {
    const mono = this.#core.options.clock.mono();
    for (const [id, startedMono] of this.#underWay)
      if (mono - startedMono > ANSWER_MS_MAX) this.#failed(id, 'no answer in time');
    if (this.#post === null || this.#underWay.size >= UNDER_WAY_MAX) return;
    const { nowMs } = this.#core.context();
    const busy = new Set(this.#underWay.keys());
    const due: Delivery[] = [];
    for (const state of this.#notices.outboxes.values()) due.push(...dueOf(state, nowMs, busy));
    due.sort((a, b) => a.atMs - b.atMs);
    for (const delivery of due) {
      if (this.#underWay.size >= UNDER_WAY_MAX) return;
      if (this.#spend(delivery.channel, mono)) this.#start(delivery, mono);
    }
  }

  delivered({ id, result, gone }: Delivered): void {
    for (const endpoint of gone) this.#forget(endpoint);
    this.#underWay.delete(id);
    this.#notices.finish({ id }, result);
  }

  #failed(id: string, error: string, permanent = false): void {
    this.#underWay.delete(id);
    this.#notices.finish({ id }, { ok: false, permanent, error });
  }

  /** Takes one from the channel's budget of this minute. */
  #spend(channel: NoticeChannel, mono: number): boolean {
    const { perMinuteMax } = this.#notices.settings.rules;
    const most = Math.max(1, perMinuteMax * BURST_MINUTES);
    const before = this.#budget.get(channel) ?? { left: most, atMono: mono };
    const left = Math.min(most, before.left + ((mono - before.atMono) / 60_000) * perMinuteMax);
    this.#budget.set(channel, { left: left >= 1 ? left - 1 : left, atMono: mono });
    return left >= 1;
  }

  #start(delivery: Delivery, mono: number): void {
    const { id } = delivery;
    const shard = shardOfId(id);
    const out: Extra = { events: [], records: [] };
    this.#notices.apply(shard, { type: 'Start', id }, out);
    this.#notices.append(out);
    const started = this.#notices.outbox(shard).pending[id];
    if (!started) return; // it had been tried often enough
    this.#underWay.set(id, mono);
    this.#core.committer.whenDurable(() => {
      if (delivery.channel !== 'push') return this.#hand(started, []);
      this.#subscriptions(delivery.address).then(
        (subscriptions) => this.#hand(started, subscriptions),
        (error: unknown) => {
          if (error instanceof StoreError) return this.#failed(id, 'the store does not answer');
          // A record that is no subscription ends this notice as a dead letter, not the core.
          this.#core.options.log('error', 'a push subscription cannot be read', { notice: id });
          this.#failed(id, 'a subscription cannot be read', true);
        },
      );
    });
  }

  #hand(delivery: Delivery, subscriptions: OutgoingNotice['subscriptions']): void {
    if (this.#post === null || !this.#underWay.has(delivery.id)) return;
    const { id, attempts, kind, channel, address, language, subject, text, values } = delivery;
    this.#post({ id, attempt: attempts, kind, channel, address, language, subject, text, values, subscriptions });
  }

  /** The browsers of an operator. */
  async #subscriptions(operator: string): Promise<OutgoingNotice['subscriptions']> {
    const index = `operator:${operator}`;
    const page = await this.#core.options.store.range({
      ...{ kind: 'pushSubscription', index, newestFirst: true, limit: SUBSCRIPTIONS_MAX },
    });
    return page.items.map(({ value }) => pushSubscriptionSchema.parse(value));
  }

  #forget(endpoint: string): void {
    this.#core.committer.append([], [{ kind: 'pushSubscription', id: endpoint, value: null }]);
  }
}
