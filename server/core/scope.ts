/** In which buildings things lie, for people limited to some of them. */
import { z } from 'zod';
import { orderSchema, type OpName, type OpOutcome } from '../../protocol/ops.ts';
import { noticeViewSchema } from '../../protocol/notices.ts';
import type { Tag } from '../../protocol/tags.ts';
import type { Alarm } from '../../protocol/wall.ts';
import { assertNever } from '../domain/assert.ts';
import { endedJobSchema } from '../domain/emergency/state.ts';
import { endedGroupSchema } from '../domain/group/state.ts';
import { targetsOf, withinScope, type Target } from '../domain/scope.ts';
import { refusal } from './commands/route.ts';
import type { Core } from './core.ts';
import { placeOfOwnerWallet } from './tenancies.ts';

type Buildings = readonly string[];
const unique = (all: readonly (string | undefined)[]): Buildings => [
  ...new Set(all.filter((each) => each !== undefined)),
];

export const buildingOfRoom = (core: Core, room: string | null): string | undefined =>
  room === null ? undefined : core.directory.rooms.get(room)?.building;

const ofRooms = (core: Core, rooms: readonly (string | null)[]): Buildings =>
  unique(rooms.map((room) => buildingOfRoom(core, room)));

export function buildingsOfAccount(core: Core, id: string): Buildings | null {
  const account = core.directory.get('account', id);
  if (!account) return null;
  // A closed account has no rooms any more; those it had say whose desk it belongs to.
  return ofRooms(core, [...account.rooms, ...(account.plan?.rooms ?? []), ...core.tenancies.state(id).rooms]);
}

/**
 * Where a meter lies: in its room; one without a room (main, public) where the rooms are whose meters hang behind it at
 * any depth, and if there are none, where the rooms of its line are. None: it belongs to the site as a whole.
 */
export function buildingsOfMeter(core: Core, id: string): Buildings | null {
  const meter = core.meters.get(id);
  if (!meter) return null;
  const { place, config } = meter.state;
  if (place.room !== null) return ofRooms(core, [place.room]);
  const upstreamOf = (one: string): string | undefined => core.meters.get(one)?.state.config?.upstream;
  const isBehind = (one: string): boolean => {
    let at = upstreamOf(one);
    while (at !== undefined && at !== id) at = upstreamOf(at);
    return at === id;
  };
  const behind = [...core.meters].flatMap(([one, { state }]) =>
    state.place.room !== null && isBehind(one) ? [state.place.room] : [],
  );
  const buildings = ofRooms(core, behind);
  return buildings.length > 0 || !config ? buildings : (buildingsOfLine(core, config.line) ?? []);
}
const ofMeters = (core: Core, meters: readonly string[]): Buildings =>
  unique(meters.flatMap((meter) => buildingsOfMeter(core, meter) ?? []));

export function buildingsOfWallet(core: Core, id: string): Buildings | null {
  const state = core.wallets.get(id)?.state;
  if (!state) return null;
  const meters = state.meters.map((meter) => meter.id);
  if (state.kind === 'owner') {
    // What a tenant has by now was the owner's at this place before.
    const place = placeOfOwnerWallet(id);
    return core.directory.rooms.has(place) ? ofRooms(core, [place]) : ofMeters(core, [place, ...meters]);
  }
  return unique([...(buildingsOfAccount(core, state.account) ?? []), ...ofMeters(core, meters)]);
}

export function buildingsOfLine(core: Core, id: string): Buildings | null {
  if (!core.directory.get('line', id)) return null;
  const rooms = [...core.meters.values()].flatMap(({ state }) => (state.config?.line === id ? state.place.room : []));
  return ofRooms(core, rooms);
}

export function buildingsOfRiser(core: Core, id: string): Buildings | null {
  const riser = core.directory.get('riser', id);
  if (!riser || riser.removed) return null;
  return unique([...ofRooms(core, riser.rooms), ...ofMeters(core, riser.meters)]);
}

function buildingsOfAlarm(core: Core, alarm: Pick<Alarm, 'room' | 'meter' | 'line'>): Buildings {
  if (alarm.room !== null) return ofRooms(core, [alarm.room]);
  if (alarm.meter !== null) return buildingsOfMeter(core, alarm.meter) ?? [];
  return alarm.line === null ? [] : (buildingsOfLine(core, alarm.line) ?? []);
}

async function record<T>(core: Core, kind: string, id: string, schema: z.ZodType<T>): Promise<T | null> {
  const value = await core.options.store.get(kind, id);
  return value === null ? null : schema.parse(value);
}

export const buildingsOfTag = (core: Core, { on }: Tag): Buildings =>
  on.kind === 'room'
    ? ofRooms(core, [on.id])
    : ((on.kind === 'line' ? buildingsOfLine : buildingsOfRiser)(core, on.id) ?? []);

/** None: it belongs to the site as a whole; null: there is no such thing. */
async function buildingsOf(core: Core, { kind, id }: Target): Promise<Buildings | null> {
  const { directory } = core;
  switch (kind) {
    case 'building':
      return directory.get('building', id) ? [id] : null;
    case 'floor': {
      const floor = directory.get('floor', id);
      return floor ? [floor.building] : null;
    }
    case 'room':
      return directory.rooms.has(id) ? ofRooms(core, [id]) : null;
    case 'meter':
      return buildingsOfMeter(core, id);
    case 'line':
      return buildingsOfLine(core, id);
    case 'wallet':
      return buildingsOfWallet(core, id);
    case 'account':
      return buildingsOfAccount(core, id);
    case 'alarm': {
      const alarm = core.alarms.alarms[id];
      return alarm ? buildingsOfAlarm(core, alarm) : null;
    }
    case 'order': {
      const order = await record(core, 'order', id, orderSchema);
      return (
        order &&
        (order.wallet !== null
          ? buildingsOfWallet(core, order.wallet)
          : order.account === null
            ? []
            : buildingsOfAccount(core, order.account))
      );
    }
    case 'tag': {
      const tag = core.tags.state.tags[id];
      return tag ? buildingsOfTag(core, tag) : null;
    }
    case 'riser':
      return buildingsOfRiser(core, id);
    case 'emergency': {
      const job = core.emergencies.state.jobs[id] ?? (await record(core, kind, id, endedJobSchema))?.emergency;
      return job ? [job.place.building] : null;
    }
    case 'group':
      return (core.groups.state.jobs[id] ?? (await record(core, kind, id, endedGroupSchema))?.group)?.buildings ?? null;
    case 'notice': {
      const notice = await record(core, 'notice', id, noticeViewSchema);
      return notice && (notice.account === null ? [] : buildingsOfAccount(core, notice.account));
    }
    default:
      return assertNever(kind);
  }
}

/** Null: it lies within `buildings`. */
export async function scopeRefusal(
  core: Core,
  op: OpName,
  params: unknown,
  buildings: Buildings,
): Promise<OpOutcome | null> {
  const places = await Promise.all(targetsOf(op, params).map((target) => buildingsOf(core, target)));
  if (withinScope(op, places, buildings)) return null;
  return refusal('outOfScope', `this lies outside ${buildings.join(', ')}`);
}
