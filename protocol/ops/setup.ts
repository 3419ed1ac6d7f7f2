/** Setting a site up: buildings, floors, rooms, lines and meters, without a restart. */
import { z } from 'zod';
import { lineSchema, meterSchema, roomSchema } from '../site.ts';
import { admins, everyone, ok, op } from './op.ts';

const entityId = roomSchema.shape.id;
const name = roomSchema.shape.name;
const saved = z.strictObject({ id: z.string() });

/** What of a registered meter may change here; a change of hands, tariff or multiplier has a way of its own. */
export const editableOfMeter = [
  ...([
    'line',
    'unitId',
    'number',
    'rating',
    'pollIntervalMs',
    'freshnessMs',
    'hasBreaker',
    'bandsFromMeter',
    'upstream',
  ] as const),
] as const;

export const setupOps = {
  getSetup: op({
    kind: 'query',
    method: 'GET',
    path: '/api/site',
    who: everyone,
    summary: 'Buildings, floors, rooms, lines and meters as they are set',
    params: z.strictObject({}),
    result: z.strictObject({
      buildings: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          floors: z.array(z.strictObject({ id: z.string(), name: z.string(), rooms: z.array(roomSchema) })),
        }),
      ),
      lines: z.array(lineSchema),
      meters: z.array(meterSchema),
      /** Networks a line's host may lie in when it is set from a browser. */
      networks: z.array(z.string()),
    }),
  }),
  saveBuilding: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/buildings/{building}',
    who: admins,
    summary: 'Add or rename a building',
    params: z.strictObject({ building: entityId, isNew: z.boolean(), name }),
    result: saved,
  }),
  saveFloor: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/floors/{floor}',
    who: admins,
    summary: 'Add or rename a floor',
    params: z.strictObject({ floor: entityId, isNew: z.boolean(), building: entityId, name }),
    result: saved,
  }),
  saveRoom: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/rooms/{room}',
    who: admins,
    summary: 'Add a room, or change its name, area, heads, tags, floor',
    params: z.strictObject({
      room: entityId,
      isNew: z.boolean(),
      floor: entityId,
      name,
      areaM2: roomSchema.shape.areaM2,
      heads: roomSchema.shape.heads,
      tags: roomSchema.shape.tags,
    }),
    result: saved,
  }),
  removePlace: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/remove',
    who: admins,
    summary: 'Take back a building or floor without rooms, or a room without meters and account',
    params: z.strictObject({ kind: z.enum(['building', 'floor', 'room']), id: entityId }),
    result: ok,
  }),
  saveLine: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/lines/{line}',
    who: admins,
    summary: 'Add a line or change its settings',
    params: z.strictObject({ line: entityId, isNew: z.boolean(), settings: lineSchema.omit({ id: true }) }),
    result: saved,
  }),
  testLine: op({
    kind: 'query',
    method: 'POST',
    path: '/api/site/lines/test',
    who: admins,
    summary: 'Whether a connection comes about: a port that opens, a serial device that is there',
    params: z.strictObject({ transport: lineSchema.shape.transport }),
    result: z.strictObject({ reached: z.boolean(), why: z.string(), tookMs: z.number() }),
  }),
  saveMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site/meters/{meter}',
    who: admins,
    summary: 'Add a meter, or change how it is reached and read',
    params: z.strictObject({
      meter: entityId,
      isNew: z.boolean(),
      settings: meterSchema.omit({ id: true, wallet: true }),
    }),
    result: saved,
  }),
} as const;
