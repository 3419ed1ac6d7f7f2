/** Tables of rooms and meters from CSV or Excel files, and back. The parsers are loaded when a file is chosen. */
import { importColumns, type ImportColumn, type ImportRow } from '../../../protocol/importRows.ts';
import type { SetMeter, SiteSetup } from './site.ts';

export type TableMistake = { readonly missing: readonly string[]; readonly unknown: readonly string[] };
export type ReadTable =
  | { readonly ok: true; readonly rows: readonly ImportRow[] }
  | { readonly ok: false; readonly mistake: TableMistake | 'unreadable' };

const needed: readonly ImportColumn[] = ['building', 'floor', 'room'];

/** A cell that an export made safe for spreadsheets begins with a quote mark. */
const plain = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text).trim();

/** The first row names the columns; empty rows are left out. */
export function rowsOf(cells: readonly (readonly string[])[]): ReadTable {
  const header = (cells[0] ?? []).map((name) => name.trim());
  const unknown = header.filter((name) => name !== '' && !(importColumns as readonly string[]).includes(name));
  const missing = needed.filter((column) => !header.includes(column));
  if (missing.length > 0 || unknown.length > 0) return { ok: false, mistake: { missing, unknown } };
  const rows = cells
    .slice(1)
    .filter((row) => row.some((cell) => cell.trim() !== ''))
    .map(
      (row) =>
        Object.fromEntries(
          importColumns.map((column) => [column, plain(row[header.indexOf(column)] ?? '').slice(0, 120)]),
        ) as ImportRow,
    );
  return { ok: true, rows };
}

export type Double = { readonly row: number; readonly first: number; readonly column: ImportColumn };

/** The same meter or address twice in one file; the server sees one part at a time. Rows from 0. */
export function doublesIn(rows: readonly ImportRow[]): readonly Double[] {
  const found: Double[] = [];
  const look = (column: ImportColumn, keyOf: (row: ImportRow) => string): void => {
    const seen = new Map<string, number>();
    rows.forEach((row, i) => {
      const key = keyOf(row);
      const first = seen.get(key);
      if (row.meter === '') return;
      if (first === undefined) seen.set(key, i);
      else found.push({ row: i, first, column });
    });
  };
  look('meter', (row) => row.meter);
  look('unitId', (row) => `${row.line} ${row.unitId}`);
  return found;
}

const blank = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;

/** The site as rows of the import: what comes out goes in again. */
export function rowsOfSite({ buildings, meters }: SiteSetup): ImportRow[] {
  const byRoom = new Map<string, SetMeter[]>();
  for (const meter of meters) {
    const list = byRoom.get(meter.room ?? '');
    if (list === undefined) byRoom.set(meter.room ?? '', [meter]);
    else list.push(meter);
  }
  return buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.rooms.flatMap((room) => {
        const place = {
          ...{ building: building.id, buildingName: building.name, floor: floor.id, floorName: floor.name },
          ...{ room: room.id, roomName: room.name, areaM2: String(room.areaM2 ?? ''), heads: String(room.heads ?? '') },
        };
        const own = byRoom.get(room.id) ?? [];
        if (own.length === 0) return [{ ...blank, ...place }];
        return own.map((meter) => ({
          ...{ ...blank, ...place, meter: meter.id, line: meter.line, unitId: String(meter.unitId) },
          ...{ profile: meter.profile, number: meter.number ?? '', role: meter.role, tariff: meter.tariff },
          upstream: meter.upstream ?? '',
          ...{ ct: String(meter.ct), pt: String(meter.pt), rating: String(meter.rating) },
          pollIntervalMs: String(meter.pollIntervalMs),
        }));
      }),
    ),
  );
}

export async function readTable(file: File): Promise<ReadTable> {
  try {
    if (/\.xlsx$/i.test(file.name)) {
      const { default: readExcel } = await import('read-excel-file/browser');
      const [sheet] = await readExcel(file);
      const cells = (sheet?.data ?? []).map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
      return rowsOf(cells);
    }
    const { parse } = await import('csv-parse/browser/esm/sync');
    const cells: string[][] = parse(await file.text(), { bom: true, relax_column_count: true, skip_empty_lines: true });
    return rowsOf(cells);
  } catch {
    return { ok: false, mistake: 'unreadable' };
  }
}
