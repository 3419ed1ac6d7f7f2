import { describe, expect, it } from 'vitest';
import { newRoom, noteRoom, tileOfRoom, type RoomState } from '../../server/domain/room.ts';
import type { MeterShown, WalletShown } from '../../server/domain/messages.ts';

type Utility = 'electricity' | 'water';
const context = { nowMs: 0, localDay: () => '2026-06-01' };
function roomWith(meters: readonly (readonly [Utility, string])[]): RoomState {
  const room = newRoom('r', 'b', 'Ann');
  for (const [utility, meter] of meters) {
    const tile: MeterShown['tile'] = {
      ...{ meter, look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null, rate: 0 },
      ...{ mismatchSinceMs: null, link: 'online', lastReadingMs: 0, quarantined: false },
    };
    noteRoom(room, { type: 'MeterShown', utility, tile, monoMs: null }, context);
  }
  return room;
}
function pay(room: RoomState, wallet: string, level: number, balanceMicro: number, ...meters: string[]): void {
  const shown: WalletShown = {
    ...{ wallet, balanceMicro, level, levels: 3, hoursLeft: null, exhausted: false, temporary: false },
  };
  const pays = meters.map((id) => ({ id }));
  const nothing = { meter: null, today: null, monoMs: null, shown: null };
  noteRoom(room, { type: 'WalletShown', wallet: shown, pays, ...nothing }, context);
}
const walletsOf = (room: RoomState): unknown => {
  const { money, waterMoney } = tileOfRoom(room, '2026-06-01');
  return [money?.wallet ?? null, waterMoney?.wallet ?? null];
};
const both = [
  ['electricity', 'e'],
  ['water', 'w'],
] as const;

describe('whose money a room shows', () => {
  it('is for each utility that of the wallet which pays for it, however low another is', () => {
    const room = roomWith(both);
    pay(room, 'light', 0, 900_000_000, 'e');
    pay(room, 'taps', 2, 3_000_000, 'w');
    pay(room, 'fees', 3, -1);
    expect(walletsOf(room)).toEqual(['light', 'taps']);
  });

  it('is said once where one wallet pays for both', () => {
    const room = roomWith(both);
    pay(room, 'all', 0, 5_000_000, 'e', 'w');
    expect(walletsOf(room)).toEqual(['all', null]);
  });

  it('is that nearest to its end of several that pay for one utility', () => {
    const room = roomWith([...both, ['electricity', 'e2']]);
    pay(room, 'one', 1, 40_000_000, 'e');
    pay(room, 'two', 1, 30_000_000, 'e2', 'w');
    expect(walletsOf(room)).toEqual(['two', null]);
    pay(room, 'one', 2, 35_000_000, 'e');
    expect(walletsOf(room)).toEqual(['one', 'two']);
  });

  it('is that of any wallet where there is no electricity', () => {
    const room = roomWith([['water', 'w']]);
    pay(room, 'taps', 0, 3_000_000, 'w');
    expect(walletsOf(room)).toEqual(['taps', null]);
  });
});
