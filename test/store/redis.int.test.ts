import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../../server/store/redis.ts';
import type { Store } from '../../server/store/store.ts';
import { RedisServer } from '../tools/redis.ts';
import { batch, contract, event, fresh, kindOf, numbers, snapshotsOf } from './contract.ts';

let shared: RedisServer;
beforeAll(async () => {
  shared = await RedisServer.start();
});
afterAll(() => shared.stop());

const KEY = '{wattroom:site}:';

contract('Redis', async () => {
  await shared.command('FLUSHALL');
  return {
    open: () => new RedisStore({ url: shared.url }),
    // A stream's entry cannot be changed: the entries from it on are written anew, with one byte changed.
    flip: async (number) => {
      const script = `local all = redis.call('XRANGE', KEYS[1], '-', '+')
        redis.call('DEL', KEYS[1])
        for _, e in ipairs(all) do
          if e[1] == ARGV[1] then e[2][4] = string.gsub(e[2][4], 'Happened', 'Heppened') end
          redis.call('XADD', KEYS[1], e[1], unpack(e[2]))
        end`;
      await shared.command('EVAL', script, '1', `${KEY}journal`, `${number}-0`);
    },
    flipSnapshot: async (key) => {
      await shared.command(
        'EVAL',
        `local s = redis.call('HGET', KEYS[1], ARGV[1]); redis.call('HSET', KEYS[1], ARGV[1], (string.gsub(s, '12', '13')))`,
        '1',
        `${KEY}snapshots`,
        key,
      );
    },
    remove: async () => undefined,
    shared: true,
  };
});

describe('Redis of its own', () => {
  const servers: RedisServer[] = [];
  const stores: Store[] = [];
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    for (const server of servers.splice(0)) await server.stop();
  });
  const server = async (...settings: string[]): Promise<RedisServer> => {
    const started = await RedisServer.start(settings);
    servers.push(started);
    return started;
  };
  const storeOn = (one: RedisServer, deadlineMs = 1_000): RedisStore => {
    const store = new RedisStore({ url: one.url, deadlineMs });
    stores.push(store);
    return store;
  };
  /** Repeats the identical commit until it is told the truth. */
  const until = async (store: Store, number: number): Promise<void> => {
    for (;;) {
      const kind = await kindOf(store.commit(batch(number)));
      if (kind === 'done') return;
      expect(kind).toBe('away');
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it.each([
    [['--appendonly', 'no'], 'appendonly'],
    [['--appendfsync', 'everysec'], 'appendfsync'],
    [['--no-appendfsync-on-rewrite', 'yes'], 'no-appendfsync-on-rewrite'],
    [['--maxmemory-policy', 'allkeys-lru'], 'maxmemory-policy'],
  ])('refuses %s, naming the setting', async (settings, name) => {
    const one = await server(...settings);
    await expect(storeOn(one).open(fresh)).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining(name),
    });
  });

  it('applies each commit exactly once when Redis is killed in mid-pipeline, again and again', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    let number = 0;
    for (let kill = 0; kill < 20; kill++) {
      for (let i = 0; i < 3; i++) await until(store, (number += 1));
      const last = kindOf(store.commit(batch(number + 1)));
      await one.kill9();
      expect(['away', 'done']).toContain(await last);
      await one.start();
      if ((await last) === 'away') await until(store, number + 1);
      number += 1;
    }
    // The reading client comes back by itself, in its own time.
    while ((await kindOf(store.oldest())) === 'away') await new Promise((resolve) => setImmediate(resolve));
    expect(await numbers(store)).toEqual(Array.from({ length: number }, (_, i) => i + 1));
  });

  it('says away when Redis is frozen, and the truth when it has thawed', async () => {
    const one = await server();
    const store = storeOn(one, 200);
    await store.open(fresh);
    await store.commit(batch(1));
    one.freeze();
    expect(await kindOf(store.commit(batch(2)))).toBe('away');
    one.thaw();
    await until(store, 2);
    expect(await numbers(store)).toEqual([1, 2]);
  });

  it('sends a commit once, however often it is repeated while nothing answers', async () => {
    const one = await server();
    const store = storeOn(one, 100);
    await store.open(fresh);
    await store.commit(batch(1));
    const before = await one.calls('evalsha');
    one.freeze();
    for (let i = 0; i < 4; i++) expect(await kindOf(store.commit(batch(2)))).toBe('away');
    one.thaw();
    await until(store, 2);
    expect(await one.calls('evalsha')).toBe(before + 1);
    expect(await numbers(store)).toEqual([1, 2]);
  });

  it('says away to whoever reads from a frozen Redis', async () => {
    const one = await server();
    const store = storeOn(one, 100);
    await store.open(fresh);
    await store.commit(batch(1));
    one.freeze();
    const reads = [
      store.get('k', 'a'),
      store.range({ kind: 'k', index: 'all', limit: 1 }),
      snapshotsOf(store),
      store.oldest(),
      numbers(store),
      store.confirmEpoch(),
      store.trim(1),
    ];
    expect(new Set(await Promise.all(reads.map(kindOf)))).toEqual(new Set(['away']));
    one.thaw();
  });

  it('reads a journal of large and small commits page by page', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    const text = 'x'.repeat(900_000);
    const large = (number: number): boolean => number > 20 && number <= 28;
    for (let number = 1; number <= 60; number++)
      await store.commit(batch(number, large(number) ? { events: [{ ...event(number), data: { text } }] } : {}));
    expect(await numbers(store)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(await numbers(store, 58)).toEqual([58, 59, 60]);
    expect(await numbers(store, 61)).toEqual([]);
  });

  it('does not take the remains of a site for an empty store', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    await store.commit(batch(1));
    await store.close();
    await one.command('HDEL', `${KEY}meta`, 'siteId');
    expect(await kindOf(storeOn(one).open(fresh))).toBe('foreign');
    await one.command('DEL', `${KEY}meta`);
    expect(await kindOf(storeOn(one).open(fresh))).toBe('foreign');
  });

  it('keeps money on unsafe settings only when told so', async () => {
    const one = await server('--appendonly', 'no');
    const store = new RedisStore({ url: one.url, allowUnsafeSettings: true });
    stores.push(store);
    await store.open(fresh);
    expect((await store.commit(batch(1))).number).toBe(1);
  });

  it('is full without having applied anything, and goes on when there is room', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    await store.commit(batch(1));
    await one.command('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await kindOf(store.commit(batch(2)))).toBe('full');
    expect(await numbers(store)).toEqual([1]);
    await one.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await kindOf(store.commit(batch(2)))).toBe('done');
  });

  it('still trims when it is full: that makes room', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    for (let number = 1; number <= 3; number++) await store.commit(batch(number));
    await one.command('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await kindOf(store.commit(batch(4)))).toBe('full');
    expect(await kindOf(store.trim(3))).toBe('done');
    expect(await numbers(store)).toEqual([3]);
  });

  it('says read-only on a replica', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    await one.command('REPLICAOF', '127.0.0.1', '1');
    expect(await kindOf(store.commit(batch(1)))).toBe('readOnly');
    await one.command('REPLICAOF', 'NO', 'ONE');
    expect(await kindOf(store.commit(batch(1)))).toBe('done');
  });

  it('does not write to a Redis that came back without our last commit', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    await store.commit(batch(1));
    await store.commit(batch(2));
    await one.command('XDEL', `${KEY}journal`, '2-0');
    await one.command('DEL', `${KEY}journal`);
    await one.kill9();
    await one.start();
    let kind: string;
    do {
      kind = await kindOf(store.commit(batch(3)));
      await new Promise((resolve) => setImmediate(resolve));
    } while (kind === 'away');
    expect(kind).toBe('foreign');
  });

  it('notices settings that were changed while it was away', async () => {
    const one = await server();
    const store = storeOn(one);
    await store.open(fresh);
    await one.command('CONFIG', 'SET', 'appendfsync', 'everysec');
    await one.command('CLIENT', 'KILL', 'TYPE', 'normal');
    let kind: string;
    do {
      kind = await kindOf(store.commit(batch(1)));
      await new Promise((resolve) => setImmediate(resolve));
    } while (kind === 'away');
    expect(kind).toBe('misconfigured');
  });
});
