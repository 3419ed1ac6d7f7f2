import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../tools/redis.ts';
import { torture, type TortureResult } from './torture.ts';

const boundaries = ['beforeSend', 'sent', 'durableNotReleased', 'inSnapshot', 'inRecovery'];
const reachedAll = (result: TortureResult): void => {
  expect(result.kills).toBeGreaterThanOrEqual(30);
  expect(Object.keys(result.byPoint)).toEqual(expect.arrayContaining(boundaries));
};

describe('kill -9 of the core at every boundary of the journal loses and doubles nothing', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  it('on SQLite', async () => reachedAll(await torture({ kills: 30, seed: 20261123, place: { redisUrl: null } })));

  it('on Redis, which is killed now and then as well', async () => {
    const alsoKill = async (): Promise<void> => {
      await redis.kill9();
      await redis.start();
    };
    const result = await torture({ kills: 30, seed: 20261124, place: { redisUrl: redis.url, alsoKill } });
    reachedAll(result);
    expect(result.alsoKilled).toBeGreaterThan(0);
  });
});
