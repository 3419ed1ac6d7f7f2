/** The monotonic clock and timer of the wire. Node's own timers count whole milliseconds; a silence on a fast line is 1.75. */
import { assert } from '../domain/assert.ts';

export type MonotonicClock = {
  /** Milliseconds with a fraction. */
  readonly mono: () => number;
  /** Calls once when `ms` have passed, never earlier and always after a turn of I/O; returns the cancel function. */
  readonly after: (ms: number, call: () => void) => () => void;
};

/** Waits shorter than this end on a turn-by-turn look at the clock. */
const preciseBelowMs = 50;
const timerMsMax = 2 ** 31 - 1;

export const wireClock: MonotonicClock = { mono: () => performance.now(), after };

function after(ms: number, call: () => void): () => void {
  assert(ms >= 0 && ms <= timerMsMax, `a timer of ${ms} ms`);
  const dueMs = performance.now() + ms;
  let timer: NodeJS.Timeout | null = null;
  let immediate: NodeJS.Immediate | null = null;
  // An immediate runs after the poll phase: bytes that are already here are seen before the call.
  const look = (): void => {
    if (performance.now() >= dueMs) return call();
    immediate = setImmediate(look);
  };
  const coarseMs = ms < preciseBelowMs ? Math.floor(ms) - 1 : Math.ceil(ms);
  if (coarseMs >= 1) timer = setTimeout(() => (immediate = setImmediate(look)), coarseMs);
  else immediate = setImmediate(look);
  return () => {
    if (timer !== null) clearTimeout(timer);
    if (immediate !== null) clearImmediate(immediate);
  };
}
