/** The panels of the wall: buildings in their fixed order, or reasons for action. */
import type { Layout } from '../../../protocol/wall.ts';
import type { Utility } from '../../../protocol/site.ts';
import type { Group } from './geometry.ts';
import { actionGroup, actionGroups, type ActionGroup } from './look.ts';
import type { RoomRow } from './wallModel.svelte.ts';

/** building: only this one; null: the whole site. */
export function placeGroups(
  layout: Layout,
  rooms: ReadonlyMap<string, RoomRow>,
  building: string | null,
): Group<RoomRow>[] {
  const shown = layout.buildings.filter(({ id }) => building === null || id === building);
  return shown.map(({ id, name, floors }) => ({
    id,
    title: name,
    rows: floors.map((floor) => ({
      label: floor.name,
      cells: floor.rooms.flatMap((room) => rooms.get(room.id) ?? []),
    })),
  }));
}

/** Within a group rooms keep their place order; alarms come by priority. */
export function actionPanels(
  rows: Iterable<RoomRow>,
  utility: Utility,
  title: (group: ActionGroup) => string,
): Group<RoomRow>[] {
  const byGroup = new Map<ActionGroup, RoomRow[]>(actionGroups.map((group) => [group, []]));
  for (const row of rows) {
    const group = row.tile === null ? null : actionGroup(row.tile, utility);
    if (group !== null) byGroup.get(group)?.push(row);
  }
  byGroup.get('alarm')?.sort((a, b) => (a.tile?.alarm ?? 0) - (b.tile?.alarm ?? 0));
  return [...byGroup]
    .filter(([, cells]) => cells.length > 0)
    .map(([group, cells]) => ({ id: group, title: title(group), rows: [{ label: '', cells }] }));
}

/** Whether the same rooms lie in the same panels. */
export function sameGroups(a: readonly Group<RoomRow>[], b: readonly Group<RoomRow>[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((group, at) => {
    const other = b[at];
    if (other === undefined || other.id !== group.id || other.title !== group.title) return false;
    if (other.rows.length !== group.rows.length) return false;
    return group.rows.every((row, n) => {
      const cells = other.rows[n]?.cells;
      return (
        cells !== undefined && cells.length === row.cells.length && cells.every((cell, k) => cell === row.cells[k])
      );
    });
  });
}
