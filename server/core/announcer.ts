/** Carries out announcements: a portion of the accounts at a time, while the outboxes have room. */
import { UNKNOWN } from '../../protocol/noticeTexts.ts';
import type { Tariff } from '../../protocol/tariff.ts';
import {
  changesFrom,
  evolveAnnouncements,
  initialAnnouncements,
  type Announcement,
  type AnnouncementEvent,
} from '../domain/notice/announcement.ts';
import { StoreError, type StoredEvent } from '../store/store.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';
import type { Extra, Notices } from './notices.ts';
import { differencesOf, type Differences } from './tariffDifference.ts';

/** Accounts a turn: their notices on all channels fit into one commit with room to spare. */
const PORTION = 40;
const STORE_PAUSE_MS = 10_000;

export class Announcer {
  state = initialAnnouncements;
  readonly #core: Core;
  readonly #notices: Notices;
  /** What the next portion pays more or less: asked of the store, so a turn before it is told. */
  #ready: { readonly id: string; readonly after: string; readonly differences: Differences } | null = null;
  #looking = false;
  /** Monotonic: the store was away. */
  #pausedUntil = 0;

  constructor(core: Core, notices: Notices) {
    this.#core = core;
    this.#notices = notices;
  }

  /** Called before the directory holds the new value; an announcement of each new version goes into the commit that sets it. */
  tariffSet(id: string, value: Tariff): StoredEvent[] {
    const { directory } = this.#core;
    const before = directory.get('tariff', id);
    return (before ? changesFrom(before, value) : []).map((from) => {
      const localMs = Date.parse(`${from}Z`);
      const fromMs = localMs - (directory.time.localMs(localMs) - localMs);
      const key = `${id}@${fromMs}@${this.#core.context().nowMs}`;
      const announcement = { id: key, tariff: id, name: value.name, fromMs, after: '' };
      return this.#emit({ type: 'AnnouncementStarted', announcement });
    });
  }

  tick(): void {
    const [announcement] = this.state.open;
    const { clock, log } = this.#core.options;
    if (!announcement || this.#looking || clock.mono() < this.#pausedUntil) return;
    const ready = this.#ready;
    this.#ready = null;
    if (ready?.id === announcement.id && ready.after === announcement.after)
      return this.#advance(announcement, ready.differences);
    this.#looking = true;
    const accounts = this.#left(announcement).slice(0, PORTION);
    const { id, after } = announcement;
    void differencesOf(this.#core, announcement, accounts)
      .then((differences) => (this.#ready = { id, after, differences }))
      .catch((error: unknown) => {
        if (error instanceof StoreError) {
          this.#pausedUntil = clock.mono() + STORE_PAUSE_MS;
          return log('warn', 'differences of a tariff wait for the store', { error });
        }
        // That a price changes must be told in time, also where nobody can say by how much.
        log('error', 'no differences of a tariff', { error });
        this.#ready = { id, after, differences: new Map(accounts.map((account) => [account, UNKNOWN])) };
      })
      .finally(() => (this.#looking = false));
  }

  #left({ after }: Announcement): string[] {
    const ids = this.#core.directory.all('account').map((account) => account.id);
    return ids.filter((account) => account > after).sort();
  }

  #advance(announcement: Announcement, differences: Differences): void {
    const { id, tariff, name, fromMs, after } = announcement;
    const left = this.#left(announcement);
    const out: Extra = { events: [], records: [] };
    let last = after;
    for (const account of left.slice(0, PORTION)) {
      if (!this.#notices.roomIn(this.#notices.shardOf(account))) break;
      last = account;
      const rooms = this.#roomsOn(account, tariff);
      if (rooms === null) continue;
      const values = { room: rooms, tariff: name, from: fromMs, difference: differences.get(account) ?? null };
      this.#notices.tell({ account, about: account, notice: { kind: 'tariffChange', values }, overtakes: null }, out);
    }
    if (left.length === 0) out.events.push(this.#emit({ type: 'AnnouncementEnded', id }));
    else if (last !== after) out.events.push(this.#emit({ type: 'AnnouncementAdvanced', id, after: last }));
    this.#notices.append(out);
  }

  /** Names of the rooms whose meters the account pays by this tariff; null when there are none. */
  #roomsOn(account: string, tariff: string): string | null {
    const { directory, wallets } = this.#core;
    const meters = (directory.get('account', account)?.wallets ?? [])
      .flatMap((wallet) => wallets.get(wallet)?.state.meters ?? [])
      .filter((meter) => meter.tariff === tariff);
    if (meters.length === 0) return null;
    return this.#notices.roomNames([...new Set(meters.flatMap((meter) => meter.room ?? []))]);
  }

  #emit(event: AnnouncementEvent): StoredEvent {
    this.state = evolveAnnouncements(this.state, event);
    const { type, ...data } = event;
    return { key: 'announcements:site', type, v: EVENT_VERSION, data };
  }
}
