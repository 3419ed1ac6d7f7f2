/**
 * The two clocks. Site time (readings, tariffs, schedules) may be scaled, never runs backwards, and goes on from the
 * last commit after a restart. Monotonic time (wire, timeouts, ages) is always real.
 */
export interface Clock {
  /** Site time, epoch ms. */
  site(): number;
  /** Monotonic real ms. */
  mono(): number;
}

export const CLOCK_JUMP_MS = 5_000; // design.md, "Two clocks"

export type SiteClockOptions = {
  readonly wall: () => number;
  readonly mono: () => number;
  readonly speed: number;
  /** Site time of the last commit, null for a new site. */
  readonly lastMs: number | null;
};

/**
 * A clock whose site time follows the monotonic clock. `check()` compares it with the wall clock: a jump ahead is
 * taken over, a jump back is waited out at half speed, so no interval has negative length.
 */
export class SiteClock implements Clock {
  readonly speed: number;
  readonly #wall: () => number;
  readonly #mono: () => number;
  #baseSite: number;
  #baseMono: number;
  #rate: number;

  constructor(options: SiteClockOptions) {
    this.speed = options.speed;
    this.#wall = options.wall;
    this.#mono = options.mono;
    const scaled = options.speed !== 1;
    const wall = options.wall();
    this.#baseSite = options.lastMs === null ? wall : scaled ? options.lastMs : Math.max(options.lastMs, wall);
    this.#baseMono = options.mono();
    this.#rate = options.speed;
  }

  mono(): number {
    return this.#mono();
  }

  site(): number {
    return Math.floor(this.#baseSite + (this.#mono() - this.#baseMono) * this.#rate);
  }

  /** By how much the wall clock has left site time, ms (0 within the limit, and always 0 where time is scaled). */
  check(): number {
    if (this.speed !== 1) return 0;
    const site = this.site();
    const drift = this.#wall() - site;
    this.#baseSite = drift > CLOCK_JUMP_MS ? site + drift : site;
    this.#baseMono = this.#mono();
    this.#rate = drift < -50 ? 0.5 : 1;
    return Math.abs(drift) > CLOCK_JUMP_MS ? drift : 0;
  }
}
