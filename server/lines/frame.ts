/** Finds the reply to one request among the bytes that came: by unit, function, expected length and CRC. Pure. */
import { assert } from '../domain/assert.ts';
import { crcHolds, withCrc } from './crc.ts';

/** What the reply to a request must look like. */
export type Expected = {
  readonly unitId: number;
  readonly functionCode: number;
  /** Whole RTU reply, CRC included. */
  readonly bytes: number;
  /** Transaction number (Modbus TCP only). */
  readonly transaction: number;
};

/** RTU: on the wire as it is. TCP: the MBAP header instead of the CRC. */
export type Framing = 'rtu' | 'tcp';

/**
 * match: the reply, always as an RTU frame. more: not there yet.
 * garbled: at least as many bytes as expected, and no reply among them.
 */
export type Verdict =
  { readonly kind: 'more' } | { readonly kind: 'garbled' } | { readonly kind: 'match'; readonly frame: Uint8Array };

export type Misfit = 'timeout' | 'crc' | 'truncated' | 'wrongUnit';

const exceptionBytes = 5;
const mbapBytes = 6;
/** Longer than any RTU frame (256) with noise in front of it. */
export const bufferBytesMax = 1024;

/** `request` is a whole RTU request. */
export function expectedReply(request: Uint8Array, transaction: number): Expected {
  const [unitId, functionCode] = request;
  assert(unitId !== undefined && functionCode !== undefined, 'a request has a unit and a function');
  return { unitId, functionCode, bytes: replyBytes(request, functionCode), transaction };
}

function replyBytes(request: Uint8Array, functionCode: number): number {
  switch (functionCode) {
    case 3:
    case 4:
      return 5 + 2 * (((request[4] ?? 0) << 8) | (request[5] ?? 0));
    case 6:
    case 16:
      return 8;
    default:
      throw new Error(`function ${functionCode} is not used on these lines`);
  }
}

/** The bytes to put on the wire for an RTU request. */
export function toWire(request: Uint8Array, framing: Framing, transaction: number): Uint8Array {
  if (framing === 'rtu') return request;
  const pdu = request.subarray(0, request.length - 2);
  const wire = new Uint8Array(mbapBytes + pdu.length);
  wire.set([transaction >>> 8, transaction & 0xff, 0, 0, pdu.length >>> 8, pdu.length & 0xff]);
  wire.set(pdu, mbapBytes);
  return wire;
}

export function judge(received: Uint8Array, expected: Expected, framing: Framing): Verdict {
  return framing === 'rtu' ? judgeRtu(received, expected) : judgeTcp(received, expected);
}

/** Drivers that switch direction leave a stray byte now and then, so the reply may start behind noise. */
function judgeRtu(received: Uint8Array, expected: Expected): Verdict {
  for (let start = 0; start + exceptionBytes <= received.length; start += 1) {
    if (received[start] !== expected.unitId) continue;
    const length = lengthAt(received, start, expected);
    if (length !== null && crcHolds(received, start, length))
      return { kind: 'match', frame: received.slice(start, start + length) };
  }
  return received.length >= expected.bytes ? { kind: 'garbled' } : { kind: 'more' };
}

function lengthAt(received: Uint8Array, start: number, expected: Expected): number | null {
  const code = received[start + 1];
  if (code === (expected.functionCode | 0x80)) return exceptionBytes;
  if (code !== expected.functionCode) return null;
  const reads = expected.functionCode === 3 || expected.functionCode === 4;
  if (reads && received[start + 2] !== expected.bytes - 5) return null;
  return expected.bytes;
}

/** Frames of other transactions are stepped over: they are late replies. */
function judgeTcp(received: Uint8Array, expected: Expected): Verdict {
  let start = 0;
  while (start + mbapBytes + 3 <= received.length) {
    const length = ((received[start + 4] ?? 0) << 8) | (received[start + 5] ?? 0);
    if (received[start + 2] !== 0 || received[start + 3] !== 0 || length < 3 || length > 254)
      return { kind: 'garbled' };
    if (start + mbapBytes + length > received.length) return { kind: 'more' };
    const transaction = ((received[start] ?? 0) << 8) | (received[start + 1] ?? 0);
    const body = received.subarray(start + mbapBytes, start + mbapBytes + length);
    if (transaction === expected.transaction) return tcpReply(body, expected);
    start += mbapBytes + length;
  }
  return { kind: 'more' };
}

function tcpReply(body: Uint8Array, expected: Expected): Verdict {
  const frame = withCrc(body);
  const length = frame[0] === expected.unitId ? lengthAt(frame, 0, expected) : null;
  return length === frame.length ? { kind: 'match', frame } : { kind: 'garbled' };
}

/** Why no reply was found, for the figures: the most telling thing among what came. */
export function misfit(received: Uint8Array, expected: Expected, framing: Framing): Misfit {
  if (received.length === 0) return 'timeout';
  if (framing === 'tcp') return 'wrongUnit';
  for (let start = 0; start + exceptionBytes <= received.length; start += 1) {
    for (const length of [expected.bytes, exceptionBytes, 8]) {
      if (!crcHolds(received, start, length)) continue;
      // A whole frame of this unit that is no answer to this request is a late reply to an earlier one.
      return received[start] === expected.unitId ? 'timeout' : 'wrongUnit';
    }
  }
  return received.length >= expected.bytes ? 'crc' : 'truncated';
}
