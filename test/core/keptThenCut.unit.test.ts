/** Breakers that were kept closed go through the interlock like all others once that ends: no mass cut at one minute. */
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 5;
const numbers = Array.from({ length: ROOMS }, (_, i) => i + 1);
const rules = { massCutLimit: 1, warnBeforeCutMs: MINUTE, cutHeldMs: 60 * MINUTE };

const open = (site: Running): number[] =>
  numbers.filter((n) => site.core.wall.tiles.get(`r${n}`)?.electricity?.wanted === 'open');
const used = new Map<number, number>();
async function readAll(site: Running): Promise<void> {
  for (const n of numbers) await site.read(`m${n}`, used.get(n) ?? 1_000);
}
async function pass(site: Running, minutes: number): Promise<void> {
  for (let left = minutes; left > 0; left -= 2) {
    await site.pass(2 * MINUTE);
    await readAll(site);
  }
}

describe.each(['keepPower', 'forceClose'] as const)('rooms that a person holds closed by %s', (action) => {
  const start = async (untilMs?: number): Promise<Running> => {
    const site = await startCore(new MemoryDisk(), plainSite(ROOMS, '0.50', rules));
    used.clear();
    await readAll(site);
    await site.pass(10 * MINUTE);
    for (const n of numbers)
      await site.do(
        'switchMeter',
        { meter: `m${n}`, action, reason: 'feast', ...(untilMs && { untilMs: site.clock.site() + untilMs }) },
        `on${n}`,
      );
    // One after the other, so slowly that nothing held them as a mass.
    for (const n of numbers) {
      used.set(n, 2_000);
      await pass(site, 12);
    }
    expect(open(site)).toEqual([]);
    return site;
  };

  it('and run out meanwhile are not all cut at its end', async () => {
    const site = await start(90 * MINUTE);
    await pass(site, 30);
    expect(
      site.core.meters.get('m1')?.state.causes[action === 'keepPower' ? 'keepPower' : 'forcedClose'],
    ).toBeUndefined();
    expect(open(site)).toHaveLength(1);
    expect(site.core.interlock.held).toHaveLength(ROOMS - 1);
  });

  it('and run out meanwhile are not all cut when it is lifted', async () => {
    const site = await start();
    const lift = action === 'keepPower' ? 'liftKeepPower' : 'release';
    for (const n of numbers) await site.do('switchMeter', { meter: `m${n}`, action: lift, reason: 'over' }, `off${n}`);
    expect(open(site)).toHaveLength(1);
    expect(site.core.interlock.held).toHaveLength(ROOMS - 1);
    await site.do('releaseInterlock', { reason: 'seen' }, 'r');
    expect(open(site)).toHaveLength(ROOMS);
  });

  it('raise no alarm about a cut that is held, as none is wanted', async () => {
    const site = await start();
    await site.do('switchMeter', { meter: 'm1', action: 'hold', reason: 'r' }, 'h');
    await pass(site, 240);
    expect(Object.values(site.core.alarms.alarms).filter(({ kind }) => kind === 'cutHeld')).toEqual([]);
  });

  it('and were cut before, one by one, are not all cut again at its end', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(ROOMS, '0.50', rules));
    used.clear();
    await readAll(site);
    await site.pass(10 * MINUTE);
    for (const n of numbers) {
      used.set(n, 2_000);
      await pass(site, 12);
    }
    expect(open(site)).toEqual(numbers);
    const untilMs = site.clock.site() + 30 * MINUTE;
    for (const n of numbers)
      await site.do('switchMeter', { meter: `m${n}`, action, reason: 'feast', untilMs }, `on${n}`);
    expect(open(site)).toEqual([]);
    await pass(site, 40);
    expect(open(site)).toHaveLength(1);
    expect(site.core.interlock.held).toHaveLength(ROOMS - 1);
  });
});
