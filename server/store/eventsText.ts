/** The JSON text of a commit's events as UTF-8, written into the same memory each time: fresh strings of that size are dear. */
import type { StoredEvent } from './store.ts';

const [OPEN, CLOSE, COMMA] = [0x5b, 0x5d, 0x2c];
/** UTF-8 bytes of one UTF-16 unit, at most. */
const BYTES_PER_UNIT = 3;

export class EventsText {
  #pad = Buffer.allocUnsafe(512 * 1024);

  /** What `JSON.stringify(events)` gives; it holds until the next call. */
  of(events: readonly StoredEvent[]): Buffer {
    let at = 0;
    for (const event of events) {
      const text = JSON.stringify(event);
      this.#fit(at + 1 + BYTES_PER_UNIT * text.length + 1);
      this.#pad[at] = at === 0 ? OPEN : COMMA;
      at += 1 + this.#pad.write(text, at + 1);
    }
    if (at === 0) this.#pad[at++] = OPEN;
    this.#pad[at++] = CLOSE;
    return this.#pad.subarray(0, at);
  }

  #fit(bytes: number): void {
    if (bytes <= this.#pad.length) return;
    const larger = Buffer.allocUnsafe(2 * bytes);
    this.#pad.copy(larger);
    this.#pad = larger;
  }
}
