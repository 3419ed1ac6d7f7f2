/** The time that passes on screen: monotonic, twice a second, so that ages move although nothing arrives. */
const TICK_MS = 500;

class Clock {
  nowMs = $state(performance.now());

  constructor() {
    setInterval(() => {
      this.nowMs = performance.now();
    }, TICK_MS);
  }
}

export const clock = new Clock();
