/** Opening a list of accounts: each once, with a result of its own, whatever happens to the core meanwhile. */
import { describe, expect, it } from 'vitest';
import type { OpeningPreview, OpeningsView } from '../../protocol/openings.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const plan = (n: number): object => ({
  rooms: [`r${n}`],
  wallets: [{ id: `wd${n}`, firstRecharge: { amount: '100', channel: 'cash' } }],
  meters: [],
  deposit: { amount: '20', channel: 'card' },
});
/** Rooms 1 to n without accounts, but for accounts d1 to dn that are entered beforehand. */
async function entered(count: number, store = new MemoryStore(new MemoryDisk())): Promise<Running> {
  const site = { ...plainSite(count), accounts: [] };
  const running = await startCore(store.disk, site, new Stepped(), store);
  for (let n = 1; n <= count; n++) {
    const params = { account: `d${n}`, isNew: true, name: `Neu ${n}`, details, plan: plan(n) };
    expect(await running.do('saveAccount', params, `enter-${n}`)).toMatchObject({ ok: true });
  }
  return running;
}
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `d${i + 1}`);
async function untilOver(running: Running): Promise<void> {
  while (running.core.openings.state.list) {
    running.core.tick();
    await running.settle();
  }
}
async function view(running: Running): Promise<OpeningsView> {
  const outcome = await running.do('getOpenings', {}, '');
  const [first] = (outcome as { result: { items: OpeningsView[] } }).result.items;
  if (!first) throw new Error('there is no list');
  return first;
}
const statuses = (running: Running, accounts: readonly string[]): string[] =>
  accounts.map((id) => running.core.tenancies.state(id).status);
const inLedger = (running: Running, account: string): number => running.core.ledger.ledger.balance(account);
function onceEach(running: Running, count: number): void {
  expect(inLedger(running, 'cash:cash')).toBe(-100_000_000 * count);
  expect(inLedger(running, 'cash:card')).toBe(-20_000_000 * count);
  expect(running.core.ledger.imbalanceMicro).toBe(0);
  expect(running.core.actors.parked).toEqual([]);
}

describe('a list of accounts', () => {
  it('says before what each will do, and what would be refused', async () => {
    const running = await entered(3);
    await running.read('m1', 5_000);
    await running.do('openAccount', { account: 'd2' }, 'one');
    const outcome = await running.do('checkOpenings', { accounts: ids(3) }, '');
    const { items } = (outcome as { result: { items: OpeningPreview[] } }).result;
    expect(items).toMatchObject([
      {
        ...{ account: 'd1', rooms: ['Room 1'], why: null, depositMicro: 20_000_000, rechargeMicro: 100_000_000 },
        meters: [{ meter: 'm1', online: true, index: 5_000 }],
      },
      { account: 'd2', why: { refusal: 'accountState' } },
      { account: 'd3', why: null, meters: [{ meter: 'm3', online: false, index: null }] },
    ]);
  });

  it('opens each at its own reading, typed or live, and gives a result for each', async () => {
    const running = await entered(4);
    await running.read('m1', 1_000);
    await running.pass(3_600_000);
    await running.do(
      'saveAccount',
      { account: 'd5', isNew: true, name: 'Zweiter', details, plan: { ...plan(4), wallets: [{ id: 'other' }] } },
      'e5',
    );
    const typed = [{ meter: 'm2', reading: '7.5', reason: 'offline' }];
    const started = await running.do('openAccounts', { accounts: [...ids(4), 'd5'], typed }, 'open');
    expect(started).toMatchObject({ ok: true, result: { openings: 'L1' } });
    await untilOver(running);
    const { items, endedMs } = await view(running);
    expect(endedMs).not.toBeNull();
    expect(items).toMatchObject([
      { account: 'd1', state: 'started', status: 'opening', waitingFor: ['m1'] },
      { account: 'd2', state: 'started', status: 'open' },
      { account: 'd3', state: 'started', status: 'opening', waitingFor: ['m3'] },
      { account: 'd4', state: 'started', status: 'opening' },
      { account: 'd5', state: 'refused', why: { refusal: 'invalid', detail: 'plan.rooms.0: r4 is let to Neu 4' } },
    ]);
    expect(running.core.meters.get('m2')?.state.anchor?.index).toBe(7_500);
    for (const meter of ['m1', 'm3', 'm4']) await running.read(meter, 2_000);
    await running.pass(1_000);
    expect(statuses(running, ids(4))).toEqual(['open', 'open', 'open', 'open']);
    onceEach(running, 4);
  });

  it('does nothing more when it is asked for again', async () => {
    const running = await entered(2);
    const ask = (key: string): Promise<OpOutcome> => running.do('openAccounts', { accounts: ids(2) }, key);
    expect(await ask('k')).toEqual(await ask('k'));
    expect(await ask('other')).toMatchObject({ ok: false, refusal: 'openingsUnderWay' });
    await untilOver(running);
    expect(await ask('k')).toMatchObject({ ok: true, result: { openings: 'L1' } });
    expect(await ask('again')).toMatchObject({ ok: false, refusal: 'accountState' });
    onceEach(running, 2);
  });

  it('opens no more of it once it is cancelled', async () => {
    const running = await entered(3);
    await running.do('openAccounts', { accounts: ids(3) }, 'k');
    expect(await running.do('cancelOpenings', { openings: 'L1' }, 'c', 'manager')).toMatchObject({
      result: { cancelled: 3 },
    });
    await untilOver(running);
    expect(statuses(running, ids(3))).toEqual(['none', 'none', 'none']);
    expect((await view(running)).items.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});

/** Keeps what the disk held after each commit. */
class RememberingStore extends MemoryStore {
  readonly moments: { readonly disk: MemoryDisk; readonly siteMs: number }[] = [];
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
    this.moments.push({ disk, siteMs: batch.atMs });
    return head;
  }
}

describe('a crash', () => {
  it('after any commit leaves a list that the next start finishes, each account once', async () => {
    const store = new RememberingStore(new MemoryDisk());
    const count = 12;
    const running = await entered(count, store);
    const from = store.moments.length;
    await running.do('openAccounts', { accounts: ids(count) }, 'k');
    await untilOver(running);
    const moments = store.moments.slice(from);
    expect(moments.length).toBeGreaterThan(6);
    for (const { disk, siteMs } of moments) {
      const clock = new Stepped();
      clock.siteMs = siteMs;
      const next = await startCore(disk, null, clock);
      await untilOver(next);
      expect(new Set(statuses(next, ids(count)))).toEqual(new Set(['opening']));
      onceEach(next, count);
    }
  });
});
