/** Memory of a meter, its share of a room and its wallet, beside three bare nact actors. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { spawn, start, stop } from 'nact';
import { MemoryDisk, MemoryStore } from '../test/tools/memoryStore.ts';
import type { Bench } from './bench.ts';
import { BenchCore, benchSite } from './pulseSite.ts';

const GOAL_KIB = 6;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** A disk that forgets: what the journal and snapshots take is not the actors'. */
class Forgetful extends MemoryStore {
  override async commit(batch: Parameters<MemoryStore['commit']>[0]): ReturnType<MemoryStore['commit']> {
    const head = await super.commit(batch);
    this.disk.entries = this.disk.entries.slice(-1);
    this.disk.snapshots.clear();
    this.disk.records.clear();
    return head;
  }
}

function bareActors(count: number): number {
  const before = heapBytes();
  const system = start();
  const parents = [0, 1, 2].map((i) => spawn(system, () => undefined, `parent${i}`));
  for (let n = 0; n < count; n++)
    for (const parent of parents)
      spawn(parent, (state: number, _message: number) => state + 1, `a${n}`, { initialState: 0 });
  const bytes = heapBytes() - before;
  stop(system);
  return bytes / count / 1024;
}

export const bench: Bench = {
  name: 'memory',
  summary: 'KiB for a meter, its room share and its wallet',
  run: async ({ smoke }) => {
    const meters = smoke ? 300 : 10_000;
    const baseline = bareActors(meters);
    const site = benchSite(meters);
    const before = heapBytes();
    const core = await BenchCore.open(new Forgetful(new MemoryDisk()), site, meters);
    for (let sweep = 0; sweep < (smoke ? 3 : 10); sweep++) await core.sweep();
    const value = (heapBytes() - before) / meters / 1024;
    return {
      ...{ name: 'memory', parameters: { meters }, value, unit: 'KiB' },
      baseline: { name: 'three bare nact actors', value: baseline },
      ...{ ratio: value / baseline, goal: `value <= ${GOAL_KIB} KiB`, met: value <= GOAL_KIB },
    };
  },
};
