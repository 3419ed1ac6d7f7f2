/** Work tags on rooms and lines, keep power for a room, and one person at a breaker at a time. */
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { LEASE_MS } from '../../server/core/selections.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const who = (operator: string, role: Who['role'] = 'operator'): Who => ({ operator, role, provedAgoMs: 0 });
async function as(site: Running, person: Who, op: OpName, params: object, key = ''): Promise<OpOutcome> {
  const outcome = site.intake.do(person, op, params, key);
  await site.settle();
  return outcome;
}
const person = { holder: 'Li Si', phone: '138 0000 1000' };
const hang = (site: Running, on: object, operator = 'fitter') =>
  as(
    site,
    who(operator, 'maintenance'),
    'hangTag',
    { ...on, ...person, reason: 'new fuse' },
    `hang-${JSON.stringify(on)}${operator}`,
  );
const part = (site: Running, n: number) => site.core.wall.tiles.get(`r${n}`)?.electricity;
const start = async (disk = new MemoryDisk(), rooms = 3) =>
  startCore(disk, plainSite(rooms, '100', { warnBeforeCutMs: MINUTE }));

describe('a work tag', () => {
  it('on a room opens its meters, and no button, batch, recharge or restart closes them', async () => {
    const disk = new MemoryDisk();
    let site = await start(disk);
    for (const n of [1, 2]) await site.read(`m${n}`, 1_000);
    expect(await hang(site, { room: 'r1' })).toMatchObject({ ok: true, result: { tag: 'T1', meters: 1 } });
    expect(site.differs).toContain('m1');
    expect([part(site, 1)?.wanted, part(site, 1)?.cause, part(site, 2)?.wanted]).toEqual(['open', 'workTag', 'closed']);
    const act = (action: string, op = who('olga')) =>
      as(site, op, 'switchMeter', { meter: 'm1', action, reason: 'r' }, `${action}-${op.operator}`);
    expect(await act('forceClose', who('mia', 'manager'))).toMatchObject({ refusal: 'workTagInForce' });
    expect(await act('keepPower')).toMatchObject({ refusal: 'workTagInForce' });
    expect(await as(site, who('olga'), 'keepRoomPower', { room: 'r1', keep: true, reason: 'r' }, 'k')).toMatchObject({
      refusal: 'workTagInForce',
    });
    await as(site, who('olga'), 'recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'p');
    await act('release');
    expect(part(site, 1)?.wanted).toBe('open');
    site = await startCore(disk, null, site.clock);
    await site.read('m1', 1_001);
    expect(part(site, 1)).toMatchObject({ wanted: 'open', cause: 'workTag' });
    expect(await as(site, who('olga'), 'liftTag', { tag: 'T1', reason: 'r' }, 'l')).toMatchObject({
      refusal: 'notYourTag',
    });
    expect(await as(site, who('fitter', 'maintenance'), 'liftTag', { tag: 'T1', reason: 'done' }, 'l')).toMatchObject({
      ok: true,
    });
    expect(part(site, 1)).toMatchObject({ wanted: 'closed', cause: 'normal' });
  });

  it('on a line holds all its meters, also one described later; a manager lifts it', async () => {
    const site = await start();
    await hang(site, { line: 'l1' });
    await hang(site, { room: 'r1' }, 'other');
    for (const n of [1, 2, 3]) expect(part(site, n)?.cause).toBe('workTag');
    const view = await as(site, who('olga'), 'getRoom', { room: 'r1' });
    expect(view).toMatchObject({
      result: {
        meters: [
          {
            tags: [
              { id: 'T2', ...person },
              { id: 'T1', by: 'fitter', ...person },
            ],
          },
        ],
      },
    });
    const settings = {
      line: 'l1',
      unitId: 99,
      profile: 'acrel-ddsy1352',
      utility: 'electricity',
      room: 'r2',
      tariff: 't-electricity',
    };
    await as(site, who('mia', 'administrator'), 'saveMeter', { meter: 'm9', isNew: true, settings }, 'new');
    await site.read('m9', 5);
    expect(part(site, 2)?.cause).toBe('workTag');
    const sheet = await as(site, who('olga'), 'getHandover', {});
    expect(sheet).toMatchObject({ result: { now: { sections: { workTags: { total: 2 } } } } });
    expect(await as(site, who('mia', 'manager'), 'liftTag', { tag: 'T1', reason: 'r' }, 'l')).toMatchObject({
      ok: true,
    });
    expect([part(site, 1)?.cause, part(site, 2)?.cause]).toEqual(['workTag', 'normal']);
  });

  it('of a single meter says who works there and how to reach them', async () => {
    const site = await start();
    await as(site, who('olga'), 'switchMeter', { meter: 'm1', action: 'workTag', reason: 'fuse', ...person }, 'w');
    expect(site.core.meters.get('m1')?.state.causes.workTag).toMatchObject({ by: 'olga', ...person });
    expect(
      await as(site, who('paul'), 'switchMeter', { meter: 'm1', action: 'liftWorkTag', reason: 'r' }, 'l'),
    ).toMatchObject({ refusal: 'notYourTag' });
    expect(
      await as(site, who('mia', 'manager'), 'switchMeter', { meter: 'm1', action: 'liftWorkTag', reason: 'r' }, 'l'),
    ).toMatchObject({ ok: true });
  });
});

describe('whoever works under a tag', () => {
  it('is not left to time: a tag has no end', async () => {
    const site = await start();
    const tag = { meter: 'm1', action: 'workTag', reason: 'fuse', ...person };
    const untilMs = site.clock.site() + 5 * MINUTE;
    expect(await as(site, who('olga'), 'switchMeter', { ...tag, untilMs }, 'a')).toMatchObject({ refusal: 'invalid' });
    expect(await as(site, who('olga'), 'switchMeter', tag, 'b')).toMatchObject({ ok: true });
    await site.pass(24 * 60 * MINUTE);
    expect(part(site, 1)).toMatchObject({ wanted: 'open', cause: 'workTag' });
  });

  it.each([
    ['the line', { line: 'l1' }, 'l2', 1],
    ['the room', { room: 'r1' }, 'l1', 77],
  ])(
    'keeps what hangs on %s: its meter is described at no other address until it is lifted',
    async (_on, on, line, unitId) => {
      const plain = plainSite(2);
      const second = { id: 'l2', name: 'Line 2', transport: { kind: 'tcp' as const, host: '127.0.0.1', port: 5021 } };
      const site = await startCore(new MemoryDisk(), { ...plain, lines: [...plain.lines, second] });
      await hang(site, on);
      const settings = {
        ...{ line, unitId, profile: 'acrel-ddsy1352', utility: 'electricity', room: 'r1', tariff: 't-electricity' },
      };
      const move = (key: string) =>
        as(site, who('root', 'administrator'), 'saveMeter', { meter: 'm1', isNew: false, settings }, key);
      expect(await move('a')).toMatchObject({ refusal: 'workTagInForce' });
      expect(part(site, 1)).toMatchObject({ wanted: 'open', cause: 'workTag' });
      await as(site, who('fitter', 'maintenance'), 'liftTag', { tag: 'T1', reason: 'done' }, 'l');
      expect(await move('b')).toMatchObject({ ok: true });
    },
  );
});

describe('keep power for a room', () => {
  it('holds every breaker of it, once under one id, and is lifted for all', async () => {
    const disk = new MemoryDisk();
    const plain = plainSite(1);
    const [first] = plain.meters;
    if (!first) throw new Error('a plain site has a meter');
    const site = await startCore(disk, { ...plain, meters: [first, { ...first, id: 'm1b', unitId: 9, wallet: 'w1' }] });
    const keep = (value: boolean, key: string) =>
      as(site, who('olga'), 'keepRoomPower', { room: 'r1', keep: value, reason: 'ward' }, key);
    expect(await keep(true, 'k')).toMatchObject({ ok: true, result: { meters: 2 } });
    expect(await keep(true, 'k')).toMatchObject({ ok: true, result: { meters: 2 } });
    for (const id of ['m1', 'm1b'])
      expect(site.core.meters.get(id)?.state.causes.keepPower).toMatchObject({ by: 'olga', reason: 'ward' });
    const rows = [...(disk.records.get('audit')?.values() ?? [])].map(({ value }) => value);
    expect(rows.filter(({ op }) => op === 'keepRoomPower')).toMatchObject([
      { outcome: 'done', after: { 'meter:m1': {}, 'meter:m1b': {} } },
    ]);
    await keep(false, 'l');
    for (const id of ['m1', 'm1b']) expect(site.core.meters.get(id)?.state.causes).toEqual({});
  });
});

describe('before a tag is hung', () => {
  it('is said how many breakers it opens, and which have keep power or serve everyone', async () => {
    const plain = plainSite(4);
    const meters = plain.meters.map((one) => (one.id === 'm3' ? { ...one, role: 'public' as const } : one));
    const site = await startCore(new MemoryDisk(), { ...plain, meters });
    for (const n of [1, 2, 3]) await site.read(`m${n}`, 1_000);
    const trip = { meter: 'm1', action: 'forceTrip', reason: 'r' };
    await as(site, who('olga'), 'switchMeter', trip, 'trip');
    await as(site, who('olga'), 'switchMeter', { meter: 'm2', action: 'keepPower', reason: 'r' }, 'keep');
    const preview = (on: object) => as(site, who('fitter', 'maintenance'), 'previewTag', on);
    expect(await preview({ line: 'l1' })).toEqual({
      ok: true,
      result: {
        ...{ opens: 3, open: 1, silent: 1 },
        protected: [
          { meter: 'm2', roomName: 'Room 2', why: 'keepPower' },
          { meter: 'm3', roomName: 'Room 3', why: 'public' },
        ],
      },
    });
    expect(await preview({ room: 'r4' })).toMatchObject({ result: { opens: 1, open: 0, protected: [] } });
    expect(await preview({ room: 'r9' })).toMatchObject({ refusal: 'notFound' });
    expect(part(site, 2)?.wanted).toBe('closed');
  });
});

describe('a breaker in hand', () => {
  it('is switched by who has it, shown to the others, and let go by hand or by time', async () => {
    const site = await start();
    const select = (name: string, more = {}) => as(site, who(name), 'selectMeter', { meter: 'm1', ...more });
    const trip = (name: string, key: string) =>
      as(site, who(name), 'switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'r' }, key);
    expect(await select('olga')).toMatchObject({ result: { by: 'olga', mine: true } });
    expect(site.core.wall.tiles.get('r1')?.operating).toBe('olga');
    expect(await select('paul')).toMatchObject({ result: { by: 'olga', mine: false } });
    expect(await trip('paul', 'a')).toMatchObject({ refusal: 'selected' });
    expect(await trip('olga', 'b')).toMatchObject({ ok: true });
    await select('olga', { release: true });
    expect(site.core.wall.tiles.get('r1')?.operating).toBeNull();
    expect(await select('paul')).toMatchObject({ result: { mine: true } });
    site.clock.step(LEASE_MS);
    site.core.tick();
    await site.settle();
    expect(site.core.wall.tiles.get('r1')?.operating).toBeNull();
    expect(await select('olga')).toMatchObject({ result: { mine: true } });
    const tag = { meter: 'm1', action: 'workTag', reason: 'r', ...person };
    expect(await as(site, who('paul'), 'switchMeter', tag, 't')).toMatchObject({ ok: true });
  });
});
