/** Local time at the site (IANA zone): offsets are looked up once per stretch between two clock changes. */
import { Temporal } from 'temporal-polyfill';

export class LocalTime {
  readonly zone: string;
  #fromMs = 0;
  #toMs = 0;
  #offsetMs = 0;

  /** Throws RangeError for an unknown zone. */
  constructor(zone: string) {
    this.zone = zone;
    this.#look(0);
  }

  /** Local wall time as epoch ms read as if UTC. */
  localMs(atMs: number): number {
    if (atMs < this.#fromMs || atMs >= this.#toMs) this.#look(atMs);
    return atMs + this.#offsetMs;
  }

  /** Minutes after local midnight. */
  minute(atMs: number): number {
    return Math.floor((this.localMs(atMs) % 86_400_000) / 60_000);
  }

  /** Local date, YYYY-MM-DD. */
  day(atMs: number): string {
    return new Date(this.localMs(atMs)).toISOString().slice(0, 10);
  }

  #look(atMs: number): void {
    const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(this.zone);
    this.#offsetMs = at.offsetNanoseconds / 1e6;
    // Kept for a day at most: a zone without further changes has no next one.
    const next = at.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
    const previous = at.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
    this.#fromMs = Math.max(previous, atMs - 86_400_000);
    this.#toMs = Math.min(next, atMs + 86_400_000);
  }
}
