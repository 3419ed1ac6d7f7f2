/** New versions and new tariffs: what was used before keeps its price, to the unit; what has been charged is never rewritten. */
import { describe, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const admin = 'administrator';
const balance = (running: Running): number | undefined => running.core.wallets.get('w1')?.state.balanceMicro;
const second = { ...flatTariff('electricity', '3.0000'), id: 'dear' };

async function withUse(): Promise<Running> {
  const running = await startCore(new MemoryDisk(), plainSite(1));
  await running.read('m1', 0);
  await running.pass(HOUR);
  await running.read('m1', 1_000);
  await running.settle();
  expect(balance(running)).toBe(99_000_000);
  return running;
}

describe('tiers that two meters share', () => {
  it('count late use in its own month, also after a restart', async () => {
    const whole = plainSite(2);
    const [first] = whole.accounts;
    const [tariff] = whole.tariffs;
    const tiers = { per: 'month' as const, edges: [{ above: ['10'] }], add: ['0', '1'] };
    const disk = new MemoryDisk();
    let running = await startCore(disk, {
      ...whole,
      accounts: [{ ...first!, rooms: ['r1', 'r2'] }],
      tariffs: [{ ...tariff!, versions: tariff!.versions.map((version) => ({ ...version, tiers })) }],
    });
    const read = async (meter: string, index: number): Promise<void> => {
      await running.read(meter, index);
      await running.settle();
    };
    await read('m1', 0);
    await read('m2', 0);
    const july = Date.parse('2026-07-01T00:00:00+08:00');
    await running.pass(july - START_MS - HOUR);
    await read('m1', 8_000);
    await read('m2', 1_000);
    await running.pass(2 * HOUR);
    // 1 kWh in June and 1 in July: the edge of June is reached, July has 1.
    await read('m1', 10_000);
    running = await startCore(disk, null, running.clock);
    // Late: 4 kWh, 2 of them in June, above its edge; July goes on at 3.
    await read('m2', 5_000);
    expect(balance(running)).toBe(100_000_000 - 14_000_000 - 3_000_000);
    await running.pass(HOUR);
    await read('m1', 17_500);
    expect(balance(running)).toBe(100_000_000 - 14_000_000 - 11_000_000);
    expect(running.core.ledger.imbalanceMicro).toBe(0);
  });
});

describe('giving a meter another tariff', () => {
  it('prices what was used up to the next reading by the tariff before', async () => {
    const running = await withUse();
    expect(await running.do('saveTariff', { tariff: second, isNew: true }, 's', admin)).toMatchObject({ ok: true });
    expect(await running.do('assignTariff', { tariff: 'dear', meters: ['m1'] }, 'a', admin)).toMatchObject({
      ok: true,
      result: { chosen: 1 },
    });
    await running.pass(HOUR);
    expect(running.core.meters.get('m1')?.state.nextTariff).toBe('dear');
    await running.read('m1', 2_000);
    await running.pass(60_000);
    expect(balance(running)).toBe(98_000_000);
    await running.pass(HOUR);
    await running.read('m1', 3_000);
    await running.settle();
    expect(balance(running)).toBe(95_000_000);
    expect(running.core.meters.get('m1')?.state.config?.tariff).toBe('dear');
    expect(running.core.ledger.imbalanceMicro).toBe(0);
  });

  it('still does so when the core is killed between choosing and taking up', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, plainSite(1));
    await running.read('m1', 0);
    await running.do('saveTariff', { tariff: second, isNew: true }, 's', admin);
    await running.do('assignTariff', { tariff: 'dear', meters: ['m1'] }, 'a', admin);
    running = await startCore(disk, null, running.clock);
    await running.pass(HOUR);
    await running.read('m1', 1_000);
    await running.pass(60_000);
    running = await startCore(disk, null, running.clock);
    await running.pass(HOUR);
    await running.read('m1', 2_000);
    await running.settle();
    expect(balance(running)).toBe(96_000_000);
  });

  it('refuses a tariff of another utility', async () => {
    const running = await withUse();
    await running.do('saveTariff', { tariff: flatTariff('water'), isNew: true }, 's', admin);
    const outcome = await running.do('assignTariff', { tariff: 't-water', meters: ['m1'] }, 'a', admin);
    expect(outcome).toMatchObject({ ok: false, detail: 'meters.0: m1 measures electricity' });
  });
});

describe('a new version', () => {
  const versions = (...more: { from: string; price: string }[]): object => ({
    ...flatTariff(),
    versions: [
      ...flatTariff().versions,
      ...more.map(({ from, price }) => ({ from, components: [{ name: 'energy', price }] })),
    ],
  });

  it('takes effect at its minute', async () => {
    const running = await withUse();
    const tariff = versions({ from: '2026-06-01T14:00', price: '2.0000' });
    expect(await running.do('saveTariff', { tariff, isNew: false }, 's', admin)).toMatchObject({ ok: true });
    await running.pass(2 * HOUR);
    await running.read('m1', 3_000);
    await running.settle();
    // 13:00 to 15:00, half of it under each price
    expect(balance(running)).toBe(96_000_000);
  });

  it('is refused before what has been charged, and a charged one stays as it was', async () => {
    const running = await withUse();
    const early = await running.do(
      'saveTariff',
      { tariff: versions({ from: '2026-06-01T12:30', price: '2' }), isNew: false },
      's',
      admin,
    );
    expect(early).toMatchObject({ ok: false, refusal: 'invalid' });
    const changed = { ...flatTariff('electricity', '9'), name: 'x' };
    const rewritten = await running.do('saveTariff', { tariff: changed, isNew: false }, 't', admin);
    expect(rewritten).toMatchObject({ ok: false, refusal: 'invalid' });
    const past = { ...flatTariff(), holidays: { '2026-05-01': 'holiday' } };
    expect(await running.do('saveTariff', { tariff: past, isNew: false }, 'h', admin)).toMatchObject({ ok: false });
  });
});

describe('what if', () => {
  it('prices past use again under a draft, account by account', async () => {
    const running = await withUse();
    for (let quarter = 1; quarter <= 3; quarter++) {
      await running.pass(HOUR);
      await running.read('m1', 1_000 + quarter * 500);
    }
    await running.settle();
    const span = { fromMs: START_MS, toMs: START_MS + 10 * HOUR };
    const outcome = await running.do('whatIf', { draft: flatTariff('electricity', '1.5000'), ...span }, '', admin);
    const { items, total, cursor } = (outcome as { result: OpResult<'whatIf'> }).result;
    expect([total, cursor]).toEqual([1, null]);
    expect(items).toEqual([
      { account: 'a1', holder: 'Tenant 1', meter: 'm1', quantity: 2_500, paidMicro: 2_500_000, draftMicro: 3_750_000 },
    ]);
  });
});
