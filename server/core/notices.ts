/**
 * Notices in the core: what follows from an event goes into the commit of that event; what is due is handed to the gateway,
 * which owns the public network, once that is durable. Nothing here waits for a provider.
 */
import { LINK_DAYS } from '../../protocol/explanations.ts';
import type {
  Delivered,
  NoticeChannel,
  NoticeKind,
  NoticeLanguage,
  NoticeSettings,
  OutgoingNotice,
  SendResult,
} from '../../protocol/notices.ts';
import { defaultNoticeSettings } from '../../protocol/notices.ts';
import { textOf } from '../../protocol/noticeTexts.ts';
import type { Alarm } from '../../protocol/wall.ts';
import type { AlarmEvent } from '../domain/alarm/alarms.ts';
import type { ConfigKind, ConfigValue } from '../domain/config.ts';
import type { EmergencyEvent } from '../domain/emergency/state.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RecordChange } from '../domain/messages.ts';
import { draftsFor, draftsForPerson, type Surroundings } from '../domain/notice/address.ts';
import type { AnnouncementsState } from '../domain/notice/announcement.ts';
import { initialOutbox, unreachable, type Delivery, type OutboxState } from '../domain/notice/delivery.ts';
import { decideDuty, initialDuty, isUrgent, type DutyState } from '../domain/notice/duty.ts';
import { newsOfMeter, newsOfWallet, type News } from '../domain/notice/news.ts';
import { decideOutbox, PENDING_MAX, type OutboxMessage } from '../domain/notice/outbox.ts';
import type { MeterEvent } from '../domain/meter/state.ts';
import { wantedOf } from '../domain/meter/view.ts';
import { restoreAbove } from '../domain/wallet/thresholds.ts';
import type { WalletEvent } from '../domain/wallet/state.ts';
import type { Ref } from '../runtime/actor.ts';
import { shardOf } from '../runtime/snapshots.ts';
import type { StoredEvent } from '../store/store.ts';
import { Announcer } from './announcer.ts';
import { ContractReminders } from './contractReminders.ts';
import type { Core } from './core.ts';
import { tellManagers } from './emergencies.ts';
import { EVENT_VERSION, idOf, kindOf } from './kinds.ts';
import { NoticePump } from './noticePump.ts';

/** Small enough that a snapshot of one fits into a commit, however many wallets run low at once. */
export const OUTBOXES = 64;

/** What goes into the commit of the event it follows from. */
export type Extra = { readonly events: StoredEvent[]; readonly records: RecordChange[] };
type Linked = Extra & { readonly notice: NonNullable<News['notice']> };
const NOTHING: Extra = { events: [], records: [] };
/** What is done in a turn of its own: a fault parks this and nothing else. */
type NoticeTurn =
  | { readonly type: 'Tick' }
  | { readonly type: 'Delivered'; readonly delivered: Delivered }
  | { readonly type: 'Detach' };
const KEY = 'notices:site';
const news = new Set([
  'LevelCrossed',
  'WarningRepeated',
  'MoneyReceived',
  'MoneyAssigned',
  'CauseSet',
  'CauseEnded',
  'AccountOpened',
]);

export class Notices {
  /** By which ways this installation can send; set at the start from its configuration. */
  channels: ReadonlySet<NoticeChannel> = new Set();
  /** For browsers that subscribe to pushes; null: no pushes. */
  pushKey: string | null = null;
  /** Spreads repeated attempts. */
  random: () => number = Math.random;
  readonly outboxes = new Map<string, OutboxState>();
  duty: DutyState = initialDuty;
  readonly announcer: Announcer;
  readonly pump: NoticePump;
  readonly #contracts: ContractReminders;
  readonly #core: Core;
  readonly #ref: Ref<NoticeTurn>;
  /** Something urgent may be waiting for a call. */
  #dutyDue = true;

  constructor(core: Core) {
    this.#core = core;
    this.announcer = new Announcer(core, this);
    this.pump = new NoticePump(core, this);
    this.#contracts = new ContractReminders(core, this);
    this.#ref = core.actors.spawn(KEY, (turn: NoticeTurn) => {
      if (turn.type === 'Delivered') this.pump.delivered(turn.delivered);
      else if (turn.type === 'Detach') this.pump.detach();
      else this.#tick();
    });
  }

  get settings(): NoticeSettings {
    return this.#core.directory.get('notices', 'site') ?? defaultNoticeSettings;
  }

  load(key: string, state: unknown): void {
    // The key says which of them the recovered state is.
    if (kindOf(key) === 'outbox') this.outboxes.set(idOf(key), state as OutboxState);
    else if (kindOf(key) === 'duty') this.duty = state as DutyState;
    else this.announcer.state = state as AnnouncementsState;
  }

  /** State for a snapshot. */
  capture(key: string): JsonObject {
    if (kindOf(key) === 'outbox') return this.outbox(idOf(key));
    return kindOf(key) === 'duty' ? this.duty : this.announcer.state;
  }

  outbox(shard: string): OutboxState {
    return this.outboxes.get(shard) ?? initialOutbox;
  }

  surroundings(): Surroundings {
    const { directory } = this.#core;
    const { nowMs, localMinute } = this.#core.context();
    const { name, timeZone } = directory.site;
    return {
      ...{ settings: this.settings, available: this.channels, site: name, zone: timeZone, nowMs, localMinute },
    };
  }

  /** Called with each decision before it is appended; the states are already those after it. */
  follow(key: string, events: readonly { readonly type: string }[]): Extra {
    const kind = kindOf(key);
    if (kind === 'alarms') return this.#followAlarms(events as readonly AlarmEvent[]);
    if (kind === 'emergency') return this.#followEmergency(events as readonly EmergencyEvent[]);
    if (this.channels.size === 0 || !events.some((event) => news.has(event.type))) return NOTHING;
    // What a meter leaves behind with a wallet is no news for whose it is now.
    if (kind === 'meter' && events.some(({ type }) => type === 'MeterPlaced')) return NOTHING;
    const out: Extra = { events: [], records: [] };
    for (const event of events) {
      // The key says whose event it is.
      const told =
        kind === 'wallet'
          ? newsOfWallet(event as WalletEvent, this.#walletFacts(idOf(key), null))
          : kind === 'meter'
            ? this.#newsOfMeter(event as MeterEvent, idOf(key))
            : kind === 'tenancy' && event.type === 'AccountOpened'
              ? this.#opened(idOf(key))
              : null;
      if (told) this.tell(told, out);
    }
    return out;
  }

  /** Puts a piece of news into the outbox of its account; the caller appends what `out` then holds. */
  tell({ account, about, notice, overtakes }: News, out: Extra): void {
    const contact = this.#core.directory.get('account', account);
    if (!contact) return;
    const linked = notice && this.#withLink(notice, about, contact.language ?? 'zh');
    const drafts = linked ? draftsFor(contact, { ...linked.notice, about }, this.surroundings()) : [];
    // Nobody holds a link that is in no text.
    if (drafts.length > 0) {
      out.events.push(...(linked?.events ?? []));
      out.records.push(...(linked?.records ?? []));
    }
    if (notice && drafts.length === 0) {
      const { kind } = notice;
      const { nowMs } = this.#core.context();
      out.records.push(unreachable(`${about}-${kind}-${nowMs}`, { kind, about, account, person: null }, nowMs));
    }
    if (drafts.length === 0 && !overtakes) return;
    this.apply(this.shardOf(account), { type: 'Queue', drafts, overtakes: overtakes && { about, ...overtakes } }, out);
  }

  /** A text that has the place gets a link of its own. */
  #withLink(notice: NonNullable<News['notice']>, wallet: string, language: NoticeLanguage): Linked {
    const { subject, text } = textOf(this.settings, notice.kind, language);
    const { links, wallets } = this.#core;
    if (!`${subject}${text}`.includes('{link}') || !wallets.has(wallet)) return { notice, events: [], records: [] };
    const moment = `${notice.kind}@${this.#core.context().nowMs}`;
    const made = links.make({ wallet, kind: 'moment', subject: moment, by: null, days: LINK_DAYS.usual });
    const values = { ...notice.values, link: links.addressOf(made.link) };
    return { notice: { ...notice, values }, events: made.events, records: [made.record] };
  }

  shardOf(reader: string): string {
    return String(shardOf(reader, OUTBOXES));
  }

  apply(shard: string, message: OutboxMessage, out: Extra): void {
    const state = this.outbox(shard);
    const context = { nowMs: this.#core.context().nowMs, prefix: `${this.#core.directory.site.id}-${shard}` };
    const decision = decideOutbox(state, message, context);
    if (decision.events.length === 0) return;
    this.outboxes.set(shard, decision.state);
    for (const { type, ...data } of decision.events)
      out.events.push({ key: `outbox:${shard}`, type, v: EVENT_VERSION, data });
    out.records.push(...decision.records);
  }

  /** What is still held of a notice that holds no more. */
  withdraw(about: string, kind: NoticeKind, out: Extra): void {
    for (const [shard, { pending }] of this.outboxes)
      if (Object.values(pending).some((one) => one.about === about && one.kind === kind))
        this.apply(shard, { type: 'Queue', drafts: [], overtakes: { about, by: kind, kinds: [kind] } }, out);
  }

  append({ events, records }: Extra): void {
    if (events.length > 0 || records.length > 0) this.#core.committer.append(events, records);
  }

  /** The outbox has room for a portion of an announcement. */
  roomIn(shard: string): boolean {
    return Object.keys(this.outbox(shard).pending).length < PENDING_MAX / 2;
  }

  /** Every quarter second. */
  tick(): void {
    if (this.#core.committer.keeping && !this.#core.actors.isParked(KEY))
      this.#core.actors.tell(this.#ref, { type: 'Tick' });
  }

  #tick(): void {
    this.announcer.tick();
    this.#contracts.tick();
    if (this.#dutyDue) this.append(this.#callDuty());
    this.pump.tick();
  }

  /** The tariff of tenants changes: they are told, in the commit that changes it. */
  configChanged<K extends ConfigKind>(kind: K, id: string, value: ConfigValue<K>): readonly StoredEvent[] {
    if (kind === 'notices') this.#dutyDue = true;
    if (kind !== 'tariff' || this.channels.size === 0) return [];
    return this.announcer.tariffSet(id, value as ConfigValue<'tariff'>);
  }

  attach(post: (notice: OutgoingNotice) => void): void {
    this.pump.attach(post);
  }

  detach(): void {
    this.#core.actors.tell(this.#ref, { type: 'Detach' });
  }

  delivered(delivered: Delivered): void {
    this.#core.actors.tell(this.#ref, { type: 'Delivered', delivered });
  }

  finish(delivery: Pick<Delivery, 'id'>, result: SendResult): void {
    const out: Extra = { events: [], records: [] };
    this.apply(shardOfId(delivery.id), { type: 'Finish', id: delivery.id, result, jitter: this.random() }, out);
    this.append(out);
  }

  /** Rooms by name, as a text names them. */
  roomNames(rooms: readonly string[]): string {
    const names = rooms.map((room) => this.#core.directory.rooms.get(room)?.name ?? room);
    return names.length > 3 ? `${names.slice(0, 3).join(', ')} +${names.length - 3}` : names.join(', ');
  }

  #followEmergency(events: readonly EmergencyEvent[]): Extra {
    if (!events.some(({ type }) => type === 'EmergencyStarted')) return NOTHING;
    const out: Extra = { events: [], records: [] };
    tellManagers(this.#core, events, out);
    return out;
  }

  #followAlarms(events: readonly AlarmEvent[]): Extra {
    if (!events.some(({ alarm }) => alarm.priority === 1 || this.duty.calls[alarm.id])) return NOTHING;
    return this.#callDuty();
  }

  #callDuty(): Extra {
    const { duty: roster } = this.settings;
    const out: Extra = { events: [], records: [] };
    const { nowMs } = this.#core.context();
    // Without a roster nobody is called; calls of one that was emptied end.
    const urgent = roster.people.length === 0 ? [] : Object.values(this.#core.alarms.alarms).filter(isUrgent);
    const context = { nowMs, localMs: this.#core.directory.time.localMs(nowMs), roster };
    const decision = decideDuty(
      this.duty,
      urgent.map((alarm) => ({ ...alarm, place: this.#placeOf(alarm) })),
      context,
    );
    this.duty = decision.state;
    this.#dutyDue = urgent.length > 0;
    for (const { type, ...data } of decision.events)
      out.events.push({ key: 'duty:site', type, v: EVENT_VERSION, data });
    const around = this.surroundings();
    for (const { person, alarm, values } of decision.calls) {
      const drafts = draftsForPerson(person, { kind: 'dutyAlarm', about: alarm, values }, around);
      this.apply(this.shardOf(person.id), { type: 'Queue', drafts, overtakes: null }, out);
    }
    return out;
  }

  #placeOf({ room, line, meter }: Alarm): string {
    const { directory } = this.#core;
    if (room !== null) return directory.rooms.get(room)?.name ?? room;
    if (line !== null) return directory.get('line', line)?.name ?? line;
    return meter ?? directory.site.name;
  }

  #walletFacts(id: string, room: string | null): Parameters<typeof newsOfWallet>[1] {
    const { nowMs, rules, localDay } = this.#core.context();
    const state = this.#core.wallets.get(id)?.state;
    if (!state) throw new Error(`there is no wallet ${id}`);
    return {
      ...{ id, state, nowMs, day: localDay(nowMs), warnBeforeCutMs: rules.warnBeforeCutMs },
      restoreAboveMicro: restoreAbove(state, rules),
      room: this.roomNames(room === null ? state.rooms : [room]),
    };
  }

  #newsOfMeter(event: MeterEvent, id: string): News | null {
    const { meters, wallets } = this.#core;
    const meter = meters.get(id)?.state;
    const place = meter?.place;
    const wallet = place?.wallet == null ? undefined : wallets.get(place.wallet)?.state;
    if (!meter || place?.wallet == null || !wallet || wallet.kind === 'owner') return null;
    const othersCut = wallet.meters.some(
      (other) => other.id !== id && meters.get(other.id)?.state.causes.moneyExhausted !== undefined,
    );
    const { state: wanted } = wantedOf(meter, this.#core.context());
    return newsOfMeter(event, id, { ...this.#walletFacts(place.wallet, place.room), othersCut, wanted });
  }

  #opened(account: string): News {
    const rooms = this.#core.directory.get('account', account)?.rooms ?? [];
    return {
      ...{ account, about: account, overtakes: null },
      notice: { kind: 'opened', values: { room: this.roomNames(rooms) } },
    };
  }
}

/** The outbox a delivery lives in stands in its id: `site-shard-number`. */
export const shardOfId = (id: string): string => id.split('-').at(-2) ?? '';
