/**
 * Load and time control as the platform does it (rules.md, cause 6): looked at with each reading, so as late as the meter is
 * polled. A cut for load ends after its recovery time; after the plan's tries in a row the safety lock takes over.
 */
import { controlReasons, type ControlPlan, type lockReasons } from '../../../protocol/control.ts';
import { cutUntil, limitAt, type DayKind } from '../control/plan.ts';
import type { MeterMessage } from '../messages.ts';
import { followUp, wakeAtEnd } from './breaker.ts';
import type { Outcome } from './outcome.ts';
import { wantedOf } from './view.ts';

export type Controlled = {
  /** The plan the platform carries out here; null: none, or the meter does it itself. */
  readonly plan: (chosen: string | undefined) => ControlPlan | null;
  readonly dayKind: DayKind;
};

export function choosePlan(out: Outcome, { plan, by }: Extract<MeterMessage, { type: 'ChoosePlan' }>): void {
  if ((out.state.controlPlan ?? null) === plan) return;
  out.emit({ type: 'ControlPlanChosen', plan, by });
  out.note('ControlPlanChosen', by, { plan: plan ?? '' });
}

/** `watts`: of the reading that has just been accepted; null: there is none. */
export function followControl(out: Outcome, watts: number | null): void {
  const { state, context } = out;
  if (!state.config?.hasBreaker || context.moneyOnHold) return;
  const plan = context.control.plan(state.controlPlan);
  if (plan === null) {
    out.live.overSinceMs = null;
    out.live.stepFrom = null;
    if (isOurs(out)) end(out);
    return;
  }
  followTime(out, plan);
  if (watts === null) return;
  followStep(out, plan, watts);
  followLoad(out, plan, watts);
}

function isOurs({ state }: Outcome): boolean {
  return controlReasons.some((reason) => reason === state.causes.control?.reason);
}

function end(out: Outcome): void {
  const before = wantedOf(out.state, out.context).state;
  out.emit({ type: 'CauseEnded', cause: 'control', by: 'plan' });
  out.note('CauseEnded', null, { cause: 'control' });
  followUp(out, before);
}

function set(out: Outcome, plan: ControlPlan, entry: { reason: string; untilMs: number; tries?: number }): void {
  const before = wantedOf(out.state, out.context).state;
  const sinceMs = out.context.nowMs;
  out.emit({ type: 'CauseSet', cause: 'control', entry: { by: plan.name, sinceMs, ...entry } });
  out.note('ControlCut', null, { plan: plan.name, why: entry.reason, untilMs: entry.untilMs });
  out.effects.push(wakeAtEnd(entry.untilMs));
  followUp(out, before);
}

function followTime(out: Outcome, plan: ControlPlan): void {
  const { nowMs, localNowMs, control } = out.context;
  const local = cutUntil(plan, localNowMs, control.dayKind);
  const entry = out.state.causes.control;
  if (local === null) {
    if (entry?.reason === 'timeControl') end(out);
    return;
  }
  const untilMs = Math.round(nowMs + local - localNowMs);
  // A cut for load that lasts longer stays; its end looks here again.
  if (entry && (entry.reason === 'timeControl' ? entry.untilMs === untilMs : (entry.untilMs ?? Infinity) >= untilMs))
    return;
  set(out, plan, { reason: 'timeControl', untilMs });
}

/** Closed, and not by a person in spite of everything: the load is that person's then. */
function isWatched({ state, cause }: ReturnType<typeof wantedOf>): boolean {
  return state === 'closed' && cause !== 'keepPower' && cause !== 'forcedClose';
}

function lock(out: Outcome, plan: ControlPlan, reason: (typeof lockReasons)[number]): void {
  const before = wantedOf(out.state, out.context).state;
  const entry = { by: plan.name, reason, sinceMs: out.context.nowMs, untilMs: null };
  out.emit({ type: 'CauseSet', cause: 'safetyLock', entry });
  out.note('SafetyLocked', null, { plan: plan.name, why: reason });
  followUp(out, before);
}

/**
 * A malignant load is a step at the power factor of a resistive one (facts, DORM-MTR). A second reading must show it
 * too: one alone may be wrong, and only a person lifts the lock.
 */
function followStep(out: Outcome, { step, ...plan }: ControlPlan, watts: number): void {
  const { live, state, context } = out;
  const from = live.stepFrom ?? live.wattsBefore;
  const isResistive =
    step !== undefined &&
    (step.powerFactor === 0 || (live.powerFactor !== null && live.powerFactor * 1_000 >= step.powerFactor));
  const isStep = step !== undefined && from !== null && watts - from > step.watts && isResistive;
  if (!isStep || !isWatched(wantedOf(state, context))) {
    live.stepFrom = null;
    return;
  }
  const isSecond = live.stepFrom !== null;
  live.stepFrom = isSecond ? null : from;
  if (isSecond) lock(out, plan, 'malignantLoad');
}

function followLoad(out: Outcome, plan: ControlPlan, watts: number): void {
  const { live, context, state } = out;
  const { nowMs } = context;
  const limit = limitAt(plan, context.localNowMs);
  const wanted = wantedOf(state, context);
  if (limit === null || watts <= limit.watts || !isWatched(wanted)) {
    live.overSinceMs = null;
    if (wanted.state === 'open' || state.loadTrips === undefined) live.calmSinceMs = null;
    else live.calmSinceMs ??= nowMs;
    if (live.calmSinceMs !== null && nowMs - live.calmSinceMs >= plan.recoverMinutes * 60_000)
      out.emit({ type: 'LoadTripsCleared' });
    return;
  }
  live.calmSinceMs = null;
  live.overSinceMs ??= nowMs;
  if (nowMs - live.overSinceMs < plan.seconds * 1000) return;
  live.overSinceMs = null;
  const tries = (state.loadTrips ?? 0) + 1;
  if (tries <= plan.tries) {
    const untilMs = Math.round(nowMs + plan.recoverMinutes * 60_000);
    return set(out, plan, { reason: limit.night ? 'nightLimit' : 'loadLimit', untilMs, tries });
  }
  lock(out, plan, 'overload');
}
