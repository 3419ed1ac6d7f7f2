/** The header of Modbus TCP. Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3. */

const HEADER_BYTES = 7;
const LENGTH_MAX = 254; // unit id and PDU

export function mbapFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + pdu.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, transaction);
  view.setUint16(4, pdu.length + 1);
  view.setUint8(6, unit);
  frame.set(pdu, HEADER_BYTES);
  return frame;
}

export class MbapReceiver {
  readonly #request: (transaction: number, unit: number, pdu: Uint8Array) => void;
  readonly #garbage: () => void;
  #bytes = new Uint8Array();

  constructor(request: (transaction: number, unit: number, pdu: Uint8Array) => void, garbage: () => void) {
    this.#request = request;
    this.#garbage = garbage;
  }

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    while (this.#bytes.length >= HEADER_BYTES) {
      const view = new DataView(this.#bytes.buffer);
      const length = view.getUint16(4);
      if (view.getUint16(2) !== 0 || length < 2 || length > LENGTH_MAX) {
        this.#bytes = new Uint8Array();
        this.#garbage();
        return;
      }
      const end = HEADER_BYTES - 1 + length;
      if (this.#bytes.length < end) return;
      const pdu = this.#bytes.slice(HEADER_BYTES, end);
      const transaction = view.getUint16(0);
      const unit = view.getUint8(6);
      this.#bytes = this.#bytes.slice(end);
      this.#request(transaction, unit, pdu);
    }
  }
}
