/**
 * Eastron SDM120 and SDM630: FC04, float32 big-endian, high word first (HIGH). No breaker. The SDM630 counts on the
 * primary side by itself.
 */
import { noiseAt } from '../random.ts';
import { phaseShares } from './acrel.ts';
import { eachMinute, HOUR_MS, type MeterOptions, type Moment, type VirtualMeter } from './meter.ts';
import {
  f32,
  ILLEGAL_ADDRESS,
  ILLEGAL_FUNCTION,
  ILLEGAL_VALUE,
  readSpans,
  type Span,
  type Words,
} from './registers.ts';
import type { SavedEastron } from './saved.ts';

/** Floats asked for at once: about 30, and a float is never cut in half (SDM72 protocol v1.1; MED). */
const READ_WORDS_MAX = 60;

type Core = { readonly phases: 1 | 3; readonly state: SavedEastron; now: Moment | null };

export function eastronMeter(model: 'sdm120' | 'sdm630', options: MeterOptions, saved?: SavedEastron): VirtualMeter {
  const state = structuredClone(saved) ?? factoryState(model, options);
  const core: Core = { phases: model === 'sdm120' ? 1 : 3, state, now: null };
  const inputs = inputSpans(core, options);
  const settings = settingSpans(options);
  return {
    model,
    unitId: options.unitId,
    faults: options.faults,
    advance: (now) => advance(core, options, now),
    skipTo: (now) => {
      core.now = now;
    },
    resetIndex: () => Object.assign(state, { importWh: 0, exportWh: 0, phaseWh: [0, 0, 0], importVarh: 0 }),
    look: () => ({ index: state.importWh, conducting: true }),
    save: () => structuredClone(state),
    read: (fn, address, count): Words => {
      if (address % 2 !== 0 || count % 2 !== 0) return { ok: false, exception: ILLEGAL_ADDRESS };
      if (count > READ_WORDS_MAX) return { ok: false, exception: ILLEGAL_VALUE };
      return readSpans(fn === 4 ? inputs : settings, address, count);
    },
    // The settings of the serial port are not changed from outside here.
    write: (fn) => (fn === 16 ? ILLEGAL_ADDRESS : ILLEGAL_FUNCTION),
  };
}

function factoryState(model: SavedEastron['model'], options: MeterOptions): SavedEastron {
  const index = options.startIndex ?? 0;
  const shares = model === 'sdm120' ? [1, 0, 0] : phaseShares(options.seed);
  return {
    model,
    importWh: index,
    exportWh: 0,
    phaseWh: shares.map((share) => share * index),
    importVarh: index * 0.3,
  };
}

function advance(core: Core, options: MeterOptions, now: Moment): void {
  const { state } = core;
  const before = core.now;
  core.now = now;
  if (before === null) return;
  const { powerFactor, shares } = electrics(core, options);
  eachMinute(before.siteMs, now.siteMs, (middleMs, lengthMs) => {
    const wh = options.load(options.local(middleMs)) * (lengthMs / HOUR_MS);
    state.importWh += wh;
    state.importVarh += wh * Math.tan(Math.acos(powerFactor));
    state.phaseWh = state.phaseWh.map((sum, phase) => sum + wh * (shares[phase] ?? 0));
  });
}

const RIPPLE_MS = 5_000;

function electrics(core: Core, options: MeterOptions) {
  const siteMs = core.now?.siteMs ?? 0;
  const tick = Math.floor(siteMs / RIPPLE_MS);
  const powerFactor = 0.9 + noiseAt(options.seed, 1) * 0.09;
  const shares = core.phases === 1 ? [1] : phaseShares(options.seed);
  const total = options.load(options.local(siteMs)) * (1 + (noiseAt(options.seed, tick) - 0.5) * 0.03);
  const volts = shares.map((_, phase) => 220 + 16 * noiseAt(options.seed + phase, tick));
  const watts = shares.map((share) => share * total);
  const apparent = watts.map((w) => w / powerFactor);
  const amps = apparent.map((va, phase) => va / (volts[phase] ?? 220));
  const reactive = watts.map((w) => w * Math.tan(Math.acos(powerFactor)));
  return {
    volts,
    amps,
    watts,
    apparent,
    reactive,
    powerFactor,
    shares,
    hertz: 49.97 + 0.06 * noiseAt(options.seed + 7, tick),
  };
}

/** An unused parameter inside the table reads as 0; behind its end nothing answers. */
function inputSpans(core: Core, options: MeterOptions): readonly Span[] {
  const { state } = core;
  const low = (): number[] => lowTable(core, options);
  const totals = (): number[] => {
    const phases = core.phases === 3 ? state.phaseWh.map(kilo) : [];
    return [kilo(state.importWh + state.exportWh), kilo(state.importVarh), ...phases].flatMap(f32);
  };
  return [
    { address: 0x0000, count: 0x5a, words: low },
    { address: 0x0156, count: core.phases === 3 ? 10 : 4, words: totals },
  ];
}

function lowTable(core: Core, options: MeterOptions): number[] {
  const { state } = core;
  const e = electrics(core, options);
  const floats = new Array<number>(0x5a / 2).fill(0);
  const put = (address: number, value: number): void => {
    floats[address / 2] = value;
  };
  const perPhase = (address: number, values: readonly number[]): void => {
    values.forEach((value, phase) => put(address + 2 * phase, value));
  };
  perPhase(0x0000, e.volts);
  perPhase(0x0006, e.amps);
  perPhase(0x000c, e.watts);
  perPhase(0x0012, e.apparent);
  perPhase(0x0018, e.reactive);
  perPhase(
    0x001e,
    e.shares.map(() => e.powerFactor),
  );
  if (core.phases === 3) {
    put(0x0034, sum(e.watts));
    put(0x0038, sum(e.apparent));
    put(0x003c, sum(e.reactive));
    put(0x003e, e.powerFactor);
  }
  put(0x0046, e.hertz);
  put(0x0048, kilo(state.importWh));
  put(0x004a, kilo(state.exportWh));
  put(0x004c, kilo(state.importVarh));
  put(0x004e, 0);
  put(0x0054, sum(e.watts));
  put(0x0056, sum(e.watts));
  return floats.flatMap(f32);
}

/** FC03: 0x0012 parity and stop (0 = 8N1), 0x0014 address, 0x0018 password, 0x001C baud (2 = 9600). */
function settingSpans(options: MeterOptions): readonly Span[] {
  const float = (address: number, value: number): Span => ({ address, count: 2, words: () => f32(value) });
  return [float(0x0012, 0), float(0x0014, options.unitId), float(0x0018, 1000), float(0x001c, 2)];
}

function kilo(value: number): number {
  return value / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
