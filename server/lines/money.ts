/**
 * Exclusive tasks at a meter that keeps its own money: writing a purchase from a fresh reading, and its limits and prices.
 * What to write is decided outside (`plan`); here are registers only.
 */
import { assert } from '../domain/assert.ts';
import type { MeterSettings, Standing } from '../domain/charging/state.ts';
import type { Seen, WritePlan } from '../domain/charging/write.ts';
import type { MoneySpec } from './profiles/profile.ts';
import type { TaskAnswer, TaskStep } from './tasks.ts';

type Program<Result> = (answers: readonly TaskAnswer[]) => TaskStep<Result>;

const word = (registers: readonly number[], at: number): number => {
  const value = registers[at];
  assert(value !== undefined, 'the read reaches all that is taken from it');
  return value;
};
const u32 = (registers: readonly number[], at: number): number =>
  word(registers, at) * 0x1_0000 + word(registers, at + 1);
const i32 = (registers: readonly number[], at: number): number => (word(registers, at) << 16) | word(registers, at + 1);
const words = (value: number): [number, number] => [(value >>> 16) & 0xffff, value & 0xffff];

function standingOf({ standing, at, unitMicro, indexUnit }: MoneySpec, answer: TaskAnswer, atMs: number): Standing {
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
  spec: MoneySpec,
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

function wantedRegisters(spec: MoneySpec, settings: MeterSettings, control: number): Wanted[] {
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
export function setUpProgram(spec: MoneySpec, settings: MeterSettings, site: () => number): Program<SetUpResult> {
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
