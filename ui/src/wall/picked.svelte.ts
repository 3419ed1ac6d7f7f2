/* eslint-disable svelte/prefer-svelte-reactivity -- plain ones on purpose: they are made, used and replaced whole. */
/** Rooms chosen for one order to all their breakers; kept while screens change. */
class Picked {
  rooms = $state.raw<ReadonlySet<string>>(new Set());
  /** A plain click chooses instead of opening: for fingers, and for those who do not know the keys. */
  choosing = $state(false);

  toggle(room: string): void {
    const next = new Set(this.rooms);
    if (!next.delete(room)) next.add(room);
    this.rooms = next;
  }

  add(rooms: Iterable<string>): void {
    this.rooms = new Set([...this.rooms, ...rooms]);
  }

  remove(rooms: Iterable<string>): void {
    const next = new Set(this.rooms);
    for (const room of rooms) next.delete(room);
    this.rooms = next;
  }

  end(): void {
    this.rooms = new Set();
    this.choosing = false;
  }
}

export const picked = new Picked();
