/** How many breakers one person switches alone counts for all ways of switching them, also in small parts. */
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { siteRulesSchema } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const who = (operator: string, role: Who['role'] = 'operator'): Who => ({ operator, role, provedAgoMs: 0 });
let asked = 0;
async function as(site: Running, person: Who, op: OpName, params: object): Promise<OpOutcome> {
  const outcome = site.intake.do(person, op, params, `k${(asked += 1)}`);
  await site.settle();
  return outcome;
}

describe('more breakers than one person switches', () => {
  const { secondPerson } = siteRulesSchema.parse({ secondPerson: { switchMeters: 2 } });
  const plan = (id: string, isNew: boolean, watts = 1_000) => ({
    ...{ plan: id, isNew },
    settings: {
      ...{
        name: id,
        limits: [{ watts, window: null }],
        seconds: 30,
        recoverMinutes: 5,
        tries: 2,
        cuts: [],
        inMeter: false,
      },
    },
  });
  const start = () => startCore(new MemoryDisk(), plainSite(6, '100', { secondPerson }));
  const mia = who('mia', 'manager');

  it('need a second person also when a plan is given to them in parts', async () => {
    const site = await start();
    await as(site, mia, 'saveControlPlan', plan('p', true));
    expect(await as(site, mia, 'assignControlPlan', { plan: 'p', meters: ['m1', 'm2'] })).toMatchObject({ ok: true });
    expect(await as(site, mia, 'assignControlPlan', { plan: 'p', meters: ['m3', 'm4'] })).toMatchObject({
      refusal: 'needsApproval',
    });
    expect(site.core.meters.get('m3')?.state.controlPlan).toBeUndefined();
    await site.pass(11 * MINUTE);
    expect(await as(site, mia, 'assignControlPlan', { plan: 'p', meters: ['m5'] })).toMatchObject({ ok: true });
  });

  it('need one when several plans with few meters each are changed', async () => {
    const site = await start();
    for (const [n, id] of ['p', 'q'].entries()) {
      await as(site, mia, 'saveControlPlan', plan(id, true));
      const meters = [`m${2 * n + 1}`, `m${2 * n + 2}`];
      expect(await as(site, mia, 'assignControlPlan', { plan: id, meters })).toMatchObject({ ok: true });
      await site.pass(11 * MINUTE);
    }
    expect(await as(site, mia, 'saveControlPlan', plan('p', false, 100))).toMatchObject({ ok: true });
    expect(await as(site, mia, 'saveControlPlan', plan('q', false, 100))).toMatchObject({ refusal: 'needsApproval' });
  });

  it('need one when keep power is set room by room', async () => {
    const site = await start();
    const keep = (n: number, on = true) =>
      as(site, who('olga'), 'keepRoomPower', { room: `r${n}`, keep: on, reason: 'ward' });
    expect(await keep(1)).toMatchObject({ ok: true });
    expect(await keep(2)).toMatchObject({ ok: true });
    expect(await keep(3)).toMatchObject({ refusal: 'needsApproval' });
    expect(site.core.meters.get('m3')?.state.causes.keepPower).toBeUndefined();
  });

  it('need none for a plan that nobody has, and what was refused does not count', async () => {
    const site = await start();
    for (const n of [1, 2]) await as(site, mia, 'switchMeter', { meter: `m${n}`, action: 'hold', reason: 'r' });
    expect(await as(site, mia, 'saveControlPlan', plan('p', true))).toMatchObject({ ok: true });
    await site.pass(11 * MINUTE);
    expect(await as(site, mia, 'assignControlPlan', { plan: 'none', meters: ['m1', 'm2'] })).toMatchObject({
      refusal: 'notFound',
    });
    expect(await as(site, mia, 'assignControlPlan', { plan: 'p', meters: ['m5', 'm6'] })).toMatchObject({ ok: true });
  });

  it('need one when limits are written into them one by one, and none for what opens nothing', async () => {
    const site = await start();
    const write = (meter: string, powerLimit: number) =>
      as(site, mia, 'writeParameters', { meter, values: { powerLimit }, reason: 'r' });
    expect(await write('m1', 100)).toMatchObject({ ok: true });
    expect(await write('m2', 100)).toMatchObject({ ok: true });
    expect(await write('m3', 0)).toMatchObject({ ok: true });
    expect(await write('m4', 100)).toMatchObject({ refusal: 'needsApproval' });
    expect(site.core.parameters.state('m4').wanted).toEqual({});
  });

  it('are no more than the second person has seen: a plan that more meters have by then is refused', async () => {
    const site = await start();
    await as(site, mia, 'saveControlPlan', plan('p', true));
    const give = (meters: string[]) => as(site, mia, 'assignControlPlan', { plan: 'p', meters });
    await give(['m1', 'm2']);
    await site.pass(11 * MINUTE);
    await give(['m3']);
    expect(await as(site, mia, 'saveControlPlan', plan('p', false, 100))).toMatchObject({ refusal: 'needsApproval' });
    await site.pass(11 * MINUTE);
    await give(['m4']);
    const [proposal] = Object.values(site.core.approvals.state.open);
    const params = { approval: proposal?.id, hash: proposal?.hash };
    expect(await as(site, who('bert', 'manager'), 'approve', params)).toMatchObject({ ok: true });
    await site.pass(MINUTE);
    expect(site.core.directory.get('controlPlan', 'p')?.limits[0]?.watts).toBe(1_000);
  });
});
