/** How long a name waits after wrong passwords: longer each time, never for ever. */

/** A person mistypes a few times; a guesser needs thousands. */
export const FREE_ATTEMPTS = 10;
const WAIT_MS = { first: 10_000, max: 15 * 60_000 };
/** Attempts older than this count no more. */
const FORGET_MS = 24 * 3_600_000;

type Attempts = { readonly failures: number; readonly lastMs: number };

/** `failures`: those that still count. */
export function waitAfter(attempts: Attempts | null, nowMs: number): { failures: number; waitMs: number } {
  if (attempts === null || nowMs - attempts.lastMs > FORGET_MS) return { failures: 0, waitMs: 0 };
  const { failures, lastMs } = attempts;
  const over = failures - FREE_ATTEMPTS;
  if (over < 0) return { failures, waitMs: 0 };
  const pauseMs = Math.min(WAIT_MS.max, WAIT_MS.first * 2 ** Math.min(over, 20));
  return { failures, waitMs: Math.max(0, lastMs + pauseMs - nowMs) };
}
