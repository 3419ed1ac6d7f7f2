/** Work tags on rooms, lines and risers, keep power for a room, and who is operating what. */
import { z } from 'zod';
import { tagSchema } from '../tags.ts';
import { controllers, everyone, field, id, ok, op, reason } from './op.ts';

export const holder = z.string().trim().min(1, 'a name').max(80);
export const phone = z.string().trim().min(3, 'a phone number').max(30);
const place = { room: id.optional(), line: id.optional(), riser: id.optional() };
type Place = Readonly<Partial<Record<keyof typeof place, string | undefined>>>;
const one = ({ room, line, riser }: Place): boolean =>
  [room, line, riser].filter((each) => each !== undefined).length === 1;
const oneOnly = { error: 'a room, a line or a riser', path: ['room'] };

export const tagsOps = {
  getTags: op({
    kind: 'query',
    method: 'GET',
    path: '/api/tags',
    who: everyone,
    scope: 'filtered',
    summary: 'Work tags on rooms, lines and risers',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(tagSchema) }),
  }),
  previewTag: op({
    kind: 'query',
    method: 'GET',
    path: '/api/tags/preview',
    who: field,
    summary: 'What hanging a tag on a room, a line or a riser would open now',
    params: z.strictObject(place).refine(one, oneOnly),
    result: z.strictObject({
      opens: z.int(),
      /** Open already: they stay so. */
      open: z.int(),
      /** Of those that open: their meter does not answer now. */
      silent: z.int(),
      /** Of those that open: keep power stands below a work tag, and what is public serves everyone. */
      protected: z.array(
        z.strictObject({ meter: z.string(), roomName: z.string().nullable(), why: z.enum(['keepPower', 'public']) }),
      ),
    }),
  }),
  hangTag: op({
    kind: 'command',
    method: 'POST',
    path: '/api/tags',
    who: field,
    summary: 'Hang a work tag on a room, a line or a riser: its breakers open, and nothing closes them',
    params: z.strictObject({ ...place, holder, phone, reason }).refine(one, oneOnly),
    result: z.strictObject({ tag: z.string(), meters: z.int() }),
  }),
  liftTag: op({
    kind: 'command',
    method: 'POST',
    path: '/api/tags/{tag}/lift',
    who: field,
    summary: 'Lift a work tag; only who hung it or a manager may',
    params: z.strictObject({ tag: id, reason }),
    result: ok,
  }),
  keepRoomPower: op({
    kind: 'command',
    method: 'POST',
    path: '/api/rooms/{room}/keep-power',
    who: controllers,
    summary: 'Set or lift keep power on every breaker and valve of a room',
    params: z.strictObject({ room: id, keep: z.boolean(), reason, untilMs: z.int().optional() }),
    result: z.strictObject({ meters: z.int() }),
  }),
  selectMeter: op({
    kind: 'query',
    method: 'POST',
    path: '/api/meters/{meter}/select',
    who: field,
    summary:
      'Take a breaker in hand before it is switched: for a short time nobody else switches it; changes nothing else',
    params: z.strictObject({ meter: id, release: z.boolean().default(false) }),
    /** Who has it in hand now; null: nobody. */
    result: z.strictObject({ by: z.string().nullable(), mine: z.boolean() }),
  }),
} as const;
