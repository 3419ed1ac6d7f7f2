/**
 * One journal, one commit on its way, the next one filling meanwhile. What leaves the core waits here for the commit
 * that holds its cause (law 5). A commit that cannot be made durable is retried unchanged, for as long as it takes.
 */
import { assert } from '../domain/assert.ts';
import {
  StoreError,
  type ActorKey,
  type Batch,
  type Head,
  type RecordPut,
  type Snapshot,
  type Store,
  type StoredEvent,
} from '../store/store.ts';
import { jsonSize } from './size.ts';
import { SnapshotPlan, type Planned } from './snapshots.ts';

/** Room is left under the store's bounds of 1 000 records and 1 MiB (design.md, "Commit") for the envelope and snapshots. */
const RECORDS_MAX = 800;
const EVENT_BYTES_MAX = 480 * 1024;
/** While the store is away nothing new is dispatched; what was under way fits by far. */
const QUEUE_MAX = 10_000;

type Pending = { events: StoredEvent[]; records: Map<string, RecordPut>; release: (() => void)[]; bytes: number };
const empty = (): Pending => ({ events: [], records: new Map(), release: [], bytes: 0 });

export type CommitterHooks = {
  readonly siteNow: () => number;
  readonly mono: () => number;
  /** Calls once after ms of real time. */
  readonly after: (ms: number, call: () => void) => void;
  /** At sealing, in commit order: what the projections fold. */
  readonly onSealed: (number: number, events: readonly StoredEvent[], atMs: number) => void;
  readonly onDurable: (head: Head, tookMs: number) => void;
  /** null = it keeps again. */
  readonly onTrouble: (trouble: StoreError | null) => void;
  /** The store belongs to another writer, or contradicts us: nothing of ours may be used again. */
  readonly onFatal: (error: unknown) => void;
  /** What must stand in the same commit as these records; null for nothing. */
  readonly accompany: (
    records: readonly RecordPut[],
  ) => { readonly events: readonly StoredEvent[]; readonly records: readonly RecordPut[] } | null;
  /** Messages are being handled, so more events are near. */
  readonly busy: () => boolean;
  /** Current state of an actor, for a snapshot. */
  readonly capture: (key: ActorKey) => Omit<Snapshot, 'commit' | 'commitHash' | 'key'>;
};

export class Committer {
  readonly #store: Store;
  readonly #hooks: CommitterHooks;
  readonly snapshots: SnapshotPlan;
  #head: Head;
  #open = empty();
  #full: Pending[] = [];
  #inFlight: Pending | null = null;
  #sealing = false;
  #trouble: StoreError | null = null;
  #troubleSince = 0;
  #stopped = false;
  #idle: (() => void)[] = [];
  #together: { events: StoredEvent[]; records: RecordPut[]; release: (() => void)[] } | null = null;

  constructor(store: Store, head: Head, plan: SnapshotPlan, hooks: CommitterHooks) {
    this.#store = store;
    this.#head = head;
    this.snapshots = plan;
    this.#hooks = hooks;
  }

  get head(): Head {
    return this.#head;
  }

  /** false while a commit does not get through: money is on hold. */
  get keeping(): boolean {
    return this.#trouble === null && !this.#stopped;
  }

  get trouble(): StoreError | null {
    return this.#trouble;
  }

  /** Events of a later commit have been evolved already. */
  get hasLater(): boolean {
    return this.#full.length > 0 || this.#open.bytes > 0;
  }

  /** Real ms since the trouble began; 0 without. */
  get troubleForMs(): number {
    return this.#trouble ? this.#hooks.mono() - this.#troubleSince : 0;
  }

  /** What `call` appends stands in one commit, whole or not at all. */
  together(call: () => void): void {
    assert(this.#together === null, 'one change at a time');
    const one = (this.#together = { events: [], records: [], release: [] });
    try {
      call();
    } finally {
      this.#together = null;
      if (one.events.length > 0 || one.records.length > 0) this.append(one.events, one.records);
      for (const release of one.release) this.whenDurable(release);
    }
  }

  append(ownEvents: readonly StoredEvent[], ownRecords: readonly RecordPut[]): void {
    if (this.#together) {
      this.#together.events.push(...ownEvents);
      this.#together.records.push(...ownRecords);
      return;
    }
    const more = this.#hooks.accompany(ownRecords);
    const events = more ? [...ownEvents, ...more.events] : ownEvents;
    const records = more ? [...ownRecords, ...more.records] : ownRecords;
    let bytes = 0;
    for (const event of events) bytes += jsonSize(event.data) + 96;
    for (const record of records) bytes += jsonSize(record);
    const open = this.#open;
    if (open.bytes > 0 && (open.bytes + bytes > EVENT_BYTES_MAX || open.records.size + records.length > RECORDS_MAX)) {
      assert(this.#full.length < QUEUE_MAX, 'the commit queue is full');
      this.#full.push(open);
      this.#open = empty();
    }
    for (const event of events) this.#open.events.push(event);
    for (const record of records) this.#open.records.set(`${record.kind}\n${record.id}`, record);
    this.#open.bytes += bytes;
    this.#schedule();
  }

  /** Runs `call` once everything appended so far is durable. */
  whenDurable(call: () => void): void {
    if (this.#together) this.#together.release.push(call);
    else if (this.#open.bytes > 0) this.#open.release.push(call);
    else {
      const last = this.#full.at(-1) ?? this.#inFlight;
      if (last) last.release.push(call);
      else call();
    }
  }

  /** Resolves when nothing is waiting any more. */
  drained(): Promise<void> {
    if (this.#open.bytes === 0 && this.#full.length === 0 && this.#inFlight === null) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    if (this.#sealing || this.#inFlight || this.#stopped) return;
    this.#sealing = true;
    setImmediate(() => {
      this.#sealing = false;
      this.#seal();
    });
  }

  #seal(): void {
    if (this.#inFlight || this.#stopped) return;
    const pending = this.#full.shift() ?? this.#open;
    const newest = pending === this.#open;
    if (newest) this.#open = empty();
    if (pending.bytes === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      this.#catchUp();
      return;
    }
    const number = this.#head.number + 1;
    const atMs = this.#hooks.siteNow();
    this.#hooks.onSealed(number, pending.events, atMs);
    this.#begin(pending, atMs, this.snapshots.seal(number, pending.events, newest ? this.#hooks.capture : null));
  }

  /** Each commit without events is followed by the next one until the tail is short, or something else is to be done. */
  #catchUp(): void {
    if (this.#hooks.busy()) return;
    const plan = this.snapshots.idle(this.#head, this.#hooks.capture);
    if (plan) this.#begin(empty(), this.#hooks.siteNow(), plan);
  }

  #begin(pending: Pending, atMs: number, plan: Planned): void {
    this.#inFlight = pending;
    const batch: Batch = {
      number: this.#head.number + 1,
      atMs,
      events: pending.events,
      records: [...pending.records.values(), ...plan.records],
      snapshots: plan.snapshots,
    };
    this.#send(batch, pending, this.#hooks.mono(), 0);
  }

  #send(batch: Batch, pending: Pending, startedMono: number, attempt: number): void {
    this.#store.commit(batch).then(
      (head) => this.#durable(head, pending, startedMono),
      (error: unknown) => {
        if (this.#stopped) return;
        if (!(error instanceof StoreError) || !['away', 'full', 'readOnly', 'misconfigured'].includes(error.kind)) {
          this.#stopped = true;
          this.#hooks.onFatal(error);
          return;
        }
        if (!this.#trouble) this.#troubleSince = this.#hooks.mono();
        this.#trouble = error;
        this.#hooks.onTrouble(error);
        this.#hooks.after(Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)), () =>
          this.#send(batch, pending, startedMono, attempt + 1),
        );
      },
    );
  }

  #durable(head: Head, pending: Pending, startedMono: number): void {
    if (this.#stopped) return;
    this.#head = head;
    this.#inFlight = null;
    if (this.#trouble) {
      this.#trouble = null;
      this.#hooks.onTrouble(null);
    }
    this.#hooks.onDurable(head, this.#hooks.mono() - startedMono);
    const trimBelow = this.snapshots.durable(head);
    if (trimBelow !== null) {
      this.#store.trim(trimBelow).catch((error: unknown) => {
        // What cannot be trimmed now is trimmed by the next round; commits say whether the store keeps.
        if (error instanceof StoreError && ['away', 'full', 'readOnly', 'misconfigured'].includes(error.kind)) return;
        this.#stopped = true;
        this.#hooks.onFatal(error);
      });
    }
    for (const call of pending.release) call();
    this.#seal();
  }
}
