/** Puts an explanation together from records and the open quarter hours; the answer leaves once all of it is durable. */
import type { ExplainedKind, Explanation, Movement } from '../../protocol/explanations.ts';
import { noticeKinds, noticeViewSchema } from '../../protocol/notices.ts';
import {
  chargeSchema,
  orderSchema,
  timelineEntrySchema,
  type Charge,
  type Order,
  type TimelineEntry,
} from '../../protocol/ops.ts';
import { decisionsOf } from '../domain/explain/decisions.ts';
import { walletEffectMicro } from '../domain/order.ts';
import type { Core } from './core.ts';
import { openCharges } from './queries/money.ts';

/** `moment`: a kind of notice and the time it was made, of a link that stands in the notice itself. */
export type Subject = { readonly kind: ExplainedKind | 'moment'; readonly subject: string | undefined };

/** How long after a movement a decision may still be named as its consequence, and how many entries are looked at. */
const FOLLOWS_MS = 7 * 86_400_000;
const ENTRIES_MAX = 300;
const ROOMS_MAX = 20;
/** How far before a notice the movement behind it is looked for. */
const BEFORE_NOTICE_MS = 86_400_000;

type Notice = Explanation['notice'];
type Found = { readonly notice: Notice; readonly movement: Charge | Order | null };

/** null: there is no such thing, or it is another wallet's. Rejects with StoreError. */
export async function explain(core: Core, wallet: string, { kind, subject }: Subject): Promise<Explanation | null> {
  const state = core.wallets.get(wallet)?.state;
  if (!state) return null;
  const found = await lookUp(core, wallet, kind, subject ?? '');
  if (found === null) return null;
  const { site } = core.directory;
  const { nowMs } = core.context();
  const { movement, notice } = found;
  const names = roomsOf(core, wallet, movement).map((room) => core.directory.rooms.get(room)?.name ?? room);
  const explanation: Explanation = {
    ...{ site: site.name, timeZone: site.timeZone, wallet, holder: state.holder, rooms: names, atMs: nowMs },
    ...{ notice, movement: movement && shown(core, movement) },
    decisions: movement === null ? [] : await decisions(core, wallet, movement),
  };
  return new Promise((resolve) => core.committer.whenDurable(() => resolve(explanation)));
}

const isCharge = (movement: Charge | Order): movement is Charge => 'sequence' in movement;
const timeOf = (movement: Charge | Order): number => (isCharge(movement) ? movement.toMs : movement.atMs);

async function lookUp(core: Core, wallet: string, kind: Subject['kind'], id: string): Promise<Found | null> {
  switch (kind) {
    case 'balance':
      return { notice: null, movement: await newest(core, wallet) };
    case 'charge':
    case 'order': {
      const movement = await (kind === 'charge' ? chargeOf : orderOf)(core, wallet, id);
      return movement && { notice: null, movement };
    }
    case 'notice': {
      const value = await core.options.store.get('notice', id);
      const notice = value && noticeViewSchema.parse(value);
      if (!notice || notice.about !== wallet || notice.account !== core.wallets.get(wallet)?.state.account) return null;
      const { kind: of, atMs, text } = notice;
      return {
        notice: { kind: of, atMs, text: text === '' ? null : text },
        movement: await behind(core, wallet, atMs),
      };
    }
    case 'moment': {
      const [name = '', at = ''] = id.split('@');
      const of = noticeKinds.find((each) => each === name);
      const atMs = Number(at);
      return (of && { notice: { kind: of, atMs, text: null }, movement: await behind(core, wallet, atMs) }) || null;
    }
  }
}

async function chargeOf(core: Core, wallet: string, id: string): Promise<Charge | null> {
  const open = openCharges(core, wallet).find((charge) => charge.id === id);
  if (open) return open;
  const value = await core.options.store.get('charge', id);
  const charge = value && chargeSchema.parse(value);
  return charge?.wallet === wallet ? charge : null;
}

async function orderOf(core: Core, wallet: string, id: string): Promise<Order | null> {
  const value = await core.options.store.get('order', id);
  const order = value && orderSchema.parse(value);
  return order?.wallet === wallet && order.refused === null ? order : null;
}

async function newest(core: Core, wallet: string): Promise<Charge | Order | null> {
  const ask = { index: `wallet:${wallet}`, newestFirst: true, limit: 1 } as const;
  const { store } = core.options;
  const [charges, orders] = await Promise.all([
    store.range({ kind: 'charge', ...ask }),
    store.range({ kind: 'order', ...ask }),
  ]);
  const all = [
    ...openCharges(core, wallet),
    ...charges.items.map(({ value }) => chargeSchema.parse(value)),
    ...orders.items.map(({ value }) => orderSchema.parse(value)),
  ];
  return all.reduce<Charge | Order | null>((last, one) => (last && timeOf(last) >= timeOf(one) ? last : one), null);
}

/** What the wallet's last decision about money until then named as its cause. */
async function behind(core: Core, wallet: string, atMs: number): Promise<Charge | Order | null> {
  const entries = await timelines(core, roomsOf(core, wallet, null), atMs - BEFORE_NOTICE_MS, atMs);
  const id = entries
    .filter((entry) => entry.meter === null && entry.id.startsWith(`${wallet}-`))
    .map(({ detail }) => detail['movement'])
    .findLast((movement) => movement !== undefined);
  if (typeof id !== 'string') return null;
  return (await chargeOf(core, wallet, id)) ?? (await orderOf(core, wallet, id));
}

function roomsOf(core: Core, wallet: string, movement: Charge | Order | null): string[] {
  const state = core.wallets.get(wallet)?.state;
  const meters = (state?.meters ?? []).flatMap(({ room }) => room ?? []);
  const charged =
    movement !== null && isCharge(movement) ? (core.meters.get(movement.meter)?.state.place.room ?? null) : null;
  const own = new Set([...(state?.rooms ?? []), ...meters]);
  // A meter that has gone to somebody else takes its room along.
  if (own.size === 0 && movement !== null && !isCharge(movement) && movement.room !== null) own.add(movement.room);
  if (charged !== null && state?.meters.some(({ id }) => movement && isCharge(movement) && id === movement.meter))
    own.add(charged);
  return [...own].slice(0, ROOMS_MAX);
}

async function timelines(core: Core, rooms: readonly string[], min: number, max: number): Promise<TimelineEntry[]> {
  const pages = await Promise.all(
    rooms.map((room) =>
      core.options.store.range({ kind: 'timeline', index: `room:${room}`, min, max, limit: ENTRIES_MAX }),
    ),
  );
  const entries = pages.flatMap(({ items }) => items.map(({ value }) => timelineEntrySchema.parse(value)));
  return entries.sort((a, b) => a.atMs - b.atMs);
}

async function decisions(core: Core, wallet: string, movement: Charge | Order): Promise<Explanation['decisions']> {
  const fromMs = isCharge(movement) ? movement.fromMs : movement.atMs;
  const entries = await timelines(core, roomsOf(core, wallet, movement), fromMs, timeOf(movement) + FOLLOWS_MS);
  const own = core.wallets.get(wallet)?.state.meters.map(({ id }) => id) ?? [];
  return decisionsOf(entries, movement.id, {
    wallet,
    meters: new Set(isCharge(movement) ? [...own, movement.meter] : own),
    numberOf: (meter) => core.meters.get(meter)?.state.config?.number ?? meter,
  });
}

function shown(core: Core, movement: Charge | Order): Movement {
  if (isCharge(movement)) {
    const { balanceBeforeMicro: beforeMicro, balanceAfterMicro, amountMicro, allowance = [] } = movement;
    const paidMicro = allowance.reduce((left, draw) => left - draw.amountMicro, amountMicro);
    return {
      ...{ kind: 'charge', charge: movement, beforeMicro },
      meterNumber: core.meters.get(movement.meter)?.state.config?.number ?? null,
      tariffName: core.directory.get('tariff', movement.tariff)?.name ?? movement.tariff,
      betweenMicro: beforeMicro === null ? 0 : balanceAfterMicro - beforeMicro + paidMicro,
    };
  }
  const { id, kind, channel, atMs, debtMicro, receipt, balanceAfterMicro, reverses, reversedBy } = movement;
  const effectMicro = walletEffectMicro(movement);
  return {
    ...{ kind: 'order', id, order: kind, channel, atMs, effectMicro, debtMicro, receipt, reverses, reversedBy },
    ...{ beforeMicro: balanceAfterMicro - effectMicro, afterMicro: balanceAfterMicro },
    transfers: movement.transfers ?? [],
  };
}
