/**
 * Driving one meter's breaker or valve to its wanted state, as pure decisions: look → verify → write → confirm.
 * The plan is a marker that the field may differ; what is wanted is asked anew before each step, and right before the write.
 * An acknowledgement proves nothing, so nothing here depends on it.
 */
import type { WantedNow, WantedState } from './types.ts';

export type SwitchPlan = {
  readonly meterId: string;
  /**
   * look: read the field before writing. verify: read the number before a trip. write: ready to write.
   * confirm: written, read back until it shows.
   */
  readonly phase: 'look' | 'verify' | 'write' | 'confirm';
  readonly wanted: WantedState | null;
  readonly attempts: number;
  /** Monotonic ms of the next step. */
  readonly dueAtMs: number;
  readonly writtenAtMs: number;
  /** The refusal in force was reported already. */
  readonly held: boolean;
};

export type SwitchRules = {
  /** A trip, and a release, read the meter's number first. */
  readonly checkNumber: boolean;
  readonly settleMs: number;
  readonly confirmMs: number;
  readonly tripTriesMax: number;
  readonly retryPauseMs: number;
  readonly retryPauseMsMax: number;
};

export const switchPauses = { tripTriesMax: 3, retryPauseMs: 1_000, retryPauseMsMax: 60_000 } as const;

/** How the field stood at the last reading since the unit came online, measured against what is wanted. */
export type FieldView = 'unknown' | 'asWanted' | 'differs';

export type SwitchStep =
  /** Read the status; what comes back goes to `afterLook`. */
  { readonly do: 'read' } | { readonly do: 'readNumber' } | { readonly do: 'write'; readonly state: WantedState };

export type SwitchReport = {
  readonly wanted: WantedState;
  readonly outcome: 'confirmed' | 'refused' | 'unconfirmed' | 'retrying';
  readonly attempts: number;
  readonly reason: string | null;
};

/** `plan` null: done with it. `step` null: nothing to do before `plan.dueAtMs`. */
export type Decision = {
  readonly plan: SwitchPlan | null;
  readonly step: SwitchStep | null;
  readonly report: SwitchReport | null;
};
/** What a step's result leads to. */
export type Followed = { readonly plan: SwitchPlan | null; readonly report: SwitchReport | null };

export function newPlan(meterId: string, nowMs: number): SwitchPlan {
  return { meterId, phase: 'look', wanted: null, attempts: 0, dueAtMs: nowMs, writtenAtMs: nowMs, held: false };
}

/** The unit was away: what it does now has to be looked at before anything is written. */
export function afterAbsence(plan: SwitchPlan, nowMs: number): SwitchPlan {
  return { ...plan, phase: 'look', dueAtMs: nowMs };
}

/** The step that is due now. `wantedNow` null: nothing is wanted of this meter. */
export function decideSwitch(
  plan: SwitchPlan,
  view: FieldView,
  wantedNow: WantedNow | null,
  wrongMeter: boolean,
  rules: SwitchRules,
  nowMs: number,
): Decision {
  if (wantedNow === null)
    return {
      plan: null,
      step: null,
      report: plan.wanted === null ? null : report(plan, plan.wanted, 'refused', 'nothingWanted'),
    };
  const current = towards(plan, wantedNow.state);
  if (current.phase === 'confirm') return { plan: current, step: { do: 'read' }, report: null };
  if (current.phase === 'look' && view !== 'differs') return { plan: current, step: { do: 'read' }, report: null };
  if (wrongMeter) return refuse(current, wantedNow.state, 'wrongNumber', rules, nowMs);
  if (!wantedNow.mayWrite) return refuse(current, wantedNow.state, 'mayNotWrite', rules, nowMs);
  if (current.phase !== 'write' && wantedNow.state !== 'closed' && rules.checkNumber) {
    return { plan: { ...current, phase: 'verify' }, step: { do: 'readNumber' }, report: null };
  }
  return { plan: { ...current, phase: 'write' }, step: { do: 'write', state: wantedNow.state }, report: null };
}

/** A turn after a write leaves the look out: the field may still be on its way to what was wanted before. */
function towards(plan: SwitchPlan, wanted: WantedState): SwitchPlan {
  if (plan.wanted === null || plan.wanted === wanted) return { ...plan, wanted };
  return { ...plan, wanted, attempts: 0, held: false, phase: plan.phase === 'confirm' ? 'verify' : 'look' };
}

/** A refused trip is over: whoever still wants it asks again. A refused closing stays on the list; paid means powered. */
function refuse(plan: SwitchPlan, wanted: WantedState, reason: string, rules: SwitchRules, nowMs: number): Decision {
  const said = plan.held ? null : report(plan, wanted, 'refused', reason);
  if (wanted === 'open') return { plan: null, step: null, report: said };
  return {
    plan: { ...plan, phase: 'look', held: true, dueAtMs: nowMs + rules.retryPauseMs },
    step: null,
    report: said,
  };
}

/** The status was read (phase look or confirm), or `failed` to be. `view` is against what the plan wants. */
export function afterLook(plan: SwitchPlan, view: FieldView | 'failed', rules: SwitchRules, nowMs: number): Followed {
  if (view === 'asWanted') return { plan: null, report: say(plan, 'confirmed', null) };
  if (plan.phase !== 'confirm') {
    if (view === 'failed' || view === 'unknown') return again(plan, 'noStatus', rules, nowMs);
    return { plan: { ...plan, phase: 'verify', dueAtMs: nowMs }, report: null };
  }
  if (nowMs - plan.writtenAtMs < rules.confirmMs)
    return { plan: { ...plan, dueAtMs: nowMs + rules.settleMs }, report: null };
  return again(plan, view === 'failed' ? 'noReadBack' : 'notFollowed', rules, nowMs);
}

export function afterNumber(
  plan: SwitchPlan,
  result: 'match' | 'mismatch' | 'failed',
  rules: SwitchRules,
  nowMs: number,
): Followed {
  switch (result) {
    case 'match':
      return { plan: { ...plan, phase: 'write', dueAtMs: nowMs }, report: null };
    case 'mismatch':
      return { plan: null, report: say(plan, 'refused', 'wrongNumber') };
    case 'failed':
      return again(plan, 'noNumber', rules, nowMs);
  }
}

/** Written, answered or not: a lost answer may have been a done deed, so either way the field is read. */
export function afterWrite(plan: SwitchPlan, rules: SwitchRules, nowMs: number): SwitchPlan {
  return { ...plan, phase: 'confirm', held: false, writtenAtMs: nowMs, dueAtMs: nowMs + rules.settleMs };
}

/** One try has failed. Closing goes on for ever at a growing pause; tripping gives up: a late trip could be wrong. */
function again(plan: SwitchPlan, reason: string, rules: SwitchRules, nowMs: number): Followed {
  const attempts = plan.attempts + 1;
  const tried: SwitchPlan = { ...plan, attempts };
  if (plan.wanted === 'open' && attempts >= rules.tripTriesMax)
    return { plan: null, report: say(tried, 'unconfirmed', reason) };
  const pauseMs = Math.min(rules.retryPauseMsMax, rules.retryPauseMs * 2 ** Math.min(16, attempts - 1));
  return { plan: { ...tried, phase: 'look', dueAtMs: nowMs + pauseMs }, report: say(tried, 'retrying', reason) };
}

function say(plan: SwitchPlan, outcome: SwitchReport['outcome'], reason: string | null): SwitchReport | null {
  return plan.wanted === null ? null : report(plan, plan.wanted, outcome, reason);
}

function report(
  plan: SwitchPlan,
  wanted: WantedState,
  outcome: SwitchReport['outcome'],
  reason: string | null,
): SwitchReport {
  return { wanted, outcome, attempts: plan.attempts, reason };
}
