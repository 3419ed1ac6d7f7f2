import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeBackup } from '../../server/store/backup.ts';
import { openArchive, openStore } from '../../server/store/openStore.ts';
import { readRemembered, Remembering } from '../../server/store/remembered.ts';
import type { Head, Store } from '../../server/store/store.ts';
import { RedisServer } from '../tools/redis.ts';
import { again, batch, fresh } from './contract.ts';

type Ran = { readonly code: number | null; readonly said: string };

describe('backup and restore as commands', () => {
  let redis: RedisServer;
  let dir: string;
  let old: string;
  let next: string;
  let file: string;
  let stores: Store[];
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'wattroom-commands-'));
    old = join(dir, 'old');
    next = join(dir, 'next');
    file = join(dir, 'site.backup');
    stores = [];
    mkdirSync(old);
    await redis.command('FLUSHALL');
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const run = (name: 'backup' | 'restore', dataDir: string, redisUrl: string | null, ...args: string[]): Ran => {
    const script = fileURLToPath(new URL(`../../server/${name}.ts`, import.meta.url));
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], DATA_DIR: dataDir };
    if (redisUrl !== null) env['REDIS_URL'] = redisUrl;
    const options = { env, encoding: 'utf8' as const };
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, ...args],
      options,
    );
    return { code: status, said: stdout + stderr };
  };
  /** A site of `commits` commits in the old folder, remembered there; its store is closed. */
  const site = async (commits: number): Promise<Head> => {
    const store = openStore({ redisUrl: null, dataDir: old });
    let head = await store.open(fresh);
    for (let number = 1; number <= commits; number++) head = await store.commit(batch(number));
    await store.close();
    await new Remembering(old, fresh.siteId).write(head);
    return head;
  };
  const backedUp = async (commits: number): Promise<Head> => {
    const head = await site(commits);
    const archive = openArchive({ redisUrl: null, dataDir: old }, fresh.siteId);
    await writeBackup(archive, file);
    await archive.close();
    return head;
  };
  const opens = async (dataDir: string, redisUrl: string | null): Promise<Head> => {
    const store = openStore({ redisUrl, dataDir });
    stores.push(store);
    const remembered = await readRemembered(dataDir);
    return store.open({ ...again, remembered: remembered?.head ?? null });
  };

  it('move a site from SQLite to Redis in a new folder, which remembers it', async () => {
    const head = await site(3);
    expect(run('backup', old, null, '--out', file)).toEqual({
      code: 0,
      said: `${file}: site site at commit 3: 3 commits, 0 snapshots, 0 records\n`,
    });
    expect(run('restore', next, redis.url, '--in', file)).toEqual({
      code: 0,
      said: 'site site restored to commit 3\n',
    });
    expect(await readRemembered(next)).toEqual({ siteId: 'site', head });
    expect(await opens(next, redis.url)).toEqual(head);
  });

  it('say that the core is running, in one line and without a stack', async () => {
    await site(1);
    await opens(old, null);
    const { code, said } = run('backup', old, null, '--out', file);
    expect({ code, lines: said.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(said).toContain('another process has the store file open');
  });

  it('lose newer commits only when told so', async () => {
    const head = await backedUp(2);
    mkdirSync(next);
    await new Remembering(next, 'site').write({ number: 5, hash: 'x' });
    const refused = run('restore', next, null, '--in', file);
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('the last 3 commits');
    expect((await readRemembered(next))?.head.number).toBe(5);
    expect(run('restore', next, null, '--in', file, '--accept-older').code).toBe(0);
    expect(await opens(next, null)).toEqual(head);
  });

  it('refuse a folder that remembers another site or another history, whatever they are told', async () => {
    await backedUp(2);
    mkdirSync(next);
    await new Remembering(next, 'other').write({ number: 1, hash: 'x' });
    expect(run('restore', next, null, '--in', file, '--accept-older').said).toContain('remembers other');
    await new Remembering(next, 'site').write({ number: 1, hash: 'x' });
    expect(run('restore', next, null, '--in', file, '--accept-older').said).toContain('commit 1');
  });

  it('refuse a store that holds a site already, and leave what is remembered', async () => {
    await backedUp(2);
    const before = await readRemembered(old);
    expect(run('restore', old, null, '--in', file)).toEqual({ code: 1, said: 'the store is not empty\n' });
    expect(await readRemembered(old)).toEqual(before);
  });

  it('say how they are used', async () => {
    expect(run('backup', next, null, '--wat')).toMatchObject({
      code: 1,
      said: expect.stringContaining('usage: npm run backup'),
    });
    expect(run('restore', next, null)).toMatchObject({
      code: 1,
      said: expect.stringContaining('usage: npm run restore'),
    });
    expect(run('backup', next, null, '--out', file).said).toContain('knows of no site');
  });
});
