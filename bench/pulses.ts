/** Pulses per second, each outcome durable on a Redis that syncs every write; beside what the parts alone would do. */
import { createClient } from 'redis';
import { RedisStore } from '../server/store/redis.ts';
import { RedisServer } from '../test/tools/redis.ts';
import { BareHops } from './bareHops.ts';
import { quantile, seconds, type Bench } from './bench.ts';
import { InstantStore } from './instantStore.ts';
import { BenchCore, benchSite } from './pulseSite.ts';

const GOAL = { ofBareHops: 0.5, ofInstantStore: 0.8, ofAwaited: 20 };

/** Seconds of one awaited transaction: the meter's index, the wallet's balance and one journal entry, then the next reading. */
async function awaitedSeconds(socket: string, readings: number): Promise<number> {
  const client = createClient({ socket: { path: socket, tls: false } });
  await client.connect();
  const took = await seconds(async () => {
    for (let n = 0; n < readings; n++)
      await client
        .multi()
        .hSet('awaited:index', `m${n}`, n * 10)
        .hIncrBy('awaited:balance', `w${n}`, -5_680)
        .xAdd('awaited:journal', '*', { meter: `m${n}`, wallet: `w${n}`, index: String(n * 10), amountMicro: '5680' })
        .exec();
  });
  client.destroy();
  return took / readings;
}

export const bench: Bench = {
  name: 'pulses',
  summary: 'readings a second, priced, deducted and durable on Redis',
  run: async ({ smoke }) => {
    const meters = smoke ? 200 : 10_000;
    const rounds = smoke ? 2 : 10;
    const warmUp = smoke ? 1 : 3;
    const server = await RedisServer.start();
    try {
      const bare = new BareHops(meters);
      const instant = await BenchCore.open(new InstantStore(), benchSite(meters), meters);
      const store = new RedisStore({ url: server.url });
      const redis = await BenchCore.open(store, benchSite(meters), meters);
      for (let sweep = 0; sweep < warmUp; sweep++) for (const one of [bare, instant, redis]) await one.sweep();
      // In turns, so that whatever else the machine does falls on all of them; the median round counts.
      const taken: Record<'bare' | 'instant' | 'redis' | 'awaited', number[]> = {
        bare: [],
        instant: [],
        redis: [],
        awaited: [],
      };
      for (let round = 0; round < rounds; round++) {
        taken.bare.push(await seconds(() => bare.sweep()));
        taken.instant.push(await seconds(() => instant.sweep()));
        taken.redis.push(await seconds(() => redis.sweep()));
        taken.awaited.push((await awaitedSeconds(server.socket, smoke ? 20 : 200)) * meters);
      }
      bare.stop();
      await store.close();
      const rate = (times: readonly number[]): number => meters / quantile(times, 0.5);
      const value = rate(taken.redis);
      const ratio = value / rate(taken.bare);
      const ofInstantStore = value / rate(taken.instant);
      const ofAwaited = value / rate(taken.awaited);
      return {
        name: 'pulses',
        parameters: {
          ...{ meters, rounds, instantStorePerSecond: rate(taken.instant), ofInstantStore },
          ...{ awaitedPerSecond: rate(taken.awaited), ofAwaited },
        },
        ...{ value, unit: 'pulses/s' },
        baseline: { name: 'bare three hops on nact', value: rate(taken.bare) },
        ratio,
        goal: `ratio >= ${GOAL.ofBareHops}, ofInstantStore >= ${GOAL.ofInstantStore}, ofAwaited >= ${GOAL.ofAwaited}`,
        met: ratio >= GOAL.ofBareHops && ofInstantStore >= GOAL.ofInstantStore && ofAwaited >= GOAL.ofAwaited,
      };
    } finally {
      await server.stop();
    }
  },
};
