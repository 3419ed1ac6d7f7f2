/** Parameters to registers and back. What a register should not hold is null, never guessed. */
import { parameterValuesSchema, type ParameterValue, type ParameterValues } from '../../protocol/parameters.ts';
import { bands } from '../../protocol/tariff.ts';
import { assert, assertNever } from '../domain/assert.ts';
import type { ParameterForm, ParameterSpec } from './profiles/parameters.ts';

const SLOTS = 8;

/** `localNowMs`: local time as epoch ms read as if UTC; a clock is kept as its distance from it. */
export function decodeParameter(spec: ParameterSpec, words: readonly number[], localNowMs: number): ParameterValues {
  const value = decoded(spec.form, words, localNowMs);
  const parsed = parameterValuesSchema.safeParse({ [spec.name]: value ?? undefined });
  return parsed.success && value !== null ? parsed.data : {};
}

export function encodeParameter(spec: ParameterSpec, values: ParameterValues, localNowMs: number): readonly number[] {
  const value = values[spec.name];
  assert(value !== undefined, `${spec.name} is among what is written`);
  const words = encoded(spec.form, value, localNowMs);
  assert(words.length === spec.count, `${spec.name} has ${spec.count} registers`);
  return words;
}

function decoded(form: ParameterForm, words: readonly number[], localNowMs: number): unknown {
  const [first = 0, second = 0] = words;
  const bytes = words.flatMap((word) => [word >>> 8, word & 0xff]);
  switch (form.kind) {
    case 'u16':
      return first;
    case 'u32':
      return first * 0x1_0000 + second;
    case 'clock':
      return clockOf(bytes, localNowMs);
    case 'choice':
      return form.choices[first] ?? null;
    case 'dayTable':
      return triples(bytes)
        .filter(([band]) => band !== 0)
        .map(([band, minute, hour]) => ({ at: clockText(hour, minute), band: bands[band - 1] }));
    case 'dateTable':
      return triples(bytes)
        .filter((triple) => triple.some((byte) => byte !== 0))
        .map(([a, b, c]) => (form.order === 'monthDayPlan' ? [a, b, c] : [c, b, a]))
        .map(([month = 0, day = 0, table]) => ({ from: `${two(month)}-${two(day)}`, table }));
    case 'loadLimit': {
      const [on, maxWatts, stepWatts, powerFactor, recoverMinutes, triesMax] = words;
      return { on: on === 1, maxWatts, stepWatts, powerFactor, recoverMinutes, triesMax };
    }
    case 'timeControl':
      return timeControlOf(words, bytes);
    default:
      return assertNever(form);
  }
}

function encoded(form: ParameterForm, value: ParameterValue, localNowMs: number): readonly number[] {
  switch (form.kind) {
    case 'u16':
      return [numberIn(value)];
    case 'u32':
      return [Math.floor(numberIn(value) / 0x1_0000), numberIn(value) % 0x1_0000];
    case 'clock': {
      const at = new Date(localNowMs + numberIn(value) * 1000);
      const day = [at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCFullYear() % 100];
      return packed([at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), ...day]);
    }
    case 'choice':
      return [form.choices.findIndex((each) => each === value)];
    default:
      return encodedTable(form, value);
  }
}

function encodedTable(
  form: Exclude<ParameterForm, { kind: 'u16' | 'u32' | 'clock' | 'choice' }>,
  value: ParameterValue,
): readonly number[] {
  assert(typeof value === 'object', 'a table');
  if (form.kind === 'loadLimit') {
    assert('maxWatts' in value, 'a load limit');
    const { on, maxWatts, stepWatts, powerFactor, recoverMinutes, triesMax } = value;
    return [on ? 1 : 0, maxWatts, stepWatts, powerFactor, recoverMinutes, triesMax];
  }
  if (form.kind === 'timeControl') {
    assert('weekdays' in value, 'a time control');
    const mask = value.weekdays.reduce((bits, day) => bits | (1 << day), 0);
    const slots = [value.holiday, value.workday].flatMap((list) =>
      filled(
        list.flatMap(({ at, on }) => [on ? 1 : 2, minuteOf(at), hourOf(at)]),
        3 * SLOTS,
      ),
    );
    return [value.on ? 1 : 0, mask, ...packed(slots)];
  }
  assert(Array.isArray(value), 'a table of slots');
  const bytes = value.flatMap((slot) => {
    if ('band' in slot) return [bands.indexOf(slot.band) + 1, minuteOf(slot.at), hourOf(slot.at)];
    const [month = 0, day = 0] = slot.from.split('-').map(Number);
    return form.kind === 'dateTable' && form.order === 'monthDayPlan'
      ? [month, day, slot.table]
      : [slot.table, day, month];
  });
  return packed(filled(bytes, form.kind === 'dayTable' ? 42 : 12));
}

/** Slots are on or off, minute, hour; 1 is on, 2 off, 0 unused (VTOOL names the fields only: LOW). */
function timeControlOf(words: readonly number[], bytes: readonly number[]): unknown {
  const [on = 0, mask = 0] = words;
  const slots = triples(bytes.slice(4)).map(([state, minute, hour]) => ({
    state,
    slot: { at: clockText(hour, minute), on: state === 1 },
  }));
  const used = (from: number): unknown[] =>
    slots.slice(from, from + SLOTS).flatMap(({ state, slot }) => (state === 0 ? [] : [slot]));
  const weekdays = [1, 2, 3, 4, 5, 6, 7].filter((day) => (mask & (1 << day)) !== 0);
  return { on: on === 1, weekdays, holiday: used(0), workday: used(SLOTS) };
}

function clockOf(bytes: readonly number[], localNowMs: number): number | null {
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = bytes;
  const valid = second <= 59 && minute <= 59 && hour <= 23 && day >= 1 && day <= 31 && month >= 1 && month <= 12;
  if (!valid || year > 99) return null;
  return Math.round((Date.UTC(2000 + year, month - 1, day, hour, minute, second) - localNowMs) / 1000);
}

function numberIn(value: ParameterValue): number {
  assert(typeof value === 'number', 'a number');
  return value;
}

const two = (value: number): string => String(value).padStart(2, '0');
const clockText = (hour: number, minute: number): string => `${two(hour)}:${two(minute)}`;
const hourOf = (at: string): number => Number(at.slice(0, 2));
const minuteOf = (at: string): number => Number(at.slice(3));
const filled = (bytes: readonly number[], length: number): number[] => [
  ...bytes,
  ...new Array<number>(length - bytes.length).fill(0),
];
const packed = (bytes: readonly number[]): number[] =>
  Array.from({ length: bytes.length / 2 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
const triples = (bytes: readonly number[]): [number, number, number][] =>
  Array.from({ length: Math.floor(bytes.length / 3) }, (_, at) => [
    bytes[3 * at] ?? 0,
    bytes[3 * at + 1] ?? 0,
    bytes[3 * at + 2] ?? 0,
  ]);
