/**
 * Recovery of a large site from snapshots and the journal's tail, beside a replay of everything. The site is killed as it
 * runs on an ordinary day: after a long history written as fast as it goes, its lines give a reading of every meter
 * each 15 s, evenly, and it ends right after one. `burst…` is the same after a kill in the middle of the fast part,
 * where the core had no moment to spare.
 */
import { RedisStore } from '../server/store/redis.ts';
import type { JournalEntry } from '../server/store/store.ts';
import { RedisServer } from '../test/tools/redis.ts';
import { quantile, seconds, type Bench } from './bench.ts';
import { BenchCore, benchSite } from './pulseSite.ts';

const GOAL = { ratio: 10, seconds: 5 };
const ROUND_MS = 15_000;
const ROUNDS = 2;
const STARTS = 3;

/** Keeps the whole journal, and reads it as if it had been trimmed. */
class Kept extends RedisStore {
  below: number;
  written = 0;
  read = 0;
  constructor(url: string, below: number) {
    super({ url });
    this.below = below;
  }
  override async commit(batch: Parameters<RedisStore['commit']>[0]): ReturnType<RedisStore['commit']> {
    this.written += batch.events.length;
    return super.commit(batch);
  }
  override async trim(below: number): Promise<void> {
    this.below = below;
  }
  override async oldest(): Promise<number> {
    return Math.max(this.below, await super.oldest());
  }
  override async *journal(from: number): AsyncIterable<JournalEntry> {
    for await (const entry of super.journal(from)) {
      this.read += entry.events.length;
      yield entry;
    }
  }
}

/** As if no snapshot had ever been written. */
class WithoutSnapshots extends RedisStore {
  override async *snapshots(): ReturnType<RedisStore['snapshots']> {}
}

/** From opening the store until the lines open, as in main.ts: what the actors were told is handled while they do. */
async function recovery(store: RedisStore, meters: number): Promise<{ core: BenchCore; took: number }> {
  let core: BenchCore | undefined;
  const took = await seconds(async () => void (core = await BenchCore.start(store, null, meters)));
  if (!core) throw new Error('it did not start');
  return { core, took };
}

export const bench: Bench = {
  name: 'recovery',
  summary: 'seconds until a core goes on, from snapshots and tail',
  run: async ({ smoke }) => {
    const meters = smoke ? 30 : 10_000;
    const eventsWanted = smoke ? 300 : 1_000_000;
    const roundMs = smoke ? 300 : ROUND_MS;
    const server = await RedisServer.start();
    const { url } = server;
    try {
      const history = new Kept(url, 0);
      const first = await BenchCore.open(history, benchSite(meters), meters);
      while (history.written < eventsWanted) await first.sweep();
      await history.close();

      const day = new Kept(url, history.below);
      const burst = await recovery(day, meters);
      await burst.core.settle();
      for (let round = 0; round < ROUNDS; round++) await burst.core.sweep(roundMs);
      await day.close();

      const whole = new WithoutSnapshots({ url });
      const baseline = await recovery(whole, meters);
      await whole.close();
      // A second is short on a shared machine: the middle one of three starts counts.
      const starts: { took: number; handled: number; events: number }[] = [];
      for (let n = 0; n < STARTS; n++) {
        const tail = new Kept(url, day.below);
        const { core, took } = await recovery(tail, meters);
        starts.push({ took, handled: took + (await seconds(() => core.settle())), events: tail.read });
        await tail.close();
      }
      const value = quantile(
        starts.map(({ took }) => took),
        0.5,
      );
      const handledSeconds = quantile(
        starts.map(({ handled }) => handled),
        0.5,
      );
      const ratio = baseline.took / value;
      return {
        name: 'recovery',
        parameters: {
          ...{ meters, events: history.written + day.written, tailEvents: starts[0]?.events ?? 0, handledSeconds },
          ...{ burstTailEvents: day.read, burstSeconds: burst.took, store: 'redis' },
        },
        ...{ value, unit: 's' },
        baseline: { name: 'replay of the whole journal', value: baseline.took },
        ...{ ratio, goal: `ratio >= ${GOAL.ratio}, value <= ${GOAL.seconds} s` },
        met: ratio >= GOAL.ratio && value <= GOAL.seconds,
      };
    } finally {
      await server.stop();
    }
  },
};
