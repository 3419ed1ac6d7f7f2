/** The embedded store: one SQLite file, owned by a worker thread. For a first run and a small site. */
import { Worker } from 'node:worker_threads';
import { decodeCursor, decodeEntry, decodeObject, decodeSnapshot, encodeCursor } from './decode.ts';
import { encodeBatch, type EncodedSnapshot } from './encode.ts';
import type { EntryRow, RangeRow } from './sqliteFile.ts';
import type { Method, WorkerAnswer } from './sqliteWorker.ts';
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
} from './store.ts';

const JOURNAL_PAGE = 500;
/** Requests waiting for the thread; more are refused as `away`. */
const WAITING_MAX = 10_000;

export type SqliteOptions = { readonly file: string; readonly pageMax?: number };

export class SqliteStore implements Store {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: StoreError) => void }>();
  #next = 1;
  #ended: StoreError | null = null;

  constructor({ file, pageMax }: SqliteOptions) {
    this.#worker = new Worker(new URL('./sqliteWorker.ts', import.meta.url), {
      workerData: { path: file, pageMax: pageMax ?? null },
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) =>
      this.#end(new StoreError('away', `the store's thread failed: ${error.message}`)),
    );
    this.#worker.on('exit', () => this.#end(new StoreError('away', 'the store is closed')));
  }

  async open(options: OpenOptions): Promise<Head> {
    return (await this.#call('open', options)) as Head;
  }

  async commit(batch: Batch): Promise<Head> {
    return (await this.#call('commit', encodeBatch(batch, JSON.stringify(batch.events)))) as Head;
  }

  async *snapshots(): AsyncIterable<readonly (Snapshot | BadSnapshot)[]> {
    yield ((await this.#call('snapshots')) as EncodedSnapshot[]).map(decodeSnapshot);
  }

  async *journal(from: number): AsyncIterable<JournalEntry> {
    let next = Math.max(from, await this.oldest());
    let previous: Head | null = null;
    for (;;) {
      const { before, rows } = (await this.#call('entries', next, JOURNAL_PAGE)) as {
        before: string;
        rows: EntryRow[];
      };
      previous ??= { number: next - 1, hash: before };
      for (const row of rows) {
        const entry = decodeEntry(previous, row.number, row.atMs, row.events, row.hash);
        previous = { number: entry.number, hash: entry.hash };
        yield entry;
      }
      if (rows.length < JOURNAL_PAGE) return;
      next = previous.number + 1;
    }
  }

  async trim(below: number): Promise<void> {
    await this.#call('trim', below);
  }

  async oldest(): Promise<number> {
    return (await this.#call('oldest')) as number;
  }

  async get(kind: string, id: string): Promise<JsonObject | null> {
    const text = (await this.#call('get', kind, id)) as string | null;
    return text === null ? null : decodeObject(text, `record ${kind} ${id}`);
  }

  async range(query: RecordQuery): Promise<RecordPage> {
    const { kind, index, min = -Number.MAX_VALUE, max = Number.MAX_VALUE, newestFirst = false, limit, cursor } = query;
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const rows = (await this.#call('range', {
      kind,
      index,
      min,
      max,
      newestFirst,
      limit: limit + 1,
      after,
    })) as RangeRow[];
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map(({ id, value }) => ({ id, value: decodeObject(value, `record ${kind} ${id}`) })),
      cursor: last ? encodeCursor(last.score, last.id) : null,
    };
  }

  /** The file is locked for this process alone: while it answers, it is ours. */
  async confirmEpoch(): Promise<void> {
    await this.#call('oldest');
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#call('close');
    } finally {
      await this.#worker.terminate();
    }
  }

  #call(method: Method, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#waiting.size >= WAITING_MAX)
      return Promise.reject(new StoreError('away', 'too many requests wait for the store'));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args });
    });
  }

  #answered(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new StoreError(answer.error.kind, answer.error.message));
    else waiting?.resolve(answer.result);
  }

  #end(error: StoreError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
