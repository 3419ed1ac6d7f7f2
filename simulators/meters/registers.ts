/** A meter's registers as a list of spans; what no span covers does not exist. */

/** Modbus exception codes a slave answers with. Source: MODBUS Application Protocol V1.1b3, section 7. */
export const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;
export const DEVICE_FAILURE = 4;

export type Exception = typeof ILLEGAL_FUNCTION | typeof ILLEGAL_ADDRESS | typeof ILLEGAL_VALUE | typeof DEVICE_FAILURE;

export type Span = {
  readonly address: number;
  readonly count: number;
  /** The words as they are now, `count` of them. */
  readonly words: () => readonly number[];
  /** Takes all words of the span, changed ones among them; false refuses the value. Absent: read only. */
  readonly write?: (words: readonly number[], firstChanged: number, changedCount: number) => boolean;
};

export type Words =
  { readonly ok: true; readonly words: number[] } | { readonly ok: false; readonly exception: Exception };

export function readSpans(spans: readonly Span[], address: number, count: number): Words {
  const words: number[] = [];
  let at = address;
  while (at < address + count) {
    const span = spans.find((candidate) => candidate.address <= at && at < candidate.address + candidate.count);
    if (span === undefined) return { ok: false, exception: ILLEGAL_ADDRESS };
    const end = Math.min(address + count, span.address + span.count);
    words.push(...span.words().slice(at - span.address, end - span.address));
    at = end;
  }
  return { ok: true, words };
}

/** Writes into one span or into several neighbours; nothing is written when one of them is missing or read only. */
export function writeSpans(spans: readonly Span[], address: number, values: readonly number[]): Exception | null {
  const parts: { span: Span; from: number; values: readonly number[] }[] = [];
  let at = address;
  while (at < address + values.length) {
    const span = spans.find((candidate) => candidate.address <= at && at < candidate.address + candidate.count);
    if (span?.write === undefined) return ILLEGAL_ADDRESS;
    const end = Math.min(address + values.length, span.address + span.count);
    parts.push({ span, from: at - span.address, values: values.slice(at - address, end - address) });
    at = end;
  }
  for (const part of parts) {
    const words = [...part.span.words()];
    words.splice(part.from, part.values.length, ...part.values);
    if (part.span.write?.(words, part.from, part.values.length) !== true) return ILLEGAL_VALUE;
  }
  return null;
}

/** Two words, high word first. Negative numbers as two's complement. */
export function u32(value: number): [number, number] {
  const bits = value >>> 0;
  return [bits >>> 16, bits & 0xffff];
}

export function i16(value: number): number {
  return Math.max(-0x8000, Math.min(0x7fff, Math.round(value))) & 0xffff;
}

export function u16(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.round(value)));
}

export function fromU32(high: number, low: number): number {
  return high * 0x10000 + low;
}

export function fromI32(high: number, low: number): number {
  return (high << 16) | low;
}

/** IEEE 754 single, high word first. */
export function f32(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

/** Fully little-endian float (DCBA): 0.545 is `1E 85 0B 3F` on the wire. */
export function f32Little(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return [view.getUint16(0), view.getUint16(2)];
}

export function fromF32Little(first: number, second: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, first);
  view.setUint16(2, second);
  return view.getFloat32(0, true);
}

/** Packed decimal digits, four to a word, padded with zeros in front. */
export function bcd(digits: string, words: number): number[] {
  const padded = digits.padStart(words * 4, '0');
  return Array.from({ length: words }, (_, i) => Number.parseInt(padded.slice(i * 4, i * 4 + 4), 16));
}

export function fromBcd(words: readonly number[]): string | null {
  const digits = words.map((word) => word.toString(16).padStart(4, '0')).join('');
  return /^\d+$/.test(digits) ? digits : null;
}

/** Bytes in pairs, high byte first. */
export function packed(bytes: readonly number[]): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
}

export function unpacked(words: readonly number[]): number[] {
  return words.flatMap((word) => [word >>> 8, word & 0xff]);
}
