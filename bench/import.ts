/** Rooms and meters from a table, checked and then written part by part as the screen does, beside one row at a time. */
import { importColumns, type ImportRow } from '../protocol/importRows.ts';
import { IMPORT_ROWS_MAX } from '../protocol/ops/siteImport.ts';
import type { SiteFileInput } from '../protocol/site.ts';
import { seconds, type Bench } from './bench.ts';
import { longestBlockMs, Office } from './officeSite.ts';
import { benchSite, METERS_PER_LINE } from './pulseSite.ts';

const GOAL = { ratio: 5, blockMs: 250 };

const blank = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
const rowOf = (n: number): ImportRow => ({
  ...{ ...blank, building: 'A', floor: `f${Math.floor(n / METERS_PER_LINE)}`, room: `r${n}`, roomName: String(n) },
  ...{ meter: `m${n}`, line: `l${Math.floor(n / METERS_PER_LINE)}`, unitId: String((n % METERS_PER_LINE) + 1) },
  ...{ profile: 'acrel-ddsy1352', tariff: 't', areaM2: '42.5', heads: '3' },
});

/** Lines and the tariff alone. */
const empty = (rooms: number): SiteFileInput => ({ ...benchSite(rooms), buildings: [], meters: [], accounts: [] });

async function imported(office: Office, draft: string, rows: readonly ImportRow[]): Promise<void> {
  for (let part = 0; part * IMPORT_ROWS_MAX < rows.length; part += 1) {
    const own = rows.slice(part * IMPORT_ROWS_MAX, (part + 1) * IMPORT_ROWS_MAX);
    await office.ask('stageRows', { draft, part, rows: own });
  }
  const { hash } = await office.ask('checkRows', { draft });
  await office.ask('importRows', { draft, hash });
  while (office.bench.core.siteImports.under) await new Promise((resolve) => setImmediate(resolve));
}

export const bench: Bench = {
  name: 'import',
  summary: 'rooms a second, checked and imported in one go',
  run: async ({ smoke }) => {
    const rooms = smoke ? 300 : 10_000;
    const singles = smoke ? 20 : 500;
    const rows = Array.from({ length: rooms }, (_, n) => rowOf(n));
    const one = await Office.open(empty(rooms), 0);
    const singleSeconds = await seconds(async () => {
      for (const [n, row] of rows.slice(0, singles).entries()) await imported(one, `single-row-${n}`, [row]);
    });
    await one.end();
    const office = await Office.open(empty(rooms), 0);
    let tookSeconds = 0;
    const blockMs = await longestBlockMs(async () => {
      tookSeconds = await seconds(() => imported(office, 'all-rows-at-once', rows));
    });
    await office.end();
    const [value, baseline] = [rooms / tookSeconds, singles / singleSeconds];
    const ratio = value / baseline;
    return {
      name: 'import',
      parameters: { rooms, seconds: tookSeconds, rowsAPart: IMPORT_ROWS_MAX, longestBlockMs: blockMs, store: 'sqlite' },
      ...{ value, unit: 'rooms/s' },
      baseline: { name: 'one row checked and imported after the other', value: baseline },
      ...{ ratio, goal: `ratio >= ${GOAL.ratio}, longestBlockMs <= ${GOAL.blockMs}` },
      met: ratio >= GOAL.ratio && blockMs <= GOAL.blockMs,
    };
  },
};
