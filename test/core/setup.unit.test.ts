/** A site is set up while it runs: what is added is read and charged, what is used is not taken away. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

let keys = 0;
const ask = (running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  running.do(op, params, `k${(keys += 1)}`, 'administrator');
async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<void> {
  expect(await ask(running, op, params)).toMatchObject({ ok: true });
  await running.settle();
}
const detail = (outcome: OpOutcome): string => (outcome.ok ? 'done' : outcome.detail);
const settings = (unitId: number, room: string, more: object = {}): object => ({
  ...{ line: 'l2', unitId, profile: 'acrel-ddsy1352', utility: 'electricity', room, tariff: 't-electricity', ...more },
});
const line = (host: string): object => ({ name: 'Line 2', transport: { kind: 'tcp', host, port: 5021 } });

async function extended(disk = new MemoryDisk()): Promise<Running> {
  const running = await startCore(disk, plainSite(1));
  await done(running, 'saveBuilding', { building: 'B', isNew: true, name: '二号楼' });
  await done(running, 'saveFloor', { floor: 'B1', isNew: true, building: 'B', name: '1' });
  await done(running, 'saveRoom', {
    room: 'r2',
    isNew: true,
    floor: 'B1',
    name: 'B101',
    areaM2: 40,
    heads: 2,
    tags: ['corner', '街角'],
  });
  await done(running, 'saveLine', { line: 'l2', isNew: true, settings: line('127.0.0.1') });
  await done(running, 'saveMeter', { meter: 'm2', isNew: true, settings: settings(7, 'r2') });
  return running;
}

describe('what is added while the site runs', () => {
  it('is on the wall, read, charged to the owner, and still there after a restart', async () => {
    const disk = new MemoryDisk();
    let running = await extended(disk);
    expect(running.changed).toEqual(['l2', 'l2']);
    expect(running.core.directory.layout.buildings.map(({ name }) => name)).toEqual(['A', '二号楼']);
    expect(running.core.wall.tiles.get('r2')).toMatchObject({ building: 'B', electricity: { meter: 'm2' } });
    await running.read('m2', 1_000);
    running = await startCore(disk, null, running.clock);
    await running.pass(3_600_000);
    await running.read('m2', 3_000);
    await running.settle();
    expect(running.core.wallets.get('owner-r2')?.state.balanceMicro).toBe(-2_000_000);
    expect(running.core.ledger.imbalanceMicro).toBe(0);
    const { result: meters } = (await ask(running, 'getTariffMeters', { tariff: 't-electricity' })) as {
      result: OpResult<'getTariffMeters'>;
    };
    expect(meters.items.map(({ meter, tags }) => [meter, tags])).toEqual([
      ['m1', []],
      ['m2', ['corner', '街角']],
    ]);
    const { result } = (await ask(running, 'getSetup', {})) as { result: OpResult<'getSetup'> };
    expect(result.buildings[1]?.floors[0]?.rooms).toEqual([
      { id: 'r2', name: 'B101', areaM2: 40, heads: 2, tags: ['corner', '街角'] },
    ]);
  });

  it('names the field of every mistake', async () => {
    const running = await extended();
    const meter = async (params: object): Promise<string> =>
      detail(await ask(running, 'saveMeter', { meter: 'm3', isNew: true, settings: params }));
    expect(await meter(settings(7, 'r2'))).toBe('settings.unitId: a unit id used once on its line (m2 has it)');
    expect(await meter(settings(8, 'none'))).toBe('settings.room: the id of a room');
    expect(await meter(settings(8, 'r2', { tariff: 'none' }))).toBe('settings.tariff: the id of a tariff');
    expect(await meter(settings(8, 'r2', { utility: 'water' }))).toBe('settings.profile: measures electricity');
    const again = await ask(running, 'saveBuilding', { building: 'B', isNew: true, name: 'C' });
    expect(detail(again)).toBe('building: this id is used already');
  });

  it('keeps what a change would break: multiplier, role and room have ways of their own', async () => {
    const running = await extended();
    const changed = await ask(running, 'saveMeter', {
      meter: 'm2',
      isNew: false,
      settings: settings(7, 'r2', { ct: 20 }),
    });
    expect(detail(changed)).toContain('settings.ct: stays as it is');
    await done(running, 'saveMeter', {
      meter: 'm2',
      isNew: false,
      settings: settings(9, 'r2', { pollIntervalMs: 2_000 }),
    });
    expect(running.core.meters.get('m2')?.state.config).toMatchObject({ unitId: 9, pollIntervalMs: 2_000 });
  });
});

describe('a change of several things', () => {
  it('is durable whole or not at all, however full the commit is', async () => {
    const disk = new MemoryDisk();
    const running = await extended(disk);
    await done(running, 'saveFloor', { floor: 'B2', isNew: true, building: 'B', name: '2' });
    running.core.committer.append([], [{ kind: 'x', id: 'x', value: { text: 'x'.repeat(479 * 1024) } }]);
    await done(running, 'saveRoom', { room: 'r2', isNew: false, floor: 'B2', name: 'B201' });
    const floors = disk.entries.map(({ events }) => events.filter(({ type }) => type === 'FloorSet').length);
    expect(floors.at(-1)).toBe(2);
    expect(running.core.directory.rooms.get('r2')?.floor).toBe('B2');
  });
});

describe('what is taken away', () => {
  it('has nothing in it any more', async () => {
    const running = await extended();
    expect(detail(await ask(running, 'removePlace', { kind: 'building', id: 'B' }))).toBe('id: it has floors');
    expect(detail(await ask(running, 'removePlace', { kind: 'floor', id: 'B1' }))).toBe('id: it has rooms');
    expect(detail(await ask(running, 'removePlace', { kind: 'room', id: 'r2' }))).toBe('id: it has meters');
    await done(running, 'saveRoom', { room: 'r3', isNew: true, floor: 'B1', name: 'B102' });
    await done(running, 'removePlace', { kind: 'room', id: 'r3' });
    expect(running.core.directory.rooms.has('r3')).toBe(false);
  });
});

describe('where a line may connect to', () => {
  it('lies in the configured networks, as an address', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    for (const host of ['203.0.113.9', 'localhost', '169.254.169.254'])
      expect(detail(await ask(running, 'saveLine', { line: 'l2', isNew: true, settings: line(host) }))).toBe(
        'settings.transport.host: an address in 127.0.0.0/8',
      );
    expect(
      detail(await ask(running, 'testLine', { transport: { kind: 'tcp', host: '203.0.113.9', port: 80 } })),
    ).toContain('an address in');
  });

  it('is tried by a real connection', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const tried = async (): Promise<unknown> => {
      const outcome = await ask(running, 'testLine', { transport: { kind: 'rtuTcp', host: '127.0.0.1', port } });
      return outcome.ok ? outcome.result : outcome;
    };
    expect(await tried()).toMatchObject({ reached: true, why: '' });
    await new Promise((resolve) => server.close(resolve));
    expect(await tried()).toMatchObject({ reached: false, why: 'ECONNREFUSED' });
  });
});
