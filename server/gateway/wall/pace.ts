/** First change at once, the following ones gathered and let go at a fixed rate. */
export type Timers = {
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
};

export class Pace {
  readonly #intervalMs: number;
  readonly #timers: Timers;
  readonly #run: () => void;
  #lastMs = -Infinity;
  #waiting = false;

  constructor(intervalMs: number, timers: Timers, run: () => void) {
    this.#intervalMs = intervalMs;
    this.#timers = timers;
    this.#run = run;
  }

  /** Something changed: `run` is called now or at the end of the running interval, once for all changes until then. */
  changed(): void {
    if (this.#waiting) return;
    const waitMs = this.#lastMs + this.#intervalMs - this.#timers.nowMs();
    if (waitMs <= 0) return this.#go();
    this.#waiting = true;
    this.#timers.after(waitMs, () => {
      this.#waiting = false;
      this.#go();
    });
  }

  /** How long until a change that comes then goes out at once: what is waiting has an interval of its own. */
  get restMs(): number {
    const nextMs = this.#lastMs + (this.#waiting ? 2 : 1) * this.#intervalMs;
    return Math.max(0, nextMs - this.#timers.nowMs());
  }

  #go(): void {
    this.#lastMs = this.#timers.nowMs();
    this.#run();
  }
}
