/** Which alarm has which priority (rules.md, "Alarms"), and which carries which. */
import type { Alarm, AlarmKind } from '../../../protocol/wall.ts';
import type { AlarmSubject } from '../messages.ts';

export const priorities: Readonly<Record<AlarmKind, 1 | 2 | 3>> = {
  flowThroughOpen: 1,
  paidNotPowered: 1,
  storeAway: 1,
  ledgerNotZero: 1,
  actorParked: 1,
  emergencyCut: 1,
  lineDead: 2,
  meterSilent: 2,
  quarantine: 2,
  safetyLock: 2,
  valveAbnormal: 2,
  interlockHolding: 2,
  cutHeld: 2,
  tripFailed: 2,
  meterMoney: 2,
  meterDrift: 2,
  wrongMeter: 2,
  forcedModeLost: 2,
  clockJump: 3,
  clockDrift: 3,
  batteryLow: 3,
  reverseEnergy: 3,
  lostPhase: 3,
  flappingLink: 3,
};

/** At most one active alarm per id. */
export function alarmId(kind: AlarmKind, subject: AlarmSubject): string {
  return `${kind}:${subject.meter ?? subject.line ?? subject.room ?? 'site'}`;
}

/** More new alarms than this in the window is a flood (ux.md, EEMUA 191). */
export const FLOOD_COUNT = 10;
export const FLOOD_WINDOW_MS = 10 * 60_000;

export function isFlood(alarms: Iterable<Alarm>, nowMs: number): boolean {
  let fresh = 0;
  for (const alarm of alarms) if (alarm.sinceMs > nowMs - FLOOD_WINDOW_MS && alarm.suppressedBy === null) fresh += 1;
  return fresh >= FLOOD_COUNT;
}
