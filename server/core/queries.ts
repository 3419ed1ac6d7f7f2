/** Answers to questions: from the actors' states once these are durable (law 5), and from records. */
import { alarmSchema, type Alarm } from '../../protocol/wall.ts';
import {
  chargeSchema,
  orderSchema,
  timelineEntrySchema,
  type Charge,
  type LineView,
  type MeterView,
  type OpName,
  type OpOutcome,
  type OpParams,
  type OpResult,
  type WalletView,
} from '../../protocol/ops.ts';
import type { z } from 'zod';
import { parseYuan } from '../domain/money.ts';
import { holdOf, linkOf, wantedOf } from '../domain/meter/view.ts';
import { tileOfRoom } from '../domain/room.ts';
import { chargeValue } from '../domain/wallet/decide.ts';
import { shownOf, usedOn } from '../domain/wallet/view.ts';
import { missingMicro } from '../domain/wallet/levels.ts';
import type { RecordPage, RecordQuery } from '../store/store.ts';
import type { Core, MeterCell } from './core.ts';
import { statusOf } from './status.ts';

/** What the lines' owner tells. */
export type LinesView = { readonly lines: () => LineView[] };
export type SystemExtras = { readonly gatewayRestarts: number; readonly wallClients: number };
export const VERSION = '0.1.0';

const notFound = (what: string): OpOutcome => ({ ok: false, refusal: 'notFound', detail: `there is no such ${what}` });
const found = (result: unknown): OpOutcome => ({ ok: true, result });

/** Looks, then waits until everything looked at is durable. */
function durable(core: Core, look: () => OpOutcome): Promise<OpOutcome> {
  const outcome = look();
  return new Promise((resolve) => core.committer.whenDurable(() => resolve(outcome)));
}

export async function answerQuery(
  core: Core,
  lines: LinesView & { readonly extras: () => SystemExtras },
  op: OpName,
  raw: unknown,
): Promise<OpOutcome> {
  switch (op) {
    case 'getLayout':
      return found(core.directory.layout);
    case 'getRoom':
      return durable(core, () => roomView(core, (raw as OpParams<'getRoom'>).room));
    case 'getTimeline': {
      const { room, ...page } = raw as OpParams<'getTimeline'>;
      return found(await pageOf(core, { kind: 'timeline', index: `room:${room}` }, page, timelineEntrySchema));
    }
    case 'getCharges':
      return charges(core, raw as OpParams<'getCharges'>);
    case 'getOrders': {
      const { wallet, ...page } = raw as OpParams<'getOrders'>;
      return found(await pageOf(core, { kind: 'order', index: `wallet:${wallet}` }, page, orderSchema));
    }
    case 'getDayChart':
      return dayChart(core, (raw as OpParams<'getDayChart'>).meter);
    case 'getLowMoney':
      return durable(core, () => lowMoney(core));
    case 'getAlarms':
      return durable(core, () => found({ seq: core.alarms.seq, alarms: Object.values(core.alarms.alarms) }));
    case 'getAlarmHistory':
      return alarmHistory(core, raw as OpParams<'getAlarmHistory'>);
    case 'getLines':
      return found({ items: lines.lines() });
    case 'getSystem':
      return system(core, lines.extras());
    case 'getOperators':
      return durable(core, () =>
        found({
          items: core.directory
            .all('operator')
            .map(({ name, displayName, role, disabled }) => ({ name, displayName, role, disabled })),
        }),
      );
    default:
      return { ok: false, refusal: 'invalid', detail: `${op} is no query` };
  }
}

async function pageOf<T>(
  core: Core,
  which: Pick<RecordQuery, 'kind' | 'index'>,
  page: { cursor?: string | undefined; limit: number },
  schema: z.ZodType<T>,
): Promise<{ items: T[]; cursor: string | null }> {
  const result: RecordPage = await core.options.store.range({
    ...which,
    newestFirst: true,
    limit: page.limit,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
  return { items: result.items.map(({ value }) => schema.parse(value)), cursor: result.cursor };
}

export function walletView(core: Core, id: string): WalletView | null {
  const cell = core.wallets.get(id);
  if (!cell || cell.state.kind === 'owner') return null;
  const { state } = cell;
  const { rules, nowMs } = core.context();
  const { balanceMicro, level, exhausted, hoursLeft } = shownOf(id, state, nowMs);
  return {
    id,
    account: state.account,
    holder: state.holder,
    balanceMicro,
    overdraftMicro: state.overdraftMicro,
    thresholdsMicro: state.thresholdsMicro,
    level,
    exhausted,
    warnedMs: state.warnedMs,
    hoursLeft,
    missingMicro: missingMicro(balanceMicro, parseYuan(rules.restoreAbove), exhausted),
  };
}

export function meterView(core: Core, id: string, cell: MeterCell): MeterView | null {
  const { state, live } = cell;
  const { config, place } = state;
  if (!config) return null;
  const context = core.context();
  const wanted = wantedOf(state, context);
  const wallet = place.wallet === null ? undefined : core.wallets.get(place.wallet)?.state;
  const charged = wallet?.charged[id];
  const used = charged ? usedOn(charged.openLines) : null;
  const today = used?.day === context.localDay(context.nowMs) ? used : null;
  const link = linkOf(state, live, context.nowMs);
  return {
    id,
    line: config.line,
    unitId: config.unitId,
    profile: config.profile,
    number: config.number ?? null,
    utility: config.utility,
    room: place.room,
    role: config.role,
    multiplier: config.ct * config.pt,
    wallet: place.wallet,
    tariff: config.tariff,
    hasBreaker: config.hasBreaker,
    index: state.anchor?.index ?? null,
    lastReadingMs: live.lastReadingMs,
    link,
    volts: link === 'online' ? [...live.volts] : [],
    amps: link === 'online' ? [...live.amps] : [],
    watts: link === 'online' ? live.watts : null,
    flow: link === 'online' ? live.flow : null,
    powerFactor: link === 'online' ? live.powerFactor : null,
    wanted: wanted.state,
    actual: link === 'online' ? live.actual : 'unknown',
    cause: wanted.cause,
    causes: state.causes,
    hold: holdOf(state, live, context),
    mismatchSinceMs: live.mismatchSinceMs,
    attempts: live.attempts,
    quarantine: state.quarantine,
    today: today?.quantity ?? 0,
    todayMicro: today?.amountMicro ?? 0,
    price: core.pricing.now(
      config.tariff,
      { meter: id, room: place.room, account: place.account, tierUse: wallet?.tierUse ?? {} },
      context.nowMs,
    ),
  };
}

function roomView(core: Core, id: string): OpOutcome {
  const place = core.directory.rooms.get(id);
  const room = core.rooms.get(id);
  if (!place || !room) return notFound('room');
  const meters: MeterView[] = [];
  const wallets = new Map<string, WalletView>();
  for (const [meter, cell] of core.meters) {
    if (cell.state.place.room !== id) continue;
    const view = meterView(core, meter, cell);
    if (view) meters.push(view);
    const wallet = view?.wallet == null ? null : walletView(core, view.wallet);
    if (wallet) wallets.set(wallet.id, wallet);
  }
  const { nowMs, localDay } = core.context();
  return found({
    id,
    name: place.name,
    building: place.building,
    floor: place.floor,
    tenant: core.tenantOf(id),
    tile: tileOfRoom(room.state, localDay(nowMs)),
    meters,
    wallets: [...wallets.values()],
  });
}

/** Finished quarter hours from records, and on the first page the ones still open from the wallet itself. */
async function charges(core: Core, { wallet, ...page }: OpParams<'getCharges'>): Promise<OpOutcome> {
  const cell = core.wallets.get(wallet);
  if (!cell) return notFound('wallet');
  const open = page.cursor === undefined ? openCharges(core, wallet) : [];
  const stored = await pageOf(core, { kind: 'charge', index: `wallet:${wallet}` }, page, chargeSchema);
  const known = new Set(stored.items.map((item) => item.id));
  const items = [...open.filter((item) => !known.has(item.id)), ...stored.items].sort((a, b) => b.toMs - a.toMs);
  return durable(core, () => found({ items, cursor: stored.cursor }));
}

function openCharges(core: Core, wallet: string): Charge[] {
  const state = core.wallets.get(wallet)?.state;
  if (!state) return [];
  return state.meters.flatMap(({ id, tariff }) => {
    const chunk = state.charged[id]?.chunk;
    return chunk
      ? [chargeSchema.parse(chargeValue({ id: wallet, utilityOf: core.pricing.utilityOf }, id, tariff, chunk))]
      : [];
  });
}

async function dayChart(core: Core, meter: string): Promise<OpOutcome> {
  const cell = core.meters.get(meter);
  if (!cell) return notFound('meter');
  const { nowMs } = core.context();
  const hour = 3_600_000;
  const first = Math.floor(nowMs / hour) * hour - 23 * hour;
  const stored = await core.options.store.range({ kind: 'charge', index: `meter:${meter}`, min: first, limit: 500 });
  const byId = new Map(stored.items.map(({ value }) => [value.id, chargeSchema.parse(value)]));
  const { wallet } = cell.state.place;
  for (const charge of wallet === null ? [] : openCharges(core, wallet))
    if (charge.meter === meter) byId.set(charge.id, charge);
  const hours = Array.from({ length: 24 }, (_, i) => ({
    fromMs: first + i * hour,
    bands: {} as Record<string, number>,
    amountMicro: 0,
    estimated: false,
  }));
  for (const charge of byId.values()) {
    const component = charge.lines[0]?.component;
    for (const line of charge.lines) {
      const slot = hours[Math.floor((line.toMs - 1 - first) / hour)];
      if (!slot) continue;
      if (line.component === component) slot.bands[line.band] = (slot.bands[line.band] ?? 0) + line.quantity;
      slot.amountMicro += line.amountMicro;
      slot.estimated ||= charge.estimated;
    }
  }
  return durable(core, () => found({ hours }));
}

function lowMoney(core: Core): OpOutcome {
  const items = [];
  for (const [id, { state }] of core.wallets) {
    if (state.level === 0) continue;
    const wallet = walletView(core, id);
    const room = state.rooms[0] ?? null;
    if (wallet)
      items.push({ wallet, room, roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? null) });
  }
  items.sort((a, b) => a.wallet.balanceMicro - b.wallet.balanceMicro);
  return found({ items });
}

/** Filters while paging: a page may come back short with a cursor, never wrongly ended. */
async function alarmHistory(
  core: Core,
  { fromMs, toMs, text, priority, ...page }: OpParams<'getAlarmHistory'>,
): Promise<OpOutcome> {
  const items: Alarm[] = [];
  const wanted = text?.toLowerCase();
  let cursor = page.cursor;
  for (let rounds = 0; rounds < 20 && items.length < page.limit; rounds++) {
    const result = await core.options.store.range({
      kind: 'alarm',
      index: 'all',
      newestFirst: true,
      limit: page.limit - items.length,
      ...(fromMs === undefined ? {} : { min: fromMs }),
      ...(toMs === undefined ? {} : { max: toMs }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value } of result.items) {
      const alarm = alarmSchema.parse(value);
      const room = alarm.room === null ? '' : (core.directory.rooms.get(alarm.room)?.name ?? '');
      const haystack = `${alarm.id} ${room} ${Object.values(alarm.detail).join(' ')}`.toLowerCase();
      if ((priority === undefined || alarm.priority === priority) && (!wanted || haystack.includes(wanted)))
        items.push(alarm);
    }
    cursor = result.cursor ?? undefined;
    if (cursor === undefined) break;
  }
  return found({ items, cursor: cursor ?? null });
}

/** While the store does not keep, this page is looked at most: it answers at once, without balances that may not last. */
async function system(core: Core, extras: SystemExtras): Promise<OpOutcome> {
  const view = await systemView(core, extras);
  if (core.committer.keeping) return durable(core, () => found(view));
  return found({ ...view, ledger: { ...view.ledger, accounts: [] } });
}

async function systemView(core: Core, extras: SystemExtras): Promise<OpResult<'getSystem'>> {
  const { mono } = core.options.clock;
  const accounts: { id: string; balanceMicro: number }[] = [];
  let walletsMicro = 0;
  for (const [id, balanceMicro] of core.ledger.ledger.balances) {
    if (id.startsWith('wallet:')) walletsMicro += balanceMicro;
    else accounts.push({ id, balanceMicro });
  }
  accounts.sort((a, b) => (a.id < b.id ? -1 : 1));
  accounts.push({ id: 'wallets', balanceMicro: walletsMicro });
  return {
    status: statusOf(core),
    version: VERSION,
    startedMs: core.startedMs,
    store: {
      kind: core.options.storeKind,
      head: core.committer.head.number,
      oldest: await core.options.store.oldest(),
      commitP50Ms: core.metrics.commitQuantileMs(0.5),
      commitP99Ms: core.metrics.commitQuantileMs(0.99),
      lastCommitAgoMs: core.lastCommitMono === null ? null : mono.call(core.options.clock) - core.lastCommitMono,
    },
    ledger: { imbalanceMicro: core.ledger.imbalanceMicro, accounts },
    actors: {
      count: core.actors.count,
      mailboxMax: core.actors.mailboxMax,
      deadLetters: core.actors.deadLetters,
      parked: core.actors.parked,
    },
    gateway: { restarts: extras.gatewayRestarts, wallClients: extras.wallClients },
  };
}
