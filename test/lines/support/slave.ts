/** A Modbus slave for tests, from the published protocol alone: it shares no code and no table with the server. */

function crc(bytes: readonly number[]): [number, number] {
  let value = 0xffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >> 1) ^ 0xa001 : value >> 1;
  }
  return [value & 0xff, value >> 8];
}

export const sealed = (bytes: readonly number[]): number[] => [...bytes, ...crc(bytes)];
export const hex = (text: string): number[] => text.split(/\s+/).map((byte) => parseInt(byte, 16));

export type Unit = {
  /** Registers by address; reading one that is missing is exception 2. */
  readonly registers: Map<number, number>;
  /** After each accepted write. */
  readonly written?: (address: number, values: readonly number[]) => void;
};

/** Whole frames in, whole frames out; null where a real slave stays silent. */
export function answer(units: ReadonlyMap<number, Unit>, frame: readonly number[]): number[] | null {
  const [low, high] = crc(frame.slice(0, -2));
  if (frame.length < 8 || frame.at(-2) !== low || frame.at(-1) !== high) return null;
  const [id = 0, fn = 0] = frame;
  const unit = units.get(id);
  if (unit === undefined) return null;
  const word = (at: number): number => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  const address = word(2);
  if (fn === 3 || fn === 4) return read(unit, id, fn, address, word(4));
  if (fn !== 6 && fn !== 16) return sealed([id, fn | 0x80, 1]);
  const count = fn === 6 ? 1 : word(4);
  const values = Array.from({ length: count }, (_, at) => (fn === 6 ? word(4) : word(7 + 2 * at)));
  values.forEach((value, at) => unit.registers.set(address + at, value));
  unit.written?.(address, values);
  return sealed(frame.slice(0, 6));
}

function read(unit: Unit, id: number, fn: number, address: number, count: number): number[] {
  const data: number[] = [];
  for (let at = address; at < address + count; at += 1) {
    const value = unit.registers.get(at);
    if (value === undefined) return sealed([id, fn | 0x80, 2]);
    data.push(value >> 8, value & 0xff);
  }
  return sealed([id, fn, data.length, ...data]);
}

/** A DDSY1352 as the tests imagine it: energy in 0.01 kWh, relay in b5 of the high byte of 0x0224, forced control in b3 of the low one. */
export function ddsyUnit(
  number: string,
  energyRaw: number,
  options: { readonly forced?: boolean; readonly closed?: boolean; readonly stuck?: boolean } = {},
): Unit {
  const registers = new Map<number, number>();
  for (let at = 0; at < 0x30; at += 1) registers.set(0x0200 + at, 0);
  for (let at = 0; at < 0x70; at += 1) registers.set(at, 0);
  const digits = number.padStart(12, '0');
  [0, 4, 8].forEach((from, at) => registers.set(0x0043 + at, parseInt(digits.slice(from, from + 4), 16)));
  registers.set(0x0200, 7);
  registers.set(0x0201, 2301);
  registers.set(0x0215, energyRaw >>> 16);
  registers.set(0x0216, energyRaw & 0xffff);
  registers.set(0x0228, (26 << 8) | 3);
  registers.set(0x0229, 15 << 8);
  registers.set(0x022a, (12 << 8) | 34);
  registers.set(0x022b, 56 << 8);
  const show = (forced: boolean, closed: boolean): void => {
    registers.set(0x0224, (closed ? 0x2000 : 0) | (forced ? 0x0008 : 0));
    registers.set(0x0204, closed ? 512 : 0);
    registers.set(0x020a, closed ? 1177 : 0);
  };
  show(options.forced ?? true, options.closed ?? true);
  const written = (address: number, values: readonly number[]): void => {
    if (address === 0x0057 && options.stuck !== true) show(values[0] === 1, values[0] === 1 ? values[1] === 0 : false);
  };
  return { registers, written };
}
