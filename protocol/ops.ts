/**
 * Every operation of the API, once: its parameters, its answer, who may, and its route.
 * The gateway's routes, the OpenAPI page, the core's intake and the control room are all driven by this table.
 */
import { z } from 'zod';
import { operatorSchema, roles, type Role } from './site.ts';
import { alarmSchema, causes, layoutSchema, switchStates } from './wall.ts';
import {
  channels,
  orderSchema,
  chargeSchema,
  walletViewSchema,
  roomViewSchema,
  timelineEntrySchema,
  dayChartSchema,
  lineViewSchema,
  systemViewSchema,
  operatorViewSchema,
} from './views.ts';

export * from './views.ts';

const id = z.string().min(1).max(80);
const reason = z.string().trim().min(1, 'a reason').max(200);
/** Positive yuan and cents: payments are in cents (分). */
export const amount = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "50.00"')
  .refine((text) => Number(text) > 0, 'more than 0');
const page = { cursor: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(50) };

const everyone: readonly Role[] = roles;
const staff: readonly Role[] = ['administrator', 'operator'];
const admins: readonly Role[] = ['administrator'];

export type OpKind = 'query' | 'command';
type Op = {
  readonly kind: OpKind;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` parts come from the path, the rest from the query string (GET) or the JSON body. */
  readonly path: string;
  readonly who: readonly Role[];
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodType;
};
const op = <const T extends Op>(definition: T): T => definition;
const ok = z.strictObject({ ok: z.literal(true) });

export const switchActions = [
  'forceTrip',
  'forceClose',
  'release',
  'keepPower',
  'liftKeepPower',
  'workTag',
  'liftWorkTag',
  'hold',
  'liftHold',
] as const;
export type SwitchAction = (typeof switchActions)[number];

export const ops = {
  getLayout: op({
    kind: 'query',
    method: 'GET',
    path: '/api/layout',
    who: everyone,
    summary: 'Buildings, floors and rooms',
    params: z.strictObject({}),
    result: layoutSchema,
  }),
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
  getCharges: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/charges',
    who: everyone,
    summary: 'Charges of a wallet with their explanation, newest first',
    params: z.strictObject({ wallet: id, ...page }),
    result: z.strictObject({ items: z.array(chargeSchema), cursor: z.string().nullable() }),
  }),
  getOrders: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/orders',
    who: everyone,
    summary: 'Recharges, refunds and reversals of a wallet, newest first',
    params: z.strictObject({ wallet: id, ...page }),
    result: z.strictObject({ items: z.array(orderSchema), cursor: z.string().nullable() }),
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
  getLowMoney: op({
    kind: 'query',
    method: 'GET',
    path: '/api/low-money',
    who: everyone,
    summary: 'Wallets below a warning level, lowest first',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(
        z.strictObject({ wallet: walletViewSchema, room: z.string().nullable(), roomName: z.string().nullable() }),
      ),
    }),
  }),
  getAlarms: op({
    kind: 'query',
    method: 'GET',
    path: '/api/alarms',
    who: everyone,
    summary: 'Active and unacknowledged alarms',
    params: z.strictObject({}),
    result: z.strictObject({ seq: z.int(), alarms: z.array(alarmSchema) }),
  }),
  getAlarmHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/alarms/history',
    who: everyone,
    summary: 'Past alarms, newest first',
    params: z.strictObject({
      fromMs: z.coerce.number().optional(),
      toMs: z.coerce.number().optional(),
      text: z.string().max(80).optional(),
      priority: z.coerce.number().int().min(1).max(3).optional(),
      ...page,
    }),
    result: z.strictObject({ items: z.array(alarmSchema), cursor: z.string().nullable() }),
  }),
  getLines: op({
    kind: 'query',
    method: 'GET',
    path: '/api/lines',
    who: everyone,
    summary: 'Lines with their figures and meters',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(lineViewSchema) }),
  }),
  getSystem: op({
    kind: 'query',
    method: 'GET',
    path: '/api/system',
    who: everyone,
    summary: 'Store, ledger, actors, gateway',
    params: z.strictObject({}),
    result: systemViewSchema,
  }),
  getOperators: op({
    kind: 'query',
    method: 'GET',
    path: '/api/operators',
    who: admins,
    summary: 'Operators and their roles',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(operatorViewSchema) }),
  }),

  recharge: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/recharge',
    who: staff,
    summary: 'Money in',
    params: z.strictObject({
      wallet: id,
      amount,
      channel: z.enum(channels),
      note: z.string().trim().max(200).default(''),
    }),
    result: orderSchema,
  }),
  refund: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/refund',
    who: staff,
    summary: 'Unused money back',
    params: z.strictObject({ wallet: id, amount, channel: z.enum(channels), note: reason }),
    result: orderSchema,
  }),
  reverse: op({
    kind: 'command',
    method: 'POST',
    path: '/api/orders/{order}/reverse',
    who: staff,
    summary: 'A counter-entry to an order, linked to it',
    params: z.strictObject({ order: id, note: reason }),
    result: orderSchema,
  }),
  switchMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/switch',
    who: staff,
    summary: 'Set or lift a cause or a hold on a breaker or valve',
    params: z.strictObject({ meter: id, action: z.enum(switchActions), reason, untilMs: z.number().optional() }),
    result: z.strictObject({ wanted: z.enum(switchStates), cause: z.enum(causes) }),
  }),
  readMeter: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/read',
    who: staff,
    summary: 'Read a meter now',
    params: z.strictObject({ meter: id }),
    result: ok,
  }),
  resolveQuarantine: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/quarantine',
    who: staff,
    summary: 'Accept a doubtful reading (it is charged once) or discard it',
    params: z.strictObject({ meter: id, action: z.enum(['release', 'discard']), reason }),
    result: ok,
  }),
  releaseInterlock: op({
    kind: 'command',
    method: 'POST',
    path: '/api/interlock/release',
    who: staff,
    summary: 'Let the held openings for money go on',
    params: z.strictObject({ reason }),
    result: z.strictObject({ released: z.int() }),
  }),
  acknowledgeAlarms: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/acknowledge',
    who: staff,
    summary: 'Acknowledge alarms',
    // Each is an event and a record: what one commit holds.
    params: z.strictObject({ ids: z.array(id).min(1).max(300) }),
    result: z.strictObject({ acknowledged: z.int() }),
  }),
  shelveAlarm: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/{alarm}/shelve',
    who: staff,
    summary: 'Shelve an alarm for a time, with a reason',
    params: z.strictObject({
      alarm: id,
      reason,
      minutes: z
        .int()
        .min(1)
        .max(7 * 24 * 60),
    }),
    result: ok,
  }),
  unshelveAlarm: op({
    kind: 'command',
    method: 'POST',
    path: '/api/alarms/{alarm}/unshelve',
    who: staff,
    summary: 'Take an alarm off the shelf',
    params: z.strictObject({ alarm: id }),
    result: ok,
  }),
  addOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators',
    who: admins,
    summary: 'Add an operator',
    params: z.strictObject({ ...operatorSchema.shape }),
    result: operatorViewSchema,
  }),
} as const;

export type OpName = keyof typeof ops;
export type OpParams<N extends OpName> = z.infer<(typeof ops)[N]['params']>;
export type OpResult<N extends OpName> = z.infer<(typeof ops)[N]['result']>;

/** Why an operation was not done; the gateway maps each to a status and a problem detail (RFC 9457). */
export const refusals = {
  notFound: 404,
  forbidden: 403,
  invalid: 422,
  conflict: 409, // the same idempotency id with another body
  insufficientBalance: 409,
  alreadyReversed: 409,
  keepPowerInForce: 409,
  workTagInForce: 409,
  noBreaker: 409,
  nothingHeld: 409,
  storeAway: 503,
  coreAway: 503,
  parked: 503,
  tooMany: 429,
} as const;
export type Refusal = keyof typeof refusals;
export type OpOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly refusal: Refusal; readonly detail: string };
