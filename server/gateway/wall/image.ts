/**
 * What the wall shows, as the core last told it: latest value per tile, a sequence per building, alarms with theirs.
 * Pure state. Everything is encoded once for all who look: a frame when it goes out, a snapshot and the layout when
 * somebody needs them and they have changed.
 */
import type { Alarm, Layout, ServerText, Status, Tile } from '../../../protocol/wall.ts';
import type { WallBatch } from '../../../protocol/ipc.ts';
import { adopt, decodeMoves, encodeFrame, moveOf, placesOf, type Move } from '../../../protocol/wallFrame.ts';
import { assert } from '../../domain/assert.ts';

type Kept = {
  tile: Tile;
  /** The tile encoded; null when it has changed since. */
  text: string | null;
  /** Where the layout lists the room; null for one it does not list, whose tile always goes whole. */
  readonly place: number | null;
  /**
   * The mask of all numbers that were touched since the last frame, 0 for none, or null for more than numbers. A number
   * that came back to its framed value stays in: a snapshot in between may have shown the other one.
   */
  touched: number | null;
};
type Building = {
  seq: number;
  readonly places: ReadonlyMap<string, number>;
  readonly rooms: Map<string, Kept>;
  /** The same by place: what a pulse moves is found without asking for a name. */
  readonly byPlace: Kept[];
  /** Touched since the last frame, each once. */
  touched: Kept[];
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
      const empty = { seq: 0, rooms: new Map(), byPlace: [], touched: [], snapshot: null };
      this.#buildings.set(building.id, { places, ...empty });
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

  /** Takes a batch over: its tiles are the image's from then on, and moves are written into them. */
  take({ tiles, moves, whole }: WallBatch): void {
    for (const tile of tiles) this.#put(this.#building(tile.building), tile);
    for (const { building: id, bytes } of moves) {
      const building = this.#building(id);
      for (const move of decodeMoves(Buffer.from(bytes, 'base64'))) this.#move(building, move);
    }
    if (!whole || this.#whole) return;
    this.#whole = true;
    for (const building of this.#buildings.values()) this.#framed(building);
  }

  get changed(): boolean {
    return this.#whole && [...this.#buildings.values()].some(({ touched }) => touched.length > 0);
  }

  /** One encoded frame per changed building; each raises that building's sequence by one. */
  frames(): { readonly building: string; readonly bytes: Uint8Array }[] {
    const frames: { building: string; bytes: Uint8Array }[] = [];
    if (!this.#whole) return frames;
    for (const [id, building] of this.#buildings) {
      if (building.touched.length === 0) continue;
      building.seq += 1;
      building.snapshot = null;
      frames.push({ building: id, bytes: this.#frame(id, building) });
      this.#framed(building);
    }
    return frames;
  }

  /** All tiles of a building at its sequence. Values not framed yet are in it; their frame repeats them, which changes nothing. */
  snapshot(id: string): Uint8Array {
    const building = this.#building(id);
    if (building.snapshot !== null) return building.snapshot;
    const tiles = [...building.rooms.values()].map(textOf).join(',');
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

  #put(building: Building, tile: Tile): void {
    let kept = building.rooms.get(tile.room);
    if (kept === undefined) {
      kept = { tile, text: null, place: building.places.get(tile.room) ?? null, touched: 0 };
      building.rooms.set(tile.room, kept);
      if (kept.place !== null) building.byPlace[kept.place] = kept;
    } else kept.tile = tile;
    this.#touch(building, kept, null);
  }

  #move(building: Building, move: Move): void {
    const kept = building.byPlace[move.place];
    assert(kept !== undefined, `the core moves place ${move.place}, of which it has sent no tile`);
    adopt(kept.tile, move);
    this.#touch(building, kept, move.mask);
  }

  #touch(building: Building, kept: Kept, mask: number | null): void {
    if (kept.touched === 0) building.touched.push(kept);
    kept.touched = kept.touched === null || mask === null ? null : kept.touched | mask;
    kept.text = null;
    building.snapshot = null;
  }

  #framed(building: Building): void {
    for (const kept of building.touched) kept.touched = 0;
    building.touched = [];
  }

  #frame(id: string, building: Building): Uint8Array {
    const tiles: string[] = [];
    const moves: Move[] = [];
    for (const kept of building.touched) {
      if (kept.touched === null || kept.place === null) tiles.push(textOf(kept));
      else moves.push(moveOf(kept.place, kept.touched, kept.tile));
    }
    return encodeFrame(id, building.seq, tiles, moves);
  }

  #building(id: string): Building {
    const building = this.#buildings.get(id);
    assert(building !== undefined, `building ${id} is not in the layout`);
    return building;
  }
}
