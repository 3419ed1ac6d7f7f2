/** Setting a site up while it runs: each change is checked against all the rest before it is written. */
import { editableOfMeter } from '../../../protocol/ops/setup.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Request } from '../../domain/messages.ts';
import { attach } from '../../domain/meter/place.ts';
import { meterMistake, tagMistake, type MeterMistake, type Surroundings } from '../../domain/meter/surroundings.ts';
import { upstreamText } from '../../domain/meter/tree.ts';
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

/** In words for whoever reads the answer of the API. */
const mistakeText: Readonly<Record<MeterMistake['mistake'], (about: string) => string>> = {
  noLine: () => 'the id of a line',
  noRoom: () => 'the id of a room',
  roomNeeded: () => 'the room of a tenant meter',
  profileUtility: (about) => `measures ${about}`,
  noTariff: () => 'the id of a tariff',
  tariffUtility: (about) => `a tariff for ${about}`,
  addressTaken: (about) => `a unit id used once on its line (${about} has it)`,
  workTag: () => 'stays while a work tag hangs on it',
  ...upstreamText,
};

export const surroundings = (core: Core): Surroundings => ({
  hasLine: (line) => core.directory.get('line', line) !== undefined,
  hasRoom: (room) => core.directory.rooms.has(room),
  utilityOf: (tariff) => core.directory.get('tariff', tariff)?.utility,
  otherAt: ({ id, line, unitId }) => {
    for (const [other, { state }] of core.meters)
      if (other !== id && state.config?.line === line && state.config.unitId === unitId) return other;
    return undefined;
  },
  treeMeter: (id) => core.meters.get(id)?.state.config ?? undefined,
  meter: (id) => core.meters.get(id)?.state.config ?? undefined,
  tagged: (id) => {
    const { config, causes, place } = core.meters.get(id)?.state ?? {};
    return (
      causes?.workTag !== undefined || (config != null && core.tags.on(place?.room ?? null, config.line, id).length > 0)
    );
  },
});

/** `prefix`: of the fields in the request. */
export function meterWrong(core: Core, config: MeterConfig, prefix = ''): OpOutcome | null {
  const wrong = meterMistake(surroundings(core), config);
  if (!wrong) return null;
  const { field, mistake, about } = wrong;
  return invalid(`${prefix}${field}: ${mistakeText[mistake](about ?? '')}`);
}

async function saveMeter(core: Core, params: OpParams<'saveMeter'>, request: Request): Promise<Routed> {
  const { meter: id, isNew, settings } = params;
  const before = core.meters.get(id)?.state.config ?? undefined;
  const wrong = known(isNew, before && {}, 'meter');
  if (wrong) return wrong;
  // Left out, it hangs behind none.
  const { upstream: _behind, ...kept } = before ?? {};
  const config: MeterConfig = { ...kept, id, ...settings };
  const misset = meterWrong(core, config, 'settings.');
  if (misset) return misset;
  const tagged = tagMistake(surroundings(core), config);
  if (tagged) return refusal('workTagInForce', `settings.${tagged.field}: ${mistakeText.workTag('')}`);
  if (before) {
    const editable: readonly string[] = editableOfMeter;
    const fixed = (Object.keys(settings) as (keyof typeof settings)[]).find(
      (field) => !editable.includes(field) && !sameJson(settings[field], before[field]),
    );
    if (fixed !== undefined)
      return invalid(
        `settings.${fixed}: stays as it is; multiplier and tariff are changed elsewhere, the rest by entering another meter`,
      );
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
