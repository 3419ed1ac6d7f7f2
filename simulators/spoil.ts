/** What noise does to a reply: the bytes as they come out of the bus. */
import { sealed } from './crc.ts';
import type { LineFaults } from './faults.ts';
import type { Random } from './random.ts';

export type Reply = {
  /** The unit that seems to answer. */
  readonly unit: number;
  readonly pdu: Uint8Array;
  /** RTU bytes in the order they arrive. */
  readonly chunks: readonly Uint8Array[];
  /** The frames are whole: something that only passes on good frames (a Modbus TCP gateway) would pass them on. */
  readonly whole?: boolean;
};

export type Spoiler = {
  readonly faults: LineFaults;
  readonly rolled: (probability: number) => boolean;
  readonly random: Random;
};

export function spoil(reply: Reply, { faults, rolled, random }: Spoiler): Reply {
  const unit = rolled(faults.wrongUnit) ? (reply.unit % 247) + 1 : reply.unit;
  let frame = sealed(unit, reply.pdu);
  let whole = true;
  if (rolled(faults.crcError)) {
    const bit = Math.floor(random() * frame.length * 8);
    frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    whole = false;
  }
  if (rolled(faults.truncated)) {
    frame = frame.slice(0, 1 + Math.floor(random() * (frame.length - 1)));
    whole = false;
  }
  const chunks = rolled(faults.duplicated) ? [frame, frame.slice()] : [frame];
  if (rolled(faults.babble)) {
    chunks.unshift(Uint8Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * 256)));
    whole = false;
  }
  return { unit, pdu: reply.pdu, chunks, whole };
}
