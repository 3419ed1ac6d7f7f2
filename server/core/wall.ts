/**
 * What the wall shows, for the gateway: latest tile per room, at most one unacknowledged batch on its way. A batch holds
 * what has changed since the last one, and goes when the gateway's next frames do: before, it would only wait there.
 */
import type { WallBatch } from '../../protocol/ipc.ts';
import type { Layout, Tile } from '../../protocol/wall.ts';
import { encodeMoves, movedMask, moveOf, placesOf, type Move } from '../../protocol/wallFrame.ts';

const BATCH_TILES_MAX = 500;
/** Arrival times kept for pulse-to-wall figures; a sample, not a record. */
const PULSES_MAX = 1_000;

export class WallFeed {
  readonly tiles = new Map<string, Tile>();
  readonly #after: (ms: number, call: () => void) => void;
  /** By room, the mask of the numbers that have changed since they were sent, or null for more than numbers. */
  readonly #changed = new Map<string, number | null>();
  /** Where the layout the gateway knows lists a room in its building. */
  readonly #places = new Map<string, number>();
  #pulses: number[] = [];
  #batch = 0;
  #outstanding = false;
  /** The batch on its way was full: what is left need not wait for another frame. */
  #full = false;
  #fresh = true;
  #send: ((message: WallBatch) => void) | null = null;

  /** `after`: monotonic time. */
  constructor(after: (ms: number, call: () => void) => void) {
    this.#after = after;
  }

  /** A gateway has come, or has been told another layout: it gets everything, then changes. */
  attach(layout: Layout, send: (message: WallBatch) => void): void {
    this.#send = send;
    this.#outstanding = false;
    this.#fresh = true;
    this.#places.clear();
    for (const building of layout.buildings) {
      for (const [place, room] of placesOf(building).entries()) this.#places.set(room, place);
    }
    this.#changed.clear();
    for (const room of this.tiles.keys()) this.#changed.set(room, null);
    this.#pulses = [];
    this.#flush();
  }

  /** The gateway knows another layout than we have: tiles wait until it is told everything anew. */
  hold(): void {
    this.#send = null;
  }

  /** The room is gone. */
  forget(room: string): void {
    this.tiles.delete(room);
    this.#changed.delete(room);
  }

  detach(): void {
    this.#send = null;
  }

  put(tile: Tile, monoMs: number | null): void {
    const old = this.tiles.get(tile.room);
    this.tiles.set(tile.room, tile);
    const mask = old === undefined || !this.#places.has(tile.room) ? null : movedMask(old, tile);
    if (mask === 0) return;
    const before = this.#changed.get(tile.room);
    this.#changed.set(tile.room, mask === null || before === null ? null : mask | (before ?? 0));
    if (monoMs !== null && this.#pulses.length < PULSES_MAX) this.#pulses.push(monoMs);
    if (!this.#outstanding) this.#flush();
  }

  /** The gateway has taken the batch over; what comes within `restMs` would wait for its frame there. */
  acknowledged(batch: number, restMs: number): void {
    if (batch !== this.#batch) return;
    if (this.#full || restMs === 0) return this.#next(batch);
    this.#after(restMs, () => this.#next(batch));
  }

  #next(batch: number): void {
    if (batch !== this.#batch) return;
    this.#outstanding = false;
    this.#flush();
  }

  #flush(): void {
    if (!this.#send || (this.#changed.size === 0 && !this.#fresh)) return;
    const tiles: Tile[] = [];
    const moves = new Map<string, Move[]>();
    let count = 0;
    for (const [room, mask] of this.#changed) {
      if (count === BATCH_TILES_MAX) break;
      count += 1;
      this.#changed.delete(room);
      const tile = this.tiles.get(room);
      if (!tile) continue;
      const place = this.#places.get(room);
      if (mask === null || place === undefined) tiles.push(tile);
      else {
        const others = moves.get(tile.building);
        const move = moveOf(place, mask, tile);
        if (others) others.push(move);
        else moves.set(tile.building, [move]);
      }
    }
    this.#batch += 1;
    this.#outstanding = true;
    this.#full = this.#changed.size > 0;
    const whole = this.#fresh && !this.#full;
    if (whole) this.#fresh = false;
    const pulsesMonoMs = this.#pulses;
    this.#pulses = [];
    const encoded = [...moves].map(([building, some]) => ({
      building,
      bytes: Buffer.from(encodeMoves(some)).toString('base64'),
    }));
    this.#send({ type: 'wall', batch: this.#batch, tiles, moves: encoded, pulsesMonoMs, whole });
  }
}
