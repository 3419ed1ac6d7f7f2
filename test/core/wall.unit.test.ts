import { describe, expect, it } from 'vitest';
import type { WallBatch } from '../../protocol/ipc.ts';
import type { Layout, Tile } from '../../protocol/wall.ts';
import { decodeMoves } from '../../protocol/wallFrame.ts';
import { WallFeed } from '../../server/core/wall.ts';

const layout: Layout = {
  site: { id: 's', name: 'S', timeZone: 'Asia/Shanghai' },
  buildings: ['b1', 'b2'].map((id) => ({
    ...{ id, name: id },
    floors: [{ id: `${id}-1`, name: '1', rooms: [1, 2].map((n) => ({ id: `${id}-r${n}`, name: `${n}` })) }],
  })),
};
const tile = (room: string, balanceMicro: number, tenant = 'Ann'): Tile => ({
  ...{ room, building: room.slice(0, 2), tenant, electricity: null, water: null, alarm: 0, operating: null },
  money: { wallet: 'w', balanceMicro, level: 0, levels: 3, hoursLeft: null, exhausted: false, temporary: false },
  waterMoney: null,
});

/** A feed whose gateway has been sent `tiles` and has taken them over. */
function fed(...tiles: readonly Tile[]) {
  const batches: WallBatch[] = [];
  const waits: { ms: number; over: () => void }[] = [];
  const feed = new WallFeed((ms, over) => void waits.push({ ms, over }));
  for (const one of tiles) feed.put(one, 1);
  feed.attach(layout, (batch) => void batches.push(batch));
  const acknowledge = (restMs: number): void => feed.acknowledged(batches.at(-1)?.batch ?? 0, restMs);
  acknowledge(0);
  return { feed, batches, waits, acknowledge };
}
const movesOf = ({ moves }: WallBatch) =>
  moves.map(({ building, bytes }) => ({ building, moves: decodeMoves(Buffer.from(bytes, 'base64')) }));

describe('the wall feed', () => {
  it('gives a gateway that has come every tile whole, then only the numbers that moved, by building', () => {
    const { feed, batches, acknowledge } = fed(tile('b1-r1', 1), tile('b2-r2', 2));
    expect(batches).toEqual([
      { type: 'wall', batch: 1, tiles: [tile('b1-r1', 1), tile('b2-r2', 2)], moves: [], pulsesMonoMs: [], whole: true },
    ]);
    feed.put(tile('b2-r2', 3), 7);
    expect(batches[1]).toMatchObject({ batch: 2, tiles: [], pulsesMonoMs: [7], whole: false });
    expect(batches.slice(1).map(movesOf)).toEqual([
      [{ building: 'b2', moves: [{ place: 1, mask: 1 << 8, values: [3] }] }],
    ]);
    acknowledge(0);
    feed.put(tile('b2-r2', 3, 'Bob'), null);
    expect(batches[2]).toMatchObject({ tiles: [tile('b2-r2', 3, 'Bob')], moves: [] });
  });

  it('has one batch on its way, keeps the latest value per room meanwhile, and what is whole stays whole', () => {
    const { feed, batches, acknowledge } = fed(tile('b1-r1', 1), tile('b1-r2', 1));
    feed.put(tile('b1-r1', 2), 10);
    feed.put(tile('b1-r1', 3), 20);
    feed.put(tile('b1-r1', 4), 30);
    feed.put(tile('b1-r2', 1, 'Bob'), null);
    feed.put(tile('b1-r2', 5, 'Bob'), null);
    expect(batches.length).toBe(2);
    feed.acknowledged(1, 0);
    expect(batches.length).toBe(2);
    acknowledge(0);
    expect(batches[2]).toMatchObject({ tiles: [tile('b1-r2', 5, 'Bob')], pulsesMonoMs: [20, 30] });
    expect(batches.slice(2).map(movesOf)).toEqual([
      [{ building: 'b1', moves: [{ place: 0, mask: 1 << 8, values: [4] }] }],
    ]);
  });

  it('waits as long as the gateway would, and sends what is new at once after that', () => {
    const { feed, batches, waits, acknowledge } = fed(tile('b1-r1', 1));
    feed.put(tile('b1-r1', 2), null);
    acknowledge(150);
    feed.put(tile('b1-r1', 3), null);
    expect([batches.length, waits.map(({ ms }) => ms)]).toEqual([2, [150]]);
    waits[0]?.over();
    expect(batches.length).toBe(3);
    acknowledge(200);
    waits[1]?.over();
    expect(batches.length).toBe(3);
    feed.put(tile('b1-r1', 4), null);
    expect(batches.length).toBe(4);
  });

  it('does not wait between full batches', () => {
    const rooms = Array.from({ length: 1_001 }, (_, n) => tile(`b1-x${n}`, n));
    const { feed, batches, waits } = fed(...rooms);
    feed.acknowledged(2, 200);
    expect(batches.map(({ tiles, whole }) => [tiles.length, whole])).toEqual([
      [500, false],
      [500, false],
      [1, true],
    ]);
    expect(waits).toEqual([]);
  });

  it('says nothing of a tile that is as it was', () => {
    const { feed, batches } = fed(tile('b1-r1', 1));
    feed.put(tile('b1-r1', 1), 5);
    expect(batches.length).toBe(1);
  });

  it('holds back while the layout changes; a wait from before wakes nobody', () => {
    const { feed, batches, waits, acknowledge } = fed(tile('b1-r1', 1), tile('b1-r2', 1));
    feed.put(tile('b1-r1', 2), null);
    acknowledge(200);
    feed.hold();
    feed.forget('b1-r2');
    feed.put(tile('b1-r1', 3), null);
    const again: WallBatch[] = [];
    feed.attach(layout, (batch) => void again.push(batch));
    feed.put(tile('b1-r1', 4), null);
    waits[0]?.over();
    feed.acknowledged(2, 0);
    expect([batches.length, again.length]).toEqual([2, 1]);
    expect(again[0]).toMatchObject({ batch: 3, tiles: [tile('b1-r1', 3)], whole: true });
  });
});
