/** A room as one tile of the wall. Nothing of it is stored: it follows from its meters, wallets and alarms. */
import type { Tile, UtilityTile } from '../../protocol/wall.ts';
import { assertNever } from './assert.ts';
import type { Context, Effect, RoomMessage, WalletShown } from './messages.ts';

export type RoomState = {
  readonly room: string;
  readonly building: string;
  readonly tenant: string | null;
  readonly meters: Map<string, { utility: 'electricity' | 'water'; tile: Omit<UtilityTile, 'today' | 'todayMicro'> }>;
  readonly today: Map<string, { day: string; quantity: number; amountMicro: number }>;
  readonly wallets: Map<string, WalletShown>;
  readonly alarms: Map<string, 1 | 2 | 3>;
};

export const newRoom = (room: string, building: string, tenant: string | null): RoomState => ({
  room,
  building,
  tenant,
  meters: new Map(),
  today: new Map(),
  wallets: new Map(),
  alarms: new Map(),
});

/** Changes the room in place and says how it now looks. */
export function noteRoom(state: RoomState, message: RoomMessage, context: Context): Effect[] {
  let monoMs: number | null = null;
  switch (message.type) {
    case 'MeterShown':
      state.meters.set(message.meter, { utility: message.utility, tile: message.tile });
      monoMs = message.monoMs;
      break;
    case 'WalletShown':
      if (message.wallet) state.wallets.set(message.wallet.wallet, message.wallet);
      if (message.meter && message.today) state.today.set(message.meter, message.today);
      monoMs = message.monoMs;
      break;
    case 'AlarmShown':
      if (message.priority === 0) state.alarms.delete(message.id);
      else state.alarms.set(message.id, message.priority);
      break;
    default:
      return assertNever(message);
  }
  return [{ type: 'tile', tile: tileOfRoom(state, context.localDay(context.nowMs)), monoMs }];
}

/** How much a meter's state needs a person; the worst of a utility stands for it. */
function badness(tile: Omit<UtilityTile, 'today' | 'todayMicro'>): number {
  if (tile.mismatchSinceMs !== null) return 4;
  if (tile.quarantined) return 3;
  if (tile.link !== 'online') return 2;
  return tile.wanted === 'open' ? 1 : 0;
}

export function tileOfRoom(state: RoomState, localDay: string): Tile {
  let money: WalletShown | null = null;
  for (const wallet of state.wallets.values()) {
    if (
      !money ||
      wallet.level > money.level ||
      (wallet.level === money.level && wallet.balanceMicro < money.balanceMicro)
    )
      money = wallet;
  }
  let alarm: 0 | 1 | 2 | 3 = 0;
  for (const priority of state.alarms.values()) if (alarm === 0 || priority < alarm) alarm = priority;
  return {
    room: state.room,
    building: state.building,
    tenant: state.tenant,
    electricity: utilityTile(state, 'electricity', localDay),
    water: utilityTile(state, 'water', localDay),
    money,
    alarm,
  };
}

function utilityTile(state: RoomState, utility: 'electricity' | 'water', localDay: string): UtilityTile | null {
  let worst: Omit<UtilityTile, 'today' | 'todayMicro'> | null = null;
  let today = 0;
  let todayMicro = 0;
  for (const [id, meter] of state.meters) {
    if (meter.utility !== utility) continue;
    if (!worst || badness(meter.tile) > badness(worst)) worst = meter.tile;
    const used = state.today.get(id);
    if (used?.day === localDay) {
      today += used.quantity;
      todayMicro += used.amountMicro;
    }
  }
  return worst && { ...worst, today, todayMicro };
}
