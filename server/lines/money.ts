/**
 * Exclusive tasks at a meter that keeps its own money: writing a purchase from a fresh reading, and its limits and prices.
 * What to write is decided outside (`plan`); here are registers only.
 */
import { assert } from '../domain/assert.ts';
import type { MeterSettings, Standing } from '../domain/charging/state.ts';
import type { Seen, WritePlan } from '../domain/charging/write.ts';
import type { Shown } from '../domain/charging/volume.ts';
import { floatWords, headOf, rawValue } from './decode.ts';
import type { LitresSpec, YuanSpec } from './profiles/profile.ts';
import type { TaskAnswer, TaskStep } from './tasks.ts';

export type Program<Result> = (answers: readonly TaskAnswer[]) => TaskStep<Result>;

const word = (registers: readonly number[], at: number): number => {
  const value = registers[at];
  assert(value !== undefined, 'the read reaches all that is taken from it');
  return value;
};
const u32 = (registers: readonly number[], at: number): number =>
  word(registers, at) * 0x1_0000 + word(registers, at + 1);
const i32 = (registers: readonly number[], at: number): number => (word(registers, at) << 16) | word(registers, at + 1);
const words = (value: number): [number, number] => [(value >>> 16) & 0xffff, value & 0xffff];

function standingOf({ standing, at, unitMicro, indexUnit }: YuanSpec, answer: TaskAnswer, atMs: number): Standing {
  const { registers } = answer;
  const { address } = standing;
  return {
    count: word(registers, at.count - address),
    remainingMicro: i32(registers, at.remaining - address) * unitMicro,
    index: u32(registers, at.index - address) * indexUnit,
    atMs,
  };
}

export type PurchaseResult = Seen & { readonly stopped: Extract<WritePlan, { do: 'stop' }>['why'] | null };

/**
 * Reads, writes what `plan` makes of it, reads back. `saw` hears of the first reading at once: where the end of the task
 * is lost, that much is known. `site`: site time, ms.
 */
export function purchaseProgram(
  spec: YuanSpec,
  plan: (fresh: Standing) => WritePlan,
  site: () => number,
  saw: (before: Standing) => void,
): Program<PurchaseResult> {
  const { fn, address, counts } = spec.standing;
  let before: Standing | null = null;
  return (answers) => {
    const [first, written, last] = answers;
    if (!first) return { do: 'read', fn, address, count: counts[0] };
    if (before === null) saw((before = standingOf(spec, first, site())));
    const planned = plan(before);
    if (planned.do === 'stop') return { do: 'done', result: { before, after: null, stopped: planned.why } };
    if (!written) {
      const units = planned.remainingMicro / spec.unitMicro;
      assert(Number.isInteger(units), 'a balance is a whole number of its units');
      return { do: 'write', fn: spec.fn, address: spec.purchase, values: [planned.count, ...words(units)] };
    }
    if (!last) return { do: 'read', fn, address, count: counts[1] };
    return { do: 'done', result: { before, after: standingOf(spec, last, site()), stopped: null } };
  };
}

type Wanted = { readonly address: number; readonly values: readonly number[] };

function wantedRegisters(spec: YuanSpec, settings: MeterSettings, control: number): Wanted[] {
  const { alarm1Micro, alarm2Micro, overdraftMicro, pricesMicro } = settings;
  const amounts = [alarm1Micro, alarm2Micro, overdraftMicro].flatMap((micro) => words(micro / spec.unitMicro));
  return [
    { address: spec.limits, values: amounts },
    { address: spec.prices, values: pricesMicro.flatMap((micro) => words(micro / spec.priceUnitMicro)) },
    // The low byte is nobody's business: it stays.
    { address: spec.control, values: [0x0100 | (control & 0x00ff)] },
  ];
}

export type SetUpResult =
  | { readonly ok: true; readonly found: Standing }
  /** Registers that do not hold what was written. */
  | { readonly ok: false; readonly differ: readonly number[] };

/** Writes what differs, reads all of it back, and says what the meter holds. */
export function setUpProgram(spec: YuanSpec, settings: MeterSettings, site: () => number): Program<SetUpResult> {
  const { block, standing } = spec;
  const read = (registers: readonly number[]): Wanted[] => {
    const control = word(registers, spec.control - block.address);
    return wantedRegisters(spec, settings, control).filter(({ address, values }) =>
      values.some((value, at) => registers[address - block.address + at] !== value),
    );
  };
  return (answers) => {
    const [first, ...rest] = answers;
    if (!first) return { do: 'read', ...block };
    const writes = read(first.registers);
    const next = writes[rest.length];
    if (next) return { do: 'write', fn: spec.fn, address: next.address, values: next.values };
    const after = rest.slice(writes.length);
    const [back, now] = writes.length === 0 ? [first, ...after] : after;
    // Another length than before, so that no late answer is taken for this one.
    if (!back) return { do: 'read', ...block, count: block.count - 1 };
    const differ = read(back.registers).map(({ address }) => address);
    if (differ.length > 0) return { do: 'done', result: { ok: false, differ } };
    if (!now) return { do: 'read', fn: standing.fn, address: standing.address, count: standing.counts[0] };
    return { do: 'done', result: { ok: true, found: standingOf(spec, now, site()) } };
  };
}

/** Its litres and its index; null: no numbers. */
function litresIn({ standing, at, order }: LitresSpec, answer: TaskAnswer, atMs: number): Shown | null {
  const cubic = (address: number): number | null => {
    const from = address - standing.address;
    const raw = rawValue(answer.registers.slice(from, from + 2), 'f32', order);
    return typeof raw === 'number' ? Math.round(raw * 1000) : null;
  };
  const [index, litres] = [cubic(at.index), cubic(at.remaining)];
  return index === null || litres === null ? null : { count: 0, remainingMicro: 0, litres, index, atMs };
}

export type LitresPlan = {
  /** What is shown, as it is to be believed. */
  readonly believe: (shown: Shown) => Standing;
  readonly plan: (fresh: Standing) => WritePlan;
  /** What one litre is, micro-yuan. */
  readonly litreMicro: number;
  readonly site: () => number;
  /** Right before the first half is written: what stood there, and what stands there if only that one arrives. */
  readonly saw: (
    before: Standing,
    half: { readonly shown: number; readonly real: number; readonly index: number },
  ) => void;
};

/**
 * The same for a meter that keeps m³: both halves of a float, one after the other. Between them the meter shows something
 * that is at most a hundredth off, and never the other side of nothing.
 */
export function litresProgram(spec: LitresSpec, wanted: LitresPlan): Program<PurchaseResult> {
  const { fn, address, counts } = spec.standing;
  const { believe, plan, litreMicro, site, saw } = wanted;
  const head = headOf(spec.order);
  let begun: { readonly before: Standing; readonly planned: WritePlan } | null = null;
  return (answers) => {
    const [first, one, other, last] = answers;
    if (!first) return { do: 'read', fn, address, count: counts[0] };
    const shown = litresIn(spec, first, site());
    if (shown === null) return { do: 'done', result: { before: null, after: null, stopped: null } };
    const before = begun?.before ?? believe(shown);
    const planned = begun?.planned ?? plan(before);
    if (planned.do === 'stop') return { do: 'done', result: { before, after: null, stopped: planned.why } };
    const litres = planned.remainingMicro / litreMicro;
    assert(Number.isInteger(litres), 'a balance is a whole number of litres');
    const words = floatWords(litres / 1000, spec.order);
    const at = spec.at.remaining;
    const write = (half: 0 | 1): TaskStep<never> => ({
      do: 'write',
      fn: spec.fn,
      address: at + half,
      values: [words[half]],
    });
    if (begun === null) {
      begun = { before, planned };
      const from = at - address;
      const mixed: [number, number] = [word(first.registers, from), word(first.registers, from + 1)];
      mixed[1 - head] = words[1 - head] ?? 0;
      const raw = rawValue(mixed, 'f32', spec.order);
      const half = typeof raw === 'number' ? Math.round(raw * 1000) : 0;
      saw(before, { shown: half, real: before.remainingMicro / litreMicro, index: before.index });
    }
    if (!one) return write(head === 0 ? 1 : 0);
    if (!other) return write(head);
    if (!last) return { do: 'read', fn, address, count: counts[1] };
    const after = litresIn(spec, last, site());
    return { do: 'done', result: { before, after: after && believe(after), stopped: null } };
  };
}

/** It has neither limits nor prices: what it holds is all there is to see. */
export function lookProgram(spec: LitresSpec, site: () => number): Program<SetUpResult> {
  const { fn, address, counts } = spec.standing;
  return ([first]) => {
    if (!first) return { do: 'read', fn, address, count: counts[0] };
    const shown = litresIn(spec, first, site());
    if (shown === null) return { do: 'done', result: { ok: false, differ: [spec.at.remaining] } };
    const { litres: _litres, ...found } = shown;
    return { do: 'done', result: { ok: true, found } };
  };
}
