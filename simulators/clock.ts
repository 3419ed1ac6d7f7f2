/** The two clocks of a simulation: site time may run at another speed, the wire is always real. */
export type SimClock = {
  /** Site time, epoch ms. */
  readonly siteMs: () => number;
  /** Monotonic ms. */
  readonly monoMs: () => number;
  /** Calls back once when `monoMs` has reached `dueMs`; returns the cancel function. */
  readonly at: (dueMs: number, call: () => void) => () => void;
};

export type ClockOptions = {
  readonly startMs: number;
  readonly speed: number;
  /** Timers to a part of a millisecond, at the price of spinning (default); else they are a millisecond or two late. */
  readonly precise?: boolean;
  /** Site time stands still until `release`. */
  readonly held?: boolean;
  /** How far `startMs` is ahead of the wall clock, after a run at a higher speed; 0 or less does not matter. */
  readonly leadMs?: number;
};

/**
 * Site time `elapsedMs` of real time after its start. Scaled time just runs; real time that is ahead of the wall clock
 * goes at half speed until that has come up, as the core's does, so that meters and core keep telling the same time.
 */
export function siteTimeAfter(elapsedMs: number, { startMs, speed, leadMs = 0 }: ClockOptions): number {
  if (speed !== 1 || leadMs <= 0) return Math.floor(startMs + elapsedMs * speed);
  return Math.floor(startMs + Math.max(elapsedMs / 2, elapsedMs - leadMs));
}

export type RealClock = SimClock & { readonly release: () => void };

/** Site time starts at `startMs` and runs `speed` times as fast as the machine's monotonic clock. */
export function realClock(options: ClockOptions): RealClock {
  const { startMs, precise = true, held = false } = options;
  const monoMs = (): number => performance.now();
  let base = held ? null : monoMs();
  return {
    monoMs,
    at: precise ? atPrecisely : atRoughly,
    siteMs: () => (base === null ? startMs : siteTimeAfter(monoMs() - base, options)),
    release: () => {
      base ??= monoMs();
    },
  };
}

/** A timer counts from the start of the turn it was set in, and so fires early on a busy loop: then it is set again. */
function atRoughly(dueMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    timer = setTimeout(look, Math.max(0, Math.ceil(dueMs - performance.now())));
  };
  const look = (): void => {
    if (performance.now() >= dueMs) call();
    else arm();
  };
  arm();
  return () => clearTimeout(timer);
}

/**
 * Timers of Node keep whole milliseconds and may fire a part of one early; a character at 115 200 baud lasts 0.09 ms.
 * So the last part of a millisecond is waited out turn by turn of the event loop.
 */
function atPrecisely(dueMs: number, call: () => void): () => void {
  let turn: NodeJS.Immediate | null = null;
  const look = (): void => {
    if (performance.now() >= dueMs) call();
    else turn = setImmediate(look);
  };
  const timer = setTimeout(look, Math.max(0, Math.floor(dueMs - performance.now())));
  return () => {
    clearTimeout(timer);
    if (turn !== null) clearImmediate(turn);
  };
}

/** Local time at the site, as epoch ms read as if it were UTC: what a meter's clock shows. */
export type LocalTime = (siteMs: number) => number;

const HOUR_MS = 3_600_000;

/** Zone offsets change at most once in a quarter of an hour, so one look into the calendar serves for a while. */
export function localTimeOf(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  let knownSlot = Number.NaN;
  let offsetMs = 0;
  return (siteMs) => {
    const slot = Math.floor(siteMs / (HOUR_MS / 4));
    if (slot !== knownSlot) {
      offsetMs = offsetOf(format, siteMs);
      knownSlot = slot;
    }
    return siteMs + offsetMs;
  };
}

function offsetOf(format: Intl.DateTimeFormat, siteMs: number): number {
  const name = format.formatToParts(siteMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  if (name === 'GMT') return 0;
  const match = /^GMT([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) throw new Error(`time zone offset not understood: ${name}`);
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
