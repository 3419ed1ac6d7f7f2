/** Rooms and meters from a table: checked whole, then written; what is there already is left as it is. */
import {
  parseRow,
  type ImportRow,
  type ParsedRow,
  type RowError,
  type RowOutcome,
} from '../../../protocol/importRows.ts';
import { editableOfMeter } from '../../../protocol/ops/setup.ts';
import type { OpParams } from '../../../protocol/ops.ts';
import { meterSchema, type MeterConfig } from '../../../protocol/site.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Request } from '../../domain/messages.ts';
import { models } from '../../domain/meter/models.ts';
import type { TreeMeter } from '../../domain/meter/tree.ts';
import { sameJson } from '../../domain/sameJson.ts';
import type { Core } from '../core.ts';
import { configure, refusal, whenDone, type ConfigChange, type Routed, type Routes } from './route.ts';
import { addresses as addressesOf, isSet, meterMistake, nextPosition, register } from './setup.ts';

export const importRoutes: Routes<'importRows'> = { importRows };

/** A row and what it comes to on this site. */
type Checked = RowOutcome & { readonly parsed: ParsedRow | null; readonly config: MeterConfig | null };

/** Errors of rows among each other are found too: the same meter or address twice. */
export function checkRows(core: Core, rows: readonly ImportRow[], above: readonly ImportRow[] = []): Checked[] {
  const others = new Map([...above, ...rows].flatMap((row) => treeMeter(core, row)));
  const meters = new Map<string, number>();
  const addresses = new Map<string, number>();
  const taken = addressesOf(core);
  return rows.map((row, i) => {
    const { parsed, errors } = parseRow(row);
    if (!parsed) return { effect: null, errors: [...errors], parsed, config: null };
    const found: RowError[] = [...errors, ...placeErrors(core, parsed)];
    const { meter } = parsed;
    let config: MeterConfig | null = null;
    if (meter) {
      const twice = meters.get(meter.id);
      if (twice !== undefined) found.push({ column: 'meter', message: `stands in row ${twice + 1} of this part too` });
      meters.set(meter.id, i);
      const address = `${meter.line} ${meter.unitId}`;
      const same = addresses.get(address);
      if (same !== undefined)
        found.push({ column: 'unitId', message: `row ${same + 1} of this part has it on this line` });
      addresses.set(address, i);
      const before = core.meters.get(meter.id)?.state.config ?? {};
      config = meterSchema.parse({ ...before, ...meter, utility: models[meter.profile].utility });
      found.push(...meterErrors(core, config, taken, others));
    }
    const effect = found.length > 0 ? null : effectOf(core, parsed, config);
    return { effect, errors: found, parsed, config };
  });
}

/** As the rows have it: what hangs behind what may stand in rows further down. */
function treeMeter(core: Core, row: ImportRow): [string, TreeMeter][] {
  const { meter } = parseRow(row).parsed ?? {};
  if (!meter) return [];
  const upstream = meter.upstream ?? core.meters.get(meter.id)?.state.config?.upstream;
  return [[meter.id, { id: meter.id, utility: models[meter.profile].utility, upstream }]];
}

function placeErrors(core: Core, { building, floor, room }: ParsedRow): RowError[] {
  const errors: RowError[] = [];
  const known = core.directory.get('floor', floor.id);
  if (known && known.building !== building.id)
    errors.push({ column: 'floor', message: `lies in building ${known.building}` });
  const place = room && core.directory.rooms.get(room.id);
  if (place && place.floor !== floor.id) errors.push({ column: 'room', message: `lies on floor ${place.floor}` });
  return errors;
}

function meterErrors(
  core: Core,
  config: MeterConfig,
  taken: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, TreeMeter>,
): RowError[] {
  const before = core.meters.get(config.id)?.state.config;
  const mistake = meterMistake(core, config, true, taken, others);
  if (mistake) return [{ column: mistake.field, message: mistake.message }];
  if (!before) return [];
  const editable: readonly string[] = editableOfMeter;
  const columns = ['profile', 'role', 'tariff', 'ct', 'pt', 'room'] as const;
  return columns.flatMap((column) =>
    !editable.includes(column) && !sameJson(config[column], before[column])
      ? [{ column, message: `is ${String(before[column] ?? '')} and is not changed by an import` }]
      : [],
  );
}

type Room = ConfigValue<'floor'>['rooms'][number];
/** The room as it is with what the row says; a new one is named by its id unless the row names it. */
const roomAfter = (before: Room | undefined, { id, ...said }: NonNullable<ParsedRow['room']>): Room => ({
  ...{ name: id, ...before, id },
  ...said,
});

function effectOf(
  core: Core,
  { room: said, floor }: ParsedRow,
  config: MeterConfig | null,
): 'new' | 'changed' | 'same' {
  const knownRoom = core.directory.get('floor', floor.id)?.rooms.find((one) => one.id === said?.id);
  const room = said && roomAfter(knownRoom, said);
  const knownMeter = config && core.meters.get(config.id)?.state.config;
  if ((room && !knownRoom) || (config && !knownMeter)) return 'new';
  const same = (!room || sameJson(room, knownRoom)) && (!config || sameJson(config, knownMeter));
  return same ? 'same' : 'changed';
}

async function importRows(core: Core, { rows }: OpParams<'importRows'>, request: Request): Promise<Routed> {
  const checked = checkRows(core, rows);
  const wrong = checked.findIndex(({ errors }) => errors.length > 0);
  if (wrong !== -1) {
    const [first] = checked[wrong]?.errors ?? [];
    return refusal('invalid', `rows.${wrong}.${first?.column}: ${first?.message}`);
  }
  const changes = placesOf(core, checked);
  for (const change of changes) core.setConfig(change.kind, change.id, change.value);
  const lines = new Set<string>();
  const count = { new: 0, changed: 0, same: 0 };
  for (const { effect, parsed, config } of checked) {
    if (effect) count[effect] += 1;
    if (parsed?.room && effect === 'new') core.room(parsed.room.id);
    if (!config || effect === 'same') continue;
    const before = core.meters.get(config.id)?.state.config;
    if (!before) register(core, config);
    else core.send({ to: 'meter', id: config.id, message: { type: 'Configure', config, by: request.operator } });
    for (const line of [before?.line, config.line]) if (line !== undefined) lines.add(line);
  }
  const stuck = await whenDone(core, () => checked.every(({ config }) => !config || isSet(core, config)));
  if (stuck) return stuck;
  const outcome = await configure(core, request, [], count);
  for (const line of lines) core.lines?.changed(line);
  return outcome;
}

/** Buildings and floors as they are after all rows: each once, however many rows name it. */
function placesOf(core: Core, checked: readonly Checked[]): ConfigChange[] {
  const buildings = new Map<string, ConfigValue<'building'>>();
  const floors = new Map<string, ConfigValue<'floor'>>();
  for (const { parsed, effect } of checked) {
    if (!parsed || effect === 'same') continue;
    const { building, floor, room } = parsed;
    const { directory } = core;
    if (!directory.get('building', building.id) && !buildings.has(building.id))
      buildings.set(building.id, {
        ...{ name: building.id, ...building },
        position: nextPosition([...directory.all('building'), ...buildings.values()]),
      });
    const before = floors.get(floor.id) ?? directory.get('floor', floor.id);
    const siblings = [...directory.all('floor'), ...floors.values()].filter((one) => one.building === building.id);
    const value = before ?? {
      name: floor.id,
      ...floor,
      building: building.id,
      position: nextPosition(siblings),
      rooms: [],
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
