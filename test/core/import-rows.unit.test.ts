/** Rooms and meters from a table: every mistake beside its row, all or nothing, and the same file again changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow } from '../../protocol/importRows.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { rowsOfSite } from '../../ui/src/setup/table.ts';
import type { SiteSetup } from '../../ui/src/setup/site.ts';
import { staged, check, finished, load, importOf, type Check } from '../tools/tableImport.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const empty = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
const row = (n: number, more: Partial<ImportRow> = {}): ImportRow => ({
  ...empty,
  ...{ building: 'N', buildingName: '北楼', floor: `N${n % 3}`, room: `N-${n}`, roomName: `北${n}`, areaM2: '42.5' },
  ...{ meter: `mn${n}`, line: 'l1', unitId: String(10 + n), profile: 'acrel-ddsy1352', tariff: 't-electricity' },
  ...more,
});
async function siteOf(running: Running): Promise<SiteSetup> {
  const outcome = await running.do('getSetup', {}, '', 'administrator');
  return (outcome as { result: SiteSetup }).result;
}
/** All of it is on the site already, just so. */
const allThere = ({ rows, count, errors }: Check): boolean => errors.length === 0 && count.same === rows;

describe('importing rows', () => {
  it('adds buildings, floors, rooms and meters once, however often it is done', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, plainSite(1));
    const rows = Array.from({ length: 60 }, (_, n) => row(n));
    expect((await check(running, rows)).count).toEqual({ new: 60, changed: 0, same: 0 });
    expect(await load(running, rows)).toMatchObject({ ok: true, result: { new: 60, changed: 0, same: 0 } });
    const { number } = disk.head;
    expect(await load(running, rows)).toMatchObject({ ok: true, result: { new: 0, changed: 0, same: 60 } });
    running = await startCore(disk, null, running.clock);
    expect(running.core.directory.layout.buildings[1]).toMatchObject({ name: '北楼', floors: [{}, {}, {}] });
    expect(running.core.rooms.size).toBe(61);
    expect(running.core.meters.size).toBe(61);
    // The repeat wrote that it was asked and done, alone.
    expect(
      disk.entries
        .filter((entry) => entry.number > number)
        .flatMap((entry) => entry.events.filter(({ key }) => key !== 'audit:site' && key !== 'siteImport:site')),
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

  it('takes tags, and meters that stand in no room, and its export has them all', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const main = { ...empty, meter: 'main', line: 'l1', unitId: '99', profile: 'eastron-sdm630', role: 'main' };
    const rows = [row(1, { tags: '街角, B组；B组' }), { ...main, tariff: 't-electricity' }];
    expect(await load(running, rows)).toMatchObject({ ok: true, result: { new: 2 } });
    expect(running.core.directory.rooms.get('N-1')?.tags).toEqual(['街角', 'B组']);
    const exported = rowsOfSite(await siteOf(running));
    expect(exported.map(({ meter, room, tags }) => [meter, room, tags])).toEqual([
      ['m1', 'r1', ''],
      ['mn1', 'N-1', '街角, B组'],
      ['main', '', ''],
    ]);
    expect(allThere(await check(running, exported))).toBe(true);
    const many = Array.from({ length: 21 }, (_, n) => `t${n}`).join(';');
    expect((await check(running, [row(2, { tags: many })])).errors).toMatchObject([
      { column: 'tags', mistake: 'tags' },
    ]);
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
    expect((await check(running, rows)).errors).toEqual([
      { row: 1, column: 'unitId', mistake: 'unitId' },
      { row: 2, column: 'tariff', mistake: 'noTariff' },
      { row: 3, column: 'unitId', mistake: 'addressTwice', about: '1' },
      { row: 4, column: 'unitId', mistake: 'addressTaken', about: 'm1' },
    ]);
    expect(await load(running, rows)).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(running.core.meters.size).toBe(1);
    expect(running.core.directory.layout.buildings).toHaveLength(1);
  });

  it('leaves a meter under a work tag at its address', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(2));
    const tag = { line: 'l1', holder: 'Li Si', phone: '138 0000 1000', reason: 'r' };
    expect(await running.do('hangTag', tag, 't', 'maintenance')).toMatchObject({ ok: true });
    const moved = { ...row(1), building: 'A', floor: 'A1', room: 'r1', meter: 'm1', unitId: '99' };
    expect((await check(running, [moved])).errors).toContainEqual({ row: 0, column: 'unitId', mistake: 'workTag' });
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
    expect((await check(running, rows)).errors).toEqual([
      { row: 1, column: 'room', mistake: 'roomElsewhere', about: 'D-1' },
      { row: 2, column: 'floor', mistake: 'floorElsewhere', about: 'D' },
      { row: 2, column: 'floorName', mistake: 'differs', about: 'First' },
      { row: 3, column: 'roomName', mistake: 'differs', about: 'North' },
      { row: 4, column: 'areaM2', mistake: 'area' },
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
        const right = (await check(running, rows)).errorCount === 0;
        expect((await load(running, rows)).ok).toBe(right);
        const { buildings, meters } = await siteOf(running);
        const floors = buildings.flatMap((one) => one.floors.map(({ id }) => id));
        const rooms = buildings.flatMap((one) => one.floors.flatMap((floor) => floor.rooms.map(({ id }) => id)));
        expect(new Set(floors).size).toBe(floors.length);
        expect(new Set(rooms).size).toBe(rooms.length);
        const addresses = meters.map(({ line, unitId }) => `${line} ${unitId}`);
        expect(new Set(addresses).size).toBe(addresses.length);
        if (right) expect(allThere(await check(running, rows))).toBe(true);
        expect(allThere(await check(running, rowsOfSite(await siteOf(running))))).toBe(true);
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
          const right = (await check(running, rows)).errorCount === 0;
          expect((await load(running, rows)).ok).toBe(right);
          expect(running.core.actors.parked).toEqual([]);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});

/** Rooms of a site of its own line for every 200 meters, as the unit ids allow. */
const many = (count: number): ImportRow[] =>
  Array.from({ length: count }, (_, n) =>
    row(n, { line: `l${1 + Math.floor(n / 200)}`, unitId: String(20 + (n % 200)), floor: `N${Math.floor(n / 40)}` }),
  );
function siteWithLines(lines: number): ReturnType<typeof plainSite> {
  const site = plainSite(1);
  const [line] = site.lines;
  if (!line) throw new Error('no line');
  return { ...site, lines: Array.from({ length: lines }, (_, i) => ({ ...line, id: `l${i + 1}` })) };
}

describe('an import of many parts', () => {
  it('is refused whole for a mistake between two of its parts, whatever zeros are before a unit id', async () => {
    const running = await startCore(new MemoryDisk(), siteWithLines(2));
    const rows = many(300);
    rows[299] = row(299, { line: 'l1', unitId: '020', floor: 'N0' });
    expect((await check(running, rows)).errors).toEqual([
      { row: 299, column: 'unitId', mistake: 'addressTwice', about: '1' },
    ]);
    expect(await load(running, rows)).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(running.core.meters.size).toBe(1);
    expect(running.core.directory.layout.buildings).toHaveLength(1);
  });

  it('takes what was shown alone: rows that come to something else by now are checked again', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const { hash } = await check(running, [row(1)], 'draft-shown');
    await load(running, [row(1, { heads: '2' })]);
    expect(
      await running.do('importRows', { draft: 'draft-shown', hash }, 'shown-before', 'administrator'),
    ).toMatchObject({ ok: false, refusal: 'invalid' });
  });

  it('is cancelled between two parts: what is on the site stays, and the same rows go on from there', async () => {
    const running = await startCore(new MemoryDisk(), siteWithLines(3));
    const rows = many(500);
    const asked = await staged(running, rows, 'draft-cancelled');
    const { hash } = await check(running, rows, asked);
    const begun = running.intake.do(
      { operator: 'the-administrator', role: 'administrator', provedAgoMs: 0 },
      ...(['importRows', { draft: asked, hash }, 'cancelled'] as const),
    );
    await begun;
    const { id } = running.core.siteImports.state.under?.job ?? { id: '' };
    const cancelled = await running.do('cancelImport', { import: id }, 'stop', 'administrator');
    expect(cancelled).toMatchObject({ ok: true, result: { left: 350 } });
    await finished(running);
    expect(await importOf(running, id)).toMatchObject({ posted: 150, cancelledBy: 'the-administrator', rows: 500 });
    expect(running.core.meters.size).toBe(151);
    expect((await check(running, rows)).count).toEqual({ new: 350, changed: 0, same: 150 });
    expect(await load(running, rows)).toMatchObject({ ok: true });
    expect(running.core.meters.size).toBe(501);
  });

  it('lets nobody change what its rows were checked against', async () => {
    const running = await startCore(new MemoryDisk(), siteWithLines(2));
    const who = { operator: 'the-administrator', role: 'administrator', provedAgoMs: 0 } as const;
    const draft = await staged(running, many(300));
    const { hash } = await check(running, many(300), draft);
    await running.intake.do(who, 'importRows', { draft, hash }, 'long');
    const room = { room: 'N-299', isNew: true, floor: 'A1', name: 'Mine' };
    const meanwhile = await running.intake.do(who, 'saveRoom', room, 'meanwhile');
    expect(meanwhile).toMatchObject({ ok: false, refusal: 'importUnderWay' });
    await finished(running);
    expect(running.core.directory.rooms.get('N-299')?.floor).toBe('N7');
  });

  it('goes on after a crash at any commit until every row is there once', async () => {
    const moments: { readonly disk: MemoryDisk; readonly siteMs: number }[] = [];
    class Remembering extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
        moments.push({ disk, siteMs: batch.atMs });
        return head;
      }
    }
    const store = new Remembering(new MemoryDisk());
    const running = await startCore(store.disk, siteWithLines(2), new Stepped(), store);
    const rows = many(320);
    const from = moments.length;
    await load(running, rows);
    expect(moments.length - from).toBeGreaterThan(4);
    for (const { disk, siteMs } of moments.slice(from)) {
      const clock = new Stepped();
      clock.siteMs = siteMs;
      const next = await startCore(disk, null, clock);
      await finished(next);
      expect(next.core.actors.parked).toEqual([]);
      expect(next.core.meters.size).toBe(321);
      expect(allThere(await check(next, rows))).toBe(true);
    }
  });
});
