/** The password asked for once more: everyone who waits for it goes on together. */
import { onProofNeeded } from '../net/api.ts';

class Proof {
  asking = $state(false);
  #waiting: ((given: boolean) => void)[] = [];

  constructor() {
    onProofNeeded(() => {
      this.asking = true;
      return new Promise((resolve) => this.#waiting.push(resolve));
    });
  }

  settle(given: boolean): void {
    this.asking = false;
    for (const resolve of this.#waiting.splice(0)) resolve(given);
  }
}

export const proof = new Proof();
