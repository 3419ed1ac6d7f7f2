/** A room as one tile of the wall. Nothing of it is stored: it follows from its meters, wallets and alarms. */
import type { Tile, UtilityTile } from '../../protocol/wall.ts';
import { assertNever } from './assert.ts';
import type { Context, Effect, MeterShown, RoomMessage, WalletShown } from './messages.ts';

/** `pays`: its meters, here and elsewhere. */
type Paying = { readonly shown: WalletShown; readonly pays: readonly { readonly id: string }[] };
type Used = { readonly meter: string; readonly day: string; readonly quantity: number; readonly amountMicro: number };

/**
 * Short lists, not maps, and whole literals: what is put together of parts lies in two pieces of memory. A room has a
 * meter or two, and there are ten thousand rooms.
 */
export type RoomState = {
  readonly room: string;
  readonly building: string;
  tenant: string | null;
  meters: readonly MeterShown[];
  today: readonly Used[];
  wallets: readonly Paying[];
  /** Who has which of its breakers in hand. */
  selected: readonly { readonly meter: string; readonly by: string }[];
  alarms: readonly { readonly id: string; readonly priority: 1 | 2 | 3 }[];
};

const none: readonly never[] = [];
export const newRoom = (room: string, building: string, tenant: string | null): RoomState => ({
  room,
  building,
  tenant,
  meters: none,
  today: none,
  wallets: none,
  selected: none,
  alarms: none,
});

/** The list with the item of the same id replaced, or added at its end. */
function put<T>(list: readonly T[], item: T, same: (one: T) => boolean): readonly T[] {
  const at = list.findIndex(same);
  return at === -1 ? list.concat([item]) : list.with(at, item);
}

function noteMeter(state: RoomState, { utility, tile }: MeterShown): void {
  state.meters = put(state.meters, { utility, tile }, (one) => one.tile.meter === tile.meter);
}

/** Changes the room in place and says how it now looks. */
export function noteRoom(
  state: RoomState,
  message: RoomMessage,
  context: Pick<Context, 'nowMs' | 'localDay'>,
): Effect[] {
  let monoMs: number | null = null;
  switch (message.type) {
    case 'MeterShown': {
      noteMeter(state, message);
      monoMs = message.monoMs;
      break;
    }
    case 'WalletShown': {
      const { wallet, pays, meter, today, shown } = message;
      if (shown) noteMeter(state, shown);
      if (wallet)
        state.wallets = put(state.wallets, { shown: wallet, pays }, (one) => one.shown.wallet === wallet.wallet);
      if (meter !== null && today) {
        const { day, quantity, amountMicro } = today;
        state.today = put(state.today, { meter, day, quantity, amountMicro }, (one) => one.meter === meter);
      }
      monoMs = message.monoMs;
      break;
    }
    case 'WalletGone':
      state.wallets = state.wallets.filter((one) => one.shown.wallet !== message.wallet);
      break;
    case 'AlarmShown': {
      const { id, priority } = message;
      state.alarms =
        priority === 0
          ? state.alarms.filter((one) => one.id !== id)
          : put(state.alarms, { id, priority }, (one) => one.id === id);
      break;
    }
    case 'SelectionShown': {
      const { meter, by } = message;
      const others = state.selected.filter((one) => one.meter !== meter);
      state.selected = by === null ? others : [...others, { meter, by }];
      break;
    }
    case 'TenantShown': {
      const { tenant, wallets } = message;
      state.tenant = tenant;
      state.wallets = state.wallets.filter((one) => wallets.includes(one.shown.wallet));
      break;
    }
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
  const water = shortest(state, 'water');
  const money = shortest(state, 'electricity') ?? shortest(state, null);
  let alarm: 0 | 1 | 2 | 3 = 0;
  for (const { priority } of state.alarms) if (alarm === 0 || priority < alarm) alarm = priority;
  return {
    room: state.room,
    building: state.building,
    tenant: state.tenant,
    operating: state.selected.length === 0 ? null : [...new Set(state.selected.map(({ by }) => by))].join(', '),
    electricity: utilityTile(state, 'electricity', localDay),
    water: utilityTile(state, 'water', localDay),
    money,
    waterMoney: water === money ? null : water,
    alarm,
  };
}

/** The wallet nearest to its end of those that pay for a utility here; null: of all. */
function shortest(state: RoomState, utility: 'electricity' | 'water' | null): WalletShown | null {
  let found: WalletShown | null = null;
  for (const { shown, pays } of state.wallets) {
    if (utility !== null && !paysFor(state, pays, utility)) continue;
    if (!found || shown.level > found.level || (shown.level === found.level && shown.balanceMicro < found.balanceMicro))
      found = shown;
  }
  return found;
}

function paysFor(state: RoomState, pays: Paying['pays'], utility: 'electricity' | 'water'): boolean {
  return state.meters.some((one) => one.utility === utility && pays.some(({ id }) => id === one.tile.meter));
}

function utilityTile(state: RoomState, utility: 'electricity' | 'water', localDay: string): UtilityTile | null {
  let worst: Omit<UtilityTile, 'today' | 'todayMicro'> | null = null;
  let today = 0;
  let todayMicro = 0;
  for (const meter of state.meters) {
    if (meter.utility !== utility) continue;
    if (!worst || badness(meter.tile) > badness(worst)) worst = meter.tile;
    const used = state.today.find((one) => one.meter === meter.tile.meter);
    if (used?.day === localDay) {
      today += used.quantity;
      todayMicro += used.amountMicro;
    }
  }
  return worst && { ...worst, today, todayMicro };
}
