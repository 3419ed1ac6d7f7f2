/** What the wire allows: the time one exchange takes at a line's speed, before any software is involved. */

export type WireSettings = {
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

/** Above this speed the Modbus serial specification fixes the silence instead of counting characters. */
const fixedSilenceAboveBaud = 19_200;
const fixedSilenceMs = 1.75;

/** Bits one character occupies: start, eight data, parity if any, stop. */
export function bitsPerCharacter(wire: WireSettings): number {
  return 1 + 8 + (wire.parity === 'none' ? 0 : 1) + wire.stopBits;
}

export function characterMs(wire: WireSettings): number {
  return (bitsPerCharacter(wire) * 1000) / wire.baud;
}

/** The silence that ends a frame, ms (3.5 characters; 1.75 ms above 19 200 baud). */
export function silenceMs(wire: WireSettings): number {
  return wire.baud > fixedSilenceAboveBaud ? fixedSilenceMs : 3.5 * characterMs(wire);
}

export function bytesMs(wire: WireSettings, bytes: number): number {
  return bytes * characterMs(wire);
}

/**
 * Least time of reading `registers` registers, ms: `(13 + 2N)·bits/baud + 2·t3.5 + turnaround`.
 * Eight bytes out, 5 + 2N back, one silence before each frame, and the meter's own thinking time.
 */
export function pollMs(wire: WireSettings, registers: number, turnaroundMs: number): number {
  return bytesMs(wire, 13 + 2 * registers) + 2 * silenceMs(wire) + turnaroundMs;
}
