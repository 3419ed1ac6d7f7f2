/** A riser: rooms and meters across floors under one work tag. */
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

let keys = 0;
async function as(site: Running, operator: string, role: Who['role'], op: OpName, params: object): Promise<OpOutcome> {
  const outcome = site.intake.do({ operator, role, provedAgoMs: 0 }, op, params, `k${(keys += 1)}`);
  await site.settle();
  return outcome;
}
const save = (site: Running, params: object) =>
  as(site, 'boss', 'administrator', 'saveRiser', { isNew: true, id: 'S1', name: 'South', meters: [], ...params });
const hang = (site: Running) =>
  as(site, 'fitter', 'maintenance', 'hangTag', { riser: 'S1', holder: 'Li Si', phone: '13800001000', reason: 'pipe' });
const lift = (site: Running) => as(site, 'fitter', 'maintenance', 'liftTag', { tag: 'T1', reason: 'done' });
const causes = (site: Running): (string | undefined)[] =>
  [1, 2, 3, 4].map((n) => site.core.wall.tiles.get(`r${n}`)?.electricity?.cause);

async function start(disk = new MemoryDisk()): Promise<Running> {
  const site = await startCore(disk, plainSite(4));
  for (const n of [1, 2, 3, 4]) await site.read(`m${n}`, 1_000);
  return site;
}

describe('a work tag on a riser', () => {
  it('keeps all its rooms and meters open, over a restart, until it is lifted', async () => {
    const disk = new MemoryDisk();
    let site = await start(disk);
    expect(await save(site, { rooms: ['r1', 'r2'], meters: ['m3'] })).toMatchObject({ ok: true });
    expect(await hang(site)).toMatchObject({ ok: true, result: { tag: 'T1', meters: 3 } });
    expect(causes(site)).toEqual(['workTag', 'workTag', 'workTag', 'normal']);
    expect(site.differs).toEqual(expect.arrayContaining(['m1', 'm2', 'm3']));
    for (const meter of ['m1', 'm3'])
      expect(
        await as(site, 'mia', 'manager', 'switchMeter', { meter, action: 'forceClose', reason: 'r' }),
      ).toMatchObject({ refusal: 'workTagInForce' });
    await as(site, 'olga', 'operator', 'recharge', { wallet: 'w3', amount: '5', channel: 'cash' });
    site = await startCore(disk, null, site.clock);
    for (const n of [1, 2, 3, 4]) await site.read(`m${n}`, 1_001);
    expect(causes(site)).toEqual(['workTag', 'workTag', 'workTag', 'normal']);
    const view = await as(site, 'olga', 'operator', 'getRoom', { room: 'r3' });
    expect(view).toMatchObject({
      result: { meters: [{ tags: [{ on: { kind: 'riser', id: 'S1' }, holder: 'Li Si' }] }] },
    });
    const sheet = await as(site, 'olga', 'operator', 'getHandover', {});
    expect(sheet).toMatchObject({ result: { now: { sections: { workTags: { lines: [{ place: 'South' }] } } } } });
    expect(await as(site, 'paul', 'operator', 'liftTag', { tag: 'T1', reason: 'r' })).toMatchObject({
      refusal: 'notYourTag',
    });
    expect(await lift(site)).toMatchObject({ ok: true });
    expect(causes(site)).toEqual(['normal', 'normal', 'normal', 'normal']);
  });

  it('reaches what joins it while it hangs; nothing leaves it and it is not taken back', async () => {
    const site = await start();
    await save(site, { rooms: ['r1'], meters: ['m3'] });
    await hang(site);
    expect(await save(site, { isNew: false, rooms: ['r1', 'r4'], meters: ['m3'] })).toMatchObject({ ok: true });
    expect(causes(site)).toEqual(['workTag', 'normal', 'workTag', 'workTag']);
    expect(site.differs).toContain('m4');
    for (const members of [
      { rooms: ['r1', 'r4'], meters: [] },
      { rooms: ['r1'], meters: ['m3'] },
    ])
      expect(await save(site, { isNew: false, ...members })).toMatchObject({ refusal: 'workTagInForce' });
    expect(await as(site, 'boss', 'administrator', 'removeRiser', { riser: 'S1' })).toMatchObject({
      refusal: 'workTagInForce',
    });
    await lift(site);
    expect(await save(site, { isNew: false, rooms: ['r2'] })).toMatchObject({ ok: true });
    expect(await as(site, 'boss', 'administrator', 'removeRiser', { riser: 'S1' })).toMatchObject({ ok: true });
    expect(await hang(site)).toMatchObject({ refusal: 'notFound' });
  });

  it('and one on a room: the room opens until both are lifted, and each is named once', async () => {
    const site = await start();
    await save(site, { rooms: ['r1'], meters: ['m1'] });
    await hang(site);
    await as(site, 'ute', 'maintenance', 'hangTag', { room: 'r1', holder: 'U', phone: '110', reason: 'fuse' });
    const view = await as(site, 'olga', 'operator', 'getRoom', { room: 'r1' });
    expect((view as { result: { meters: { tags: unknown[] }[] } }).result.meters[0]?.tags).toHaveLength(2);
    await lift(site);
    expect(causes(site)[0]).toBe('workTag');
  });
});

it('a riser names rooms and meters that are there, one at least, under an id of its own', async () => {
  const site = await start();
  for (const wrong of [{ rooms: ['r9'] }, { rooms: [], meters: ['m9'] }, { rooms: [] }, { rooms: ['r1'], id: '' }])
    expect(await save(site, wrong)).toMatchObject({ refusal: 'invalid' });
  await save(site, { rooms: ['r1', 'r1'] });
  expect(await save(site, { rooms: ['r2'] })).toMatchObject({ refusal: 'invalid' });
  expect(await save(site, { isNew: false, id: 'S9', rooms: ['r2'] })).toMatchObject({ refusal: 'notFound' });
  expect(await as(site, 'v', 'viewer', 'getRisers', {})).toMatchObject({
    result: { items: [{ id: 'S1', name: 'South', rooms: ['r1'], meters: [] }] },
  });
});
