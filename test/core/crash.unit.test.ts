/** A core is started from every prefix of a journal: what was intended is carried on, whatever commit was the last. */
import { describe, expect, it, vi } from 'vitest';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
type Moment = { readonly disk: MemoryDisk; readonly siteMs: number; readonly index: ReadonlyMap<string, number> };

function copyOf(disk: MemoryDisk): MemoryDisk {
  return Object.assign(new MemoryDisk(), structuredClone({ ...disk }));
}

/** Keeps what the disk held after each commit, and what the registers showed then. */
class RememberingStore extends MemoryStore {
  readonly moments: Moment[] = [];
  readonly index = new Map<string, number>();
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    this.moments.push({ disk: copyOf(this.disk), siteMs: batch.atMs, index: new Map(this.index) });
    return head;
  }
}

/** Three rooms that run out: one is cut, two are held; one held value; then money comes in for the first two. */
async function script(): Promise<Moment[]> {
  const store = new RememberingStore(new MemoryDisk());
  const plain = plainSite(4, '0.10', { warnBeforeCutMs: MINUTE, massCutLimit: 1 });
  const site = await startCore(store.disk, plain, new Stepped(), store);
  const read = async (meter: string, index: number): Promise<void> => {
    store.index.set(meter, index);
    await site.read(meter, index);
  };
  const imported = store.moments.length;
  for (const meter of ['m1', 'm2', 'm3', 'm4']) await read(meter, 1_000);
  await site.pass(5 * MINUTE);
  for (const meter of ['m1', 'm2', 'm3']) await read(meter, 1_200);
  await site.pass(2 * MINUTE);
  for (const meter of ['m1', 'm2', 'm3']) await read(meter, 1_210);
  expect(site.core.meters.get('m1')?.state.causes.moneyExhausted).toBeDefined();
  expect(site.core.interlock.held).toEqual(['m2', 'm3']);
  for (let i = 0; i < 3; i++) await site.read('m4', 900_000);
  await read('m4', 1_010);
  await site.do('recharge', { wallet: 'w1', amount: '50', channel: 'cash' }, 'r1');
  await site.do('recharge', { wallet: 'w2', amount: '60', channel: 'cash' }, 'r2');
  await site.do('resolveQuarantine', { meter: 'm4', action: 'discard', reason: 'noise' }, 'q');
  await site.do('releaseInterlock', { reason: 'seen' }, 'i');
  await site.do('recharge', { wallet: 'w3', amount: '70', channel: 'cash' }, 'r3');
  expect([...site.core.meters.values()].filter((cell) => cell.state.cutSinceMs !== null)).toEqual([]);
  return store.moments.slice(imported);
}

async function carriedOn({ disk, siteMs, index }: Moment): Promise<Running> {
  const clock = new Stepped();
  clock.siteMs = siteMs;
  const site = await startCore(disk, null, clock);
  await site.pass(MINUTE);
  for (const [meter, value] of index) await site.read(meter, value);
  return site;
}

const active = (site: Running, id: string): boolean => site.core.alarms.alarms[id]?.active ?? false;
const boughtMicro = (disk: MemoryDisk, wallet: string): number =>
  [...(disk.records.get('order')?.values() ?? [])]
    .filter(({ value }) => value.wallet === wallet)
    .reduce((sum, { value }) => sum + Number(value.amountMicro), 0);

describe('an actor that breaks before its decision is written', () => {
  it('is parked with the state that is written, and the site starts again from it', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2));
    vi.spyOn(site.core.notices, 'follow').mockImplementationOnce(() => {
      throw new Error('a template that breaks');
    });
    const outcome = await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'k');
    expect(outcome).toMatchObject({ ok: false, refusal: 'parked' });
    expect(site.core.actors.parked).toEqual(['wallet:w1']);
    expect(site.core.wallets.get('w1')?.state.balanceMicro).toBe(100_000_000);
    const next = await startCore(disk, null, site.clock);
    expect(next.core.wallets.get('w1')?.state.balanceMicro).toBe(100_000_000);
    expect(next.core.actors.parked).toEqual([]);
  });
});

describe('from every journal boundary', () => {
  it('paid means powered, holds and alarms fit what is held, and each unit is charged once', async () => {
    const moments = await script();
    expect(moments.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const moment of moments) {
      const site = await carriedOn(moment);
      const at = `after commit ${moment.disk.entries.at(-1)?.number}`;
      const { core } = site;
      expect(site.fatal).toEqual([]);
      expect(core.ledger.imbalanceMicro).toBe(0);
      for (const [id, { state }] of core.meters) {
        const wallet = core.wallets.get(state.place.wallet ?? '')!.state;
        const charged = ((moment.index.get(id) ?? 1_000) - 1_000) * 1_000;
        const due = 100_000 + boughtMicro(moment.disk, state.place.wallet ?? '') - charged;
        if (wallet.balanceMicro !== due) wrong.push(`${at}: ${id} holds ${wallet.balanceMicro}, due ${due}`);
        if (!wallet.exhausted && (state.causes.moneyExhausted || state.cutSinceMs !== null))
          wrong.push(`${at}: ${id} is paid and cut`);
        if (core.interlock.held.includes(id) && state.cutSinceMs === null) wrong.push(`${at}: ${id} is held, and paid`);
        if (active(site, `quarantine:${id}`) !== (state.quarantine !== null))
          wrong.push(`${at}: the quarantine of ${id} and its alarm differ`);
      }
      if (active(site, 'interlockHolding:site') !== core.interlock.held.length > 0)
        wrong.push(`${at}: the interlock holds ${core.interlock.held.length} and its alarm differs`);
    }
    expect(wrong).toEqual([]);
  });
});
