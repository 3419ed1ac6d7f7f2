/** Snapshot and tail give what the whole journal gives; what is missing, old, bad or newer is refused by name, never guessed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recover, type Recovered } from '../../server/core/recover.ts';
import type { Bounds } from '../../server/runtime/snapshots.ts';
import type { Snapshot } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const OFTEN: Bounds = { trimEvery: 5, tailEvents: 40_000 };

/** Trims like any store, and keeps what it trimmed for the comparison. */
class KeepingStore extends MemoryStore {
  readonly all: MemoryDisk['entries'] = [];
  trims = 0;
  override async trim(below: number): Promise<void> {
    this.all.push(...this.disk.entries.filter((entry) => entry.number < below));
    this.trims += 1;
    return super.trim(below);
  }
}

type Use = { meter: number; wh: number; recharge: boolean };
const uses: fc.Arbitrary<Use[]> = fc.array(
  fc.record({ meter: fc.integer({ min: 1, max: 3 }), wh: fc.nat(200), recharge: fc.boolean() }),
  { minLength: 30, maxLength: 60 },
);

async function live(store: KeepingStore, script: readonly Use[], crashEvery: number, bounds = OFTEN): Promise<Running> {
  let site = await startCore(store.disk, plainSite(3, '1'), new Stepped(), store, bounds);
  const index = [0, 0, 0, 0];
  for (const [i, { meter, wh, recharge }] of script.entries()) {
    await site.pass(MINUTE);
    index[meter] = (index[meter] ?? 0) + wh;
    await site.read(`m${meter}`, index[meter] ?? 0);
    if (recharge) await site.do('recharge', { wallet: `w${meter}`, amount: '0.5', channel: 'cash' }, `k${i}`);
    if (i % crashEvery === crashEvery - 1) site = await startCore(store.disk, null, site.clock, store, bounds);
  }
  return site;
}

const seen = ({ states, projections: { ledger, siteUse }, lastMs }: Recovered): unknown => ({
  states: Object.fromEntries([...states].sort(([a], [b]) => (a < b ? -1 : 1))),
  balances: Object.fromEntries([...ledger.ledger.balances].filter(([, micro]) => micro !== 0).sort()),
  use: siteUse.capture(),
  lastMs,
});
async function recovered(disk: MemoryDisk, store = new MemoryStore(disk)): Promise<Recovered> {
  return recover(store, await store.open({ siteId: 'test', init: false, remembered: null }));
}

describe('snapshot and tail', () => {
  it('give the same as the whole journal, through crashes and trims', async () => {
    await fc.assert(
      fc.asyncProperty(uses, fc.integer({ min: 4, max: 40 }), fc.nat(12), async (script, crashEvery, tailEvents) => {
        const store = new KeepingStore(new MemoryDisk());
        const site = await live(store, script, crashEvery, { ...OFTEN, tailEvents });
        expect(site.fatal).toEqual([]);
        const { disk } = store;
        const whole = Object.assign(new MemoryDisk(), {
          ...{ siteId: 'test', head: disk.head, records: disk.records },
          entries: [...store.all, ...disk.entries],
        });
        const [short, full] = [await recovered(disk), await recovered(whole)];
        expect(seen(short)).toEqual(seen(full));
        if (store.trims > 0) expect(short.replayed).toBeLessThan(full.replayed);
      }),
      { numRuns: 12 },
    );
  });
});

/** A site whose journal has been trimmed. */
async function trimmed(): Promise<KeepingStore> {
  const store = new KeepingStore(new MemoryDisk());
  const script = Array.from({ length: 90 }, (_, i) => ({ meter: (i % 3) + 1, wh: 10, recharge: i % 5 === 0 }));
  await live(store, script, 1_000);
  expect(store.trims).toBeGreaterThan(0);
  return store;
}
const change = (disk: MemoryDisk, key: string, by: (snapshot: Snapshot) => Snapshot): void =>
  void disk.snapshots.set(key, by(disk.snapshots.get(key)!));

describe('a snapshot whose commits are no longer in the journal', () => {
  it('that is missing is refused by name', async () => {
    const { disk } = await trimmed();
    disk.snapshots.delete('wallet:w1');
    await expect(recovered(disk)).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(recovered(disk)).rejects.toThrow(/wallet:w1: missing.*restore a backup/);
  });

  it('that is an old copy is refused by name', async () => {
    const { disk } = await trimmed();
    change(disk, 'meter:m2', (snapshot) => ({ ...snapshot, commit: 1 }));
    await expect(recovered(disk)).rejects.toThrow(/meter:m2: old \(commit 1, \d+ was written\)/);
  });

  it('that fails its checksum is refused by name', async () => {
    const { disk } = await trimmed();
    disk.snapshots.delete('meter:m3');
    const store = new MemoryStore(disk);
    const { snapshots } = store;
    store.snapshots = async function* () {
      yield* snapshots.call(store);
      yield [{ key: 'meter:m3', reason: 'its checksum is wrong' }];
    };
    await expect(recovered(disk, store)).rejects.toThrow(/meter:m3: its checksum is wrong/);
  });

  it('of a newer program is refused with what to do', async () => {
    const { disk } = await trimmed();
    change(disk, 'wallet:w2', (snapshot) => ({ ...snapshot, schema: 99 }));
    await expect(recovered(disk)).rejects.toThrow(/wallet:w2 has schema 99.*newer program/);
  });

  it('whose money was changed is found by law 1', async () => {
    const { disk } = await trimmed();
    change(disk, 'wallet:w1', (snapshot) => ({ ...snapshot, state: { ...snapshot.state, balanceMicro: 1 } }));
    await expect(recovered(disk)).rejects.toThrow(/law 1/);
  });

  it('that is no state at all is refused by name', async () => {
    const { disk } = await trimmed();
    change(disk, 'wallet:w1', (snapshot) => ({ ...snapshot, state: { nothing: true } }));
    await expect(recovered(disk)).rejects.toThrow(/wallet:w1/);
  });
});

describe('where the whole journal is there', () => {
  async function short(): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2));
    for (let i = 0; i < 40; i++) {
      await site.pass(MINUTE);
      await site.read('m1', i * 10);
    }
    expect(disk.snapshots.size).toBeGreaterThan(2);
    return disk;
  }

  it('missing, old and bad snapshots fall back to it', async () => {
    const disk = await short();
    const before = seen(await recovered(disk));
    const some = [...disk.snapshots.keys()];
    disk.snapshots.delete(some[0]!);
    expect(seen(await recovered(disk))).toEqual(before);
    disk.snapshots.clear();
    expect(seen(await recovered(disk))).toEqual(before);
  });

  it('a charge that is lost is found by law 2, one that is not measured too', async () => {
    const disk = await short();
    disk.snapshots.clear();
    const without = (type: string): MemoryDisk['entries'] => {
      const at = disk.entries.findLastIndex((entry) => entry.events.some((event) => event.type === type));
      return disk.entries.map((entry, i) =>
        i === at ? { ...entry, events: entry.events.filter((event) => event.type !== type) } : entry,
      );
    };
    const missing = Object.assign(new MemoryDisk(), { ...disk, entries: without('ConsumptionMeasured') });
    await expect(recovered(missing)).rejects.toThrow(/charged up to #\d+ but measured up to #\d+ \(law 2\)/);
  });

  it.each([
    ['an event of a newer version', { v: 2 }, /IndexAnchored v2 is newer/],
    ['an event of a kind nobody knows', { key: 'robot:r1' }, /IndexAnchored of an unknown kind: robot:r1/],
    ['an event of a type nobody knows', { type: 'IndexGuessed' }, /IndexGuessed of meter:m1/],
    ['an event of another shape', { data: { anchor: 'here' } }, /IndexAnchored of meter:m1/],
  ])('%s is refused by name', async (_title, changed, message) => {
    const disk = await short();
    disk.snapshots.clear();
    disk.entries = disk.entries.map((entry) => ({
      ...entry,
      events: entry.events.map((event) => (event.type === 'IndexAnchored' ? { ...event, ...changed } : event)),
    }));
    await expect(recovered(disk)).rejects.toThrow(message);
  });
});
