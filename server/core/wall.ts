/** What the wall shows, for the gateway: latest tile per room, at most one unacknowledged batch on its way. */
import type { CoreToGateway } from '../../protocol/ipc.ts';
import type { Tile } from '../../protocol/wall.ts';

const BATCH_TILES_MAX = 500;
/** Arrival times kept for pulse-to-wall figures; a sample, not a record. */
const PULSES_MAX = 1_000;

export class WallFeed {
  readonly tiles = new Map<string, Tile>();
  readonly #dirty = new Set<string>();
  #pulses: number[] = [];
  #batch = 0;
  #outstanding = false;
  #fresh = true;
  #send: ((message: CoreToGateway) => void) | null = null;

  /** A gateway has come: it gets everything, then changes. */
  attach(send: (message: CoreToGateway) => void): void {
    this.#send = send;
    this.#outstanding = false;
    this.#fresh = true;
    this.#dirty.clear();
    for (const room of this.tiles.keys()) this.#dirty.add(room);
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
    this.#dirty.delete(room);
  }

  detach(): void {
    this.#send = null;
  }

  put(tile: Tile, monoMs: number | null): void {
    this.tiles.set(tile.room, tile);
    this.#dirty.add(tile.room);
    if (monoMs !== null && this.#pulses.length < PULSES_MAX) this.#pulses.push(monoMs);
    if (!this.#outstanding) this.#flush();
  }

  acknowledged(batch: number): void {
    if (batch !== this.#batch) return;
    this.#outstanding = false;
    this.#flush();
  }

  #flush(): void {
    if (!this.#send || (this.#dirty.size === 0 && !this.#fresh)) return;
    const tiles: Tile[] = [];
    for (const room of this.#dirty) {
      const tile = this.tiles.get(room);
      if (tile) tiles.push(tile);
      this.#dirty.delete(room);
      if (tiles.length === BATCH_TILES_MAX) break;
    }
    this.#batch += 1;
    this.#outstanding = true;
    const whole = this.#fresh && this.#dirty.size === 0;
    if (whole) this.#fresh = false;
    const pulsesMonoMs = this.#pulses;
    this.#pulses = [];
    this.#send({ type: 'wall', batch: this.#batch, tiles, pulsesMonoMs, whole });
  }
}
