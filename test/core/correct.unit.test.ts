/** A doubtful reading put right by a person: no money before, charged once up to it, never backwards. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const rich = plainSite(1, '100000');
const usedWh = (site: Running): number =>
  (100_000_000_000 - (site.core.wallets.get('w1')?.state.balanceMicro ?? NaN)) / 1_000;
const held = (site: Running) => site.core.meters.get('m1')?.state.quarantine ?? null;
let keys = 0;
const correct = (site: Running, reading: string) => {
  keys += 1;
  return site.do('resolveQuarantine', { meter: 'm1', action: 'correct', reading, reason: 'read' }, `k${keys}`);
};
const three = async (site: Running, index: number): Promise<void> => {
  for (let i = 0; i < 3; i++) await site.read('m1', index);
};
async function jumped(disk = new MemoryDisk()): Promise<Running> {
  const site = await startCore(disk, rich);
  await site.read('m1', 1_000);
  await three(site, 900_000);
  await site.pass(HOUR);
  return site;
}

describe('a corrected reading', () => {
  it('is charged once from the last good index, ends the alarm, and counting goes on from it', async () => {
    const disk = new MemoryDisk();
    const site = await jumped(disk);
    expect(usedWh(site)).toBe(0);
    expect(await site.do('getQuarantined', {}, '')).toMatchObject({
      result: { items: [{ id: 'm1', roomName: 'Room 1', quarantine: { index: 900_000, lastGood: 1_000 } }] },
    });
    expect(await correct(site, '3.5')).toMatchObject({ ok: true });
    expect([usedWh(site), held(site)]).toEqual([2_500, null]);
    expect(site.core.alarms.alarms['quarantine:m1']?.active ?? false).toBe(false);
    expect(await correct(site, '3.6')).toMatchObject({ refusal: 'nothingHeld' });
    await site.pass(HOUR);
    await site.read('m1', 4_000);
    expect(usedWh(site)).toBe(3_000);
    const again = await startCore(disk, null, site.clock, new MemoryStore(disk));
    await again.pass(HOUR);
    await again.read('m1', 4_500);
    expect(usedWh(again)).toBe(3_500);
  });

  it('is never below the last good one, never more than can have passed, and needs its reading', async () => {
    const site = await jumped();
    expect(await correct(site, '0.999')).toMatchObject({ refusal: 'invalid' });
    expect(await correct(site, '900')).toMatchObject({ refusal: 'invalid' });
    const bare = { meter: 'm1', action: 'correct', reason: 'r' };
    expect(await site.do('resolveQuarantine', bare, 'bare')).toMatchObject({ refusal: 'invalid' });
    expect([usedWh(site), held(site)?.index]).toEqual([0, 900_000]);
    expect(await correct(site, '1')).toMatchObject({ ok: true });
    expect(usedWh(site)).toBe(0);
  });

  it('does not believe the doubtful value afterwards, however long it is read', async () => {
    const site = await jumped();
    await correct(site, '2');
    await site.pass(300 * HOUR);
    await three(site, 900_100);
    expect(usedWh(site)).toBe(1_000);
    expect(held(site)?.index).toBe(900_100);
  });

  it('asks for a second person above the limit', async () => {
    const rules = { secondPerson: secondPersonSchema.parse({ releaseAboveKwh: 1 }) };
    const site = await startCore(new MemoryDisk(), plainSite(1, '100000', rules));
    await site.read('m1', 1_000);
    await three(site, 900_000);
    await site.pass(HOUR);
    expect(await correct(site, '3.5')).toMatchObject({ refusal: 'needsApproval' });
    expect(await correct(site, '1.9')).toMatchObject({ ok: true });
  });

  it('keeps the laws in any order of readings, jumps, corrections and restarts', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('use' as const), by: fc.integer({ min: 0, max: 3_000 }) }),
      fc.record({ kind: fc.constant('jump' as const), by: fc.integer({ min: 100_000, max: 900_000 }) }),
      fc.record({ kind: fc.constant('correct' as const), by: fc.integer({ min: -2_000, max: 3_000 }) }),
      fc.record({ kind: fc.constant('restart' as const), by: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const disk = new MemoryDisk();
        let site = await startCore(disk, rich);
        let counted = 10_000;
        await site.read('m1', counted);
        for (const { kind, by } of steps) {
          await site.pass(HOUR);
          const before = usedWh(site);
          if (kind === 'use') {
            await site.read('m1', counted + by);
            if (usedWh(site) !== before) counted += by;
          } else if (kind === 'jump') {
            await three(site, counted + by);
            expect(usedWh(site)).toBe(before);
          } else if (kind === 'correct') {
            const outcome = await correct(site, ((counted + by) / 1_000).toFixed(3));
            if (by < 0) expect(outcome.ok).toBe(false);
            if (outcome.ok) counted += by;
          } else {
            site.core.actors.stop();
            site = await startCore(disk, null, site.clock, new MemoryStore(disk));
          }
          expect(usedWh(site)).toBe(counted - 10_000);
          expect(site.core.ledger.imbalanceMicro).toBe(0);
        }
        site.core.actors.stop();
      }),
      { numRuns: 40, seed: 20261125 },
    );
  });
});
