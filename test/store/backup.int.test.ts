import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '../../server/store/archive.ts';
import { readBackup, verifyBackup, writeBackup } from '../../server/store/backup.ts';
import { openArchive, openStore, type StoreChoice } from '../../server/store/openStore.ts';
import type { Head, JournalEntry, RecordPut, Snapshot, Store } from '../../server/store/store.ts';
import { RedisServer } from '../tools/redis.ts';
import { again, batch, event, fresh, kindOf, snapshotsOf } from './contract.ts';

type Kind = 'SQLite' | 'Redis';
const SITE = fresh.siteId;
const RECORDS = 450;

let redis: RedisServer;
let dir: string;
const opened: { close: () => Promise<void> }[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wattroom-backup-'));
  await redis.command('FLUSHALL');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(dir, { recursive: true, force: true });
});

const choice = (kind: Kind): StoreChoice => ({ redisUrl: kind === 'Redis' ? redis.url : null, dataDir: dir });
const storeOf = (kind: Kind): Store => {
  const store = openStore(choice(kind));
  opened.push(store);
  return store;
};
const archiveOf = (kind: Kind): Archive => {
  const archive = openArchive(choice(kind), SITE);
  opened.push(archive);
  return archive;
};
const empty = async (kind: Kind): Promise<void> => {
  for (const one of opened.splice(0)) await one.close();
  if (kind === 'Redis') await redis.command('FLUSHALL');
  else for (const name of readdirSync(dir)) if (name.startsWith('wattroom.db')) rmSync(join(dir, name));
};
const backup = (): string => join(dir, 'site.backup');

/** Everything the port shows, in an order that does not depend on the adapter. */
async function contents(store: Store): Promise<unknown> {
  const journal: JournalEntry[] = [];
  for await (const entry of store.journal(1)) journal.push(entry);
  const { good, bad } = await snapshotsOf(store);
  const all = await store.range({ kind: 'order', index: 'all', limit: 1_000 });
  const even = await store.range({ kind: 'order', index: 'even', limit: 1_000, newestFirst: true });
  const plain = await store.get('session', 'plain');
  return { journal, good: good.sort((a, b) => (a.key < b.key ? -1 : 1)), bad, all, even, plain };
}

/** Commits, records in and out of indexes, snapshots, a trim: 30 commits, the first 9 trimmed. */
async function fill(kind: Kind): Promise<{ store: Store; head: Head }> {
  const store = storeOf(kind);
  let head = await store.open(fresh);
  for (let number = 1; number <= 30; number++) {
    const records: RecordPut[] = [];
    for (let i = number; i <= RECORDS; i += 30) {
      const index: Record<string, number> = i % 2 === 0 ? { all: i / 3, even: -i } : { all: i / 3 };
      records.push({ kind: 'order', id: `o${i}`, value: { i, text: 'line\u2028 separator\r\n电' }, index });
    }
    if (number === 29) records.push({ kind: 'order', id: 'o2', value: { moved: true }, index: { all: 7 } });
    if (number === 30) records.push({ kind: 'order', id: 'o4', value: null });
    records.push({ kind: 'session', id: 'plain', value: { number } });
    const snapshots: Snapshot[] =
      number === 1
        ? []
        : [{ key: `wallet:${number % 8}`, commit: number - 1, commitHash: head.hash, schema: 1, state: { number } }];
    head = await store.commit(batch(number, { records, snapshots, events: [event(number), event(-number)] }));
  }
  await store.trim(10);
  return { store, head };
}

/** A backup of a filled SQLite store, which is emptied again. */
async function backedUp(): Promise<Head> {
  const { store, head } = await fill('SQLite');
  await store.close();
  await writeBackup(archiveOf('SQLite'), backup());
  await empty('SQLite');
  return head;
}

const restore = async (archive: Archive): Promise<void> => {
  const { head, pages } = await readBackup(backup());
  await archive.restore(head, pages);
};

const kinds: [Kind, Kind][] = [
  ['SQLite', 'SQLite'],
  ['SQLite', 'Redis'],
  ['Redis', 'SQLite'],
  ['Redis', 'Redis'],
];

describe('a backup', () => {
  it.each(kinds)('of %s restored into %s shows the same, and goes on', async (from, to) => {
    const { store, head } = await fill(from);
    const before = await contents(store);
    await store.close();
    const written = await writeBackup(archiveOf(from), backup());
    expect(written.counts).toEqual({ commits: 21, snapshots: 8, records: RECORDS });
    await empty(from);
    const archive = archiveOf(to);
    await restore(archive);
    await archive.close();
    const restored = storeOf(to);
    expect(await restored.open({ ...again, remembered: head })).toEqual(head);
    expect(await contents(restored)).toEqual(before);
    // Old memberships are known to the new store too.
    const moved: RecordPut[] = [{ kind: 'order', id: 'o6', value: { i: 6 }, index: { even: 1 } }];
    expect((await restored.commit(batch(31, { records: moved }))).number).toBe(31);
    const all = await restored.range({ kind: 'order', index: 'all', limit: 1_000 });
    expect(all.items.map(({ id }) => id)).not.toContain('o6');
    expect(await restored.oldest()).toBe(10);
  });

  it.each<Kind>(['SQLite', 'Redis'])('of a site whose journal is all trimmed goes on in %s', async (to) => {
    const { store, head } = await fill('SQLite');
    await store.trim(31);
    await store.close();
    await writeBackup(archiveOf('SQLite'), backup());
    await empty('SQLite');
    const archive = archiveOf(to);
    await restore(archive);
    await archive.close();
    const restored = storeOf(to);
    expect(await restored.open({ ...again, remembered: head })).toEqual(head);
    expect((await restored.commit(batch(31))).number).toBe(31);
  });

  it('is readable by its owner only, and never written over', async () => {
    await backedUp();
    expect(statSync(backup()).mode & 0o077).toBe(0);
    const text = readFileSync(backup(), 'utf8');
    await fill('Redis');
    expect(await kindOf(writeBackup(archiveOf('Redis'), backup()))).toBe('foreign');
    expect(readFileSync(backup(), 'utf8')).toBe(text);
  });

  it.each<Kind>(['SQLite', 'Redis'])('of an empty %s is refused, and creates nothing', async (kind) => {
    expect(await kindOf(writeBackup(archiveOf(kind), backup()))).toBe('empty');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('of a site that goes on meanwhile is refused, and leaves no file', async () => {
    const { store } = await fill('Redis');
    const archive = archiveOf('Redis');
    const rows = archive.rows.bind(archive);
    archive.rows = async function* () {
      yield* rows();
      await store.commit(batch(31));
    };
    expect(await kindOf(writeBackup(archive, backup()))).toBe('fenced');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('of SQLite is refused while the core has the file', async () => {
    await fill('SQLite');
    expect(await kindOf(writeBackup(archiveOf('SQLite'), backup()))).toBe('fenced');
  });

  it('of a damaged journal is refused, naming the commit', async () => {
    const { store } = await fill('Redis');
    await store.close();
    await redis.command('XDEL', `{wattroom:${SITE}}:journal`, '20-0');
    await expect(writeBackup(archiveOf('Redis'), backup())).rejects.toThrow('commit 20 is missing');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is known to be changed, whichever byte it is', async () => {
    await backedUp();
    const bytes = readFileSync(backup());
    const changed = join(dir, 'changed');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ by;
        writeFileSync(changed, copy);
        expect(await kindOf(verifyBackup(changed, 0))).toBe('corrupt');
      }),
      { numRuns: 150, seed: 20 },
    );
  });

  it('is known to be cut, wherever it was', async () => {
    await backedUp();
    const bytes = readFileSync(backup());
    const cut = join(dir, 'cut');
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    for (const end of [0, 1, ...ends.slice(0, 3), ...ends.slice(-4, -1), bytes.length - 1]) {
      writeFileSync(cut, bytes.subarray(0, end));
      expect(await kindOf(verifyBackup(cut, 0))).toBe('corrupt');
    }
    writeFileSync(cut, Buffer.concat([bytes, bytes.subarray(ends[0])]));
    expect(await kindOf(verifyBackup(cut, 0))).toBe('corrupt');
  });
});

describe('a restore', () => {
  it.each<Kind>(['SQLite', 'Redis'])('into a %s that holds a site is refused and changes nothing', async (kind) => {
    await backedUp();
    const { store } = await fill(kind);
    await store.commit(batch(31));
    const before = await contents(store);
    await store.close();
    expect(await kindOf(restore(archiveOf(kind)))).toBe('foreign');
    for (const one of opened.splice(0)) await one.close();
    const later = storeOf(kind);
    expect((await later.open(again)).number).toBe(31);
    expect(await contents(later)).toEqual(before);
  });

  it.each<Kind>(['SQLite', 'Redis'])('that breaks off leaves no site in %s', async (kind) => {
    await backedUp();
    const archive = archiveOf(kind);
    const { head, pages } = await readBackup(backup());
    const broken = async function* (): typeof pages {
      let left = 2;
      for await (const page of pages) {
        if (left-- === 0) throw new Error('broken off');
        yield page;
      }
    };
    await expect(archive.restore(head, broken())).rejects.toThrow('broken off');
    await archive.close();
    expect(await kindOf(storeOf(kind).open(again))).toBe('empty');
    for (const one of opened.splice(0)) await one.close();
    // What Redis keeps of it is not taken for an empty store either; SQLite rolled it back.
    expect(await kindOf(restore(archiveOf(kind)))).toBe(kind === 'Redis' ? 'foreign' : 'done');
  });

  it('into a Redis that would lose money is refused', async () => {
    await backedUp();
    await redis.command('CONFIG', 'SET', 'appendfsync', 'everysec');
    try {
      expect(await kindOf(restore(archiveOf('Redis')))).toBe('misconfigured');
    } finally {
      await redis.command('CONFIG', 'SET', 'appendfsync', 'always');
    }
  });
});
