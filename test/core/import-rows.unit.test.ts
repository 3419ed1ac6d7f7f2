/** Rooms and meters from a table: every mistake beside its row, all or nothing, and the same file again changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow, type RowOutcome } from '../../protocol/importRows.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { rowsOfSite } from '../../ui/src/setup/table.ts';
import type { SiteSetup } from '../../ui/src/setup/site.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const empty = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
const row = (n: number, more: Partial<ImportRow> = {}): ImportRow => ({
  ...empty,
  ...{ building: 'N', buildingName: '北楼', floor: `N${n % 3}`, room: `N-${n}`, roomName: `北${n}`, areaM2: '42.5' },
  ...{ meter: `mn${n}`, line: 'l1', unitId: String(10 + n), profile: 'acrel-ddsy1352', tariff: 't-electricity' },
  ...more,
});
let keys = 0;
async function check(running: Running, rows: readonly ImportRow[]): Promise<readonly RowOutcome[]> {
  const outcome = await running.do('checkRows', { rows }, '', 'administrator');
  expect(outcome.ok).toBe(true);
  return (outcome as { result: { rows: RowOutcome[] } }).result.rows;
}
/** Which effects there are; an error is one too. */
const effectsOf = (outcomes: readonly RowOutcome[]): unknown[] => [
  ...new Set(outcomes.map(({ effect, errors }) => effect ?? errors)),
];
async function siteOf(running: Running): Promise<SiteSetup> {
  const outcome = await running.do('getSetup', {}, '', 'administrator');
  return (outcome as { result: SiteSetup }).result;
}
const load = (running: Running, rows: readonly ImportRow[]): ReturnType<Running['do']> =>
  running.do('importRows', { rows }, `i${(keys += 1)}`, 'administrator');

describe('importing rows', () => {
  it('adds buildings, floors, rooms and meters once, however often it is done', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, plainSite(1));
    const rows = Array.from({ length: 60 }, (_, n) => row(n));
    expect((await check(running, rows)).every(({ effect }) => effect === 'new')).toBe(true);
    expect(await load(running, rows)).toMatchObject({ ok: true, result: { new: 60, changed: 0, same: 0 } });
    const { number } = disk.head;
    expect(await load(running, rows)).toMatchObject({ ok: true, result: { new: 0, changed: 0, same: 60 } });
    running = await startCore(disk, null, running.clock);
    expect(running.core.directory.layout.buildings[1]).toMatchObject({ name: '北楼', floors: [{}, {}, {}] });
    expect(running.core.rooms.size).toBe(61);
    expect(running.core.meters.size).toBe(61);
    // The repeat wrote its answer, and that it was asked, alone.
    expect(
      disk.entries
        .filter((entry) => entry.number > number)
        .flatMap((entry) => entry.events.filter(({ key }) => key !== 'audit:site')),
    ).toEqual([]);
    await running.read('mn5', 0);
    await running.pass(3_600_000);
    await running.read('mn5', 1_000);
    await running.settle();
    expect(running.core.wallets.get('owner-N-5')?.state.balanceMicro).toBe(-1_000_000);
  });

  it('leaves what a row does not say as it is', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    await load(running, [row(1, { heads: '3', number: '77', rating: '9000', pollIntervalMs: '2000' })]);
    const bare = row(1, { buildingName: '', roomName: '', areaM2: '', heads: '', number: '' });
    expect(await load(running, [bare])).toMatchObject({ ok: true, result: { new: 0, changed: 0, same: 1 } });
    expect(await load(running, [{ ...bare, heads: '4' }])).toMatchObject({ ok: true, result: { changed: 1 } });
    expect(running.core.directory.get('building', 'N')?.name).toBe('北楼');
    expect(running.core.directory.get('floor', 'N1')?.rooms).toEqual([
      { id: 'N-1', name: '北1', areaM2: 42.5, heads: 4 },
    ]);
    expect(running.core.meters.get('mn1')?.state.config).toMatchObject({
      ...{ number: '77', rating: 9_000, pollIntervalMs: 2_000 },
    });
  });

  it('puts each mistake beside its row and column, and imports nothing with one', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const rows = [
      row(1),
      row(2, { unitId: '300' }),
      row(3, { tariff: 'none' }),
      row(4, { unitId: '11' }),
      row(5, { unitId: '1' }),
    ];
    const found = (await check(running, rows)).map(({ errors }) => errors.map(({ column }) => column));
    expect(found).toEqual([[], ['unitId'], ['tariff'], ['unitId'], ['unitId']]);
    expect(await load(running, rows)).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(running.core.meters.size).toBe(1);
    expect(running.core.directory.layout.buildings).toHaveLength(1);
  });

  it('finds places that rows put in two places, or call by two names', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const place = (building: string, floor: string, room: string, more: Partial<ImportRow> = {}): ImportRow => ({
      ...empty,
      ...{ building, floor, room },
      ...more,
    });
    const rows = [
      place('D', 'D-1', 'D101', { floorName: 'First', roomName: 'North' }),
      place('D', 'D-2', 'D101'),
      place('E', 'D-1', 'E101', { floorName: 'Ground' }),
      place('D', 'D-1', 'D101', { roomName: 'South', heads: '2' }),
      place('D', 'D-1', 'D102', { areaM2: '0' }),
    ];
    expect((await check(running, rows)).map(({ errors }) => errors)).toEqual([
      [],
      [{ column: 'room', mistake: 'roomElsewhere', about: 'D-1' }],
      [
        { column: 'floor', mistake: 'floorElsewhere', about: 'D' },
        { column: 'floorName', mistake: 'differs', about: 'First' },
      ],
      [{ column: 'roomName', mistake: 'differs', about: 'North' }],
      [{ column: 'areaM2', mistake: 'area' }],
    ]);
    expect(await load(running, rows)).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(running.core.directory.layout.buildings).toHaveLength(1);
  });

  it('uses a floor again that was taken back', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    expect(await load(running, [row(1, { meter: '' })])).toMatchObject({ ok: true });
    for (const [kind, id] of [
      ['room', 'N-1'],
      ['floor', 'N1'],
      ['building', 'N'],
    ] as const)
      expect(await running.do('removePlace', { kind, id }, `gone-${id}`, 'administrator')).toMatchObject({ ok: true });
    expect(await load(running, [row(1, { meter: '' })])).toMatchObject({ ok: true, result: { new: 1 } });
    expect(running.core.directory.layout.buildings[1]).toMatchObject({ id: 'N', floors: [{ id: 'N1' }] });
  });

  it('leaves one place for each room whatever is imported, takes a file again as it is, and its own export', async () => {
    const some = (...of: string[]): fc.Arbitrary<string> => fc.constantFrom(...of);
    const placed = fc.record({
      ...{ building: some('D', 'E', 'A'), floor: some('D1', 'D2', 'E1', 'A1'), room: some('x1', 'x2', 'x3', 'r1') },
      ...{ roomName: some('', 'North', 'South'), floorName: some('', 'First'), areaM2: some('', '10', '20.5') },
      ...{ meter: some('', '', 'n1', 'n2', 'm1'), unitId: some('7', '07', '8', '1'), role: some('', 'public', 'main') },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(placed, { minLength: 1, maxLength: 6 }), async (cells) => {
        const running = await startCore(new MemoryDisk(), plainSite(1));
        const rows = cells.map((cell) => ({
          ...empty,
          ...{ line: 'l1', profile: 'acrel-ddsy1352', tariff: 't-electricity' },
          ...cell,
        }));
        const right = (await check(running, rows)).every(({ errors }) => errors.length === 0);
        expect((await load(running, rows)).ok).toBe(right);
        const { buildings, meters } = await siteOf(running);
        const floors = buildings.flatMap((one) => one.floors.map(({ id }) => id));
        const rooms = buildings.flatMap((one) => one.floors.flatMap((floor) => floor.rooms.map(({ id }) => id)));
        expect(new Set(floors).size).toBe(floors.length);
        expect(new Set(rooms).size).toBe(rooms.length);
        const addresses = meters.map(({ line, unitId }) => `${line} ${unitId}`);
        expect(new Set(addresses).size).toBe(addresses.length);
        if (right) expect(effectsOf(await check(running, rows))).toEqual(['same']);
        expect(effectsOf(await check(running, rowsOfSite(await siteOf(running))))).toEqual(['same']);
      }),
      { numRuns: 150 },
    );
  });

  it('takes any text for a row without breaking, and what it calls right it imports', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('', 'A', 'A1', 'l1', 'm1', '1', '=1+1', '9'.repeat(20)),
    );
    const anyRow = fc.record(
      Object.fromEntries(importColumns.map((column) => [column, text])),
    ) as fc.Arbitrary<ImportRow>;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            anyRow,
            fc.nat(40).map((n) => row(n)),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        async (rows) => {
          const outcomes = await check(running, rows);
          const right = outcomes.every(({ errors }) => errors.length === 0);
          expect((await load(running, rows)).ok).toBe(right);
          expect(running.core.actors.parked).toEqual([]);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});
