/** Monotonic time that passes only when told to; calls due at the same instant run in the order they were made. */
export class VirtualClock {
  #nowMs = 0;
  #made = 0;
  readonly #heap: { atMs: number; order: number; call: () => void; cancelled: boolean }[] = [];

  readonly mono = (): number => this.#nowMs;

  readonly after = (ms: number, call: () => void): (() => void) => {
    const entry = { atMs: this.#nowMs + Math.max(0, ms), order: (this.#made += 1), call, cancelled: false };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
    };
  };

  /** Runs the next call; false when there is none. */
  step(): boolean {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      if (entry.cancelled) continue;
      this.#nowMs = entry.atMs;
      entry.call();
      return true;
    }
    return false;
  }

  runFor(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      if (next.cancelled) this.#pop();
      else this.step();
    }
    this.#nowMs = untilMs;
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return false;
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left !== undefined && right !== undefined) [this.#heap[a], this.#heap[b]] = [right, left];
  }

  #push(entry: { atMs: number; order: number; call: () => void; cancelled: boolean }): void {
    this.#heap.push(entry);
    for (let at = this.#heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): { atMs: number; order: number; call: () => void; cancelled: boolean } | undefined {
    this.#swap(0, this.#heap.length - 1);
    const top = this.#heap.pop();
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (this.#before(left, least)) least = left;
      if (this.#before(right, least)) least = right;
      if (least === at) return top;
      this.#swap(at, least);
      at = least;
    }
  }
}

/** Small seeded generator (mulberry32), 0 ≤ x < 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
