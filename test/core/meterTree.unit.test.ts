/** Meters behind meters: no circle, one utility; and what each used today beside the sum of those behind it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow } from '../../protocol/importRows.ts';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { IMPORT_ROWS_MAX } from '../../protocol/ops/siteImport.ts';
import type { MeterConfig } from '../../protocol/site.ts';
import { checkSite } from '../../server/core/importSite.ts';
import { upstreamMistake } from '../../server/domain/meter/tree.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { check, load } from '../tools/tableImport.ts';
import { flatTariff, plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
let keys = 0;
const admin = (site: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  site.do(op, params, `k${(keys += 1)}`, 'administrator');
const configOf = (site: Running, id: string): MeterConfig => {
  const config = site.core.meters.get(id)?.state.config;
  if (!config) throw new Error(`there is ${id}`);
  return config;
};
const hangBehind = (site: Running, id: string, upstream: string | undefined): Promise<OpOutcome> => {
  const { id: _id, upstream: _old, wallet: _wallet, ...settings } = configOf(site, id);
  return admin(site, 'saveMeter', {
    meter: id,
    isNew: false,
    settings: { ...settings, ...(upstream && { upstream }) },
  });
};
/** Three rooms, and a main meter of the house. */
async function house(disk = new MemoryDisk()): Promise<Running> {
  const plain = plainSite(3);
  const [first] = plain.meters;
  if (!first) throw new Error('a plain site has a meter');
  const { room: _room, ...rest } = first;
  const main = { ...rest, id: 'main', unitId: 200, role: 'main' as const, rating: 100_000 };
  const meters = plain.meters.map((meter) => ({ ...meter, upstream: 'main' }));
  return startCore(disk, { ...plain, meters: [...meters, main] });
}

describe('the upstream meter of a meter', () => {
  it('is set, changed and taken away, and stays over a restart', async () => {
    const disk = new MemoryDisk();
    let site = await house(disk);
    expect(await hangBehind(site, 'm1', 'm2')).toMatchObject({ ok: true });
    expect(await hangBehind(site, 'm3', undefined)).toMatchObject({ ok: true });
    site = await startCore(disk, null, site.clock);
    expect(['m1', 'm2', 'm3', 'main'].map((id) => configOf(site, id).upstream)).toEqual([
      'm2',
      'main',
      undefined,
      undefined,
    ]);
  });

  it('is there, measures the same, and is never behind the meter itself', async () => {
    const site = await house();
    await hangBehind(site, 'm1', 'm2');
    for (const [meter, upstream] of [
      ['m1', 'm1'],
      ['m1', 'm9'],
      ['m2', 'm1'],
      ['main', 'm1'],
    ] as const)
      expect(await hangBehind(site, meter, upstream)).toMatchObject({
        refusal: 'invalid',
        detail: expect.stringContaining('settings.upstream') as string,
      });
    const plain = plainSite(2);
    const water = { ...plain.meters[1]!, profile: 'xintai-valve-water' as const, utility: 'water' as const };
    const wrong = checkSite({
      ...{ ...plain, tariffs: [flatTariff(), flatTariff('water')] },
      meters: [
        { ...plain.meters[0]!, upstream: 'm2' },
        { ...water, tariff: 't-water', upstream: 'm2' },
      ],
    });
    expect(wrong.ok ? [] : wrong.mistakes.map(({ path }) => path)).toEqual([
      'meters[0].upstream',
      'meters[1].upstream',
    ]);
  });

  it('never makes a circle, whatever hangs where: as a search from each meter upwards finds', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const links = fc.array(fc.option(fc.constantFrom(...ids), { nil: undefined }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(links, (ups) => {
        const known = new Map(ids.map((id, i) => [id, { id, utility: 'electricity', upstream: ups[i] }]));
        for (const id of ids) {
          // Apart from the code: follows links as often as there are meters; who is not through by then is in a circle.
          let at: string | undefined = id;
          for (let i = 0; i <= ids.length && at !== undefined; i++) at = known.get(at)?.upstream;
          const meter = known.get(id);
          expect(meter && upstreamMistake(meter, (one) => known.get(one)) !== null).toBe(at !== undefined);
        }
      }),
    );
  });
});

describe('the column upstream of an import', () => {
  const empty = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
  const row = (n: number, upstream: string, more: Partial<ImportRow> = {}): ImportRow => ({
    ...empty,
    ...{ building: 'A', floor: 'A1', room: `n${n}`, meter: `x${n}`, line: 'l1', unitId: String(100 + n) },
    ...{ profile: 'acrel-ddsy1352', tariff: 't-electricity', upstream },
    ...more,
  });
  const columns = async (site: Running, rows: ImportRow[]): Promise<string[]> =>
    (await check(site, rows)).errors.map((error) => `${error.row} ${error.column} ${error.mistake}`);

  it('names meters of the site and of the same table in any order, over its parts', async () => {
    const site = await house();
    const rows = [row(1, 'x2'), row(2, 'x3'), row(3, 'main')];
    expect(await columns(site, rows)).toEqual([]);
    expect(await columns(site, rows.slice(0, 1))).toEqual(['0 upstream noUpstream']);
    expect(await columns(site, [row(1, 'x2'), row(2, 'x1')])).toEqual([
      '0 upstream upstreamCircle',
      '1 upstream upstreamCircle',
    ]);
    // The one it hangs behind lies two parts further down.
    const many = Array.from({ length: 2 * IMPORT_ROWS_MAX }, (_, n) => ({
      ...empty,
      ...{ building: 'A', floor: 'A1', room: `plain${n}` },
    }));
    const table = [row(1, 'x2'), ...many, row(2, 'x3'), row(3, 'main')];
    expect(await load(site, table)).toMatchObject({ result: { new: table.length, changed: 0, same: 0 } });
    expect(configOf(site, 'x1').upstream).toBe('x2');
    expect(await load(site, rows)).toMatchObject({ result: { new: 0, changed: 0, same: 3 } });
    // What a row does not say stays as it is.
    expect(await load(site, [row(1, '')])).toMatchObject({ result: { same: 1 } });
    expect(configOf(site, 'x1').upstream).toBe('x2');
    expect(await load(site, [row(1, 'main')])).toMatchObject({ result: { changed: 1 } });
  });
});

function result(outcome: OpOutcome): unknown {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result;
}

describe("today's use", () => {
  const useOf = async (site: Running): Promise<Record<string, [number | null, boolean]>> => {
    const { items } = result(await site.do('getMeterUse', {}, '')) as OpResult<'getMeterUse'>;
    return Object.fromEntries(items.map(({ meter, today, sinceMs }) => [meter, [today, sinceMs === null]]));
  };

  it('of a main meter is what it showed since midnight, of the others what was charged; unknown is not 0', async () => {
    const disk = new MemoryDisk();
    let site = await house(disk);
    expect((await useOf(site))['main']).toEqual([null, true]);
    // It is noon; from 18:00 to 06:00 the next day each room uses 1 kWh an hour, the main meter 3.3.
    await site.pass(6 * HOUR);
    for (let hour = 0; hour <= 12; hour++) {
      if (hour > 0) await site.pass(HOUR);
      for (const meter of ['m1', 'm2']) await site.read(meter, 10_000 + hour * 1_000);
      await site.read('main', 50_000 + hour * 3_300);
    }
    site = await startCore(disk, null, site.clock);
    const use = await useOf(site);
    // Six hours have been since midnight.
    expect(use['main']).toEqual([19_800, true]);
    expect(use['m1']).toEqual([6_000, true]);
    expect(use['m3']).toEqual([null, true]);
  });

  it('of a main meter that was not heard of for days says since when', async () => {
    const site = await house();
    await site.read('main', 50_000);
    await site.pass(40 * HOUR);
    await site.read('main', 90_000);
    expect((await useOf(site))['main']).toEqual([40_000, false]);
  });

  it('of a main meter that is new today says since when', async () => {
    const site = await house();
    await site.read('main', 50_000);
    await site.pass(HOUR);
    await site.read('main', 51_000);
    expect((await useOf(site))['main']).toEqual([1_000, false]);
  });
});
