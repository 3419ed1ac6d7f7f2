/**
 * The changes of one building, as bytes. What a pulse moves is a few numbers of a tile: these go alone, everything else
 * sends its tile whole.
 *
 * `u32 LE` length of the head; the head, JSON in UTF-8 with the tiles sent whole; then moves until the end. A move is
 * varint place of the room, varint mask of the numbers that follow (bit n: the n-th of `movingKeys`, electricity first),
 * the numbers. The place counts the building's rooms as the layout lists them. A number is varint 0 for null, varint 1
 * and an IEEE 754 double LE, or varint 2 + zigzag for a whole number. Numbers are values, not differences: a frame may
 * say again what a snapshot said already.
 */
import { z } from 'zod';
import { serverTextSchema, tileSchema, type Layout, type ServerMessage, type Tile } from './wall.ts';

const headSchema = z.strictObject({ building: z.string(), seq: z.int(), tiles: z.array(tileSchema) });

/** New numbers of the room at `place`; `values` in the order of the mask's bits, the lowest first. */
export type Move = { readonly place: number; readonly mask: number; readonly values: readonly (number | null)[] };
export type Frame = z.infer<typeof headSchema> & { readonly type: 'frame'; readonly moves: readonly Move[] };

const parts = ['electricity', 'water', 'money', 'waterMoney'] as const;
const moneyParts = ['money', 'waterMoney'] as const;
/** What a pulse moves in each part. The order is the format: another one is another `WALL_PROTOCOL`. */
const movingKeys = {
  electricity: ['lastReadingMs', 'rate', 'today', 'todayMicro'],
  water: ['lastReadingMs', 'rate', 'today', 'todayMicro'],
  money: ['balanceMicro', 'hoursLeft'],
  waterMoney: ['balanceMicro', 'hoursLeft'],
} as const;
const firstBit = { electricity: 0, water: 4, money: 8, waterMoney: 10 } as const;
const MASK_END = 1 << 12;
const bitsOf = (part: (typeof parts)[number]): ReadonlyMap<string, number> =>
  new Map(movingKeys[part].map((key, n) => [key, 1 << (firstBit[part] + n)]));
const bits = {
  electricity: bitsOf('electricity'),
  water: bitsOf('water'),
  money: bitsOf('money'),
  waterMoney: bitsOf('waterMoney'),
};
type Values = Readonly<Record<string, unknown>>;

/** The bits of what differs in one part; null when that is more than numbers. */
function partMask(part: (typeof parts)[number], old: Values | null, now: Values | null): number | null {
  if (old === null || now === null) return old === now ? 0 : null;
  let [mask, keys] = [0, 0];
  for (const key in now) {
    keys += 1;
    if (old[key] === now[key]) continue;
    const bit = bits[part].get(key);
    if (bit === undefined || old[key] === undefined) return null;
    mask |= bit;
  }
  return Object.keys(old).length === keys ? mask : null;
}

/** The mask of the numbers that differ, 0 for none; null when the tiles differ in more than that. */
export function movedMask(old: Tile, now: Tile): number | null {
  if (old.room !== now.room || old.building !== now.building) return null;
  if (old.tenant !== now.tenant || old.alarm !== now.alarm || old.operating !== now.operating) return null;
  let mask = 0;
  for (const part of parts) {
    const moved = partMask(part, old[part], now[part]);
    if (moved === null) return null;
    mask |= moved;
  }
  return mask;
}

/** The numbers of a tile that a mask names. Throws for a number of a part the tile does not have. */
export function moveOf(place: number, mask: number, tile: Tile): Move {
  const values: (number | null)[] = [];
  for (const part of ['electricity', 'water'] as const) {
    const wanted = (mask >> firstBit[part]) & 15;
    if (wanted === 0) continue;
    const of = tile[part];
    if (of === null) throw new Error(`tile ${tile.room} has no ${part}`);
    for (const [n, key] of movingKeys[part].entries()) if (wanted & (1 << n)) values.push(of[key]);
  }
  for (const part of moneyParts) {
    const wanted = (mask >> firstBit[part]) & 3;
    if (wanted === 0) continue;
    const of = tile[part];
    if (of === null) throw new Error(`tile ${tile.room} has no ${part}`);
    for (const [n, key] of movingKeys[part].entries()) if (wanted & (1 << n)) values.push(of[key]);
  }
  return { place, mask, values };
}

/** Writes a move's numbers into a tile. Throws when they do not fit it. */
export function adopt(tile: Tile, { mask, values }: Move): void {
  let at = 0;
  const next = (): number | null => values[at++] ?? null;
  const sure = (bit: number): number => {
    const value = next();
    if (value === null) throw new Error(`a frame moves number ${bit} of ${tile.room} to null`);
    return value;
  };
  const missing = (part: string): Error => new Error(`a frame moves the ${part} of ${tile.room}, which has none`);
  const utility = (part: 'electricity' | 'water'): void => {
    const [first, of] = [firstBit[part], tile[part]];
    const wanted = (mask >> first) & 15;
    if (wanted === 0) return;
    if (of === null) throw missing(part);
    if (wanted & 1) of.lastReadingMs = next();
    if (wanted & 2) of.rate = next();
    if (wanted & 4) of.today = sure(first + 2);
    if (wanted & 8) of.todayMicro = sure(first + 3);
  };
  utility('electricity');
  utility('water');
  for (const part of moneyParts) {
    const [first, of] = [firstBit[part], tile[part]];
    const wanted = (mask >> first) & 3;
    if (wanted === 0) continue;
    if (of === null) throw missing(part);
    if (wanted & 1) of.balanceMicro = sure(first);
    if (wanted & 2) of.hoursLeft = next();
  }
}

/** The tile with a move's numbers, as another object where it differs. Throws when they do not fit it. */
export function moved(tile: Tile, move: Move): Tile {
  const other = { ...tile };
  for (const part of ['electricity', 'water'] as const) {
    const of = tile[part];
    if (of !== null && (move.mask >> firstBit[part]) & 15) other[part] = { ...of };
  }
  for (const part of moneyParts) {
    const of = tile[part];
    if (of !== null && (move.mask >> firstBit[part]) & 3) other[part] = { ...of };
  }
  adopt(other, move);
  return other;
}

/** Rooms of a building in the order that a move's place counts. */
export function placesOf(building: Layout['buildings'][number]): string[] {
  return building.floors.flatMap(({ rooms }) => rooms.map(({ id }) => id));
}

/** Whole numbers up to here go as varints: with zigzag they stay exact. */
const WHOLE_MAX = 2 ** 51;

class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  head(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.room(4 + bytes.length);
    this.#view.setUint32(this.#length, bytes.length, true);
    this.#bytes.set(bytes, this.#length + 4);
    this.#length += 4 + bytes.length;
  }

  varint(value: number): void {
    this.room(8);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  number(value: number | null): void {
    if (value === null) return this.varint(0);
    if (Number.isInteger(value) && Math.abs(value) <= WHOLE_MAX) {
      return this.varint(2 + (value >= 0 ? 2 * value : -2 * value - 1));
    }
    if (!Number.isFinite(value)) throw new Error(`a tile has ${value} for a number`);
    this.varint(1);
    this.room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  move({ place, mask, values }: Move): void {
    this.varint(place);
    this.varint(mask);
    for (const value of values) this.number(value);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Moves as a frame has them, without its head: how the gateway is told of them. */
export function encodeMoves(moves: readonly Move[]): Uint8Array {
  const writer = new Writer();
  for (const move of moves) writer.move(move);
  return writer.bytes;
}

/** `tiles` are encoded already: JSON of each. */
export function encodeFrame(
  building: string,
  seq: number,
  tiles: readonly string[],
  moves: readonly Move[],
): Uint8Array {
  const writer = new Writer();
  writer.head(`{"building":${JSON.stringify(building)},"seq":${seq},"tiles":[${tiles.join(',')}]}`);
  for (const move of moves) writer.move(move);
  return writer.bytes;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new Error('a frame ends in the middle');
    this.#at += length;
    return from;
  }

  head(): string {
    const length = this.#view.getUint32(this.#take(4), true);
    const from = this.#take(length);
    return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(from, from + length));
  }

  varint(): number {
    let [value, scale] = [0, 1];
    for (let n = 0; n < 8; n++, scale *= 0x80) {
      const byte = this.#view.getUint8(this.#take(1));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Error('a frame holds a number without an end');
  }

  number(): number | null {
    const tag = this.varint();
    if (tag === 0) return null;
    if (tag === 1) {
      const value = this.#view.getFloat64(this.#take(8), true);
      if (!Number.isFinite(value)) throw new Error(`a frame holds ${value}`);
      return value;
    }
    const zigzag = tag - 2;
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  move(): Move {
    const place = this.varint();
    const mask = this.varint();
    if (mask === 0 || mask >= MASK_END) throw new Error(`a frame moves unknown numbers: mask ${mask}`);
    const values: (number | null)[] = [];
    for (let rest = mask; rest > 0; rest >>= 1) if (rest & 1) values.push(this.number());
    return { place, mask, values };
  }

  moves(): Move[] {
    const moves: Move[] = [];
    while (!this.done) moves.push(this.move());
    return moves;
  }
}

/** Throws when the bytes are no moves. */
export function decodeMoves(bytes: Uint8Array): Move[] {
  return new Reader(bytes).moves();
}

/** Throws when the bytes are no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new Reader(bytes);
  const head = headSchema.parse(JSON.parse(reader.head()));
  return { type: 'frame', ...head, moves: reader.moves() };
}

/** One message as it came: frames are bytes, all others text. Throws when it is none. */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage {
  return typeof data === 'string' ? serverTextSchema.parse(JSON.parse(data)) : decodeFrame(data);
}
