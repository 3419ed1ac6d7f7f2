/**
 * Which actors are written down with which commit, and how far the journal may be trimmed. A state is captured when a
 * commit is sealed (it then holds exactly the events up to that commit) and written by a later one; or while nothing
 * waits, and written at once.
 */
import { jsonSize } from './size.ts';
import type { ActorKey, Head, RecordPut, Snapshot, StoredEvent } from '../store/store.ts';

/**
 * On the average an actor is written down once in so many events. Once all have been, the journal up to the first of them
 * can go: what is replayed at recovery is about this many events for each actor.
 */
const EVENTS_PER_SNAPSHOT = 4;
/** In one commit; a full one has some 1 200 events. */
const SNAPSHOTS_MAX = 400;
/** Captured and not yet written: references to states, so a burst may run ahead of what the commits after it carry. */
const WAITING_MAX = 2_000;
/** How exactly the length of the tail is known. */
const EVENTS_PER_MARK = 500;
const SNAPSHOT_BYTES_MAX = 256 * 1024;
/** The journal is trimmed after so many events, or `trimEvery` commits; each time the index below is written anew. */
const EVENTS_PER_TRIM = 10_000;
/** The index that proves at recovery that no snapshot is missing or old, in this many records. */
const INDEX_SHARDS = 64;
const SHARDS_PER_COMMIT = 8;
export const SNAPSHOT_INDEX = 'snapshotIndex';

export type Bounds = {
  /** Commits between two trims. */
  readonly trimEvery: number;
  /** While nothing waits, actors are written down until no more events than this are left to replay. */
  readonly tailEvents: number;
};
/**
 * A start reads 40 000 events in some tenths of a second. At 10 000 meters that is two for each actor, so that each is
 * written down once in two events at the most; a small site never comes that far behind.
 */
export const BOUNDS: Bounds = { trimEvery: 20_000, tailEvents: 40_000 };

type Capture = Omit<Snapshot, 'commit' | 'commitHash' | 'key'>;
type Trim = { readonly floor: number; readonly index: Record<string, number>[]; nextShard: number };
export type Planned = { readonly snapshots: Snapshot[]; readonly records: RecordPut[] };

export function shardOf(key: string, shards: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % shards;
}

export class SnapshotPlan {
  /** Number of the first commit with events of the actor that no durable snapshot holds; in order of age. */
  readonly #dirtySince = new Map<ActorKey, number>();
  /** Captured and not yet durable: whether a later commit has events of the actor. */
  readonly #writing = new Map<ActorKey, boolean>();
  readonly #written = new Map<ActorKey, number>();
  /** Captured with the commit under way. */
  #captured: { key: ActorKey; capture: Capture }[] = [];
  /** Captured with a durable commit, to be written. */
  #ready: Snapshot[] = [];
  /** In the commit under way. */
  #underWay: Snapshot[] = [];
  readonly #bounds: Bounds;
  #lastTrim: number;
  #eventsSinceTrim = 0;
  /** Actors that may still be captured. It is kept while commits queue (nothing is exact then), and made up for later. */
  #due = 0;
  #trim: Trim | null = null;
  #events = 0;
  /** Events before a commit, for some commits from the oldest that is dirty on. */
  #marks: { readonly number: number; readonly before: number }[] = [];

  /** `written`: commit of each snapshot at hand. */
  constructor(bounds: Bounds, lastTrim: number, written: ReadonlyMap<ActorKey, number>) {
    this.#bounds = bounds;
    this.#lastTrim = lastTrim;
    for (const [key, commit] of written) this.#written.set(key, commit);
  }

  /** An event read back at recovery that no snapshot holds. */
  replayed(key: ActorKey, commit: number): void {
    this.#count(commit, 1);
    this.touch(key, commit);
  }

  #count(number: number, events: number): void {
    const last = this.#marks.at(-1);
    if (!last || this.#events - last.before >= EVENTS_PER_MARK) this.#marks.push({ number, before: this.#events });
    this.#events += events;
    this.#eventsSinceTrim += events;
  }

  /** About how many events a start would read. */
  get tailEvents(): number {
    const [oldest] = this.#dirtySince.values();
    if (oldest === undefined) return 0;
    const above = this.#marks.findIndex(({ number }) => number > oldest);
    this.#marks.splice(0, (above === -1 ? this.#marks.length : above) - 1);
    return this.#events - (this.#marks[0]?.before ?? 0);
  }

  seal(number: number, events: readonly StoredEvent[], capture: ((key: ActorKey) => Capture) | null): Planned {
    this.#count(number, events.length);
    for (const event of events) this.touch(event.key, number);
    const planned = this.#planned();
    // A capture is exact only when nothing of a later commit has been evolved yet.
    this.#due = Math.min(WAITING_MAX, this.#due + Math.ceil(events.length / EVENTS_PER_SNAPSHOT) + 1);
    if (capture) this.#due -= this.#capture(this.#due, capture);
    return planned;
  }

  /** Nothing waits, and `head` holds all there is: what to write down so that the tail gets shorter; null: it is short. */
  idle(head: Head, capture: (key: ActorKey) => Capture): Planned | null {
    if (this.tailEvents <= this.#bounds.tailEvents) return null;
    this.#capture(SNAPSHOTS_MAX - this.#ready.length, capture);
    this.#nowDurable(head);
    return this.#planned();
  }

  #planned(): Planned {
    this.#underWay = this.#takeReady();
    return { snapshots: this.#underWay, records: this.#trim ? this.#indexRecords(this.#trim) : [] };
  }

  #nowDurable(head: Head): void {
    for (const { key, capture } of this.#captured)
      this.#ready.push({ key, commit: head.number, commitHash: head.hash, ...capture });
    this.#captured = [];
  }

  touch(key: ActorKey, number: number): void {
    if (!this.#dirtySince.has(key)) this.#dirtySince.set(key, number);
    else if (this.#writing.has(key)) this.#writing.set(key, true);
  }

  /** The commit is durable. Returns the number to trim below, when it is time. */
  durable(head: Head): number | null {
    for (const snapshot of this.#underWay) {
      this.#written.set(snapshot.key, snapshot.commit);
      this.#dirtySince.delete(snapshot.key);
      if (this.#writing.get(snapshot.key)) this.#dirtySince.set(snapshot.key, snapshot.commit + 1);
      this.#writing.delete(snapshot.key);
    }
    this.#underWay = [];
    this.#nowDurable(head);
    if (this.#trim) {
      if (this.#trim.nextShard < INDEX_SHARDS) return null;
      const { floor } = this.#trim;
      this.#trim = null;
      this.#lastTrim = floor;
      return floor;
    }
    const many = this.#eventsSinceTrim >= EVENTS_PER_TRIM;
    if (!many && head.number - this.#lastTrim < this.#bounds.trimEvery) return null;
    const floor = this.#floor(head);
    if (floor - this.#lastTrim < (many ? 1 : this.#bounds.trimEvery)) return null;
    this.#trim = { floor, index: this.#index(), nextShard: 0 };
    this.#eventsSinceTrim = 0;
    return null;
  }

  #floor(head: Head): number {
    // The newest entry always stays: it tells the site time at which the core goes on.
    let floor = head.number;
    for (const since of this.#dirtySince.values()) if (since < floor) floor = since;
    return floor;
  }

  #takeReady(): Snapshot[] {
    let bytes = 0;
    let count = 0;
    for (const snapshot of this.#ready) {
      bytes += jsonSize(snapshot.state);
      if (count === SNAPSHOTS_MAX || (count > 0 && bytes > SNAPSHOT_BYTES_MAX)) break;
      count += 1;
    }
    return this.#ready.splice(0, count);
  }

  /** Returns how many. */
  #capture(count: number, capture: (key: ActorKey) => Capture): number {
    const room = Math.min(count, WAITING_MAX - this.#ready.length);
    for (const key of this.#dirtySince.keys()) {
      if (this.#captured.length >= room) break;
      if (this.#writing.has(key)) continue;
      this.#captured.push({ key, capture: capture(key) });
      this.#writing.set(key, false);
    }
    return this.#captured.length;
  }

  #index(): Record<string, number>[] {
    const shards = Array.from({ length: INDEX_SHARDS }, (): Record<string, number> => ({}));
    for (const [key, commit] of this.#written) {
      const shard = shards[shardOf(key, INDEX_SHARDS)];
      if (shard) shard[key] = commit;
    }
    return shards;
  }

  #indexRecords(trim: Trim): RecordPut[] {
    const first = trim.nextShard;
    trim.nextShard = Math.min(INDEX_SHARDS, first + SHARDS_PER_COMMIT);
    return trim.index.slice(first, trim.nextShard).map((value, i) => ({
      kind: SNAPSHOT_INDEX,
      id: String(first + i),
      value,
      index: { all: first + i },
    }));
  }
}
