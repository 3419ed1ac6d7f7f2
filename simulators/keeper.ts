/** Keeps a fleet's memory on disk: every few seconds, and at the end. */
import type { Fleet } from './fleet.ts';
import { fleetStateSchema, readJson, writeJson, type FleetState } from './stateFile.ts';

const SAVE_MS = 2_000;
/** A save on a busy machine may be this much late. */
const SAVE_LATE_MS = 2_000;

export function loadState(path: string): FleetState | null {
  return readJson(path, fleetStateSchema);
}

export type Start = {
  /** Site time to start with. */
  readonly siteMs: number;
  /** How far that is ahead of the wall clock; 0 where it is not. */
  readonly leadMs: number;
  /** How much site time from the last save on the meters have to count again. */
  readonly catchUpMs: number;
};

/**
 * Scaled time goes on where it stopped, real time has gone on meanwhile (as the core's does); nothing is drawn while
 * nobody runs the site. A simulator that was killed had shown more than it saved. Loads depend on time alone, so
 * counting the lost seconds again gives at least what was shown, and no register runs backwards.
 */
export function startOf(state: FleetState | null, speed: number, wallMs: number): Start {
  if (state === null) return { siteMs: wallMs, leadMs: 0, catchUpMs: 0 };
  return {
    siteMs: speed === 1 ? Math.max(state.siteMs, wallMs) : state.siteMs,
    leadMs: Math.max(0, state.siteMs - wallMs),
    catchUpMs: state.running ? (SAVE_MS + SAVE_LATE_MS) * state.speed : 0,
  };
}

export function keep(fleet: Fleet, path: string, speed: number): { readonly stop: () => void } {
  const save = (running: boolean): void =>
    writeJson(path, { format: 'wattroom-fleet-state/1', ...fleet.snapshot(), speed, running }, 0o600);
  save(true);
  const timer = setInterval(() => save(true), SAVE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      save(false);
    },
  };
}
