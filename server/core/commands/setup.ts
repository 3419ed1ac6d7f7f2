/** Setting a site up while it runs: each change is checked against all the rest before it is written. */
import { editableOfMeter } from '../../../protocol/ops/setup.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Request } from '../../domain/messages.ts';
import { models } from '../../domain/meter/models.ts';
import { upstreamMistake, type TreeMeter } from '../../domain/meter/tree.ts';
import { attach } from '../../domain/meter/place.ts';
import { sameJson } from '../../domain/sameJson.ts';
import { allowedHost } from '../networks.ts';
import type { Core } from '../core.ts';
import { ownerWallet } from '../tenancies.ts';
import { configure, refusal, whenDone, type Routed, type Routes } from './route.ts';

const invalid = (detail: string): OpOutcome => refusal('invalid', detail);

export const setupRoutes: Routes<'saveBuilding' | 'saveFloor' | 'saveRoom' | 'removePlace' | 'saveLine' | 'saveMeter'> =
  { saveBuilding, saveFloor, saveRoom, removePlace, saveLine, saveMeter };

/** null: may be saved as it is meant. */
function known(
  isNew: boolean,
  before: { readonly removed?: boolean | undefined } | undefined,
  what: string,
): OpOutcome | null {
  if (isNew && before) return invalid(`${what}: this id is used already`);
  if (!isNew && (!before || before.removed)) return refusal('notFound', `there is no such ${what}`);
  return null;
}

export const nextPosition = (all: readonly { readonly position: number }[]): number =>
  all.reduce((most, { position }) => Math.max(most, position + 1), 0);

function saveBuilding(core: Core, params: OpParams<'saveBuilding'>, request: Request): Routed {
  const { building: id, isNew, name } = params;
  const before = core.directory.get('building', id);
  const wrong = known(isNew, before, 'building');
  if (wrong) return wrong;
  const position = before?.position ?? nextPosition(core.directory.all('building'));
  return configure(core, request, [{ kind: 'building', id, value: { id, name, position } }], { id });
}

function saveFloor(core: Core, params: OpParams<'saveFloor'>, request: Request): Routed {
  const { floor: id, isNew, building, name } = params;
  const before = core.directory.get('floor', id);
  const wrong = known(isNew, before, 'floor') ?? known(false, core.directory.get('building', building), 'building');
  if (wrong) return wrong;
  const position =
    before?.position ?? nextPosition(core.directory.all('floor').filter((one) => one.building === building));
  const value = { id, name, building, position, rooms: before?.rooms ?? [] };
  return configure(core, request, [{ kind: 'floor', id, value }], { id });
}

function saveRoom(core: Core, params: OpParams<'saveRoom'>, request: Request): Routed {
  const { room: id, isNew, floor: to, name, areaM2, heads, tags = [] } = params;
  const place = core.directory.rooms.get(id);
  const floor = core.directory.get('floor', to);
  const wrong = known(isNew, place && {}, 'room') ?? known(false, floor, 'floor');
  if (wrong || !floor) return wrong ?? invalid('floor');
  const from = place ? core.directory.get('floor', place.floor) : undefined;
  if (from && from.building !== floor.building) return invalid('floor: a room stays in its building');
  const room = {
    ...{ id, name },
    ...(areaM2 === undefined ? {} : { areaM2 }),
    ...(heads === undefined ? {} : { heads }),
    ...(tags.length === 0 ? {} : { tags }),
  };
  const changes: { kind: 'floor'; id: string; value: ConfigValue<'floor'> }[] = [];
  if (from && from.id !== to)
    changes.push({ kind: 'floor', id: from.id, value: { ...from, rooms: from.rooms.filter((one) => one.id !== id) } });
  const stays = from?.id === to;
  const rooms = stays ? floor.rooms.map((one) => (one.id === id ? room : one)) : [...floor.rooms, room];
  changes.push({ kind: 'floor', id: to, value: { ...floor, rooms } });
  const answer = configure(core, request, changes, { id });
  // A room exists once it is looked at: from here on it has its tile.
  core.send({
    to: 'room',
    id,
    message: { type: 'TenantShown', tenant: core.directory.tenantOf(id), wallets: core.tenancies.walletsOf(id) },
  });
  return answer;
}

function removePlace(core: Core, { kind, id }: OpParams<'removePlace'>, request: Request): Routed {
  const { directory } = core;
  if (kind === 'building') {
    const building = directory.get('building', id);
    if (!building || building.removed) return refusal('notFound', 'there is no such building');
    if (directory.all('floor').some((floor) => floor.building === id && !floor.removed))
      return invalid('id: it has floors');
    return configure(core, request, [{ kind, id, value: { ...building, removed: true } }], { ok: true });
  }
  if (kind === 'floor') {
    const floor = directory.get('floor', id);
    if (!floor || floor.removed) return refusal('notFound', 'there is no such floor');
    if (floor.rooms.length > 0) return invalid('id: it has rooms');
    return configure(core, request, [{ kind, id, value: { ...floor, removed: true } }], { ok: true });
  }
  const floor = directory.get('floor', directory.rooms.get(id)?.floor ?? '');
  if (!floor) return refusal('notFound', 'there is no such room');
  if ([...core.meters.values()].some(({ state }) => state.place.room === id)) return invalid('id: it has meters');
  if (core.directory.tenantOf(id) !== null) return invalid('id: it is let');
  core.wall.forget(id);
  const value = { ...floor, rooms: floor.rooms.filter((room) => room.id !== id) };
  return configure(core, request, [{ kind: 'floor', id: floor.id, value }], { ok: true });
}

async function saveLine(core: Core, params: OpParams<'saveLine'>, request: Request): Promise<Routed> {
  const { line: id, isNew, settings } = params;
  const before = core.directory.get('line', id);
  const wrong = known(isNew, before && {}, 'line');
  if (wrong) return wrong;
  if (
    settings.transport.kind !== 'serial' &&
    !allowedHost(core, settings.transport.host) &&
    !sameJson(settings.transport, before?.transport)
  )
    return invalid(`settings.transport.host: an address in ${core.options.networks.join(', ')}`);
  const position = before?.position ?? nextPosition(core.directory.all('line'));
  const outcome = await configure(core, request, [{ kind: 'line', id, value: { id, ...settings, position } }], { id });
  core.lines?.changed(id);
  return outcome;
}

type MeterMistake = {
  readonly field: 'line' | 'room' | 'profile' | 'tariff' | 'unitId' | 'upstream';
  readonly message: string;
};

const addressOf = ({ line, unitId }: MeterConfig): string => `${line} ${unitId}`;

/** Meters by line and unit id. */
export function addresses(core: Core): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [id, { state }] of core.meters) if (state.config) found.set(addressOf(state.config), id);
  return found;
}

/** What stands against a meter's settings. `placed`: its room comes with it. */
export function meterMistake(
  core: Core,
  config: MeterConfig,
  placed = false,
  taken = addresses(core),
  /** Meters that come with it. */
  others: ReadonlyMap<string, TreeMeter> = new Map(),
): MeterMistake | null {
  const { directory } = core;
  const model = models[config.profile];
  if (!directory.get('line', config.line)) return { field: 'line', message: 'the id of a line' };
  if (!placed && config.room !== undefined && !directory.rooms.has(config.room))
    return { field: 'room', message: 'the id of a room' };
  if (config.role === 'tenant' && config.room === undefined)
    return { field: 'room', message: 'the room of a tenant meter' };
  if (config.utility !== model.utility) return { field: 'profile', message: `measures ${model.utility}` };
  const tariff = directory.get('tariff', config.tariff);
  if (!tariff) return { field: 'tariff', message: 'the id of a tariff' };
  if (tariff.utility !== config.utility) return { field: 'tariff', message: `a tariff for ${config.utility}` };
  const other = taken.get(addressOf(config));
  if (other !== undefined && other !== config.id)
    return { field: 'unitId', message: `a unit id used once on its line (${other} has it)` };
  const above = upstreamMistake(config, (id) => others.get(id) ?? core.meters.get(id)?.state.config ?? undefined);
  if (above !== null) return { field: 'upstream', message: above };
  return null;
}

async function saveMeter(core: Core, params: OpParams<'saveMeter'>, request: Request): Promise<Routed> {
  const { meter: id, isNew, settings } = params;
  const before = core.meters.get(id)?.state.config ?? undefined;
  const wrong = known(isNew, before && {}, 'meter');
  if (wrong) return wrong;
  // Left out, it hangs behind none.
  const { upstream: _behind, ...kept } = before ?? {};
  const config: MeterConfig = { ...kept, id, ...settings };
  const mistake = meterMistake(core, config);
  if (mistake) return invalid(`settings.${mistake.field}: ${mistake.message}`);
  if (before) {
    const editable: readonly string[] = editableOfMeter;
    const fixed = (Object.keys(settings) as (keyof typeof settings)[]).find(
      (field) => !editable.includes(field) && !sameJson(settings[field], before[field]),
    );
    if (fixed !== undefined)
      return invalid(`settings.${fixed}: stays as it is; it is changed in the room or under tariffs`);
    core.send({ to: 'meter', id, message: { type: 'Configure', config, by: request.operator } });
  } else register(core, config);
  const stuck = await whenDone(core, () => isSet(core, config));
  if (stuck) return stuck;
  const outcome = await configure(core, request, [], { id });
  for (const line of new Set([before?.line ?? config.line, config.line])) core.lines?.changed(line);
  return outcome;
}

/** The meter's actor has these settings, and its wallet the meter. */
export function isSet(core: Core, config: MeterConfig): boolean {
  const { config: now, place } = core.meters.get(config.id)?.state ?? {};
  if (!now || !editableOfMeter.every((field) => sameJson(now[field], config[field]))) return false;
  const wallet = place?.wallet ?? null;
  return wallet === null || (core.wallets.get(wallet)?.state.meters.some(({ id }) => id === config.id) ?? false);
}

/** What it measures is the owner's until an account takes it. */
export function register(core: Core, config: MeterConfig): void {
  const { id, role, tariff } = config;
  const room = config.room ?? null;
  const wallet = role === 'main' ? null : ownerWallet(role === 'public' ? id : (room ?? id));
  core.tenancies.ensureOwner(wallet);
  core.addMeter(id);
  core.send({ to: 'meter', id, message: { type: 'Register', config, place: { room, wallet, account: null } } });
  if (wallet !== null) core.send(attach(wallet, { id, tariff, room }, 0));
}
