/** What a line counts about itself. Only numbers; the line decides what they mean. */

export type Counters = {
  requests: number;
  replies: number;
  timeouts: number;
  crcErrors: number;
  exceptions: number;
  reconnects: number;
};

export function newCounters(): Counters {
  return { requests: 0, replies: 0, timeouts: 0, crcErrors: 0, exceptions: 0, reconnects: 0 };
}

const windowSeconds = 60;

/** Share of the last minute in which an exchange was under way. */
export class BusyTime {
  readonly #seconds = new Array<number>(windowSeconds).fill(0);
  #at = 0;
  readonly #startedMs: number;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#at = Math.floor(nowMs / 1000);
  }

  /** An exchange lasted from `fromMs` to `nowMs`. */
  add(fromMs: number, nowMs: number): void {
    this.#turn(nowMs);
    for (
      let second = Math.max(Math.floor(fromMs / 1000), this.#at - windowSeconds + 1);
      second <= this.#at;
      second += 1
    ) {
      const partMs = Math.min(nowMs, (second + 1) * 1000) - Math.max(fromMs, second * 1000);
      const bucket = second % windowSeconds;
      this.#seconds[bucket] = (this.#seconds[bucket] ?? 0) + Math.max(0, partMs);
    }
  }

  /** 0…1 */
  share(nowMs: number): number {
    this.#turn(nowMs);
    const spanMs = Math.min((windowSeconds - 1) * 1000 + (nowMs % 1000), nowMs - this.#startedMs);
    const busyMs = this.#seconds.reduce((sum, part) => sum + part, 0);
    return spanMs <= 0 ? 0 : Math.min(1, busyMs / spanMs);
  }

  #turn(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    for (let past = Math.max(this.#at + 1, second - windowSeconds + 1); past <= second; past += 1)
      this.#seconds[past % windowSeconds] = 0;
    this.#at = Math.max(this.#at, second);
  }
}

/** How long it takes until each meter that answers was read once. */
export class CycleTime {
  #read = new Set<string>();
  #startedMs: number;
  #lastMs: number | null = null;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  readingOf(meterId: string, answering: readonly string[], nowMs: number): void {
    this.#read.add(meterId);
    if (!answering.every((id) => this.#read.has(id))) return;
    this.#lastMs = nowMs - this.#startedMs;
    this.#startedMs = nowMs;
    this.#read = new Set();
  }

  get lastMs(): number | null {
    return this.#lastMs;
  }
}
