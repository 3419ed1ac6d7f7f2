/** Emergency cuts: saying the effect, doing it, cancelling what is not done, putting it back in steps. */
import { z } from 'zod';
import { emergencyPreviewSchema, emergencySchema, emergencyWhats, itemStates } from '../emergency.ts';
import { emergencyRestoreSchema } from '../site.ts';
import { controllers, everyone, id, managers, ok, op, page, reason } from './op.ts';

/** One of the three. */
const place = { building: id.optional(), floor: id.optional(), room: id.optional() };
type Place = { readonly [K in keyof typeof place]: string | undefined };
const one = ({ building, floor, room }: Partial<Place>): boolean =>
  [building, floor, room].filter((each) => each !== undefined).length === 1;
const oneOnly = { error: 'a building, a floor or a room', path: ['building'] };
const what = z.enum(emergencyWhats).default('electricity');

export const emergenciesOps = {
  previewEmergency: op({
    kind: 'query',
    method: 'GET',
    path: '/api/emergencies/preview',
    who: controllers,
    summary: 'What an emergency cut of a room, floor or building would do now',
    params: z.strictObject({ ...place, what }).refine(one, oneOnly),
    result: emergencyPreviewSchema,
  }),
  getEmergencies: op({
    kind: 'query',
    method: 'GET',
    path: '/api/emergencies',
    who: everyone,
    scope: 'filtered',
    summary: 'Emergency cuts in force, and the rules of the site for them',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(emergencySchema),
      rules: z.strictObject({ temporaryPowerPerMonth: z.int(), emergencyRestore: emergencyRestoreSchema }),
    }),
  }),
  getEmergencyHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/emergencies/history',
    who: everyone,
    scope: 'filtered',
    summary: 'Emergency cuts that are over, newest first',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(emergencySchema), cursor: z.string().nullable() }),
  }),
  getEmergency: op({
    kind: 'query',
    method: 'GET',
    path: '/api/emergencies/{emergency}',
    who: everyone,
    summary: 'An emergency cut with what became of each breaker',
    params: z.strictObject({ emergency: id }),
    result: z.strictObject({
      emergency: emergencySchema,
      items: z.array(
        z.strictObject({
          meter: z.string(),
          room: z.string().nullable(),
          roomName: z.string().nullable(),
          state: z.enum(itemStates),
        }),
      ),
    }),
  }),
  startEmergency: op({
    kind: 'command',
    method: 'POST',
    path: '/api/emergencies',
    who: controllers,
    reauth: true,
    summary: 'Open every breaker of a room, floor or building but those with keep power; managers are told at once',
    params: z.strictObject({ ...place, what, reason }).refine(one, oneOnly),
    result: z.strictObject({ emergency: z.string(), meters: z.int() }),
  }),
  cancelEmergency: op({
    kind: 'command',
    method: 'POST',
    path: '/api/emergencies/{emergency}/cancel',
    who: controllers,
    summary: 'Take back what is not read back as open, or stop a restore where it stands',
    params: z.strictObject({ emergency: id, reason }),
    result: z.strictObject({ cancelled: z.int() }),
  }),
  restoreEmergency: op({
    kind: 'command',
    method: 'POST',
    path: '/api/emergencies/{emergency}/restore',
    who: controllers,
    reauth: true,
    summary: 'Let the breakers go again, so many at a time',
    params: z.strictObject({ emergency: id, reason }),
    result: ok,
  }),
  setSafetyRules: op({
    kind: 'command',
    method: 'POST',
    path: '/api/safety-rules',
    who: managers,
    scope: 'site',
    summary: 'How often temporary power is given a month, and the steps of a restore',
    params: z.strictObject({
      temporaryPowerPerMonth: z.int().min(0).max(100),
      emergencyRestore: emergencyRestoreSchema,
    }),
    result: ok,
  }),
} as const;
