/** Tables of rooms and meters from CSV or Excel files, and back. */
import { importColumns, type ImportColumn, type ImportRow } from '../../../protocol/importRows.ts';
import { readTable, type ReadTable } from '../lib/tableFile.ts';
import type { SetMeter, SiteSetup } from './site.ts';

const needed: readonly ImportColumn[] = ['building', 'floor', 'room'];
export const readRows = (file: File): Promise<ReadTable<ImportColumn>> => readTable(file, importColumns, needed);

const blank = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;

/** The site as rows of the import: what comes out goes in again. Main and public meters may stand in no room. */
export function rowsOfSite({ buildings, meters }: SiteSetup): ImportRow[] {
  const byRoom = new Map<string, SetMeter[]>();
  for (const meter of meters) {
    const list = byRoom.get(meter.room ?? '');
    if (list === undefined) byRoom.set(meter.room ?? '', [meter]);
    else list.push(meter);
  }
  const placed = buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.rooms.flatMap((room) => {
        const place = {
          ...{ building: building.id, buildingName: building.name, floor: floor.id, floorName: floor.name },
          ...{ room: room.id, roomName: room.name, areaM2: String(room.areaM2 ?? ''), heads: String(room.heads ?? '') },
          tags: (room.tags ?? []).join(', '),
        };
        const own = byRoom.get(room.id) ?? [];
        if (own.length === 0) return [{ ...blank, ...place }];
        return own.map((meter) => ({ ...blank, ...place, ...cellsOf(meter) }));
      }),
    ),
  );
  return [...placed, ...(byRoom.get('') ?? []).map((meter) => ({ ...blank, ...cellsOf(meter) }))];
}

const cellsOf = (meter: SetMeter): Partial<ImportRow> => ({
  ...{ meter: meter.id, line: meter.line, unitId: String(meter.unitId), profile: meter.profile },
  ...{ number: meter.number ?? '', role: meter.role, upstream: meter.upstream ?? '', tariff: meter.tariff },
  ...{ ct: String(meter.ct), pt: String(meter.pt), rating: String(meter.rating) },
  pollIntervalMs: String(meter.pollIntervalMs),
});
