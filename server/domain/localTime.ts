/** Local time at the site (IANA zone): offsets are looked up once per stretch between two clock changes. */
import { Temporal } from 'temporal-polyfill';

const DAY_MS = 86_400_000;

export class LocalTime {
  readonly zone: string;
  #fromMs = 0;
  #toMs = 0;
  #offsetMs = 0;
  /** The local day asked for last, in days since the epoch, and its name: nearly all ask for today. */
  #namedDay = Number.NaN;
  #dayName = '';

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

  /** The latest wall time shown up to an instant: a clock that goes back shows an hour twice. */
  latestLocalMs(atMs: number): number {
    const changedMs = this.#changedMs(atMs);
    return Math.max(this.localMs(atMs), changedMs === -Infinity ? changedMs : this.localMs(changedMs - 1));
  }

  /** Minutes after local midnight. */
  readonly minute = (atMs: number): number => Math.floor((this.localMs(atMs) % DAY_MS) / 60_000);

  /** Local date, YYYY-MM-DD. */
  readonly day = (atMs: number): string => {
    const localDay = Math.floor(this.localMs(atMs) / DAY_MS);
    if (localDay !== this.#namedDay) {
      this.#namedDay = localDay;
      this.#dayName = new Date(localDay * DAY_MS).toISOString().slice(0, 10);
    }
    return this.#dayName;
  };

  #look(atMs: number): void {
    const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(this.zone);
    this.#offsetMs = at.offsetNanoseconds / 1e6;
    // Kept for a day at most: a zone without further changes has no next one.
    const next = at.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
    this.#fromMs = Math.max(this.#changedMs(atMs), atMs - DAY_MS);
    this.#toMs = Math.min(next, atMs + DAY_MS);
  }

  /** The last change of the clock at or before an instant. */
  /** The instant a local day begins, YYYY-MM-DD; null: there is no such day. */
  midnight(day: string): number | null {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
    try {
      return Temporal.PlainDate.from(day, { overflow: 'reject' }).toZonedDateTime(this.zone).epochMilliseconds;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  #changedMs(atMs: number): number {
    // The previous one lies strictly before.
    const after = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs) + 1).toZonedDateTimeISO(this.zone);
    return after.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
  }
}
