/* eslint-disable svelte/prefer-svelte-reactivity -- plain Maps on purpose: a reactive one makes a signal per entry, and these are replaced whole or carry their own signals. */
/** The rooms as the server last told them. One signal per room, so that a change wakes only who shows that room. */
import type { Layout, ServerMessage, Tile } from '../../../protocol/wall.ts';
import { moved, placesOf, type Move } from '../../../protocol/wallFrame.ts';
import { BuildingSequences } from '../net/sequence.ts';

export class RoomRow {
  readonly id: string;
  readonly name: string;
  readonly floor: string;
  readonly building: string;
  readonly buildingName: string;
  /** null until the building's first snapshot. */
  tile = $state.raw<Tile | null>(null);

  constructor(id: string, name: string, floor: string, building: string, buildingName: string) {
    this.id = id;
    this.name = name;
    this.floor = floor;
    this.building = building;
    this.buildingName = buildingName;
  }
}

const noLayout: Layout = { site: { id: '', name: '', timeZone: 'Asia/Shanghai' }, buildings: [] };

export class WallModel {
  layout = $state.raw<Layout | null>(null);
  /** Rises once per animation frame in which something changed: for what counts over all rooms. */
  version = $state(0);
  rooms: ReadonlyMap<string, RoomRow> = new Map();
  /** The rooms of each building in the order frames count them. */
  #places: ReadonlyMap<string, readonly string[]> = new Map();
  readonly #sequences = new BuildingSequences();
  readonly #pending = new Map<string, Tile>();
  readonly #watchers = new Set<(changed: readonly RoomRow[]) => void>();
  #scheduled = false;

  get site(): Layout['site'] {
    return (this.layout ?? noLayout).site;
  }

  /** The changed rooms of each animation frame, for what draws by itself. Returns the way out. */
  watch(run: (changed: readonly RoomRow[]) => void): () => void {
    this.#watchers.add(run);
    return () => this.#watchers.delete(run);
  }

  /** A new connection counts anew. */
  reconnected(): void {
    this.#sequences.forget();
  }

  setLayout(layout: Layout): void {
    const rooms = new Map<string, RoomRow>();
    for (const building of layout.buildings)
      for (const floor of building.floors)
        for (const room of floor.rooms) {
          const row = new RoomRow(room.id, room.name, floor.name, building.id, building.name);
          // What was known stays on screen until the new snapshot replaces it.
          row.tile = this.rooms.get(room.id)?.tile ?? null;
          rooms.set(room.id, row);
        }
    for (const room of this.#pending.keys()) if (!rooms.has(room)) this.#pending.delete(room);
    this.rooms = rooms;
    this.#places = new Map(layout.buildings.map((building) => [building.id, placesOf(building)]));
    this.layout = layout;
    this.version += 1;
  }

  /** Returns the building to ask again for, if there was a hole. */
  take(message: Extract<ServerMessage, { readonly type: 'snapshot' | 'frame' }>): string | null {
    const { building, seq, tiles } = message;
    if (message.type === 'snapshot') {
      this.#sequences.snapshot(building, seq);
      this.put(tiles);
      return null;
    }
    const verdict = this.#sequences.frame(building, seq);
    if (verdict !== 'apply') return verdict === 'resync' ? building : null;
    this.put([...tiles, ...message.moves.map((move) => this.#moved(building, move))]);
    return null;
  }

  #moved(building: string, move: Move): Tile {
    const room = this.#places.get(building)?.[move.place];
    const tile = room === undefined ? undefined : (this.#pending.get(room) ?? this.rooms.get(room)?.tile);
    if (tile === undefined || tile === null) throw new Error(`${building} has no tile at place ${move.place}`);
    return moved(tile, move);
  }

  /** Shown with the next animation frame; the latest of a room wins. */
  put(tiles: readonly Tile[]): void {
    for (const tile of tiles) this.#pending.set(tile.room, tile);
    if (this.#scheduled || this.#pending.size === 0) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.apply());
  }

  apply(): void {
    this.#scheduled = false;
    const changed: RoomRow[] = [];
    for (const [room, tile] of this.#pending) {
      const row = this.rooms.get(room);
      if (row === undefined) throw new Error(`a tile of room ${room}, which is not in the layout`);
      row.tile = tile;
      changed.push(row);
    }
    this.#pending.clear();
    this.version += 1;
    for (const run of this.#watchers) run(changed);
  }
}
