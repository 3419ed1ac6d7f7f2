/** A store that is away for hours, as the lines see it: they go on reading, and nothing is lost or cut by it. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 60;
const numbers = Array.from({ length: ROOMS }, (_, i) => i + 1);
const cut = (site: Running): string[] =>
  [...site.core.meters].filter(([, { state }]) => state.causes.moneyExhausted).map(([id]) => id);

async function outage(
  minutes: number,
): Promise<{ site: Running; disk: MemoryDisk; poll: (wh: number) => Promise<void>; used: () => number }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(ROOMS, '0.50', { warnBeforeCutMs: 30 * MINUTE }));
  let index = 0;
  const poll = async (wh: number): Promise<void> => {
    index += wh;
    for (const n of numbers) await site.read(`m${n}`, index);
  };
  await poll(0);
  await site.pass(5 * MINUTE);
  await poll(100);
  disk.failing = new StoreError('away', 'pulled cable');
  for (let i = 0; i < minutes; i += 5) {
    await site.pass(5 * MINUTE);
    await poll(20);
    expect(cut(site)).toEqual([]);
  }
  return { site, disk, poll, used: () => index };
}

describe('a store that is away for three hours', () => {
  it('stops charging, trips and notices; everything is charged once after it, warned first, then held', async () => {
    const { site, disk, poll, used } = await outage(180);
    expect(site.core.committer.keeping).toBe(false);
    const charged = (): number => [...site.core.meters.values()].reduce((sum, { state }) => sum + state.sequence, 0);
    const before = charged();
    await site.pass(5 * MINUTE);
    await poll(20);
    expect(charged()).toBe(before);
    const durable = disk.head.number;
    disk.failing = null;
    await site.pass(MINUTE);
    expect(disk.head.number).toBeGreaterThan(durable);
    await poll(0);
    for (const n of numbers) expect(site.core.wallets.get(`w${n}`)?.state.balanceMicro).toBe(500_000 - used() * 1_000);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
    const warned = [...site.core.wallets.values()].filter(({ state }) => state.warnedMs !== null);
    expect(warned).toHaveLength(ROOMS);
    expect(cut(site)).toEqual([]);
    let most = 0;
    for (let i = 0; i < 12; i++) {
      await site.pass(5 * MINUTE);
      await poll(0);
      most = Math.max(most, cut(site).length);
    }
    expect(most).toBe(10);
    expect(site.core.interlock.held).toHaveLength(ROOMS - 10);
    expect(
      Object.values(site.core.alarms.alarms).filter(({ active, kind }) => active && kind === 'interlockHolding'),
    ).toHaveLength(1);
  });

  it('is the same for a core that was killed in it', async () => {
    const { site, disk, used } = await outage(60);
    disk.failing = null;
    const again = await startCore(disk, null, site.clock);
    await again.pass(MINUTE);
    for (const n of numbers) await again.read(`m${n}`, used());
    for (const n of numbers) expect(again.core.wallets.get(`w${n}`)?.state.balanceMicro).toBe(500_000 - used() * 1_000);
    expect(cut(again)).toEqual([]);
    expect(again.core.ledger.imbalanceMicro).toBe(0);
  });
});
