/** Which alarms a meter's reading raises or clears; each is said once, and once more after a restart. */
import type { AlarmKind } from '../../../protocol/wall.ts';
import { assert } from '../assert.ts';
import type { AlarmSubject, ReadingInput, Send } from '../messages.ts';
import { models } from './models.ts';
import type { MeterLive, MeterState } from './state.ts';

/** Site's own limits where no source gives one (facts: NOT FOUND). */
export const CLOCK_DRIFT_MS = 5 * 60_000; // DL/T 645 meters accept a correction of ±5 min, facts §5 no. 4
export const OPEN_CURRENT_AMPS = 0.05;
/** Water that may pass a closed valve before it is an alarm, litres. */
export const LEAK_LITRES = 20;
/** Energy that one register step may still show after an opening, Wh per unit of multiplier. */
const LEAK_STEPS = 2;

export const subjectOf = (id: string, state: MeterState): AlarmSubject => ({
  room: state.place.room,
  meter: id,
  line: null,
});

/** What nearly every reading leads to. */
const NOTHING: readonly Send[] = [];

/** Says an alarm's state when it has changed, and remembers it in `live`. */
export function say(
  id: string,
  state: MeterState,
  live: MeterLive,
  kind: AlarmKind,
  on: boolean,
  detail: Record<string, string | number> = {},
): readonly Send[] {
  if (live.alarms[kind] === on) return NOTHING;
  live.alarms[kind] = on;
  const subject = subjectOf(id, state);
  return [{ to: 'alarms', message: on ? { type: 'Raise', kind, subject, detail } : { type: 'Clear', kind, subject } }];
}

/** Alarms that one good reply decides. `localNowMs` is site time read as local time, for the meter's own clock. */
export function alarmsOfReading(
  id: string,
  state: MeterState,
  live: MeterLive,
  reading: ReadingInput,
  localNowMs: number,
): Send[] {
  const config = state.config;
  assert(config !== null, 'the meter is not registered');
  const sends = [
    ...say(id, state, live, 'meterSilent', false),
    ...say(id, state, live, 'batteryLow', reading.batteryLow),
    ...say(id, state, live, 'safetyLock', reading.overLimit || state.causes.safetyLock !== undefined),
  ];
  if (config.utility === 'water') sends.push(...say(id, state, live, 'valveAbnormal', reading.fault));
  if (reading.clockMs !== null) {
    const driftMs = reading.clockMs - localNowMs;
    const drifted = Math.abs(driftMs) > CLOCK_DRIFT_MS;
    sends.push(...say(id, state, live, 'clockDrift', drifted, { seconds: Math.round(driftMs / 1000) }));
  }
  if (reading.reverse !== null)
    sends.push(...say(id, state, live, 'reverseEnergy', reading.reverse > 0, { quantity: reading.reverse }));
  if (reading.volts.length === 3) {
    const lost = reading.volts.findIndex((volt) => volt < 50);
    const some = lost >= 0 && reading.volts.some((volt) => volt > 150);
    sends.push(...say(id, state, live, 'lostPhase', some, { phase: lost + 1 }));
  }
  sends.push(...flowThroughOpen(id, state, live, reading));
  return sends;
}

function flowThroughOpen(id: string, state: MeterState, live: MeterLive, reading: ReadingInput): readonly Send[] {
  const config = state.config;
  if (!config?.hasBreaker || typeof reading.index === 'string') return NOTHING;
  // A valve on its way, or bits that contradict each other: neither an end nor a beginning.
  if (reading.switchState === null) return NOTHING;
  if (reading.switchState !== 'open') {
    live.openIndex = null;
    return say(id, state, live, 'flowThroughOpen', false);
  }
  live.openIndex ??= reading.index;
  const passed = reading.index - live.openIndex;
  const amps = Math.max(0, ...reading.amps.map(Math.abs));
  const leak =
    config.utility === 'water' ? LEAK_LITRES : LEAK_STEPS * models[config.profile].step * config.ct * config.pt;
  const flows = amps > OPEN_CURRENT_AMPS || passed > leak;
  return say(id, state, live, 'flowThroughOpen', flows, { amps, passed });
}
