/** An answer that is asked for again and again while someone looks; a failed attempt keeps the old one and says so. */
import type { Answer, Failure } from '../net/api.ts';

export class Polled<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly #ask: () => Promise<Answer<T>>;
  #asking = false;

  constructor(ask: () => Promise<Answer<T>>) {
    this.#ask = ask;
  }

  /** Returns the way out. */
  every(ms: number): () => void {
    void this.refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void this.refresh();
    }, ms);
    return () => clearInterval(timer);
  }

  async refresh(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const answer = await this.#ask();
    this.#asking = false;
    if (answer.ok) {
      this.value = answer.value;
      this.failure = null;
    } else this.failure = answer;
  }
}
