/** The site's configuration by id, assembled from its entities; read by everyone, changed by `set` alone. */
import { assert } from '../domain/assert.ts';
import type { ConfigKind, ConfigValue } from '../domain/config.ts';
import { LocalTime } from '../domain/localTime.ts';
import type { Utility } from '../../protocol/site.ts';
import type { Layout } from '../../protocol/wall.ts';

const none: readonly string[] = [];

export type RoomPlace = {
  readonly id: string;
  readonly name: string;
  readonly building: string;
  readonly floor: string;
  readonly floorName: string;
  /** Persons; 0: not known. */
  readonly heads: number;
  readonly tags: readonly string[];
};

export class Directory {
  readonly #values: { [K in ConfigKind]: Map<string, ConfigValue<K>> } = {
    site: new Map(),
    building: new Map(),
    floor: new Map(),
    line: new Map(),
    tariff: new Map(),
    account: new Map(),
    operator: new Map(),
    setup: new Map(),
    notices: new Map(),
    riser: new Map(),
    controlPlan: new Map(),
  };
  /** Which utilities an empty wallet cuts: the account's rule, else the site's, else both. */
  readonly cutsForMoney = (account: string | null, utility: Utility): boolean => {
    const own = account === null ? undefined : this.get('account', account)?.arrearsCut;
    return (own ?? this.site.rules.arrearsCut)?.includes(utility) ?? true;
  };
  readonly rooms = new Map<string, RoomPlace>();
  #time: LocalTime | null = null;
  /** Account that has a room. */
  readonly #holders = new Map<string, string>();

  set<K extends ConfigKind>(kind: K, id: string, value: ConfigValue<K>): void {
    if (kind === 'floor') for (const room of this.get('floor', id)?.rooms ?? []) this.rooms.delete(room.id);
    if (kind === 'account') this.#let(id, value as ConfigValue<'account'>);
    this.#values[kind].set(id, value);
    if (kind === 'site') this.#time = null;
    if (kind === 'floor') this.#index(value as ConfigValue<'floor'>);
  }

  get<K extends ConfigKind>(kind: K, id: string): ConfigValue<K> | undefined {
    return this.#values[kind].get(id);
  }

  all<K extends ConfigKind>(kind: K): ConfigValue<K>[] {
    return [...this.#values[kind].values()];
  }

  get site(): ConfigValue<'site'> {
    const site = this.get('site', 'site');
    assert(site !== undefined, 'the site is described');
    return site;
  }

  get time(): LocalTime {
    this.#time ??= new LocalTime(this.site.timeZone);
    return this.#time;
  }

  /** The account that has the room; while it is handed on, the one that takes it. */
  holderOf(room: string): ConfigValue<'account'> | undefined {
    const holder = this.#holders.get(room);
    return holder === undefined ? undefined : this.get('account', holder);
  }

  /** Name of the account that has the room. */
  tenantOf(room: string): string | null {
    return this.holderOf(room)?.name ?? null;
  }

  get layout(): Layout {
    const byPosition = (a: { position: number }, b: { position: number }): number => a.position - b.position;
    const floors = this.all('floor')
      .filter(({ removed }) => !removed)
      .sort(byPosition);
    return {
      site: { id: this.site.id, name: this.site.name, timeZone: this.site.timeZone },
      buildings: this.all('building')
        .filter(({ removed }) => !removed)
        .sort(byPosition)
        .map(({ id, name }) => ({
          id,
          name,
          floors: floors
            .filter((floor) => floor.building === id)
            .map((floor) => ({
              id: floor.id,
              name: floor.name,
              rooms: floor.rooms.map((room) => ({ id: room.id, name: room.name })),
            })),
        })),
    };
  }

  #let(id: string, { rooms }: ConfigValue<'account'>): void {
    for (const room of this.get('account', id)?.rooms ?? []) {
      if (rooms.includes(room) || this.#holders.get(room) !== id) continue;
      this.#holders.delete(room);
      for (const other of this.#values.account.values())
        if (other.id !== id && other.rooms.includes(room)) this.#holders.set(room, other.id);
    }
    for (const room of rooms) this.#holders.set(room, id);
  }

  #index(floor: ConfigValue<'floor'>): void {
    for (const { id, name, heads = 0, tags = none } of floor.rooms) {
      this.rooms.set(id, { id, name, heads, tags, building: floor.building, floor: floor.id, floorName: floor.name });
    }
  }
}
