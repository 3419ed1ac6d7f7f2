/**
 * Acrel DDSY1352 (one phase) and DTSY1352 (three phases), with the prepaid logic inside the meter.
 * Energies, forced control and FC03/FC16 are HIGH; the prepaid block, the status word, PT, number and clock are MED
 * (seen in a vendor's tool, no official document).
 */
import { noiseAt } from '../random.ts';
import { keepsClosed, watchLoad } from './acrelControl.ts';
import { acrelSpans } from './acrelRegisters.ts';
import { MILLIJOULES_A_WH, STEP_MILLIJOULES, totalOf } from './energy.ts';
import { eachMinute, HOUR_MS, type MeterOptions, type Moment, type VirtualMeter } from './meter.ts';
import { ILLEGAL_FUNCTION, readSpans, writeSpans } from './registers.ts';
import type { SavedAcrel } from './saved.ts';
import { rateAt, zhejiangTables, zhejiangZones } from './schedule.ts';

/** Electrical values of the moment on the secondary side: volts, amperes and watts per phase. */
export type Instants = {
  readonly volts: readonly number[];
  readonly amps: readonly number[];
  readonly watts: readonly number[];
  readonly powerFactor: number;
  readonly hertz: number;
};

export type AcrelCore = {
  readonly phases: 1 | 3;
  state: SavedAcrel;
  now: Moment | null;
  readonly instants: () => Instants;
  readonly clockLocalMs: () => number;
  readonly switched: () => void;
};

export function acrelMeter(model: 'ddsy1352' | 'dtsy1352', options: MeterOptions, saved?: SavedAcrel): VirtualMeter {
  const core: AcrelCore = {
    phases: model === 'ddsy1352' ? 1 : 3,
    state: structuredClone(saved) ?? factoryState(model, options),
    now: null,
    instants: () => instantsOf(core, options),
    clockLocalMs: () => options.local(core.now?.siteMs ?? 0) + core.state.clockOffsetMs,
    switched: () => driveRelay(core, options),
  };
  const spans = acrelSpans(core, model);
  return {
    model,
    unitId: options.unitId,
    faults: options.faults,
    advance: (now) => advance(core, options, now),
    skipTo: (now) => {
      core.now = now;
    },
    resetIndex: () => {
      core.state.bandsMilliJoules = [0, 0, 0, 0, 0];
    },
    look: () => ({
      index: totalOf(core.state.bandsMilliJoules) / MILLIJOULES_A_WH,
      conducting: conducting(core.state),
    }),
    save: () => structuredClone(core.state),
    read: (fn, address, count) =>
      fn === 3 ? readSpans(spans, address, count) : { ok: false, exception: ILLEGAL_FUNCTION },
    write: (fn, address, values) => {
      if (fn !== 16) return ILLEGAL_FUNCTION; // FC06 is documented nowhere for these meters
      const switching = address <= 0x58 && address + values.length > 0x57;
      if (switching && options.random() < options.faults.ignoredWrite) return null;
      return writeSpans(spans, address, values);
    },
  };
}

/** As a platform-charged meter stands in the field: forced closed, its own money logic on, its own balance zero. */
function factoryState(model: SavedAcrel['model'], options: MeterOptions): SavedAcrel {
  const index = options.startIndex ?? 0;
  const shares = [0.08, 0.3, 0.32, 0.28, 0.02];
  return {
    model,
    number: options.number,
    bandsMilliJoules: shares.map((share) => Math.floor(index * share) * MILLIJOULES_A_WH),
    forcedEnabled: true,
    forcedTrip: false,
    relayClosed: true,
    contactsStuck: false,
    prepaidOn: true,
    balanceMicro: 0,
    unchargedMilliJoules: 0,
    purchaseCount: 0,
    boughtCents: 0,
    alarm1Cents: 0,
    alarm2Cents: 0,
    overdraftCents: 0,
    prices: [0, 0, 0, 0],
    maxPowerW: 0,
    pt: options.pt ?? 1,
    ct: options.ct ?? 1,
    password: 0,
    runMode: 1,
    relayPulse: 0,
    clockOffsetMs: 0,
    zones: [...zhejiangZones],
    loadLimit: [0, 0, 0, 0, 0, 0],
    loadTrip: null,
    timeControl: new Array<number>(26).fill(0),
    dayTables: zhejiangTables.map((table) => [...table]),
  };
}

function conducting(state: SavedAcrel): boolean {
  return state.relayClosed || state.contactsStuck;
}

function advance(core: AcrelCore, options: MeterOptions, now: Moment): void {
  const { state } = core;
  const before = core.now;
  core.now = now;
  if (before === null) return;
  state.clockOffsetMs += ((now.siteMs - before.siteMs) / HOUR_MS) * options.faults.clockDriftMsPerHour;
  eachMinute(before.siteMs, now.siteMs, (middleMs, lengthMs) => {
    if (!conducting(state)) return;
    const localMs = options.local(middleMs);
    const milliJoules = (options.load(localMs) / (state.pt * state.ct)) * lengthMs;
    const band = rateAt(state.zones, state.dayTables, localMs + state.clockOffsetMs) - 1;
    state.bandsMilliJoules[band] = (state.bandsMilliJoules[band] ?? 0) + milliJoules;
    chargeItself(core, options, milliJoules, band);
  });
  watchLoad(
    core.state,
    conducting(state) ? options.load(options.local(now.siteMs)) / (state.pt * state.ct) : 0,
    core.clockLocalMs(),
  );
  driveRelay(core, options);
}

/** A step of 0.01 kWh at a price of p × 0.0001 yuan costs p micro-yuan. Cuts at the end of a minute. */
function chargeItself(core: AcrelCore, options: MeterOptions, milliJoules: number, band: number): void {
  const { state } = core;
  if (!state.prepaidOn) return;
  state.unchargedMilliJoules += milliJoules;
  const steps = Math.floor(state.unchargedMilliJoules / STEP_MILLIJOULES);
  if (steps === 0) return;
  state.unchargedMilliJoules -= steps * STEP_MILLIJOULES;
  // Four prices only: deep valley is charged as valley.
  state.balanceMicro -= steps * (state.prices[Math.min(band, 3)] ?? 0);
  driveRelay(core, options);
}

/** Forced control wins; without it the meter's own money decides. */
function driveRelay(core: AcrelCore, options: MeterOptions): void {
  const { state } = core;
  const paid = !state.prepaidOn || state.balanceMicro > -state.overdraftCents * 10_000;
  const wanted = state.forcedEnabled ? !state.forcedTrip : paid;
  const closed = wanted && keepsClosed(state, core.clockLocalMs());
  if (state.relayClosed && !closed) state.contactsStuck = options.random() < options.faults.stuckRelay;
  if (closed) state.contactsStuck = false;
  state.relayClosed = closed;
}

const RIPPLE_MS = 5_000;

function instantsOf(core: AcrelCore, options: MeterOptions): Instants {
  const siteMs = core.now?.siteMs ?? 0;
  const tick = Math.floor(siteMs / RIPPLE_MS);
  const primaryW = conducting(core.state) ? options.load(options.local(siteMs)) : 0;
  const ripple = 1 + (noiseAt(options.seed, tick) - 0.5) * 0.03;
  const totalW = (primaryW * ripple) / (core.state.pt * core.state.ct);
  const shares = core.phases === 1 ? [1] : phaseShares(options.seed);
  const powerFactor = 0.9 + noiseAt(options.seed, 1) * 0.09;
  const volts = shares.map((_, phase) => (220 + 16 * noiseAt(options.seed + phase, tick)) / core.state.pt);
  const watts = shares.map((share) => totalW * share);
  const amps = watts.map((w, phase) => w / ((volts[phase] ?? 220) * powerFactor));
  return { volts, amps, watts, powerFactor, hertz: 49.97 + 0.06 * noiseAt(options.seed + 7, tick) };
}

/** Three loads are never quite balanced. */
export function phaseShares(seed: number): number[] {
  const raw = [0, 1, 2].map((phase) => 0.8 + 0.4 * noiseAt(seed, 100 + phase));
  const sum = raw.reduce((total, share) => total + share, 0);
  return raw.map((share) => share / sum);
}
