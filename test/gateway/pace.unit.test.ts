import { expect, it } from 'vitest';
import { Pace } from '../../server/gateway/wall/pace.ts';

function stepped() {
  const runs: number[] = [];
  const clock = { ms: 0 };
  let due: { atMs: number; run: () => void } | null = null;
  const timers = {
    nowMs: () => clock.ms,
    after: (delayMs: number, run: () => void) => {
      expect(due).toBeNull();
      due = { atMs: clock.ms + delayMs, run };
    },
  };
  const pace = new Pace(100, timers, () => runs.push(clock.ms));
  const at = (ms: number): void => {
    if (due !== null && due.atMs <= ms) {
      const { atMs, run } = due;
      due = null;
      clock.ms = atMs;
      run();
    }
    clock.ms = ms;
  };
  return { pace, runs, at };
}

it('lets the first change after quiet go at once and gathers the following ones to a fixed rate', () => {
  const { pace, runs, at } = stepped();
  for (let ms = 1_000; ms < 1_350; ms += 10) {
    at(ms);
    pace.changed();
  }
  at(5_000);
  pace.changed();
  expect(runs).toEqual([1_000, 1_100, 1_200, 1_300, 1_400, 5_000]);
});

it('says how long a change would have to wait, the frame that is waiting counted first', () => {
  const { pace, at } = stepped();
  at(1_000);
  expect(pace.restMs).toBe(0);
  pace.changed();
  at(1_030);
  expect(pace.restMs).toBe(70);
  pace.changed();
  expect(pace.restMs).toBe(170);
  at(1_100);
  expect(pace.restMs).toBe(100);
  at(1_250);
  expect(pace.restMs).toBe(0);
});
