/**
 * What the wall shows, as the core last told it: latest value per tile, a sequence per building, alarms with theirs.
 * Pure state; a tile is encoded once, when it changes, and its text is used by every frame and snapshot that holds it.
 */
import type { Alarm, Layout, ServerMessage, Status, Tile } from '../../../protocol/wall.ts';
import { assert } from '../../domain/assert.ts';

type Building = {
  seq: number;
  /** Encoded tile by room. */
  readonly tiles: Map<string, string>;
  readonly dirty: Set<string>;
  snapshot: string | null;
};

/** Cleared and acknowledged alarms remembered so that a browser that was away hears of their end. */
const FINISHED_MAX = 1_000;

const encode = (message: ServerMessage): string => JSON.stringify(message);

export class WallImage {
  #layout: Layout | null = null;
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
    this.#whole = false;
    this.#buildings.clear();
    for (const { id } of layout.buildings) {
      this.#buildings.set(id, { seq: 0, tiles: new Map(), dirty: new Set(), snapshot: null });
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

  /** Takes a batch over. A tile that says what is known already is no change. */
  take(tiles: readonly Tile[], whole: boolean): void {
    for (const tile of tiles) {
      const building = this.#building(tile.building);
      const text = JSON.stringify(tile);
      if (building.tiles.get(tile.room) === text) continue;
      building.tiles.set(tile.room, text);
      building.dirty.add(tile.room);
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
  frames(): { readonly building: string; readonly text: string }[] {
    const frames: { building: string; text: string }[] = [];
    if (!this.#whole) return frames;
    for (const [id, building] of this.#buildings) {
      if (building.dirty.size === 0) continue;
      building.seq += 1;
      building.snapshot = null;
      frames.push({ building: id, text: this.#encodeTiles('frame', id, building, building.dirty) });
      building.dirty.clear();
    }
    return frames;
  }

  /** All tiles of a building at its sequence. Values not framed yet are in it; their frame repeats them, which changes nothing. */
  snapshot(id: string): string {
    const building = this.#building(id);
    building.snapshot ??= this.#encodeTiles('snapshot', id, building, building.tiles.keys());
    return building.snapshot;
  }

  layoutText(): string {
    assert(this.#layout !== null, 'the layout is asked for before the core sent it');
    return encode({ type: 'layout', layout: this.#layout });
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
  alarmsSince(seq: number | null): string[] {
    if (seq === null || seq < this.#alarmFloor || seq > this.#alarmSeq) {
      return [encode({ type: 'alarms', seq: this.#alarmSeq, alarms: [...this.#alarms.values()] })];
    }
    return [...this.#alarms.values(), ...this.#finished.values()]
      .filter((alarm) => alarm.seq > seq)
      .sort((a, b) => a.seq - b.seq)
      .map((alarm) => encode({ type: 'alarm', alarm }));
  }

  #encodeTiles(type: 'frame' | 'snapshot', id: string, building: Building, rooms: Iterable<string>): string {
    const texts: string[] = [];
    for (const room of rooms) {
      const text = building.tiles.get(room);
      assert(text !== undefined, `tile ${room} is marked as changed but not kept`);
      texts.push(text);
    }
    return `{"type":"${type}","building":${JSON.stringify(id)},"seq":${building.seq},"tiles":[${texts.join(',')}]}`;
  }

  #building(id: string): Building {
    const building = this.#buildings.get(id);
    assert(building !== undefined, `building ${id} is not in the layout`);
    return building;
  }
}
