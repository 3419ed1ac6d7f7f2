/**
 * Kaifeng Xintai Modbus water meter with a motor valve (MED-HIGH): FC03 read, FC06 write, floats fully little-endian
 * (DCBA). The numbers of the list are put on the wire unchanged.
 */
import { eachMinute, HOUR_MS, type MeterOptions, type Moment, type VirtualMeter } from './meter.ts';
import {
  bcd,
  f32Little,
  fromBcd,
  fromF32Little,
  ILLEGAL_FUNCTION,
  packed,
  readSpans,
  u16,
  unpacked,
  writeSpans,
  type Span,
} from './registers.ts';
import type { SavedXintai } from './saved.ts';

/** How long the motor turns. No source tells; a ball valve of this size takes seconds. */
export const VALVE_MOVING_MS = 6_000;

const BATTERY_LOW_VOLTS = 3.3;
const OPEN = 1;
const CLOSE = 2;

type Core = { readonly state: SavedXintai; now: Moment | null; movingUntilMs: number };

export type XintaiOptions = MeterOptions & { readonly valveMovingMs?: number };

export function xintaiMeter(options: XintaiOptions, saved?: SavedXintai): VirtualMeter {
  const core: Core = { state: structuredClone(saved) ?? factoryState(options), now: null, movingUntilMs: 0 };
  const spans = waterSpans(core, options);
  return {
    model: 'xintai',
    unitId: options.unitId,
    faults: options.faults,
    advance: (now) => advance(core, options, now),
    skipTo: (now) => {
      core.now = now;
    },
    resetIndex: () => {
      core.state.litres = 0;
    },
    look: () => ({ index: core.state.litres, conducting: flowing(core) }),
    save: () => structuredClone(core.state),
    read: (fn, address, count) =>
      fn === 3 ? readSpans(spans, address, count) : { ok: false, exception: ILLEGAL_FUNCTION },
    write: (fn, address, values) => (fn === 6 ? writeSpans(spans, address, values) : ILLEGAL_FUNCTION),
  };
}

function factoryState(options: MeterOptions): SavedXintai {
  return {
    model: 'xintai',
    number: options.number,
    litres: options.startIndex ?? 0,
    reverseLitres: 0,
    remainingM3: 0,
    prepaid: false,
    valve: 'open',
    valveStuck: false,
    clockOffsetMs: 0,
    pulseCoefficient: 1,
    batteryVolts: 3.6,
  };
}

/** The motor turns in real time: someone who speeds up the site still waits for it. */
function moving(core: Core): boolean {
  return core.now !== null && core.now.monoMs < core.movingUntilMs;
}

function flowing(core: Core): boolean {
  return core.state.valve === 'open' || core.state.valveStuck || moving(core);
}

function litresPerHour(core: Core, options: MeterOptions, siteMs: number): number {
  return flowing(core) ? options.load(options.local(siteMs)) : 0;
}

function advance(core: Core, options: XintaiOptions, now: Moment): void {
  const before = core.now;
  if (before !== null) {
    core.state.clockOffsetMs += ((now.siteMs - before.siteMs) / HOUR_MS) * options.faults.clockDriftMsPerHour;
    eachMinute(before.siteMs, now.siteMs, (middleMs, lengthMs) => {
      const litres = litresPerHour(core, options, middleMs) * (lengthMs / HOUR_MS);
      core.state.litres += litres;
      countDown(core, options, litres);
    });
  }
  core.now = now;
}

/** The valve is shut at the end of the minute in which the last litre that was paid for is used: the motor has turned by then. */
function countDown(core: Core, options: XintaiOptions, litres: number): void {
  const { state } = core;
  if (!state.prepaid) return;
  const before = state.remainingM3;
  state.remainingM3 -= litres / 1000;
  if (before <= 0 || state.remainingM3 > 0) return;
  turn(core, options, CLOSE);
  core.movingUntilMs = core.now?.monoMs ?? 0;
}

/**
 * What is written is what remains. Nothing published says how the meter's own counting is switched on: here it counts
 * down from the first write, and opens its valve when there is water to use again.
 */
function setRemaining(core: Core, options: XintaiOptions, [first = 0, second = 0]: readonly number[]): boolean {
  const value = fromF32Little(first, second);
  if (!Number.isFinite(value)) return false;
  const { state } = core;
  const opens = state.prepaid && state.remainingM3 <= 0 && value > 0;
  state.prepaid = true;
  state.remainingM3 = value;
  if (opens) turn(core, options, OPEN);
  return true;
}

function waterSpans(core: Core, options: XintaiOptions): readonly Span[] {
  const { state } = core;
  const float = (address: number, get: () => number): Span => ({
    address,
    count: 2,
    words: () => f32Little(get()),
  });
  const zeros = (address: number, count: number): Span => ({
    address,
    count,
    words: () => new Array<number>(count).fill(0),
  });
  const siteMs = (): number => core.now?.siteMs ?? 0;
  const clockMs = (): number => options.local(siteMs()) + state.clockOffsetMs;
  return [
    float(0x0001, () => state.litres / 1000),
    float(0x0003, () => state.reverseLitres / 1000),
    float(0x0005, () => litresPerHour(core, options, siteMs()) / 1000),
    { address: 0x0007, count: 1, words: () => [0x00aa] },
    {
      address: 0x0008,
      count: 2,
      words: () => f32Little(state.remainingM3),
      write: (words) => setRemaining(core, options, words),
    },
    float(0x000a, () => 0.3),
    float(0x000c, () => 18),
    { address: 0x000e, count: 1, words: () => [options.unitId] },
    zeros(0x000f, 3),
    { address: 0x0012, count: 4, words: () => bcd(state.number, 4), write: (words) => setNumber(state, words) },
    {
      address: 0x0016,
      count: 4,
      words: () => clockWords(clockMs()),
      write: (words) => setClock(core, clockMs(), words),
    },
    float(0x001a, () => state.batteryVolts),
    { address: 0x001c, count: 1, words: () => [valveWord(core)], write: ([value = 0]) => turn(core, options, value) },
    {
      address: 0x001d,
      count: 1,
      words: () => [u16(state.pulseCoefficient)],
      write: ([value = 1]) => {
        state.pulseCoefficient = value;
        return true;
      },
    },
    zeros(0x001e, 1),
  ];
}

/** b0 open, b1 closed, b2 abnormal, b3 battery low. While the motor turns neither end is reached. */
function valveWord(core: Core): number {
  const { state } = core;
  const position = moving(core) ? 0 : state.valve === 'open' ? 0b01 : 0b10;
  return position | (state.batteryVolts < BATTERY_LOW_VOLTS ? 0b1000 : 0);
}

function turn(core: Core, options: XintaiOptions, command: number): boolean {
  if (command !== OPEN && command !== CLOSE) return false;
  const wanted = command === OPEN ? 'open' : 'closed';
  if (options.random() < options.faults.ignoredWrite || core.state.valve === wanted) return true;
  core.state.valve = wanted;
  core.state.valveStuck = wanted === 'closed' && options.random() < options.faults.stuckRelay;
  core.movingUntilMs = (core.now?.monoMs ?? 0) + (options.valveMovingMs ?? VALVE_MOVING_MS);
  return true;
}

function setNumber(state: SavedXintai, words: readonly number[]): boolean {
  const digits = fromBcd(words)?.replace(/^0+(?=\d)/, '');
  if (digits === undefined || digits.length > 12) return false;
  state.number = digits;
  return true;
}

/** Layout not published; BCD yyyy mm dd hh mi ss and a zero is a convention of this simulator. */
function clockWords(localMs: number): number[] {
  const digits = new Date(localMs).toISOString().replace(/\D/g, '').slice(0, 14);
  return packed((digits.match(/\d\d/g) ?? []).map((pair) => Number.parseInt(pair, 16)).concat(0));
}

function setClock(core: Core, shownMs: number, words: readonly number[]): boolean {
  const [century, year, ...rest] = unpacked(words).map((byte) => byte.toString(16).padStart(2, '0'));
  const [month, day, hour, minute, second] = rest;
  const wanted = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(wanted)) return false;
  core.state.clockOffsetMs += wanted - shownMs;
  return true;
}
