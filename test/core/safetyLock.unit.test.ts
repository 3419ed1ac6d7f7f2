import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const overload = { overLimit: true, switchState: 'open', amps: [0], watts: 0 } as const;
const wantedOf = async (site: Running): Promise<string> => {
  const outcome = await site.do('getRoom', { room: 'r1' }, 'look');
  if (!outcome.ok) throw new Error(outcome.refusal);
  const [meter] = (outcome.result as { meters: { wanted: string; cause: string }[] }).meters;
  return `${meter?.wanted} ${meter?.cause}`;
};
const lift = (site: Running, key: string) =>
  site.do('switchMeter', { meter: 'm1', action: 'liftSafetyLock', reason: 'heater taken away' }, key);

describe('a meter that opened its own breaker for too great a load', () => {
  it('stays open until a person lifts the lock, also when its bits clear, after a recharge and a restart', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, plainSite(1));
    await site.read('m1', 100);
    site.differs.length = 0;
    await site.read('m1', 110, overload);
    expect(await wantedOf(site)).toBe('open safetyLock');
    expect(site.differs).toEqual([]);
    await site.read('m1', 110, { ...overload, overLimit: false });
    await site.do('recharge', { wallet: 'w1', amount: '50', channel: 'cash' }, 'pay');
    expect(await wantedOf(site)).toBe('open safetyLock');
    site = await startCore(disk, null);
    await site.read('m1', 110, { ...overload, overLimit: false });
    expect(await wantedOf(site)).toBe('open safetyLock');
    expect(Object.values(site.core.alarms.alarms).find(({ kind }) => kind === 'safetyLock')?.active).toBe(true);

    expect((await lift(site, 'lift')).ok).toBe(true);
    expect(await wantedOf(site)).toBe('closed normal');
    expect(site.differs).toContain('m1');
    await site.read('m1', 110);
    expect(Object.values(site.core.alarms.alarms).find(({ kind }) => kind === 'safetyLock')?.active).toBe(false);
  });

  it('is not locked again by bits that a person has seen, but is by the next overload', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 100);
    await site.read('m1', 110, overload);
    await lift(site, 'first');
    await site.read('m1', 110, overload);
    expect(await wantedOf(site)).toBe('closed normal');
    await site.read('m1', 110);
    await site.read('m1', 120, overload);
    expect(await wantedOf(site)).toBe('open safetyLock');
  });

  it('is not taken for locked where it is wanted open, or only warns', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 100);
    await site.read('m1', 110, { overLimit: true });
    expect(await wantedOf(site)).toBe('closed normal');
    await site.do('switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'work' }, 'trip');
    await site.read('m1', 110, overload);
    await site.do('switchMeter', { meter: 'm1', action: 'release', reason: 'done' }, 'release');
    expect(await wantedOf(site)).toBe('closed normal');
  });

  it('gives way to keep power, the cause before it', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 100);
    await site.read('m1', 110, overload);
    await site.do('switchMeter', { meter: 'm1', action: 'keepPower', reason: 'freezer' }, 'keep');
    expect(await wantedOf(site)).toBe('closed keepPower');
  });
});
