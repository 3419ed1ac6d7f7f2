/** A clock that only moves when a test says so. */
import type { SimClock } from '../../simulators/clock.ts';

export type SteppedClock = SimClock & {
  /** Moves on by `ms`, calling what falls due on the way, at its time and in its order. */
  readonly step: (ms: number) => void;
};

export function steppedClock(startSiteMs: number, speed = 1): SteppedClock {
  let nowMs = 0;
  let order = 0;
  const due: { atMs: number; order: number; call: () => void }[] = [];
  return {
    monoMs: () => nowMs,
    siteMs: () => startSiteMs + nowMs * speed,
    at: (atMs, call) => {
      const entry = { atMs, order: (order += 1), call };
      due.push(entry);
      return () => {
        const place = due.indexOf(entry);
        if (place >= 0) due.splice(place, 1);
      };
    },
    step: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        const next = due[0];
        if (next === undefined || next.atMs > endMs) break;
        due.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.call();
      }
      nowMs = endMs;
    },
  };
}
