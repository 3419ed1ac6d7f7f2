/** Rooms and meters from a table: checked whole, then written; what is there already is left as it is. */
import type { ImportRow } from '../../../protocol/importRows.ts';
import type { OpOutcome } from '../../../protocol/ops.ts';
import type { ConfigValue } from '../../domain/config.ts';
import { roomAfter, RowChecker, type CheckedRow, type SiteNow } from '../../domain/siteImport/check.ts';
import type { Core } from '../core.ts';
import { whenDone, type ConfigChange, type Routes } from './route.ts';
import { isSet, nextPosition, register, surroundings } from './setup.ts';

export const importRoutes: Routes<'importRows' | 'cancelImport'> = {
  importRows: (core, params, request) => core.siteImports.start(params, request),
  cancelImport: (core, params, request) => core.siteImports.cancel(params.import, request),
};

/** The site as rows are compared with it; made once for many rows. */
export function siteNow(core: Core): SiteNow {
  const { directory } = core;
  const addresses = new Map<string, string>();
  for (const [id, { state }] of core.meters)
    if (state.config) addresses.set(`${state.config.line} ${state.config.unitId}`, id);
  return {
    ...surroundings(core),
    otherAt: ({ id, line, unitId }) => {
      const at = addresses.get(`${line} ${unitId}`);
      return at === id ? undefined : at;
    },
    floor: (id) => {
      const floor = directory.get('floor', id);
      return floor?.removed ? undefined : floor;
    },
    floorOfRoom: (room) => directory.rooms.get(room)?.floor,
  };
}

/** Puts rows that were checked before on the site; those that are there already change nothing. Rows from 0. */
export async function putRows(
  core: Core,
  rows: readonly ImportRow[],
  by: string,
): Promise<{ readonly refused: readonly number[]; readonly stuck: OpOutcome | null }> {
  const checker = new RowChecker(siteNow(core), rows);
  const all = rows.map((row) => checker.next(row));
  // A meter's tariff may have been chosen anew since: it stays, as all that an import does not change.
  const fits = ({ errors }: CheckedRow): boolean => errors.every(({ mistake }) => mistake === 'fixed');
  const checked = all.filter(fits);
  for (const change of placesOf(core, checked)) core.setConfig(change.kind, change.id, change.value);
  const lines = new Set<string>();
  for (const { effect, parsed, config } of checked) {
    if (parsed?.room && effect === 'new') core.room(parsed.room.id);
    if (!config || effect === 'same') continue;
    const before = core.meters.get(config.id)?.state.config;
    if (!before) register(core, config);
    else core.send({ to: 'meter', id: config.id, message: { type: 'Configure', config, by } });
    for (const line of [before?.line, config.line]) if (line !== undefined) lines.add(line);
  }
  const stuck = await whenDone(core, () => checked.every(({ config }) => !config || isSet(core, config)));
  core.committer.whenDurable(() => {
    for (const line of lines) core.lines?.changed(line);
  });
  return { stuck, refused: all.flatMap((one, row) => (fits(one) ? [] : [row])) };
}

/** Buildings and floors as they are after all rows: each once, however many rows name it. */
function placesOf(core: Core, checked: readonly CheckedRow[]): ConfigChange[] {
  const { directory } = core;
  const buildings = new Map<string, ConfigValue<'building'>>();
  const floors = new Map<string, ConfigValue<'floor'>>();
  for (const { parsed, effect } of checked) {
    const { building, floor, room } = parsed ?? {};
    if (!building || !floor || effect === 'same') continue;
    const knownBuilding = directory.get('building', building.id);
    // An id that was taken back is used again by naming it.
    if ((!knownBuilding || knownBuilding.removed) && !buildings.has(building.id))
      buildings.set(building.id, {
        ...{ id: building.id, name: building.name ?? building.id },
        position: nextPosition([...directory.all('building'), ...buildings.values()]),
      });
    const knownFloor = directory.get('floor', floor.id);
    const before = floors.get(floor.id) ?? (knownFloor?.removed ? undefined : knownFloor);
    const siblings = [...directory.all('floor'), ...floors.values()].filter((one) => one.building === building.id);
    const value = before ?? {
      ...{ id: floor.id, name: floor.name ?? floor.id, building: building.id, rooms: [] },
      position: nextPosition(siblings),
    };
    if (!room) floors.set(floor.id, value);
    else {
      const known = value.rooms.find((one) => one.id === room.id);
      const after = roomAfter(known, room);
      const rooms = known ? value.rooms.map((one) => (one === known ? after : one)) : [...value.rooms, after];
      floors.set(floor.id, { ...value, rooms });
    }
  }
  return [
    ...[...buildings.values()].map((value) => ({ kind: 'building', id: value.id, value }) as const),
    ...[...floors.values()].map((value) => ({ kind: 'floor', id: value.id, value }) as const),
  ];
}
