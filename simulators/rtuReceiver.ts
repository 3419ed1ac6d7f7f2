/** Finds request frames in a stream of bytes, as a slave does: by the length the function code implies, and silence. */
import type { SimClock } from './clock.ts';
import { crcFits } from './crc.ts';

/** Nothing longer is a Modbus frame. Source: MODBUS over Serial Line V1.02, section 2.5.1. */
const FRAME_BYTES_MAX = 256;

/** Bytes left alone for this long are not a frame; longer than t3.5, since TCP and USB deliver in lumps. */
const STRAY_MS = 20;

export class RtuReceiver {
  readonly #clock: SimClock;
  readonly #request: (unit: number, pdu: Uint8Array) => void;
  #bytes = new Uint8Array();
  #cancel: (() => void) | null = null;

  constructor(clock: SimClock, request: (unit: number, pdu: Uint8Array) => void) {
    this.#clock = clock;
    this.#request = request;
  }

  push(bytes: Uint8Array): void {
    this.stop();
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    for (;;) {
      const length = expectedLength(this.#bytes);
      if (length === null || this.#bytes.length < length) break;
      const frame = this.#bytes.slice(0, length);
      if (!this.#take(frame)) {
        // Where a frame starts cannot be told after noise: wait for silence.
        this.#bytes = new Uint8Array();
        return;
      }
      this.#bytes = this.#bytes.slice(length);
    }
    if (this.#bytes.length > FRAME_BYTES_MAX) this.#bytes = new Uint8Array();
    if (this.#bytes.length > 0) this.#cancel = this.#clock.at(this.#clock.monoMs() + STRAY_MS, () => this.#silence());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** A function code nobody knows ends with silence only. */
  #silence(): void {
    this.#cancel = null;
    if (expectedLength(this.#bytes) === null) this.#take(this.#bytes);
    this.#bytes = new Uint8Array();
  }

  #take(frame: Uint8Array): boolean {
    if (!crcFits(frame)) return false;
    this.#request(frame[0] ?? 0, frame.slice(1, frame.length - 2));
    return true;
  }
}

/** Bytes of the whole frame with CRC, or null while it cannot be told. */
function expectedLength(bytes: Uint8Array): number | null {
  const fn = bytes[1];
  if (fn === undefined) return null;
  if (fn >= 1 && fn <= 6) return 8;
  const count = bytes[6];
  if (fn === 15 || fn === 16) return count === undefined ? null : 9 + count;
  return null;
}
