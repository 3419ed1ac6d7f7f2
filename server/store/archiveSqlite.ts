/** A whole site out of, or into, the SQLite file. Looking takes the file's lock too: the core must not be running. */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { assertNever } from '../domain/assert.ts';
import type { Archive, ArchiveHead, Row } from './archive.ts';
import { GENESIS } from './chain.ts';
import type { EncodedSnapshot } from './encode.ts';
import { asStoreError, openDatabase, type EntryRow } from './sqliteFile.ts';
import { StoreError, type Head } from './store.ts';

const PAGE = 200;
/** Of up to 1 MiB each. */
const COMMITS_PAGE = 20;

export class SqliteArchive implements Archive {
  readonly #file: string;
  readonly #siteId: string;
  #opened: DatabaseSync | null = null;

  constructor(file: string, siteId: string) {
    this.#file = file;
    this.#siteId = siteId;
  }

  async head(): Promise<ArchiveHead | null> {
    // Looking for a site creates no file.
    if (!existsSync(this.#file)) return null;
    const siteId = this.#meta('siteId');
    const last = this.#all<EntryRow>('SELECT number, atMs, events, hash FROM journal ORDER BY number DESC LIMIT 1')[0];
    if (siteId === null) {
      if (last) throw new StoreError('foreign', `${this.#file} holds remains of a site; remove it if nobody needs it`);
      return null;
    }
    if (siteId !== this.#siteId)
      throw new StoreError('foreign', `${this.#file} holds the site ${siteId}, not ${this.#siteId}`);
    const trimmed: Head = {
      number: Number(this.#meta('trimmedNumber') ?? '0'),
      hash: this.#meta('trimmedHash') ?? GENESIS,
    };
    const head = last ? { number: last.number, hash: last.hash } : trimmed;
    return { siteId, epoch: Number(this.#meta('epoch') ?? '0'), trimmed, head };
  }

  async *rows(): AsyncIterable<readonly Row[]> {
    let from = 0;
    for (;;) {
      const page = this.#all<EntryRow>(
        'SELECT number, atMs, events, hash FROM journal WHERE number >= ? ORDER BY number LIMIT ?',
        from,
        COMMITS_PAGE,
      );
      yield page.map(({ number, atMs, events, hash }) => ({ row: 'commit', commit: { number, atMs, events, hash } }));
      if (page.length < COMMITS_PAGE) break;
      from = (page.at(-1)?.number ?? from) + 1;
    }
    let key = '';
    for (;;) {
      const page = this.#all<EncodedSnapshot>(
        'SELECT key, at AS "commit", commitHash, schema, state, checksum FROM snapshot WHERE key > ? ORDER BY key LIMIT ?',
        key,
        PAGE,
      );
      yield page.map((snapshot) => ({ row: 'snapshot', snapshot: { ...snapshot } }));
      if (page.length < PAGE) break;
      key = page.at(-1)?.key ?? key;
    }
    yield* this.#records();
  }

  async *#records(): AsyncIterable<readonly Row[]> {
    let last = { kind: '', id: '' };
    for (;;) {
      const page = this.#all<{ kind: string; id: string; value: string }>(
        'SELECT kind, id, value FROM record WHERE (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?',
        last.kind,
        last.id,
        PAGE,
      );
      yield page.map(({ kind, id, value }) => {
        const members = this.#all<{ name: string; score: number }>(
          'SELECT name, score FROM member WHERE kind = ? AND id = ? ORDER BY name',
          kind,
          id,
        );
        return {
          row: 'record',
          record: { kind, id, value, index: members.map(({ name, score }) => [name, score] as const) },
        };
      });
      if (page.length < PAGE) return;
      last = page.at(-1) ?? last;
    }
  }

  async restore(archiveHead: ArchiveHead, pages: AsyncIterable<readonly Row[]>): Promise<void> {
    const db = this.#db();
    if ((await this.head()) !== null) throw new StoreError('foreign', `${this.#file} is not empty`);
    try {
      db.exec('BEGIN IMMEDIATE');
      for await (const page of pages) for (const row of page) this.#put(row);
      const { siteId, epoch, trimmed } = archiveHead;
      const meta = db.prepare('INSERT INTO meta VALUES (?, ?)');
      meta.run('siteId', siteId);
      meta.run('epoch', String(epoch));
      if (trimmed.number > 0) {
        meta.run('trimmedNumber', String(trimmed.number));
        meta.run('trimmedHash', trimmed.hash);
      }
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw asStoreError(error);
    }
  }

  #put(row: Row): void {
    switch (row.row) {
      case 'commit': {
        const { number, atMs, events, hash } = row.commit;
        this.#run('INSERT INTO journal VALUES (?, ?, ?, ?)', number, atMs, events, hash);
        return;
      }
      case 'snapshot': {
        const { key, commit, commitHash, schema, state, checksum } = row.snapshot;
        this.#run('INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?)', key, commit, commitHash, schema, state, checksum);
        return;
      }
      case 'record': {
        const { kind, id, value, index } = row.record;
        this.#run('INSERT INTO record VALUES (?, ?, ?)', kind, id, value);
        for (const [name, score] of index) this.#run('INSERT INTO member VALUES (?, ?, ?, ?)', kind, name, score, id);
        return;
      }
      default:
        assertNever(row);
    }
  }

  async close(): Promise<void> {
    this.#opened?.close();
    this.#opened = null;
  }

  #db(): DatabaseSync {
    return (this.#opened ??= openDatabase(this.#file, null));
  }

  #meta(name: string): string | null {
    return this.#all<{ value: string }>('SELECT value FROM meta WHERE name = ?', name)[0]?.value ?? null;
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  #prepared(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db().prepare(sql)));
    return statement;
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#prepared(sql).run(...values);
  }

  /** T is the shape of the table's own columns. */
  #all<T>(sql: string, ...values: (string | number)[]): T[] {
    try {
      return this.#prepared(sql).all(...values) as T[];
    } catch (error) {
      throw asStoreError(error);
    }
  }
}
