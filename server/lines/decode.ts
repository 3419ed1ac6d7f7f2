/** Registers to readings. Integers stay exact; a register that holds no number is said so, never guessed. */
import { assert, assertNever } from '../domain/assert.ts';
import type { Field, Profile, RegisterType, StatusSpec, WordOrder } from './profiles/profile.ts';
import type { FieldStatus, LiveValues, MeterReading, SwitchState } from './types.ts';

/** What was read of one meter, by block name. */
export type Registers = { readonly address: number; readonly values: readonly number[] };
export type Image = ReadonlyMap<string, Registers>;

/** Raw number, or why there is none. */
export type Raw = number | 'notANumber' | 'allOnes';

const wordsOf: Readonly<Record<RegisterType, 1 | 2>> = { u16: 1, i16: 1, u32: 2, i32: 2, f32: 2 };
/** For each order, which byte on the wire is A, B, C and D. */
const positions: Readonly<Record<WordOrder, readonly [number, number, number, number]>> = {
  ABCD: [0, 1, 2, 3],
  CDAB: [2, 3, 0, 1],
  BADC: [1, 0, 3, 2],
  DCBA: [3, 2, 1, 0],
};

function registersAt(image: Image, block: string, address: number, count: number): readonly number[] {
  const read = image.get(block);
  assert(read !== undefined, `block ${block} was not read`);
  const from = address - read.address;
  const values = read.values.slice(from, from + count);
  assert(from >= 0 && values.length === count, `block ${block} does not reach register ${address}`);
  return values;
}

export function rawValue(words: readonly number[], type: RegisterType, order: WordOrder): Raw {
  const view = new DataView(new ArrayBuffer(4));
  if (wordsOf[type] === 1) {
    const [word] = words;
    assert(word !== undefined, 'one register');
    view.setUint16(0, word);
    return type === 'i16' ? view.getInt16(0) : word;
  }
  const wire = words.flatMap((word) => [word >>> 8, word & 0xff]);
  positions[order].forEach((from, to) => view.setUint8(to, wire[from] ?? 0));
  if (view.getUint32(0) === 0xffff_ffff) return 'allOnes';
  switch (type) {
    case 'u32':
      return view.getUint32(0);
    case 'i32':
      return view.getInt32(0);
    case 'f32':
      return Number.isFinite(view.getFloat32(0)) ? view.getFloat32(0) : 'notANumber';
    case 'u16':
    case 'i16':
      throw new Error('one-register types are done above');
    default:
      return assertNever(type);
  }
}

/** The registers of a number, as `rawValue` reads them. */
export function floatWords(value: number, order: WordOrder): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const wire = [0, 0, 0, 0];
  positions[order].forEach((from, to) => (wire[from] = view.getUint8(to)));
  const [a = 0, b = 0, c = 0, d = 0] = wire;
  return [(a << 8) | b, (c << 8) | d];
}

/** Which of its two registers has sign and exponent. */
export const headOf = (order: WordOrder): 0 | 1 => (positions[order][0] < 2 ? 0 : 1);

function fieldRaw(image: Image, field: Field): Raw {
  return rawValue(registersAt(image, field.block, field.address, wordsOf[field.type]), field.type, field.order);
}

const scaled = (raw: number, [numerator, denominator]: readonly [number, number]): number =>
  (raw * numerator) / denominator;

type Values = { readonly get: (to: Field['to']) => Raw | null };

/** Cumulative values are integers (Wh, litres); those of the moment keep their fraction. */
function valuesOf(profile: Profile, image: Image): Values {
  const values = new Map<Field['to'], Raw>();
  for (const field of profile.fields) {
    if (!image.has(field.block)) continue;
    const raw = fieldRaw(image, field);
    if (typeof raw !== 'number') values.set(field.to, raw);
    else values.set(field.to, isCumulative(field.to) ? Math.round(scaled(raw, field.scale)) : scaled(raw, field.scale));
  }
  return { get: (to) => values.get(to) ?? null };
}

function isCumulative(to: Field['to']): boolean {
  return to === 'index' || to === 'reverse' || to === 'litres' || to.startsWith('bands.');
}

const bandFields = ['bands.0', 'bands.1', 'bands.2', 'bands.3', 'bands.4'] as const;
const voltFields = ['volts.0', 'volts.1', 'volts.2'] as const;
const ampFields = ['amps.0', 'amps.1', 'amps.2'] as const;

/** A value of the moment that is no number is left out: unknown is shown as unknown. */
function liveValues(values: Values): LiveValues {
  const list = (targets: readonly Field['to'][]): number[] =>
    targets.map((to) => values.get(to)).filter((raw) => typeof raw === 'number');
  const volts = list(voltFields);
  const amps = list(ampFields);
  const single = (['watts', 'powerFactor', 'hertz', 'flow', 'batteryVolts'] as const).flatMap((to) => {
    const raw = values.get(to);
    return typeof raw === 'number' ? [[to, raw] as const] : [];
  });
  return { ...(volts.length > 0 && { volts }), ...(amps.length > 0 && { amps }), ...Object.fromEntries(single) };
}

const noStatus: FieldStatus = { switchState: null, forced: null, fault: false, overLimit: false, batteryLow: false };

export function statusOf(spec: StatusSpec | null, image: Image): FieldStatus {
  if (spec === null) return noStatus;
  const [word] = registersAt(image, spec.block, spec.address, 1);
  assert(word !== undefined, 'one register');
  const bits = spec.swapBytes ? ((word & 0xff) << 8) | (word >>> 8) : word;
  return {
    switchState: switchStateOf(spec, bits),
    forced: spec.forcedMask === null ? null : (bits & spec.forcedMask) !== 0,
    fault: (bits & spec.faultMask) !== 0,
    overLimit: (bits & spec.overLimitMask) !== 0,
    batteryLow: (bits & spec.batteryLowMask) !== 0,
  };
}

function switchStateOf(spec: StatusSpec, bits: number): SwitchState | null {
  const supplied = (bits & spec.suppliedMask) === spec.suppliedMask;
  const cut = spec.cutMask === null ? (bits & spec.suppliedMask) === 0 : (bits & spec.cutMask) === spec.cutMask;
  if (supplied === cut) return null;
  return supplied ? 'closed' : 'open';
}

/** The BCD number without leading zeros, or `unreadable`; null when it was not among what was read. */
export function numberOf(profile: Profile, image: Image): string | null {
  const spec = profile.number;
  if (spec === null || !image.has(spec.block)) return null;
  const digits = registersAt(image, spec.block, spec.address, spec.registers)
    .map((word) => word.toString(16).padStart(4, '0'))
    .join('');
  return /^\d+$/.test(digits) ? plainNumber(digits) : 'unreadable';
}

/** Numbers are compared without leading zeros: a plate shows them, a register may not. */
export function plainNumber(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function clockOf(profile: Profile, image: Image): number | null {
  const spec = profile.clock;
  if (spec === null || !image.has(spec.block)) return null;
  const [year, month, day, , hour, minute, second] = registersAt(image, spec.block, spec.address, 4).flatMap((word) => [
    word >>> 8,
    word & 0xff,
  ]);
  assert(
    year !== undefined && month !== undefined && day !== undefined && hour !== undefined,
    'four registers hold eight bytes',
  );
  assert(minute !== undefined && second !== undefined, 'four registers hold eight bytes');
  const valid =
    year <= 99 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 59;
  return valid ? Date.UTC(2000 + year, month - 1, day, hour, minute, second) : null;
}

/** `image` holds all fast blocks at least; `atMs` is site time. */
export function decodeReading(profile: Profile, meterId: string, image: Image, atMs: number): MeterReading {
  const values = valuesOf(profile, image);
  const index = values.get('index');
  assert(index !== null, 'a model without an index');
  const bands = bandFields.map((to) => values.get(to)).filter((raw) => raw !== null);
  const numbers = bands.filter((raw) => typeof raw === 'number');
  // Bands and total stand in one block: a band that is no number makes the whole reading doubtful.
  const doubt = bands.find((raw) => typeof raw !== 'number');
  const reverse = values.get('reverse');
  const remaining = values.get('remaining');
  const purchases = values.get('purchases');
  const litres = values.get('litres');
  return {
    meterId,
    utility: profile.utility,
    atMs,
    index: doubt ?? index,
    bands: bands.length > 0 && doubt === undefined ? numbers : null,
    reverse: typeof reverse === 'number' ? reverse : null,
    live: liveValues(values),
    status: statusOf(profile.status, image),
    clockMs: clockOf(profile, image),
    number: numberOf(profile, image),
    money:
      typeof litres === 'number'
        ? { count: 0, remainingMicro: 0, litres }
        : typeof remaining === 'number' && typeof purchases === 'number'
          ? { count: purchases, remainingMicro: remaining }
          : null,
  };
}
