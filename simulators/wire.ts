/** How long bytes take on the wire. */

export type Wire = {
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

/** Start bit, eight data bits, parity bit if any, stop bits. */
export function bitsPerChar(wire: Wire): number {
  return 1 + 8 + (wire.parity === 'none' ? 0 : 1) + wire.stopBits;
}

export function charsMs(wire: Wire, chars: number): number {
  return (chars * bitsPerChar(wire) * 1000) / wire.baud;
}

/** The silence that ends a frame: 3.5 characters, fixed above 19 200 baud (MODBUS over Serial Line V1.02, 2.5.1.1). */
export function silenceMs(wire: Wire): number {
  return wire.baud > 19_200 ? 1.75 : charsMs(wire, 3.5);
}
