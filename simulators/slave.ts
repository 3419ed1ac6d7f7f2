/** The slave side of the Modbus application protocol: a request PDU in, a reply PDU out. */
import { ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, type Exception, type Words } from './meters/registers.ts';

/** What a slave needs of a meter. Counts are in registers; values are 16 bits each. */
export type RegisterDevice = {
  readonly read: (fn: 3 | 4, address: number, count: number) => Words;
  readonly write: (fn: 6 | 16, address: number, values: readonly number[]) => Exception | null;
};

/** Register limits of one request. Source: MODBUS Application Protocol V1.1b3, sections 6.3 and 6.12. */
const READ_COUNT_MAX = 125;
const WRITE_COUNT_MAX = 123;

export function answer(device: RegisterDevice, pdu: Uint8Array): Uint8Array {
  const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.byteLength);
  const fn = view.getUint8(0);
  switch (fn) {
    case 3:
    case 4:
      return pdu.length === 5 ? readReply(device, fn, view) : refusal(fn, ILLEGAL_VALUE);
    case 6:
      return pdu.length === 5 ? writeOneReply(device, view, pdu) : refusal(fn, ILLEGAL_VALUE);
    case 16:
      return pdu.length >= 6 ? writeManyReply(device, view, pdu) : refusal(fn, ILLEGAL_VALUE);
    default:
      return refusal(fn, ILLEGAL_FUNCTION);
  }
}

export function refusal(fn: number, exception: Exception): Uint8Array {
  return Uint8Array.of(fn | 0x80, exception);
}

function readReply(device: RegisterDevice, fn: 3 | 4, view: DataView): Uint8Array {
  const address = view.getUint16(1);
  const count = view.getUint16(3);
  if (count < 1 || count > READ_COUNT_MAX) return refusal(fn, ILLEGAL_VALUE);
  if (address + count > 0x10000) return refusal(fn, ILLEGAL_ADDRESS);
  const result = device.read(fn, address, count);
  if (!result.ok) return refusal(fn, result.exception);
  const reply = new Uint8Array(2 + 2 * count);
  const out = new DataView(reply.buffer);
  out.setUint8(0, fn);
  out.setUint8(1, 2 * count);
  result.words.forEach((word, i) => out.setUint16(2 + 2 * i, word));
  return reply;
}

function writeOneReply(device: RegisterDevice, view: DataView, pdu: Uint8Array): Uint8Array {
  const refused = device.write(6, view.getUint16(1), [view.getUint16(3)]);
  return refused === null ? pdu.slice() : refusal(6, refused);
}

function writeManyReply(device: RegisterDevice, view: DataView, pdu: Uint8Array): Uint8Array {
  const count = view.getUint16(3);
  const bytes = view.getUint8(5);
  if (count < 1 || count > WRITE_COUNT_MAX || bytes !== 2 * count || pdu.length !== 6 + bytes) {
    return refusal(16, ILLEGAL_VALUE);
  }
  const values = Array.from({ length: count }, (_, i) => view.getUint16(6 + 2 * i));
  const refused = device.write(16, view.getUint16(1), values);
  return refused === null ? pdu.slice(0, 5) : refusal(16, refused);
}
