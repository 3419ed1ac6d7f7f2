/** Rooms and their meters: looking, switching, reading. */
import { z } from 'zod';
import { typedReadingSchema } from '../accounts.ts';
import { utilities } from '../site.ts';
import { quarantinedMeterSchema, roomViewSchema, timelineEntrySchema, dayChartSchema } from '../views.ts';
import { causes, switchStates } from '../wall.ts';
import { controllers, everyone, field, id, ok, op, page, reason } from './op.ts';
import { holder, phone } from './tags.ts';

export const switchActions = [
  'forceTrip',
  'forceClose',
  'release',
  'keepPower',
  'liftKeepPower',
  'workTag',
  'liftWorkTag',
  'liftSafetyLock',
  'hold',
  'liftHold',
] as const;
export type SwitchAction = (typeof switchActions)[number];

/** Named in one release; all of them are released without names. */
const HELD_MAX = 2_000;
const heldSchema = z.strictObject({
  meter: z.string(),
  utility: z.enum(utilities),
  room: z.string().nullable(),
  roomName: z.string().nullable(),
  tenant: z.string().nullable(),
  account: z.string().nullable(),
  balanceMicro: z.number().nullable(),
  /** When the last warning was given; null: it is not known. */
  warnedMs: z.number().nullable(),
  /** Since when the cut is asked for, and since when it is held. */
  cutSinceMs: z.number().nullable(),
  heldMs: z.number().nullable(),
});

export const roomsOps = {
  getRoom: op({
    kind: 'query',
    method: 'GET',
    path: '/api/rooms/{room}',
    who: everyone,
    summary: 'A room: tile, meters, wallets',
    params: z.strictObject({ room: id }),
    result: roomViewSchema,
  }),
  getTimeline: op({
    kind: 'query',
    method: 'GET',
    path: '/api/rooms/{room}/timeline',
    who: everyone,
    summary: 'What happened in a room, newest first',
    params: z.strictObject({ room: id, ...page }),
    result: z.strictObject({ items: z.array(timelineEntrySchema), cursor: z.string().nullable() }),
  }),
  getDayChart: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meters/{meter}/chart',
    who: everyone,
    summary: 'Use by hour and band over the last 24 hours',
    params: z.strictObject({ meter: id }),
    result: dayChartSchema,
  }),
  findMeters: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meters',
    who: everyone,
    scope: 'filtered',
    summary: 'Meters in rooms whose printed number holds a text, the first 200',
    params: z.strictObject({ number: z.string().regex(/^\d{3,12}$/, '3 to 12 digits') }),
    result: z.strictObject({
      items: z.array(z.strictObject({ meter: z.string(), number: z.string(), room: z.string() })),
    }),
  }),
  switchMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/switch',
    who: field,
    summary: 'Set or lift a cause or a hold on a breaker or valve',
    params: z.strictObject({
      meter: id,
      action: z.enum(switchActions),
      reason,
      untilMs: z.int().optional(),
      /** Of a work tag: who works there, and how to reach them. */
      holder: holder.optional(),
      phone: phone.optional(),
    }),
    result: z.strictObject({ wanted: z.enum(switchStates), cause: z.enum(causes) }),
  }),
  readMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/read',
    who: field,
    summary: 'Read a meter now',
    params: z.strictObject({ meter: id }),
    result: ok,
  }),
  resolveQuarantine: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/quarantine',
    who: controllers,
    summary: 'Accept a doubtful reading (it is charged once), put it right with what the meter shows, or discard it',
    params: z
      .strictObject({
        meter: id,
        action: z.enum(['release', 'correct', 'discard']),
        reason,
        /** To correct: as the meter shows it, kWh or m³. */
        reading: typedReadingSchema.shape.reading.optional(),
      })
      .refine(({ action, reading }) => (action === 'correct') === (reading !== undefined), {
        path: ['reading'],
        message: 'what the meter shows, to correct and for nothing else',
      }),
    result: ok,
  }),
  getQuarantined: op({
    kind: 'query',
    method: 'GET',
    path: '/api/quarantined',
    who: everyone,
    scope: 'filtered',
    summary: 'All meters with a doubtful reading that waits for a person, oldest first',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(quarantinedMeterSchema) }),
  }),
  getInterlock: op({
    kind: 'query',
    method: 'GET',
    path: '/api/interlock',
    who: everyone,
    scope: 'filtered',
    summary: 'Openings for money that the mass-cut interlock holds, longest first',
    params: z.strictObject({}),
    result: z.strictObject({ limit: z.int(), items: z.array(heldSchema) }),
  }),
  releaseInterlock: op({
    kind: 'command',
    method: 'POST',
    path: '/api/interlock/release',
    who: controllers,
    reauth: true,
    summary: 'Let the held openings for money go on, all or those of some meters',
    params: z.strictObject({ meters: z.array(id).min(1).max(HELD_MAX).optional(), reason }),
    result: z.strictObject({ released: z.int() }),
  }),
} as const;
