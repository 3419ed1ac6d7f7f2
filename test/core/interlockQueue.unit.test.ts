/** What the interlock holds, who is shown it, and letting go some of it. */
import { describe, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 5;
const rules = { massCutLimit: 1, warnBeforeCutMs: MINUTE };

/** All five wallets are used up: one meter is opened, four are held. */
async function held(disk = new MemoryDisk(), more: object = {}): Promise<Running> {
  const site = await startCore(disk, plainSite(ROOMS, '0.50', { ...rules, ...more }));
  const numbers = Array.from({ length: ROOMS }, (_, i) => `m${i + 1}`);
  for (const meter of numbers) await site.read(meter, 1_000);
  await site.pass(10 * MINUTE);
  for (const meter of numbers) await site.read(meter, 2_000);
  await site.pass(2 * MINUTE);
  for (const meter of numbers) await site.read(meter, 2_000);
  return site;
}
const queue = async (site: Running): Promise<OpResult<'getInterlock'>> => {
  const outcome = await site.do('getInterlock', {}, '');
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.result as OpResult<'getInterlock'>;
};
const names = async (site: Running): Promise<string[]> => (await queue(site)).items.map(({ meter }) => meter);
const cut = ({ core }: Running, meter: string): boolean =>
  core.meters.get(meter)?.state.causes.moneyExhausted !== undefined;

describe('the queue of the interlock', () => {
  it('says who is held since when, with tenant, balance and warning', async () => {
    const site = await held();
    const { limit, items } = await queue(site);
    expect(limit).toBe(1);
    expect(items.map(({ meter }) => meter)).toEqual(['m2', 'm3', 'm4', 'm5']);
    expect(items[0]).toMatchObject({
      ...{ room: 'r2', roomName: 'Room 2', tenant: 'Tenant 2', account: 'a2', utility: 'electricity' },
      ...{ balanceMicro: -500_000, warnedMs: START_MS + 10 * MINUTE },
    });
    expect(items[0]?.heldMs).toBeGreaterThanOrEqual(START_MS + 11 * MINUTE);
    expect(cut(site, 'm1')).toBe(true);
  });

  it('lets chosen ones go, keeps the others, and says so once to the alarm', async () => {
    const disk = new MemoryDisk();
    const site = await held(disk);
    const some = { meters: ['m3', 'm5', 'm1'], reason: 'really used up' };
    expect(await site.do('releaseInterlock', some, 'some')).toMatchObject({ ok: true, result: { released: 2 } });
    expect([await names(site), cut(site, 'm3'), cut(site, 'm5'), cut(site, 'm2')]).toEqual([
      ...[['m2', 'm4'], true, true, false],
    ]);
    expect(site.core.alarms.alarms['interlockHolding:site']).toMatchObject({ active: true, detail: { held: 2 } });
    // Under the same id nothing more is let go.
    expect(await site.do('releaseInterlock', some, 'some')).toMatchObject({ ok: true, result: { released: 2 } });
    expect(await site.do('releaseInterlock', some, 'again')).toMatchObject({ refusal: 'nothingHeld' });
    const again = await startCore(disk, null);
    expect(await names(again)).toEqual(['m2', 'm4']);
    expect((await queue(again)).items[0]?.heldMs).not.toBeNull();
    await again.do('recharge', { wallet: 'w2', amount: '5', channel: 'cash' }, 'pay');
    expect(await names(again)).toEqual(['m4']);
    await again.do('releaseInterlock', { reason: 'all' }, 'all');
    expect(await names(again)).toEqual([]);
    expect(again.core.alarms.alarms['interlockHolding:site']?.active ?? false).toBe(false);
  });

  it('asks a second person for as many as are chosen, and those alone are let go', async () => {
    const site = await held(new MemoryDisk(), { secondPerson: {} });
    const some = { meters: ['m3', 'm4'], reason: 'used up' };
    expect(await site.do('releaseInterlock', some, 'some')).toMatchObject({ refusal: 'needsApproval' });
    const asked = await site.do('getApprovals', {}, '', 'manager');
    if (!asked.ok) throw new Error(asked.detail);
    const { items } = asked.result as OpResult<'getApprovals'>;
    expect(items[0]).toMatchObject({ amount: 2, params: some });
    await site.do('approve', { approval: 'A1', hash: items[0]?.hash }, 'yes', 'manager');
    await site.pass(1_000);
    expect(await names(site)).toEqual(['m2', 'm5']);
  });
});
