/** CRC-16/MODBUS of `length` bytes from `start`; on the wire its low byte goes first. */
export function crc16(bytes: Uint8Array, start = 0, length = bytes.length - start): number {
  let crc = 0xffff;
  for (let at = start; at < start + length; at += 1) {
    crc ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** True when the `length` bytes from `start` end in their own CRC. */
export function crcHolds(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < 4 || start + length > bytes.length) return false;
  const carried = (bytes[start + length - 2] ?? 0) | ((bytes[start + length - 1] ?? 0) << 8);
  return crc16(bytes, start, length - 2) === carried;
}

/** The bytes with their CRC after them. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 2);
  framed.set(bytes);
  const crc = crc16(bytes);
  framed[bytes.length] = crc & 0xff;
  framed[bytes.length + 1] = crc >>> 8;
  return framed;
}
