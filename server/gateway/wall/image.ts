/**
 * What the wall shows, as the core last told it: latest value per tile, a sequence per building, alarms with theirs.
 * Pure state. Everything is encoded once for all who look: a frame when it goes out, a snapshot and the layout when
 * somebody needs them and they have changed.
 */
import type { Alarm, Layout, ServerText, Status, Tile } from '../../../protocol/wall.ts';
import { adopt, encodeFrame, movedMask, moveOf, placesOf, type Move } from '../../../protocol/wallFrame.ts';
import { assert } from '../../domain/assert.ts';

type Kept = { readonly tile: Tile; text: string | null };
type Building = {
  seq: number;
  /** Where the layout lists a room. */
  readonly places: ReadonlyMap<string, number>;
  readonly tiles: Map<string, Kept>;
  /**
   * By room, the mask of all numbers that were touched since the last frame, or null for more than numbers. A number
   * that came back to its framed value stays in: a snapshot in between may have shown the other one.
   */
  readonly dirty: Map<string, number | null>;
  snapshot: Uint8Array | null;
};

/** Cleared and acknowledged alarms remembered so that a browser that was away hears of their end. */
const FINISHED_MAX = 1_000;

const encode = (message: ServerText): string => JSON.stringify(message);
const textOf = (kept: Kept): string => (kept.text ??= JSON.stringify(kept.tile));

export class WallImage {
  #layout: Layout | null = null;
  /** Encoded, by the buildings somebody is limited to. */
  readonly #layouts = new Map<string, Uint8Array>();
  readonly #buildingOfRoom = new Map<string, string>();
  #whole = false;
  #status: Status | null = null;
  readonly #buildings = new Map<string, Building>();
  readonly #alarms = new Map<string, Alarm>();
  readonly #finished = new Map<string, Alarm>();
  #alarmSeq = 0;
  /** A browser that knows this number or a later one can be brought up to date by single alarms. */
  #alarmFloor = 0;

  /** A new core image: everything known before is void. */
  begin(layout: Layout, alarmSeq: number, alarms: readonly Alarm[]): void {
    this.#layout = layout;
    this.#layouts.clear();
    this.#buildingOfRoom.clear();
    this.#whole = false;
    this.#buildings.clear();
    for (const building of layout.buildings) {
      const places = new Map(placesOf(building).map((room, place) => [room, place]));
      for (const room of places.keys()) this.#buildingOfRoom.set(room, building.id);
      this.#buildings.set(building.id, { seq: 0, places, tiles: new Map(), dirty: new Map(), snapshot: null });
    }
    this.#alarms.clear();
    this.#finished.clear();
    for (const alarm of alarms) this.#alarms.set(alarm.id, alarm);
    this.#alarmSeq = alarmSeq;
    this.#alarmFloor = alarmSeq;
  }

  get whole(): boolean {
    return this.#whole;
  }

  get status(): Status | null {
    return this.#status;
  }

  set status(status: Status) {
    this.#status = status;
  }

  get alarmSeq(): number {
    return this.#alarmSeq;
  }

  get buildingIds(): readonly string[] {
    return [...this.#buildings.keys()];
  }

  has(building: string): boolean {
    return this.#buildings.has(building);
  }

  /**
   * Takes a batch over: the tiles are the image's from then on. A tile that says what is known already is no change.
   * Numbers go into the tile that is there: it is old, and a new one for each pulse would be the collector's main work.
   */
  take(tiles: readonly Tile[], whole: boolean): void {
    for (const tile of tiles) {
      const building = this.#building(tile.building);
      const old = building.tiles.get(tile.room);
      const mask = old === undefined || !building.places.has(tile.room) ? null : movedMask(old.tile, tile);
      if (mask === 0) continue;
      if (old === undefined || mask === null) building.tiles.set(tile.room, { tile, text: null });
      else {
        adopt(old.tile, tile);
        old.text = null;
      }
      const touched = building.dirty.get(tile.room);
      building.dirty.set(tile.room, mask === null || touched === null ? null : mask | (touched ?? 0));
      building.snapshot = null;
    }
    if (whole && !this.#whole) {
      this.#whole = true;
      for (const building of this.#buildings.values()) building.dirty.clear();
    }
  }

  get changed(): boolean {
    return this.#whole && [...this.#buildings.values()].some(({ dirty }) => dirty.size > 0);
  }

  /** One encoded frame per changed building; each raises that building's sequence by one. */
  frames(): { readonly building: string; readonly bytes: Uint8Array }[] {
    const frames: { building: string; bytes: Uint8Array }[] = [];
    if (!this.#whole) return frames;
    for (const [id, building] of this.#buildings) {
      if (building.dirty.size === 0) continue;
      building.seq += 1;
      building.snapshot = null;
      frames.push({ building: id, bytes: this.#frame(id, building) });
      building.dirty.clear();
    }
    return frames;
  }

  /** All tiles of a building at its sequence. Values not framed yet are in it; their frame repeats them, which changes nothing. */
  snapshot(id: string): Uint8Array {
    const building = this.#building(id);
    if (building.snapshot !== null) return building.snapshot;
    const tiles = [...building.tiles.values()].map(textOf).join(',');
    const head = `"type":"snapshot","building":${JSON.stringify(id)},"seq":${building.seq}`;
    building.snapshot = Buffer.from(`{${head},"tiles":[${tiles}]}`);
    return building.snapshot;
  }

  /** `only`: the buildings somebody is limited to; null: all. */
  layout(only: readonly string[] | null = null): Uint8Array {
    assert(this.#layout !== null, 'the layout is asked for before the core sent it');
    const key = JSON.stringify(only);
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const buildings = this.#layout.buildings.filter(({ id }) => only === null || only.includes(id));
    const bytes = Buffer.from(encode({ type: 'layout', layout: { ...this.#layout, buildings } }));
    this.#layouts.set(key, bytes);
    return bytes;
  }

  /** An alarm of no room concerns the whole site, and everyone. */
  concerns({ room }: Alarm, only: readonly string[] | null): boolean {
    if (only === null || room === null) return true;
    const building = this.#buildingOfRoom.get(room);
    return building !== undefined && only.includes(building);
  }

  takeAlarm(alarm: Alarm): void {
    assert(alarm.seq > this.#alarmSeq, `alarm ${alarm.id} has sequence ${alarm.seq}, not above ${this.#alarmSeq}`);
    this.#alarmSeq = alarm.seq;
    this.#alarms.delete(alarm.id);
    this.#finished.delete(alarm.id);
    if (alarm.active || alarm.acknowledged === null) {
      this.#alarms.set(alarm.id, alarm);
      return;
    }
    this.#finished.set(alarm.id, alarm);
    if (this.#finished.size <= FINISHED_MAX) return;
    const [first] = this.#finished.values();
    assert(first !== undefined, 'a full map has a first entry');
    this.#finished.delete(first.id);
    this.#alarmFloor = first.seq;
  }

  /** What brings a browser that knows the alarms up to `seq` (null: none) up to date, in order. */
  alarmsSince(seq: number | null, only: readonly string[] | null = null): string[] {
    if (seq === null || seq < this.#alarmFloor || seq > this.#alarmSeq) {
      const alarms = [...this.#alarms.values()].filter((alarm) => this.concerns(alarm, only));
      return [encode({ type: 'alarms', seq: this.#alarmSeq, alarms })];
    }
    return [...this.#alarms.values(), ...this.#finished.values()]
      .filter((alarm) => alarm.seq > seq && this.concerns(alarm, only))
      .sort((a, b) => a.seq - b.seq)
      .map((alarm) => encode({ type: 'alarm', alarm }));
  }

  #frame(id: string, building: Building): Uint8Array {
    const tiles: string[] = [];
    const moves: Move[] = [];
    for (const [room, mask] of building.dirty) {
      const kept = building.tiles.get(room);
      const place = building.places.get(room);
      assert(kept !== undefined, `tile ${room} is marked as changed but not kept`);
      if (mask === null || place === undefined) tiles.push(textOf(kept));
      else moves.push(moveOf(place, mask, kept.tile));
    }
    return encodeFrame(id, building.seq, tiles, moves);
  }

  #building(id: string): Building {
    const building = this.#buildings.get(id);
    assert(building !== undefined, `building ${id} is not in the layout`);
    return building;
  }
}
