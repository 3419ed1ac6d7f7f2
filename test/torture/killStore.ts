/** A wrapper round the store port that ends the process at a chosen boundary: `kill -9`, no clean-up, nothing flushed. */
import type {
  Batch,
  Head,
  JournalEntry,
  JsonObject,
  OpenOptions,
  RecordPage,
  RecordQuery,
  Store,
} from '../../server/store/store.ts';

export const killPoints = ['beforeSend', 'sent', 'durableNotReleased', 'inSnapshot', 'inRecovery', 'never'] as const;
export type KillPoint = (typeof killPoints)[number];

export class KillStore implements Store {
  readonly #store: Store;
  readonly #point: KillPoint;
  /** How many times the boundary is passed before it kills. */
  #left: number;

  constructor(store: Store, point: KillPoint, count: number) {
    this.#store = store;
    this.#point = point;
    this.#left = count;
  }

  #reach(point: KillPoint): void {
    if (point !== this.#point) return;
    this.#left -= 1;
    if (this.#left <= 0) process.kill(process.pid, 'SIGKILL');
  }

  open(options: OpenOptions): Promise<Head> {
    return this.#store.open(options);
  }

  async commit(batch: Batch): Promise<Head> {
    this.#reach('beforeSend');
    if (batch.snapshots.length > 0) this.#reach('inSnapshot');
    const done = this.#store.commit(batch);
    this.#reach('sent');
    const head = await done;
    this.#reach('durableNotReleased');
    return head;
  }

  snapshots(): ReturnType<Store['snapshots']> {
    this.#reach('inRecovery');
    return this.#store.snapshots();
  }

  async *journal(from: number): AsyncIterable<JournalEntry> {
    for await (const entry of this.#store.journal(from)) {
      this.#reach('inRecovery');
      yield entry;
    }
  }

  trim(below: number): Promise<void> {
    return this.#store.trim(below);
  }
  oldest(): Promise<number> {
    return this.#store.oldest();
  }
  get(kind: string, id: string): Promise<JsonObject | null> {
    return this.#store.get(kind, id);
  }
  range(query: RecordQuery): Promise<RecordPage> {
    return this.#store.range(query);
  }
  confirmEpoch(): Promise<void> {
    return this.#store.confirmEpoch();
  }
  close(): Promise<void> {
    return this.#store.close();
  }
}
