/** Recovery of a large site from snapshots and the journal's tail, beside a replay of everything. */
import { RedisStore } from '../server/store/redis.ts';
import type { JournalEntry } from '../server/store/store.ts';
import { RedisServer } from '../test/tools/redis.ts';
import { seconds, type Bench } from './bench.ts';
import { BenchCore, benchSite } from './pulseSite.ts';

const GOAL = { ratio: 10, seconds: 5 };

/** Keeps the whole journal, and remembers up to where it could have been trimmed. */
class Untrimmed extends RedisStore {
  below = 0;
  events = 0;
  override async commit(batch: Parameters<RedisStore['commit']>[0]): ReturnType<RedisStore['commit']> {
    this.events += batch.events.length;
    return super.commit(batch);
  }
  override async trim(below: number): Promise<void> {
    this.below = below;
  }
}

/** As if no snapshot had ever been written. */
class WithoutSnapshots extends RedisStore {
  override async *snapshots(): ReturnType<RedisStore['snapshots']> {}
}

/** Counts what is read back. */
class Counted extends RedisStore {
  events = 0;
  override async *journal(from: number): AsyncIterable<JournalEntry> {
    for await (const entry of super.journal(from)) {
      this.events += entry.events.length;
      yield entry;
    }
  }
}

/** From opening the store until the lines could open. */
async function recoverySeconds(store: RedisStore, meters: number): Promise<number> {
  const took = await seconds(async () => void (await BenchCore.open(store, null, meters)));
  await store.close();
  return took;
}

export const bench: Bench = {
  name: 'recovery',
  summary: 'seconds until a core goes on, from snapshots and tail',
  run: async ({ smoke }) => {
    const meters = smoke ? 30 : 10_000;
    const eventsWanted = smoke ? 300 : 1_000_000;
    const server = await RedisServer.start();
    const { url } = server;
    try {
      const writer = new Untrimmed({ url });
      const core = await BenchCore.open(writer, benchSite(meters), meters);
      while (writer.events < eventsWanted) await core.sweep();
      await writer.close();
      const baseline = await recoverySeconds(new WithoutSnapshots({ url }), meters);
      const reader = new Counted({ url });
      if (writer.below > 0) {
        const head = await reader.open({ siteId: 'bench', init: false, remembered: null });
        await reader.trim(Math.min(writer.below, head.number));
        await reader.close();
      }
      const tail = new Counted({ url });
      const value = await recoverySeconds(tail, meters);
      const ratio = baseline / value;
      return {
        name: 'recovery',
        parameters: { meters, events: writer.events, tailEvents: tail.events, store: 'redis' },
        ...{ value, unit: 's' },
        baseline: { name: 'replay of the whole journal', value: baseline },
        ...{ ratio, goal: `ratio >= ${GOAL.ratio}, value <= ${GOAL.seconds} s` },
        met: ratio >= GOAL.ratio && value <= GOAL.seconds,
      };
    } finally {
      await server.stop();
    }
  },
};
