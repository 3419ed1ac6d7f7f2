/** Answers about rooms and meters. */
import {
  chargeSchema,
  timelineEntrySchema,
  type MeterView,
  type OpOutcome,
  type WalletView,
} from '../../../protocol/ops.ts';
import { tileOfRoom } from '../../domain/room.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';
import { openCharges } from './money.ts';
import { meterView, walletView } from './views.ts';

export const roomAnswers: Answers<'getRoom' | 'findMeters' | 'getTimeline' | 'getQuarantined' | 'getDayChart'> = {
  getRoom: ({ core }, { room }) => durable(core, () => roomView(core, room)),
  findMeters: ({ core }, { number }) => durable(core, () => findMeters(core, number)),
  getTimeline: async ({ core }, { room, ...page }) =>
    found<'getTimeline'>(await pageOf(core, { kind: 'timeline', index: `room:${room}` }, page, timelineEntrySchema)),
  getQuarantined: ({ core }) => durable(core, () => quarantined(core)),
  getDayChart: ({ core }, { meter }) => dayChart(core, meter),
};

const FOUND_MAX = 200;

function findMeters(core: Core, text: string): OpOutcome {
  const items = [...core.meters]
    .flatMap(([meter, { state }]) => {
      const { room } = state.place;
      const number = state.config?.number;
      return room !== null && number?.includes(text) ? [{ meter, number, room }] : [];
    })
    .slice(0, FOUND_MAX);
  return found<'findMeters'>({ items });
}

function quarantined(core: Core): OpOutcome {
  const items = [...core.meters].flatMap(([id, { state }]) => {
    const { config, place, quarantine } = state;
    if (!config || !quarantine) return [];
    const roomName = place.room === null ? null : (core.directory.rooms.get(place.room)?.name ?? place.room);
    return [{ id, utility: config.utility, room: place.room, roomName, multiplier: config.ct * config.pt, quarantine }];
  });
  items.sort((a, b) => a.quarantine.sinceMs - b.quarantine.sinceMs);
  return found<'getQuarantined'>({ items });
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
  return found<'getRoom'>({
    id,
    name: place.name,
    building: place.building,
    floor: place.floor,
    tenant: core.directory.tenantOf(id),
    tile: tileOfRoom(room.state, localDay(nowMs)),
    meters,
    wallets: [...wallets.values()],
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
  return durable(core, () => found<'getDayChart'>({ hours }));
}
