/** What a drawer shows, asked again when its tile changes and now and then for volts and amps. */
import type { Answer, Failure } from '../net/api.ts';
import { live } from '../net/live.svelte.ts';

const EVERY_MS = 5_000;
/** A tile that changes every second asks no more often than this. */
const LEAST_MS = 1_000;

export class Told<T> {
  view = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Rises with every answer: lists below look for news. */
  version = $state(0);
  readonly #load: () => Promise<Answer<T>>;
  /** Whose tile is watched; null: it has none. */
  readonly #room: string | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedAtMs = -Infinity;
  #asking = false;
  #closed = false;

  constructor(load: () => Promise<Answer<T>>, room: string | null) {
    this.#load = load;
    this.#room = room;
  }

  /** Returns the way out. */
  open(): () => void {
    void this.ask();
    const unwatch = live.wall.watch((changed) => {
      if (changed.some(({ id }) => id === this.#room)) this.#soon(LEAST_MS);
    });
    return () => {
      this.#closed = true;
      clearTimeout(this.#timer);
      unwatch();
    };
  }

  async ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#askedAtMs = performance.now();
    const answer = await this.#load();
    this.#asking = false;
    if (this.#closed) return;
    if (answer.ok) {
      this.view = answer.value;
      this.failure = null;
      this.version += 1;
    } else this.failure = answer;
    this.#soon(EVERY_MS);
  }

  #soon(ms: number): void {
    clearTimeout(this.#timer);
    const sinceMs = performance.now() - this.#askedAtMs;
    this.#timer = setTimeout(() => void this.ask(), Math.max(0, ms - sinceMs));
  }
}
