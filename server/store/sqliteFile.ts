/** The SQLite file itself, synchronous: lives in a worker thread. WAL, synchronous FULL, locked for this process alone. */
import { DatabaseSync } from 'node:sqlite';
import { commitHash, GENESIS } from './chain.ts';
import type { EncodedBatch, EncodedSnapshot } from './encode.ts';
import { StoreError, type Head, type OpenOptions } from './store.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, atMs INTEGER NOT NULL, events TEXT NOT NULL, hash TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS snapshot (key TEXT PRIMARY KEY, at INTEGER NOT NULL, commitHash TEXT NOT NULL, schema INTEGER NOT NULL, state TEXT NOT NULL, checksum TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS member (kind TEXT NOT NULL, name TEXT NOT NULL, score REAL NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, name, score, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS memberById ON member (kind, id);
`;

export type RangeRow = { readonly id: string; readonly value: string; readonly score: number };
export type RangeArgs = {
  kind: string;
  index: string;
  min: number;
  max: number;
  newestFirst: boolean;
  limit: number;
  after: [number, string] | null;
};
export type EntryRow = {
  readonly number: number;
  readonly atMs: number;
  readonly events: string;
  readonly hash: string;
};

/** SQLite's primary result codes that have a meaning of their own here (sqlite.org/rescode.html). */
const CODES = {
  full: 13,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : -1;
  const message = error instanceof Error ? error.message : String(error);
  if (code === CODES.full) return new StoreError('full', `the store is full: ${message}`);
  if (code === CODES.readOnly) return new StoreError('readOnly', `the store cannot be written: ${message}`);
  if (code === CODES.busy || code === CODES.locked)
    return new StoreError('fenced', 'another process has the store file open');
  if (code === CODES.corrupt || code === CODES.notADatabase)
    return new StoreError('corrupt', `the store file is damaged: ${message}`);
  return new StoreError('away', `the store file does not answer: ${message}`);
}

/** Locked for this process alone until it is closed. Throws StoreError, `fenced` when another process has it open. */
export function openDatabase(path: string, pageMax: number | null): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    if (pageMax !== null) db.exec(`PRAGMA max_page_count = ${Math.trunc(pageMax)}`);
    // The first write takes the exclusive lock: a second process fails here and not in the middle of money.
    db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
    return db;
  } catch (error) {
    db?.close();
    throw asStoreError(error);
  }
}

export class SqliteFile {
  readonly #db: DatabaseSync;
  #head: Head = { number: 0, hash: GENESIS };

  /** `pageMax` bounds the file's size (PRAGMA max_page_count); null leaves it to the disk. */
  constructor(path: string, pageMax: number | null) {
    this.#db = openDatabase(path, pageMax);
  }

  open({ siteId, init, remembered }: OpenOptions): Head {
    const site = this.#meta('siteId');
    if (site === null && !init) throw new StoreError('empty', 'the store holds no site; set one up with --init --site');
    if (site !== null && init)
      throw new StoreError('foreign', `the store already holds the site ${site}; --init needs an empty one`);
    if (site !== null && site !== siteId)
      throw new StoreError('foreign', `the store holds the site ${site}, not ${siteId}`);
    if (site === null) this.#setMeta('siteId', siteId);
    this.#head = this.#verifiedHead();
    if (remembered && remembered.number > 0) this.#checkRemembered(remembered);
    this.#setMeta('epoch', String(Number(this.#meta('epoch') ?? '0') + 1));
    return this.#head;
  }

  commit(batch: EncodedBatch): Head {
    const hash = (previous: string): string => commitHash(previous, batch.number, batch.atMs, batch.events);
    if (batch.number <= this.#head.number) {
      const stored = this.#entry(batch.number);
      const previous = batch.number === this.#oldest() ? this.#trimmedHash() : this.#entry(batch.number - 1)?.hash;
      if (stored && previous !== undefined && stored.hash === hash(previous))
        return { number: stored.number, hash: stored.hash };
      throw new StoreError('fenced', `commit ${batch.number} is another writer's`);
    }
    if (batch.number !== this.#head.number + 1)
      throw new StoreError('corrupt', `commit ${batch.number} cannot follow ${this.#head.number}`);
    const head = { number: batch.number, hash: hash(this.#head.hash) };
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      this.#write(batch, head);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStoreError(error);
    }
    this.#head = head;
    return head;
  }

  #write(batch: EncodedBatch, head: Head): void {
    const drop = this.#sql('DELETE FROM member WHERE kind = ? AND id = ?');
    const remove = this.#sql('DELETE FROM record WHERE kind = ? AND id = ?');
    const put = this.#sql('INSERT INTO record VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
    const join = this.#sql('INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)');
    for (const { kind, id, value, index } of batch.records) {
      drop.run(kind, id);
      if (value === null) remove.run(kind, id);
      else {
        put.run(kind, id, value);
        for (const [name, score] of index) join.run(kind, name, score, id);
      }
    }
    const keep = this.#sql('INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?, ?)');
    for (const { key, commit, commitHash: hash, schema, state, checksum } of batch.snapshots)
      keep.run(key, commit, hash, schema, state, checksum);
    this.#sql('INSERT INTO journal VALUES (?, ?, ?, ?)').run(head.number, batch.atMs, batch.events, head.hash);
  }

  snapshots(): EncodedSnapshot[] {
    return this.#sql(
      'SELECT key, at AS "commit", commitHash, schema, state, checksum FROM snapshot',
    ).all() as EncodedSnapshot[];
  }

  /** Entries from `from` on, and the hash of the one before. */
  entries(from: number, limit: number): { before: string; rows: EntryRow[] } {
    const rows = this.#sql(
      'SELECT number, atMs, events, hash FROM journal WHERE number >= ? ORDER BY number LIMIT ?',
    ).all(from, limit) as EntryRow[];
    const before = from <= this.#oldest() ? this.#trimmedHash() : (this.#entry(from - 1)?.hash ?? GENESIS);
    return { before, rows };
  }

  trim(below: number): void {
    const last = this.#entry(below - 1);
    if (!last) return;
    this.#db.exec('BEGIN IMMEDIATE');
    this.#setMeta('trimmedNumber', String(last.number));
    this.#setMeta('trimmedHash', last.hash);
    this.#sql('DELETE FROM journal WHERE number < ?').run(below);
    this.#db.exec('COMMIT');
  }

  oldest(): number {
    return this.#oldest();
  }

  get(kind: string, id: string): string | null {
    const row = this.#sql('SELECT value FROM record WHERE kind = ? AND id = ?').get(kind, id);
    return row ? String(row.value) : null;
  }

  range({ kind, index, min, max, newestFirst, limit, after }: RangeArgs): RangeRow[] {
    const order = newestFirst ? 'DESC' : 'ASC';
    const beyond = after === null ? '' : `AND (m.score, m.id) ${newestFirst ? '<' : '>'} (?, ?)`;
    const text = `SELECT m.id AS id, r.value AS value, m.score AS score FROM member m JOIN record r ON r.kind = m.kind AND r.id = m.id
      WHERE m.kind = ? AND m.name = ? AND m.score >= ? AND m.score <= ? ${beyond} ORDER BY m.score ${order}, m.id ${order} LIMIT ?`;
    return this.#sql(text).all(kind, index, min, max, ...(after ?? []), limit) as RangeRow[];
  }

  close(): void {
    this.#db.close();
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  #sql(text: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }

  #meta(name: string): string | null {
    const row = this.#sql('SELECT value FROM meta WHERE name = ?').get(name);
    return row ? String(row.value) : null;
  }

  #setMeta(name: string, value: string): void {
    this.#sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(name, value);
  }

  #entry(number: number): EntryRow | undefined {
    return this.#sql('SELECT number, atMs, events, hash FROM journal WHERE number = ?').get(number) as
      EntryRow | undefined;
  }

  #oldest(): number {
    const row = this.#sql('SELECT min(number) AS number FROM journal').get();
    return row?.number == null ? this.#trimmedNumber() + 1 : Number(row.number);
  }

  #trimmedNumber(): number {
    return Number(this.#meta('trimmedNumber') ?? '0');
  }

  #trimmedHash(): string {
    return this.#meta('trimmedHash') ?? GENESIS;
  }

  #verifiedHead(): Head {
    const last = this.#sql('SELECT number, atMs, events, hash FROM journal ORDER BY number DESC LIMIT 1').get() as
      EntryRow | undefined;
    if (!last) return { number: this.#trimmedNumber(), hash: this.#trimmedHash() };
    const before = last.number === this.#oldest() ? this.#trimmedHash() : this.#entry(last.number - 1)?.hash;
    if (before === undefined || commitHash(before, last.number, last.atMs, last.events) !== last.hash) {
      throw new StoreError('corrupt', `commit ${last.number} has been changed: its hash does not fit`);
    }
    return { number: last.number, hash: last.hash };
  }

  #checkRemembered(remembered: Head): void {
    if (remembered.number > this.#head.number)
      throw new StoreError(
        'foreign',
        `the store ends at commit ${this.#head.number}, but commit ${remembered.number} was durable: it is an older copy`,
      );
    const stored =
      remembered.number === this.#trimmedNumber() ? this.#trimmedHash() : this.#entry(remembered.number)?.hash;
    if (stored !== undefined && stored !== remembered.hash)
      throw new StoreError('foreign', `commit ${remembered.number} in the store is not the one this site wrote`);
  }
}
