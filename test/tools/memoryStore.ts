/** A store in memory that behaves like a durable one: for stepped tests, and as the bench's store that answers at once. */
import {
  StoreError,
  type BadSnapshot,
  type Batch,
  type Head,
  type JournalEntry,
  type JsonObject,
  type OpenOptions,
  type RecordPage,
  type RecordQuery,
  type Snapshot,
  type Store,
} from '../../server/store/store.ts';

type Kept = { value: JsonObject; index: Readonly<Record<string, number>> };

/** What survives a crash of the process that used it. */
export class MemoryDisk {
  siteId: string | null = null;
  head: Head = { number: 0, hash: 'start' };
  entries: JournalEntry[] = [];
  snapshots = new Map<string, Snapshot>();
  records = new Map<string, Map<string, Kept>>();
  epoch = 0;
  /** Set: every call fails with it, nothing is applied. */
  failing: StoreError | null = null;
}

export class MemoryStore implements Store {
  readonly disk: MemoryDisk;
  #epoch = 0;
  constructor(disk: MemoryDisk) {
    this.disk = disk;
  }

  async open(options: OpenOptions): Promise<Head> {
    if (options.init !== (this.disk.siteId === null))
      throw new StoreError(options.init ? 'foreign' : 'empty', 'memory');
    this.disk.siteId ??= options.siteId;
    this.#epoch = this.disk.epoch += 1;
    return this.disk.head;
  }

  async commit(batch: Batch): Promise<Head> {
    this.#check();
    if (batch.number !== this.disk.head.number + 1)
      throw new StoreError('fenced', `commit ${batch.number} after ${this.disk.head.number}`);
    const hash = `h${batch.number}`;
    const { number, atMs, events, records, snapshots } = batch;
    this.disk.entries.push({ number, atMs, hash, events });
    for (const snapshot of snapshots) this.disk.snapshots.set(snapshot.key, snapshot);
    for (const record of records) {
      let kind = this.disk.records.get(record.kind);
      if (!kind) this.disk.records.set(record.kind, (kind = new Map()));
      if (record.value === null) kind.delete(record.id);
      else kind.set(record.id, { value: record.value, index: record.index ?? {} });
    }
    this.disk.head = { number, hash };
    return this.disk.head;
  }

  async *snapshots(): AsyncIterable<readonly (Snapshot | BadSnapshot)[]> {
    yield [...this.disk.snapshots.values()].map((one) => structuredClone(one));
  }

  async *journal(from: number): AsyncIterable<JournalEntry> {
    for (const entry of this.disk.entries) if (entry.number >= from) yield structuredClone(entry);
  }

  async trim(below: number): Promise<void> {
    this.#check();
    this.disk.entries = this.disk.entries.filter((entry) => entry.number >= below);
  }

  async oldest(): Promise<number> {
    return this.disk.entries[0]?.number ?? this.disk.head.number + 1;
  }

  async get(kind: string, id: string): Promise<JsonObject | null> {
    this.#check();
    return this.disk.records.get(kind)?.get(id)?.value ?? null;
  }

  async range(query: RecordQuery): Promise<RecordPage> {
    this.#check();
    const all = [...(this.disk.records.get(query.kind) ?? [])]
      .flatMap(([id, { value, index }]) => {
        const score = index[query.index];
        return score !== undefined && score >= (query.min ?? -Infinity) && score <= (query.max ?? Infinity)
          ? [{ id, value, score }]
          : [];
      })
      .sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1));
    if (query.newestFirst) all.reverse();
    const start = query.cursor === undefined ? 0 : Number(query.cursor);
    const items = all.slice(start, start + query.limit).map(({ id, value }) => ({ id, value }));
    return { items, cursor: start + query.limit < all.length ? String(start + query.limit) : null };
  }

  async confirmEpoch(): Promise<void> {
    this.#check();
  }

  async close(): Promise<void> {}

  #check(): void {
    if (this.disk.failing) throw this.disk.failing;
    if (this.#epoch !== this.disk.epoch) throw new StoreError('fenced', 'another writer');
  }
}
