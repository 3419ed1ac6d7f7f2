/** The registers of the Acrel prepaid meters. Big-endian, high word first; read FC03, write FC16. */
import type { AcrelCore } from './acrel.ts';
import { STEP_MILLIJOULES, totalOf } from './energy.ts';
import { bcd, fromBcd, fromI32, fromU32, i16, packed, u16, u32, unpacked, type Span } from './registers.ts';
import type { SavedAcrel } from './saved.ts';

/** Energies in 0.01 kWh: total, sharp, peak, flat, valley, deep valley. */
function energies(state: SavedAcrel): number[] {
  return [totalOf(state.bandsMilliJoules), ...state.bandsMilliJoules].map((energy) =>
    Math.floor(energy / STEP_MILLIJOULES),
  );
}

export function acrelSpans(core: AcrelCore, model: SavedAcrel['model']): readonly Span[] {
  const { state } = core;
  return [
    { address: 0x0000, count: 10, words: () => energies(state).slice(0, 5).flatMap(u32) },
    word(
      0x000a,
      () => state.password,
      (value) => value <= 9999 && set(() => (state.password = value)),
    ),
    { address: 0x000b, count: 7, words: () => instantWords(core) },
    word(
      0x0022,
      () => state.runMode,
      (value) => set(() => (state.runMode = value)),
    ),
    word(
      0x0037,
      () => state.pt,
      (value) => inRange(value, 1, 9999) && set(() => (state.pt = value)),
    ),
    word(
      0x0038,
      () => state.ct,
      (value) => inRange(value, 1, 9999) && set(() => (state.ct = value)),
    ),
    {
      address: 0x003c,
      count: 3,
      words: () => packed(legacyClock(core.clockLocalMs())),
      write: (w) => setClock(core, w),
    },
    { address: 0x0043, count: 3, words: () => bcd(state.number, 3), write: (w) => setNumber(state, w) },
    ...prepaidSpans(core),
    word(
      0x0063,
      () => state.relayPulse,
      (value) => value <= 1 && set(() => (state.relayPulse = value)),
    ),
    { address: 0x0200, count: 48, words: () => pollBlock(core, model) },
    { address: 0x5030, count: 2, words: () => u32(energies(state)[5] ?? 0) },
    ...scheduleSpans(state, model),
    ...controlSpans(core),
  ];
}

/** The date table is at 0x0028 on the three-phase meter, whose day tables start where the other's date table is. */
function scheduleSpans(state: SavedAcrel, model: SavedAcrel['model']): Span[] {
  const zones = model === 'ddsy1352' ? 0x2000 : 0x0028;
  const days = model === 'ddsy1352' ? [0x2006, 0x201b] : [0x2000, 0x2015];
  return [
    {
      address: zones,
      count: 6,
      words: () => packed(state.zones),
      write: (w) => set(() => (state.zones = unpacked(w))),
    },
    ...days.map((address, i): Span => {
      const write: Span['write'] = (words) => set(() => (state.dayTables[i] = unpacked(words)));
      return { address, count: 21, words: () => packed(state.dayTables[i] ?? []), write };
    }),
  ];
}

/**
 * The prepaid block (MED; money scales LOW-MED: 0.01 yuan, prices 0.0001 yuan). A real meter takes its money through
 * private function codes; plain FC16 is a convention of this simulator.
 */
function prepaidSpans(core: AcrelCore): Span[] {
  const { state } = core;
  const thenDrive = (change: () => void): boolean => {
    change();
    core.switched();
    return true;
  };
  const long = (address: number, get: () => number, put: (value: number) => void): Span => {
    const write: Span['write'] = ([high = 0, low = 0]) => thenDrive(() => put(fromU32(high, low)));
    return { address, count: 2, words: () => u32(get()), write };
  };
  return [
    long(
      0x0046,
      () => state.alarm1Cents,
      (value) => (state.alarm1Cents = value),
    ),
    long(
      0x0048,
      () => state.alarm2Cents,
      (value) => (state.alarm2Cents = value),
    ),
    long(
      0x004a,
      () => state.overdraftCents,
      (value) => (state.overdraftCents = value),
    ),
    unused(0x004c, 2),
    {
      address: 0x004e,
      count: 3,
      words: () => [state.purchaseCount, ...u32(balanceCents(state))],
      write: ([count = 0, high = 0, low = 0], first, changed) =>
        first === 0 && changed === 3 && buy(core, count, fromI32(high, low)),
    },
    unused(0x0051, 4),
    word(
      0x0055,
      () => (state.prepaidOn ? 0x0100 : 0),
      (value) => thenDrive(() => (state.prepaidOn = value >>> 8 !== 0)),
    ),
    unused(0x0056, 1),
    {
      address: 0x0057,
      count: 2,
      words: () => [state.forcedEnabled ? 1 : 0, state.forcedTrip ? 1 : 0],
      write: ([enable = 0, trip = 0]) => force(core, enable, trip),
    },
    ...state.prices.map((_, band) =>
      long(
        0x0059 + 2 * band,
        () => state.prices[band] ?? 0,
        (value) => (state.prices[band] = value),
      ),
    ),
    word(
      0x0061,
      () => state.maxPowerW,
      (value) => set(() => (state.maxPowerW = value)),
    ),
  ];
}

/**
 * A purchase sets the balance and the count in one request, and the count must be the next one. The last purchase once
 * more changes nothing, so that a repeat after a lost answer does no harm; any other count, or another balance under the
 * same count, is refused (MED: the rule of DL/T 645, which Acrel's write of balance and count resembles).
 */
function buy(core: AcrelCore, count: number, cents: number): boolean {
  const { state } = core;
  if (count === state.purchaseCount) return cents === state.boughtCents;
  if (count !== ((state.purchaseCount + 1) & 0xffff)) return false;
  state.purchaseCount = count;
  state.boughtCents = cents;
  state.balanceMicro = cents * 10_000;
  core.switched();
  return true;
}

/** Time control at 0x0300 and the power limit at 0x0400 (LOW: only the named fields are public, in this order). */
function controlSpans(core: AcrelCore): Span[] {
  const { state } = core;
  const area = (address: number, get: () => number[], put: (words: number[]) => void): Span => ({
    ...{ address, count: get().length, words: get },
    write: (words) => {
      put([...words]);
      core.switched();
      return true;
    },
  });
  return [
    area(
      0x0300,
      () => state.timeControl,
      (words) => (state.timeControl = words),
    ),
    unused(0x031a, 2),
    area(
      0x0400,
      () => state.loadLimit,
      (words) => (state.loadLimit = words),
    ),
    unused(0x0406, 7),
  ];
}

/** `0001 0001` trips, `0001 0000` closes, `0000 xxxx` hands the relay back to the meter's own money. */
function force(core: AcrelCore, enable: number, trip: number): boolean {
  if (enable > 1 || (enable === 1 && trip > 1)) return false;
  core.state.forcedEnabled = enable === 1;
  core.state.forcedTrip = enable === 1 && trip === 1;
  // Whoever closes it by force has looked at the load.
  if (enable === 1 && trip === 0) core.state.loadTrip = null;
  core.switched();
  return true;
}

function balanceCents(state: SavedAcrel): number {
  return Math.floor(state.balanceMicro / 10_000);
}

/** Single values from 0x000B: total power, and voltage and current of the first phase. */
function instantWords(core: AcrelCore): number[] {
  const { volts, amps, watts, powerFactor, hertz } = core.instants();
  const all = sum(watts);
  return [
    u16((volts[0] ?? 0) * 10),
    u16((amps[0] ?? 0) * 100),
    i16(all),
    i16(reactive(all, powerFactor)),
    u16(all / powerFactor),
    i16(powerFactor * 1000),
    u16(hertz * 100),
  ];
}

function pollBlock(core: AcrelCore, model: SavedAcrel['model']): number[] {
  const { state } = core;
  const { volts, amps, watts, powerFactor } = core.instants();
  const three = (values: readonly number[]): number[] => [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0];
  const factors = three(watts.map(() => powerFactor));
  return [
    model === 'ddsy1352' ? 7 : 5,
    ...three(volts).map((v) => u16(v * 10)),
    ...three(amps).map((a) => u16(a * 100)),
    ...[...three(watts), sum(watts)].map((w) => i16(w)),
    ...[...three(watts), sum(watts)].map((w) => i16(reactive(w, powerFactor))),
    ...[...factors, powerFactor].map((factor) => i16(factor * 1000)),
    state.pt,
    state.ct,
    ...energies(state).slice(0, 5).flatMap(u32),
    ...u32(balanceCents(state)),
    state.purchaseCount,
    state.loadTrip?.count ?? 0,
    state.loadLimit[5] ?? 0,
    statusWord(state, core.phases, sum(watts)),
    state.prepaidOn ? 0b1000 | (state.forcedEnabled || state.relayClosed ? 0 : loops(core.phases)) : 0,
    ...u32(0), // free energy left
    ...packed([...blockClock(core.clockLocalMs()), ...new Array<number>(9).fill(0)]),
  ];
}

/**
 * High byte: bit 0 fault, bits 5 to 7 the relay of each loop, 1 = closed (the other way round than at 0x0057). Low
 * byte: bits 0 to 2 a loop held open by forced control, 3 forced control on, 4 over limit, 5 arrears, 6 and 7 alarms.
 */
function statusWord(state: SavedAcrel, phases: 1 | 3, watts: number): number {
  const cents = balanceCents(state);
  const high = state.relayClosed ? loops(phases) << 5 : 0;
  let low = state.forcedEnabled ? 0b1000 : 0;
  if (state.forcedTrip) low |= loops(phases);
  if ((state.loadTrip !== null && !state.relayClosed) || (state.maxPowerW > 0 && watts > state.maxPowerW))
    low |= 1 << 4;
  if (state.prepaidOn && cents <= -state.overdraftCents) low |= 1 << 5;
  if (state.prepaidOn && cents < state.alarm1Cents) low |= 1 << 6;
  if (state.prepaidOn && cents < state.alarm2Cents) low |= 1 << 7;
  return (high << 8) | low;
}

function loops(phases: 1 | 3): number {
  return phases === 1 ? 0b001 : 0b111;
}

function reactive(watts: number, powerFactor: number): number {
  return watts * Math.tan(Math.acos(powerFactor));
}

/** yy, mm, dd, weekday (Sunday 0), hh, mi, ss. */
function blockClock(localMs: number): number[] {
  const t = new Date(localMs);
  return [
    t.getUTCFullYear() % 100,
    t.getUTCMonth() + 1,
    t.getUTCDate(),
    t.getUTCDay(),
    t.getUTCHours(),
    t.getUTCMinutes(),
    t.getUTCSeconds(),
  ];
}

/** sec, min, hour, day, month, year. */
function legacyClock(localMs: number): number[] {
  const [year = 0, month = 0, day = 0, , hour = 0, minute = 0, second = 0] = blockClock(localMs);
  return [second, minute, hour, day, month, year];
}

function setClock(core: AcrelCore, words: readonly number[]): boolean {
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = unpacked(words);
  if (second > 59 || minute > 59 || hour > 23 || !inRange(day, 1, 31) || !inRange(month, 1, 12)) return false;
  const wanted = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  core.state.clockOffsetMs += wanted - core.clockLocalMs();
  return true;
}

function setNumber(state: SavedAcrel, words: readonly number[]): boolean {
  const digits = fromBcd(words);
  return digits !== null && set(() => (state.number = digits));
}

function word(address: number, get: () => number, put: (value: number) => boolean): Span {
  return { address, count: 1, words: () => [get()], write: ([value = 0]) => put(value) };
}

/** Registers inside the block whose meaning nobody published: they read as zero and take anything. */
function unused(address: number, count: number): Span {
  return { address, count, words: () => new Array<number>(count).fill(0), write: () => true };
}

function set(change: () => void): boolean {
  change();
  return true;
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function sum(values: readonly number[]): number {
  return values.reduce((so, value) => so + value, 0);
}
