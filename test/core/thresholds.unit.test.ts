/** Levels of an open account change: nobody is told twice or told what is not so, and no cut comes without its warning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WalletView } from '../../protocol/ops.ts';
import { levelOf } from '../../server/domain/wallet/levels.ts';
import { toldLevel } from '../../server/domain/wallet/thresholds.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YUAN = 1_000_000;

describe('levels that change', () => {
  const amounts = fc
    .uniqueArray(fc.integer({ min: -20, max: 60 }), { minLength: 1, maxLength: 5 })
    .map((list) => list.sort((a, b) => b - a).map((yuan) => yuan * YUAN));
  const wallet = fc.record({
    balanceMicro: fc.integer({ min: -30 * YUAN, max: 80 * YUAN }),
    before: amounts,
    after: amounts,
    lastWarned: fc.boolean(),
  });

  it('tell once of an amount nobody was told of, or of the last level, and of nothing else', () => {
    fc.assert(
      fc.property(wallet, ({ balanceMicro, before, after, lastWarned }) => {
        const level = levelOf(balanceMicro, before, 0, YUAN);
        const isLast = level === before.length;
        const warnedMs = isLast && lastWarned ? 5 : null;
        const told = toldLevel({ balanceMicro, thresholdsMicro: before, level, warnedMs }, after, YUAN);
        const now = levelOf(balanceMicro, after, told, YUAN);
        // Upwards no crossing is made up.
        expect(now).toBeGreaterThanOrEqual(told);
        const lowestTold = level === 0 ? Infinity : (before[level - 1] ?? 0);
        const lowestNow = now === 0 ? Infinity : (after[now - 1] ?? 0);
        if (now > told) expect(lowestNow < lowestTold || (now === after.length && warnedMs === null)).toBe(true);
        // Whoever is below a new amount that is less than what was told is told.
        if (balanceMicro <= lowestNow && lowestNow < lowestTold) expect(now).toBeGreaterThan(told);
        if (now > 0) expect(balanceMicro).toBeLessThanOrEqual(lowestNow + YUAN);
        if (now < after.length) expect(balanceMicro).toBeGreaterThan(after[now] ?? 0);
      }),
      { numRuns: 2_000, seed: 20261125 },
    );
  });

  it('are the same levels when they are set again', () => {
    fc.assert(
      fc.property(wallet, ({ balanceMicro, before }) => {
        const level = levelOf(balanceMicro, before, 0, YUAN);
        const warnedMs = level === before.length ? 5 : null;
        expect(toldLevel({ balanceMicro, thresholdsMicro: before, level, warnedMs }, before, YUAN)).toBe(level);
      }),
    );
  });
});

let keys = 0;
const set = (site: Running, thresholds: string[], more: object = {}) => {
  keys += 1;
  const params = { wallet: 'w1', thresholds, overdraft: '0', restore: null, ...more };
  return site.do('setThresholds', params, `k${keys}`);
};
const told = (disk: MemoryDisk): number =>
  [...(disk.records.get('timeline')?.values() ?? [])].filter(({ value }) => value.kind === 'LowMoneyWarned').length;
const cut = (site: Running): boolean => site.core.meters.get('m1')?.state.causes.moneyExhausted !== undefined;
async function view(site: Running): Promise<WalletView | undefined> {
  const answer = await site.do('getRoom', { room: 'r1' }, '');
  return answer.ok ? (answer.result as { wallets: WalletView[] }).wallets[0] : undefined;
}
/** With this much left, told of what it is below. */
async function left(balance: string, disk = new MemoryDisk()): Promise<Running> {
  const site = await startCore(disk, plainSite(1, balance, { warnBeforeCutMs: 30 * MINUTE }));
  await site.read('m1', 0);
  await site.pass(HOUR);
  await site.read('m1', 100);
  return site;
}

describe('alarm amounts of an open account', () => {
  it('are shown, noted and kept over a restart, and cross like any others', async () => {
    const disk = new MemoryDisk();
    let site = await left('80', disk);
    expect(await set(site, ['60', '10'], { overdraft: '5', restore: '2' })).toMatchObject({ ok: true });
    expect(told(disk)).toBe(0);
    site.core.actors.stop();
    site = await startCore(disk, null, site.clock);
    expect(await view(site)).toMatchObject({
      ...{ thresholdsMicro: [60 * YUAN, 10 * YUAN], overdraftMicro: 5 * YUAN, level: 0 },
      ...{ restoreAboveMicro: 2 * YUAN, ownRestore: true },
    });
    await site.pass(24 * HOUR);
    await site.read('m1', 25_000);
    expect([told(disk), (await view(site))?.level]).toEqual([1, 1]);
    const kinds = [...(disk.records.get('timeline')?.values() ?? [])].map(({ value }) => value.kind);
    expect(kinds).toContain('ThresholdsSet');
  });

  it('tell once of an amount the balance is already below, and not again of one told of before', async () => {
    const disk = new MemoryDisk();
    const site = await left('45', disk);
    expect(told(disk)).toBe(1);
    await set(site, ['70', '60', '20', '0']);
    expect([told(disk), (await view(site))?.level]).toEqual([1, 2]);
    await set(site, ['50', '20', '0']);
    expect([told(disk), (await view(site))?.level]).toEqual([1, 1]);
    await set(site, ['30', '20', '0']);
    expect([told(disk), (await view(site))?.level]).toEqual([1, 0]);
    const low = await site.do('getLowMoney', {}, '');
    expect(low).toMatchObject({ ok: true, result: { items: [] } });
    await set(site, ['50', '45', '0']);
    expect([told(disk), (await view(site))?.level]).toEqual([2, 2]);
  });

  it('never cut without a warning at the last level that is old enough', async () => {
    const disk = new MemoryDisk();
    const site = await left('0.05', disk);
    const before = told(disk);
    expect([before, cut(site)]).toEqual([2, false]);
    // What was a level in the middle becomes the last: that warning is still to be given, and has its time.
    const other = new MemoryDisk();
    const middle = await startCore(other, plainSite(1, '2', { warnBeforeCutMs: 30 * MINUTE }));
    await middle.read('m1', 0);
    await middle.pass(24 * HOUR);
    await middle.read('m1', 100);
    expect(told(other)).toBe(1);
    await set(middle, ['50', '20']);
    expect(told(other)).toBe(2);
    await middle.pass(20 * MINUTE);
    await middle.read('m1', 2_100);
    expect(cut(middle)).toBe(false);
    await middle.pass(11 * MINUTE);
    await middle.read('m1', 2_100);
    expect(cut(middle)).toBe(true);
  });

  it('give power back at once when the overdraft covers the debt', async () => {
    const site = await left('0.05');
    await site.pass(31 * MINUTE);
    await site.read('m1', 200);
    expect(cut(site)).toBe(true);
    await set(site, ['20', '0'], { overdraft: '10' });
    await site.settle();
    expect(cut(site)).toBe(false);
    await site.pass(HOUR);
    await site.read('m1', 300);
    expect(cut(site)).toBe(false);
  });

  it('are refused in another order, beyond the overdraft, and for a wallet without a tenant', async () => {
    const site = await left('80');
    expect(await set(site, ['10', '10'])).toMatchObject({
      refusal: 'invalid',
      detail: expect.stringMatching(/^thresholds.1/),
    });
    expect(await set(site, ['10', '-5'])).toMatchObject({
      refusal: 'invalid',
      detail: expect.stringMatching(/^thresholds:/),
    });
    expect(await set(site, ['10'], { restore: '-1' })).toMatchObject({ detail: expect.stringMatching(/^restore:/) });
    expect(
      await site.do('setThresholds', { wallet: 'none', thresholds: ['1'], overdraft: '0', restore: null }, 'n'),
    ).toMatchObject({
      refusal: 'notFound',
    });
  });
});
