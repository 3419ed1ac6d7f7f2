/** What the answers say about the line itself: its counters, and whether its connection has gone mute. */
import { newCounters } from './figures.ts';
import type { Answer } from './master.ts';

/** Fewer unanswered requests than this do not make a connection mute. */
const muteRequestsMin = 8;
const muteDoublingsMax = 4;

export class LineHealth {
  readonly counters = newCounters();
  readonly #muteMs: number;
  #unanswered = 0;
  #unansweredSinceMs = 0;
  #mutes = 0;

  /** `muteMs`: silence of a connection after which it is mute; doubles each time; Infinity where there is none to make anew. */
  constructor(muteMs: number) {
    this.#muteMs = muteMs;
  }

  /** A connection is there. False after a mute one: then only a reply shows that the line lives. */
  connected(): boolean {
    this.#unanswered = 0;
    return this.#mutes === 0;
  }

  /** answered: somebody is there. mute: the connection is to be made anew. */
  count(answer: Answer, nowMs: number): 'answered' | 'mute' | null {
    const { counters } = this;
    if (answer.ok || answer.reason === 'exception') {
      if (answer.ok) counters.replies += 1;
      else counters.exceptions += 1;
      this.#unanswered = 0;
      this.#mutes = 0;
      return 'answered';
    }
    if (answer.reason === 'timeout') return this.#timedOut(nowMs) ? 'mute' : null;
    if (answer.reason !== 'lineDown' && answer.reason !== 'withdrawn') counters.crcErrors += 1;
    return null;
  }

  #timedOut(nowMs: number): boolean {
    this.counters.timeouts += 1;
    if (this.#unanswered === 0) this.#unansweredSinceMs = nowMs;
    this.#unanswered += 1;
    const muteMs = this.#muteMs * 2 ** Math.min(this.#mutes, muteDoublingsMax);
    if (this.#unanswered < muteRequestsMin || nowMs - this.#unansweredSinceMs < muteMs) return false;
    this.#mutes += 1;
    return true;
  }
}
