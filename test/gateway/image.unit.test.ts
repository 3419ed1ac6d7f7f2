import { describe, expect, it } from 'vitest';
import type { ServerMessage, Tile } from '../../protocol/wall.ts';
import { decodeFrame, decodeServerMessage, encodeMoves, type Frame } from '../../protocol/wallFrame.ts';
import { WallImage } from '../../server/gateway/wall/image.ts';
import { alarm, batchOf, layout, tile } from './fake-core.ts';

const decode = (text: string): ServerMessage => decodeServerMessage(text);
const decodeText = (bytes: Uint8Array): ServerMessage => decode(Buffer.from(bytes).toString('utf8'));
const finished = { active: false, clearedMs: 2, acknowledged: { by: 'olga', atMs: 2 } };

function whole(): WallImage {
  const image = new WallImage();
  image.begin(layout, 10, []);
  image.take(batchOf([tile('b1', 'b1-r1', null), tile('b2', 'b2-r1', null)], { whole: true }));
  return image;
}

describe('the wall image', () => {
  it('frames each changed building once, latest value per tile, its own number rising by one', () => {
    const image = whole();
    image.take(batchOf([tile('b1', 'b1-r1', 'a')]));
    image.take(batchOf([tile('b1', 'b1-r1', 'b'), tile('b1', 'b1-r2', 'c')]));
    const [first, ...others] = image.frames();
    expect(others).toEqual([]);
    expect(decodeFrame(first?.bytes ?? new Uint8Array())).toEqual({
      type: 'frame',
      building: 'b1',
      seq: 1,
      tiles: [tile('b1', 'b1-r1', 'b'), tile('b1', 'b1-r2', 'c')],
      moves: [],
    });
    image.take(batchOf([tile('b1', 'b1-r1', 'd'), tile('b2', 'b2-r1', 'e')]));
    expect(image.frames().map(({ bytes }) => decodeFrame(bytes))).toMatchObject([
      { building: 'b1', seq: 2 },
      { building: 'b2', seq: 1 },
    ]);
  });

  it('sends only the numbers of a tile in which only numbers moved, one that moved back included', () => {
    const image = whole();
    const rich = (rate: number | null, quarantined = false): Tile => ({
      ...tile('b1', 'b1-r2', 'a'),
      electricity: {
        ...{ meter: 'm', look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null },
        ...{ mismatchSinceMs: null, link: 'online', lastReadingMs: 5, rate, today: 1, todayMicro: 2, quarantined },
      },
    });
    const moves = (mask: number, ...values: number[]) => {
      const bytes = encodeMoves([{ place: 1, mask, values }]);
      return batchOf([], { moves: [{ building: 'b1', bytes: Buffer.from(bytes).toString('base64') }] });
    };
    image.take(batchOf([rich(3)]));
    image.frames();
    image.take(moves(0b10, 0.5));
    image.take(moves(0b10, 3));
    const frame = (): Frame => decodeFrame(image.frames()[0]?.bytes ?? new Uint8Array());
    expect(frame()).toMatchObject({ seq: 2, tiles: [], moves: [{ place: 1, mask: 0b10, values: [3] }] });
    image.take(moves(0b10, 7));
    image.take(moves(0b1, 6));
    expect(frame()).toMatchObject({ seq: 3, tiles: [], moves: [{ place: 1, mask: 0b11, values: [6, 7] }] });
    image.take(moves(0b10, 4));
    image.take(batchOf([rich(4, true)]));
    image.take(moves(0b10, 5));
    expect(frame()).toMatchObject({ seq: 4, tiles: [rich(5, true)], moves: [] });
    expect(image.changed).toBe(false);
    expect(image.frames()).toEqual([]);
  });

  it('stops at moves of a room of which it has no tile', () => {
    const bytes = Buffer.from(encodeMoves([{ place: 2, mask: 2, values: [1] }])).toString('base64');
    expect(() => whole().take(batchOf([], { moves: [{ building: 'b1', bytes }] }))).toThrow('place 2');
  });

  it('gives snapshots at the number of the last frame', () => {
    const image = whole();
    image.take(batchOf([tile('b1', 'b1-r1', 'a')]));
    image.frames();
    expect(decodeText(image.snapshot('b1'))).toEqual({
      type: 'snapshot',
      building: 'b1',
      seq: 1,
      tiles: [tile('b1', 'b1-r1', 'a')],
    });
  });

  it('stops at a tile of a building that is not in the layout', () => {
    expect(() => whole().take(batchOf([tile('b9', 'b9-r1', null)]))).toThrow('b9');
  });

  it('replays alarms from a number it can vouch for, and gives all of them otherwise', () => {
    const image = whole();
    image.takeAlarm(alarm(11, 'm1'));
    image.takeAlarm(alarm(12, 'm2'));
    image.takeAlarm(alarm(13, 'm1', finished));
    expect(image.alarmsSince(11).map(decode)).toEqual([
      { type: 'alarm', alarm: alarm(12, 'm2') },
      { type: 'alarm', alarm: alarm(13, 'm1', finished) },
    ]);
    expect(image.alarmsSince(13)).toEqual([]);
    const all = { type: 'alarms', seq: 13, alarms: [alarm(12, 'm2')] };
    for (const seq of [null, 9, 14]) expect(image.alarmsSince(seq).map(decode)).toEqual([all]);
  });

  it('no longer vouches for numbers whose endings it has forgotten', () => {
    const image = whole();
    for (let n = 0; n <= 1_000; n += 1) image.takeAlarm(alarm(11 + n, `m${n}`, finished));
    expect(image.alarmsSince(10).map(decode)).toMatchObject([{ type: 'alarms' }]);
    expect(image.alarmsSince(11).length).toBe(1_000);
  });

  it('stops at an alarm whose number does not rise', () => {
    const image = whole();
    image.takeAlarm(alarm(11, 'm1'));
    expect(() => image.takeAlarm(alarm(11, 'm2'))).toThrow('11');
  });
});
