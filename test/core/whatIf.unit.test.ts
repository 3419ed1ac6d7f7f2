/** Past use under a draft with tiers: edges move with the household and the day of opening, as they do when it is charged. */
import { describe, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};

/** 1 yuan up to the edge, 2 yuan above. */
function draft(tiers: object): object {
  const flat = flatTariff();
  const versions = flat.versions.map((version) => ({
    ...version,
    tiers: { per: 'year', countedPer: 'meter', edges: [{ above: ['1.2'] }], add: ['0', '1'], ...tiers },
  }));
  return { ...flat, versions };
}

/** The first room has a tenant since before Wattroom, the second a new one; five persons live in each. */
async function used(): Promise<Running> {
  const whole = plainSite(2);
  const floors = whole.buildings[0]?.floors.map((floor) => ({
    ...floor,
    rooms: floor.rooms.map((room) => ({ ...room, heads: 5 })),
  }));
  const site = {
    ...whole,
    buildings: [{ ...whole.buildings[0]!, floors: floors ?? [] }],
    accounts: whole.accounts.slice(0, 1),
  };
  const running = await startCore(new MemoryDisk(), site);
  const plan = { rooms: ['r2'], wallets: [{ id: 'wn' }], meters: [] };
  await running.do('saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan }, 's');
  await running.read('m1', 1_000);
  await running.read('m2', 1_000);
  await running.do('openAccount', { account: 'n' }, 'o');
  await running.pass(1_000);
  for (let hour = 1; hour <= 5; hour++) {
    await running.pass(HOUR);
    for (const meter of ['m1', 'm2']) await running.read(meter, 1_000 + hour * 500);
  }
  expect(running.core.tenancies.state('n').status).toBe('open');
  return running;
}

/** What 2.5 kWh would have cost the tenant of old and the new one, in yuan. */
async function costs(running: Running, tiers: object): Promise<Record<string, number>> {
  const span = { fromMs: START_MS - HOUR, toMs: START_MS + 10 * HOUR };
  const outcome = await running.do('whatIf', { draft: draft(tiers), ...span }, '', 'administrator');
  expect(outcome.ok).toBe(true);
  const { items } = (outcome as { result: OpResult<'whatIf'> }).result;
  expect(items.map(({ quantity }) => quantity)).toEqual([2_500, 2_500]);
  return Object.fromEntries(items.map(({ account, draftMicro }) => [account, draftMicro / 1e6]));
}

describe('what if, with tiers', () => {
  it('gives a household of five its higher edge', async () => {
    const running = await used();
    // Up to 1.2 kWh at 1 yuan, 1.3 kWh at 2 yuan: 3.80.
    expect(await costs(running, {})).toEqual({ a1: 3.8, n: 3.8 });
    // The edge at 1.7 kWh: 1.70 and 0.8 kWh at 2 yuan.
    expect(await costs(running, { household: [{ heads: 5, more: '0.5' }] })).toEqual({ a1: 3.3, n: 3.3 });
    for (const countedPer of ['room', 'account'])
      expect(await costs(running, { countedPer, household: [{ heads: 5, more: '0.5' }] })).toEqual({ a1: 3.3, n: 3.3 });
    expect(await costs(running, { household: [{ heads: 6, more: '0.5' }] })).toEqual({ a1: 3.8, n: 3.8 });
  });

  it('gives who moved in in June seven twelfths of the year, and who was there before all of it', async () => {
    const running = await used();
    // June to December: 1.2 × 7 / 12 = 0.7 kWh at 1 yuan, 1.8 kWh at 2 yuan: 4.30.
    expect(await costs(running, { opening: 'byMonths' })).toEqual({ a1: 3.8, n: 4.3 });
    // 1.7 × 7 / 12 = 0.992 kWh (half up): 0.992 + 2 × 1.508 = 4.008.
    const both = { opening: 'byMonths', household: [{ heads: 5, more: '0.5' }] };
    expect(await costs(running, both)).toEqual({ a1: 3.3, n: 4.008 });
  });

  it('lets each tenant of a room begin at zero, or go on, as the draft says', async () => {
    const running = await used();
    await running.do('closeAccount', { account: 'n', settlement: { channel: 'cash' } }, 'c');
    await running.pass(60_000);
    await running.read('m2', 3_500);
    await running.pass(1_000);
    for (let hour = 1; hour <= 2; hour++) {
      await running.pass(HOUR);
      await running.read('m2', 3_500 + hour * 500);
    }
    const span = { fromMs: START_MS - HOUR, toMs: START_MS + 20 * HOUR };
    const ownerPays = async (newTenant: string): Promise<number | undefined> => {
      const outcome = await running.do('whatIf', { draft: draft({ newTenant }), ...span }, '', 'administrator');
      const { items } = (outcome as { result: OpResult<'whatIf'> }).result;
      return items.find(({ account }) => account === 'owner')?.draftMicro;
    };
    // 1 kWh of the owner's: all below the edge, or all above it.
    expect(await ownerPays('startsAtZero')).toBe(1_000_000);
    expect(await ownerPays('takesOver')).toBe(2_000_000);
  });

  it('counts the meters of one account together in order of time, those of others and of the owner by themselves', async () => {
    const whole = plainSite(5);
    const [first, , , fourth] = whole.accounts;
    const accounts = [{ ...first!, rooms: ['r1', 'r2', 'r3'] }, fourth!];
    const running = await startCore(new MemoryDisk(), { ...whole, accounts });
    const meters = [1, 2, 3, 4, 5].map((n) => `m${n}`);
    for (const meter of meters) await running.read(meter, 0);
    await running.do('addWallet', { account: 'a1', newWallet: { id: 'w1b', name: '' } }, 'add');
    await running.pass(1_000);
    await running.do('moveMeters', { account: 'a1', meters: [{ meter: 'm3', wallet: 'w1b' }] }, 'move');
    await running.pass(1_000);
    await running.read('m3', 0);
    // 0.5 kWh an hour of each meter, one hour after the other.
    for (const meter of meters) {
      await running.pass(HOUR);
      for (const one of meters.filter((each) => each !== meter)) await running.read(one, one < meter ? 500 : 0);
      await running.read(meter, 500);
    }
    await running.settle();
    expect(running.core.meters.get('m3')?.state.place.wallet).toBe('w1b');
    const costsOf = async (tiers: object): Promise<Record<string, number>> => {
      const span = { fromMs: START_MS - HOUR, toMs: START_MS + 10 * HOUR };
      const found: Record<string, number> = {};
      for (let cursor: number | null = 0; cursor !== null;) {
        const outcome = await running.do('whatIf', { draft: draft(tiers), ...span, cursor }, '', 'administrator');
        const page = (outcome as { result: OpResult<'whatIf'> }).result;
        for (const { meter, draftMicro } of page.items) found[meter] = draftMicro / 1e6;
        cursor = page.cursor;
      }
      return found;
    };
    const edges = [{ above: ['0.7'] }];
    // Of the account's third half kWh, and of the last 0.3 of its second, each costs 2 yuan a kWh.
    expect(await costsOf({ countedPer: 'account', edges })).toEqual({ m1: 0.5, m2: 0.8, m3: 1, m4: 0.5, m5: 0.5 });
    expect(await costsOf({ countedPer: 'meter', edges })).toEqual({ m1: 0.5, m2: 0.5, m3: 0.5, m4: 0.5, m5: 0.5 });
  });
});
