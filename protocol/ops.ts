/**
 * Every operation of the API, once: its parameters, its answer, who may, and its route.
 * The gateway's routes, the OpenAPI page, the core's intake and the control room are all driven by this table.
 */
import { z } from 'zod';
import { operatorSchema, roles, utilities, type Role } from './site.ts';
import { alarmSchema, causes, holds, layoutSchema, statusSchema, switchStates, tileSchema } from './wall.ts';

const id = z.string().min(1).max(80);
const reason = z.string().trim().min(1, 'a reason').max(200);
/** Positive yuan and cents: payments are in cents (分). */
export const amount = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "50.00"')
  .refine((text) => Number(text) > 0, 'more than 0');
const page = { cursor: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(50) };

export const channels = ['cash', 'card', 'transfer'] as const;

export const orderSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['recharge', 'refund', 'reversal']),
  wallet: z.string(),
  account: z.string(),
  room: z.string().nullable(),
  amountMicro: z.number(),
  channel: z.enum(channels),
  balanceAfterMicro: z.number(),
  atMs: z.number(),
  by: z.string(),
  note: z.string(),
  /** The order this one takes back, or the one that took this back. */
  reverses: z.string().nullable(),
  reversedBy: z.string().nullable(),
});
export type Order = z.infer<typeof orderSchema>;

export const chargeLineSchema = z.strictObject({
  fromMs: z.number(),
  toMs: z.number(),
  version: z.string(),
  band: z.string(),
  tier: z.int(),
  component: z.string(),
  /** micro-yuan per kWh or m³ */
  priceMicro: z.number(),
  /** Wh or litres */
  quantity: z.number(),
  amountMicro: z.number(),
});

/** One pulse that moved money, whole: the explanation of a deduction. */
export const chargeSchema = z.strictObject({
  id: z.string(),
  wallet: z.string(),
  meter: z.string(),
  utility: z.enum(utilities),
  sequence: z.int(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Primary-side registers, Wh or litres, and the multiplier they hold. */
  fromIndex: z.number(),
  toIndex: z.number(),
  multiplier: z.int(),
  tariff: z.string(),
  estimated: z.boolean(),
  lines: z.array(chargeLineSchema),
  amountMicro: z.number(),
  balanceAfterMicro: z.number(),
  /** Ledger: wallet → revenue account per component. */
  transfers: z.array(z.strictObject({ from: z.string(), to: z.string(), amountMicro: z.number() })),
});
export type Charge = z.infer<typeof chargeSchema>;

const causeEntry = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  untilMs: z.number().nullable(),
});

export const meterViewSchema = z.strictObject({
  id: z.string(),
  line: z.string(),
  unitId: z.int(),
  profile: z.string(),
  number: z.string().nullable(),
  utility: z.enum(utilities),
  room: z.string().nullable(),
  role: z.enum(['tenant', 'public', 'main']),
  multiplier: z.int(),
  wallet: z.string().nullable(),
  tariff: z.string(),
  hasBreaker: z.boolean(),
  /** Primary side, Wh or litres; null before the first reading. */
  index: z.number().nullable(),
  lastReadingMs: z.number().nullable(),
  link: z.enum(['online', 'stale', 'never']),
  volts: z.array(z.number()),
  amps: z.array(z.number()),
  watts: z.number().nullable(),
  flow: z.number().nullable(),
  powerFactor: z.number().nullable(),
  wanted: z.enum(switchStates),
  actual: z.enum(['open', 'closed', 'unknown']),
  cause: z.enum(causes),
  /** All causes set, whether in force or not. */
  causes: z.partialRecord(z.enum(causes), causeEntry),
  hold: z.enum(holds).nullable(),
  mismatchSinceMs: z.number().nullable(),
  attempts: z.int(),
  quarantine: z
    .strictObject({
      index: z.number().nullable(),
      lastGood: z.number(),
      why: z.string(),
      sinceMs: z.number(),
      waiting: z.boolean(),
    })
    .nullable(),
  today: z.number(),
  todayMicro: z.number(),
  /** What the next unit costs: for "peak · tier 1 · 1.0062". */
  price: z.strictObject({ band: z.string(), tier: z.int(), version: z.string(), priceMicro: z.number() }).nullable(),
});
export type MeterView = z.infer<typeof meterViewSchema>;

export const walletViewSchema = z.strictObject({
  id: z.string(),
  account: z.string(),
  holder: z.string(),
  balanceMicro: z.number(),
  overdraftMicro: z.number(),
  thresholdsMicro: z.array(z.number()),
  level: z.int(),
  exhausted: z.boolean(),
  /** When the last-level warning was given; null while above it. */
  warnedMs: z.number().nullable(),
  hoursLeft: z.number().nullable(),
  /** What must come in before power returns; 0 while nothing is owed. */
  missingMicro: z.number(),
});
export type WalletView = z.infer<typeof walletViewSchema>;

export const roomViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  building: z.string(),
  floor: z.string(),
  tenant: z.string().nullable(),
  tile: tileSchema,
  meters: z.array(meterViewSchema),
  wallets: z.array(walletViewSchema),
});
export type RoomView = z.infer<typeof roomViewSchema>;

export const timelineEntrySchema = z.strictObject({
  id: z.string(),
  atMs: z.number(),
  kind: z.string(),
  by: z.string().nullable(),
  meter: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Use per hour and band of one local day, for charts. */
export const dayChartSchema = z.strictObject({
  hours: z.array(
    z.strictObject({
      fromMs: z.number(),
      bands: z.record(z.string(), z.number()),
      amountMicro: z.number(),
      estimated: z.boolean(),
    }),
  ),
});

const lineViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  transport: z.string(),
  up: z.boolean(),
  utilisation: z.number(),
  cycleMs: z.number().nullable(),
  requests: z.int(),
  replies: z.int(),
  timeouts: z.int(),
  crcErrors: z.int(),
  exceptions: z.int(),
  reconnects: z.int(),
  oldestDueMs: z.number(),
  meters: z.array(
    z.strictObject({
      id: z.string(),
      unitId: z.int(),
      profile: z.string(),
      room: z.string().nullable(),
      online: z.boolean(),
      lastReplyAgoMs: z.number().nullable(),
      failures: z.int(),
    }),
  ),
});
export type LineView = z.infer<typeof lineViewSchema>;

export const systemViewSchema = z.strictObject({
  status: statusSchema,
  version: z.string(),
  startedMs: z.number(),
  store: z.strictObject({
    kind: z.string(),
    head: z.int(),
    oldest: z.int(),
    commitP50Ms: z.number(),
    commitP99Ms: z.number(),
    lastCommitAgoMs: z.number().nullable(),
  }),
  ledger: z.strictObject({
    imbalanceMicro: z.number(),
    accounts: z.array(z.strictObject({ id: z.string(), balanceMicro: z.number() })),
  }),
  actors: z.strictObject({ count: z.int(), mailboxMax: z.int(), deadLetters: z.int(), parked: z.array(z.string()) }),
  gateway: z.strictObject({ restarts: z.int(), wallClients: z.int() }),
});

export const sessionRecordSchema = z.strictObject({
  operator: z.string(),
  createdMs: z.number(),
  expiresMs: z.number(),
  csrf: z.string(),
});

const operatorViewSchema = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  disabled: z.boolean(),
});

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
    params: z.strictObject({ ids: z.array(id).min(1).max(1000) }),
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
