/** The durable state of a meter after one more event. */
import { assertNever } from '../assert.ts';
import type { Causes, SettableCause } from '../switching.ts';
import type { MeterEvent, MeterState } from './state.ts';

function without(causes: Causes, cause: SettableCause): Causes {
  const { [cause]: _ended, ...rest } = causes;
  return rest;
}

/** Mostly the one before has been charged: a list of exactly one. */
function pendingAfter(
  before: MeterState['pending'],
  charged: number,
  added: MeterState['pending'][number],
): MeterState['pending'] {
  if (before.every((one) => one.sequence <= charged)) return [added];
  return before.filter((one) => one.sequence > charged).concat(added);
}

/** What is counted now says what to believe. */
function counted(state: MeterState): MeterState {
  if (state.discarded === undefined) return state;
  const { discarded: _over, ...rest } = state;
  return rest;
}

function calmed(state: MeterState): MeterState {
  const { loadTrips: _over, ...rest } = state;
  return rest;
}

export function evolveMeter(state: MeterState, event: MeterEvent): MeterState {
  switch (event.type) {
    case 'MeterRegistered':
      return { ...state, config: event.config, place: event.place };
    case 'IndexAnchored':
    case 'IndexNoted':
      return { ...counted(state), anchor: event.anchor };
    case 'ConsumptionMeasured': {
      const { consumption } = event;
      return {
        ...counted(state),
        sequence: consumption.sequence,
        anchor: { index: consumption.toIndex, atMs: consumption.toMs, bands: event.bandsNow },
        pending: pendingAfter(state.pending, event.charged, consumption),
      };
    }
    case 'ReadingQuarantined':
      return { ...state, quarantine: event.quarantine };
    case 'QuarantineWaited':
      return state.quarantine ? { ...state, quarantine: { ...state.quarantine, waiting: event.waiting } } : state;
    case 'QuarantineResolved': {
      const after = { ...counted(state), quarantine: null };
      const held = state.quarantine;
      if (event.action !== 'discard' || held?.why !== 'jump' || held.index === null) return after;
      return { ...after, discarded: held.index };
    }
    case 'CauseSet': {
      const { tries } = event.entry;
      const causes = { ...state.causes, [event.cause]: event.entry };
      return { ...state, causes, ...(tries !== undefined && { loadTrips: tries }) };
    }
    case 'CauseEnded': {
      // Whoever lifts the lock has looked at the load.
      const next = event.cause === 'safetyLock' ? calmed(state) : state;
      return { ...next, causes: without(state.causes, event.cause) };
    }
    case 'ControlPlanChosen': {
      const { controlPlan: _before, ...rest } = calmed(state);
      return event.plan === null ? rest : { ...rest, controlPlan: event.plan };
    }
    case 'LoadTripsCleared':
      return calmed(state);
    case 'QuarantineCorrected': {
      const held = state.quarantine;
      const after = { ...counted(state), quarantine: null };
      // The register may go on showing what was not so: it is held again then.
      return held?.why === 'jump' && held.index !== null && held.index > event.index
        ? { ...after, discarded: held.index }
        : after;
    }
    case 'HoldSet':
      return { ...state, operatorHold: event.entry };
    case 'HoldLifted':
      return { ...state, operatorHold: null };
    case 'CutRequested':
      return { ...state, cutSinceMs: event.sinceMs };
    case 'CutWithdrawn':
      return { ...state, cutSinceMs: null };
    case 'MeterPlaced': {
      const { place, tariff, vacant } = event;
      const { vacant: _before, itself: _over, ...rest } = state;
      return {
        ...rest,
        ...(vacant && { vacant }),
        place,
        pending: [],
        config: state.config && { ...state.config, tariff },
      };
    }
    case 'MeterRenewed':
      return {
        ...counted(state),
        ...{ config: event.config, anchor: event.anchor },
        ...(event.why === 'swap' ? { swappedMs: event.anchor.atMs } : {}),
        // Another meter is kept closed until its money is in.
        ...(state.itself && event.why === 'swap' ? { itself: 'kept' as const } : {}),
      };
    case 'MeterConfigured':
      return { ...state, config: event.config };
    case 'ChargingModeSet': {
      const { itself: _before, ...rest } = state;
      return event.mode === 'platform' ? rest : { ...rest, itself: event.mode };
    }
    case 'GroupTaken':
      return { ...state, group: event.taken };
    case 'TariffChosen':
      return { ...state, nextTariff: event.tariff };
    case 'TariffTakenUp': {
      const { nextTariff: _taken, ...rest } = state;
      return { ...rest, pending: [], config: state.config && { ...state.config, tariff: event.tariff } };
    }
    default:
      return assertNever(event);
  }
}
