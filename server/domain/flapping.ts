/** A link that goes down again and again is an alarm of its own. */
export const FLAPS = 3;
export const FLAP_WINDOW_MS = 10 * 60_000;

export class Flapping {
  readonly #downs = new Map<string, number[]>();
  readonly #flaps = new Set<string>();

  /** true when it starts to flap, false when it has stopped, null when nothing changed. */
  note(id: string, nowMs: number, up: boolean): boolean | null {
    const recent = (this.#downs.get(id) ?? []).filter((atMs) => atMs > nowMs - FLAP_WINDOW_MS);
    if (!up) recent.push(nowMs);
    this.#downs.set(id, recent);
    const flaps = recent.length >= FLAPS;
    if (flaps === this.#flaps.has(id)) return null;
    if (flaps) this.#flaps.add(id);
    else this.#flaps.delete(id);
    return flaps;
  }

  /** Those that have stopped without going up or down again, each once. */
  calmed(nowMs: number): string[] {
    return [...this.#flaps].filter((id) => this.note(id, nowMs, true) === false);
  }
}
