/**
 * What a line does next, as a pure function of its state. Switching and credit go first, then readings by how long they have
 * been due; slow reads and probes of silent meters get one turn per cycle, parameters one in a few readings, or the wire when
 * nothing else wants it. A task that has begun has the wire to itself. Nobody starves: whatever is due stays due, the
 * longest-due goes first, and each privilege is bounded.
 */
import { assert } from '../domain/assert.ts';

export type Slot = {
  readonly meterId: string;
  readonly pollIntervalMs: number;
  /** Monotonic ms of the next reading or, for a silent meter, of the next probe. */
  readonly dueAtMs: number;
  /** Someone wants it now: since when. */
  readonly urgentSinceMs: number | null;
  /** Next slow read; null where the model has none. */
  readonly slowDueAtMs: number | null;
  /** Next step of its switching; null when nothing is to be switched. */
  readonly switchDueAtMs: number | null;
  /** unknown: not heard since the line came up. */
  readonly presence: 'unknown' | 'online' | 'silent';
  /** Failed readings in a row. */
  readonly failures: number;
};

/** A reading of several requests that is not finished. */
export type OpenJob = { readonly meterId: string };

/** An exclusive task that waits; meterId is null for a unit that is nobody's. */
export type WaitingTask = {
  readonly id: string;
  readonly meterId: string | null;
  readonly priority: 'credit' | 'parameters';
};

export type ScheduleState = {
  readonly slots: readonly Slot[];
  readonly job: OpenJob | null;
  /** In the order they came. */
  readonly tasks: readonly WaitingTask[];
  /** The task that has the wire; its next step is due then, monotonic ms. */
  readonly exclusive: (WaitingTask & { readonly dueAtMs: number }) | null;
  readonly pollsSinceTask: number;
  readonly switchesInRow: number;
  readonly pollsSinceSlow: number;
  readonly pollsSinceProbe: number;
};

export type Task =
  | { readonly kind: 'switch' | 'poll' | 'probe' | 'slow' | 'continue'; readonly meterId: string }
  /** inTurn: it has waited for its turn between readings, and was not favoured. */
  | { readonly kind: 'task'; readonly taskId: string; readonly inTurn: boolean }
  | { readonly kind: 'wait'; readonly untilMs: number | null };

export type ScheduleRules = {
  /** So many switching and credit steps in a row, then one due reading or task. */
  readonly switchesInRowMax: number;
  /** An urgent reading counts as due this much earlier, no more. */
  readonly urgentHeadStartMs: number;
  /** After so many failures in a row a meter is silent; one never heard of, after the first. */
  readonly silentAfter: number;
  readonly retryMs: number;
  readonly probePauseMs: number;
  readonly probePauseMsMax: number;
  readonly slowIntervalMs: number;
  /** Between two tasks for parameters at least so many due readings. */
  readonly pollsPerTask: number;
};

export const scheduleRules: ScheduleRules = {
  switchesInRowMax: 8,
  urgentHeadStartMs: 60_000,
  silentAfter: 3,
  retryMs: 300,
  probePauseMs: 2_000,
  probePauseMsMax: 60_000,
  slowIntervalMs: 600_000,
  pollsPerTask: 4,
};

export const emptySchedule: ScheduleState = {
  slots: [],
  job: null,
  tasks: [],
  exclusive: null,
  pollsSinceTask: 0,
  switchesInRow: 0,
  pollsSinceSlow: 0,
  pollsSinceProbe: 0,
};

export function newSlot(meterId: string, pollIntervalMs: number, hasSlow: boolean, nowMs: number): Slot {
  const slowDueAtMs = hasSlow ? nowMs : null;
  return {
    meterId,
    pollIntervalMs,
    dueAtMs: nowMs,
    urgentSinceMs: null,
    slowDueAtMs,
    switchDueAtMs: null,
    presence: 'unknown',
    failures: 0,
  };
}

/** When a reading of this slot counts as due, ms. */
export function effectiveDueMs(slot: Slot, rules: ScheduleRules): number {
  return slot.urgentSinceMs === null
    ? slot.dueAtMs
    : Math.min(slot.dueAtMs, slot.urgentSinceMs - rules.urgentHeadStartMs);
}

type Key = (slot: Slot) => number | null;

/** The slot whose key is least; the first of equals. */
function earliest(slots: readonly Slot[], key: Key): { readonly slot: Slot; readonly atMs: number } | null {
  let best: { slot: Slot; atMs: number } | null = null;
  for (const slot of slots) {
    const atMs = key(slot);
    if (atMs !== null && (best === null || atMs < best.atMs)) best = { slot, atMs };
  }
  return best;
}

/** `nowMs` is monotonic. */
export function nextTask(state: ScheduleState, nowMs: number, rules: ScheduleRules = scheduleRules): Task {
  const { exclusive } = state;
  if (exclusive !== null)
    return exclusive.dueAtMs <= nowMs
      ? { kind: 'task', taskId: exclusive.id, inTurn: false }
      : { kind: 'wait', untilMs: exclusive.dueAtMs };
  const first = {
    switch: earliest(state.slots, (slot) => (slot.presence === 'online' ? slot.switchDueAtMs : null)),
    poll: earliest(state.slots, (slot) => (slot.presence === 'silent' ? null : effectiveDueMs(slot, rules))),
    slow: earliest(state.slots, (slot) => (slot.presence === 'online' ? slot.slowDueAtMs : null)),
    probe: earliest(state.slots, (slot) => (slot.presence === 'silent' ? effectiveDueMs(slot, rules) : null)),
  };
  type Kind = keyof typeof first;
  const due = (kind: Kind): string | null => {
    const candidate = first[kind];
    return candidate !== null && candidate.atMs <= nowMs ? candidate.slot.meterId : null;
  };
  const task = (kind: Kind): Task | null => {
    const meterId = due(kind);
    return meterId === null ? null : { kind, meterId };
  };
  const cycle = state.slots.filter((slot) => slot.presence !== 'silent').length;
  const readsWait = state.job !== null || due('poll') !== null;
  const favoured = state.switchesInRow < rules.switchesInRowMax || !(readsWait || state.tasks.length > 0);
  const switching = favoured ? (task('switch') ?? waitingTask(state, ['credit'])) : null;
  const rest = (): Task =>
    (state.pollsSinceTask >= rules.pollsPerTask ? waitingTask(state, all) : null) ??
    (state.pollsSinceSlow >= cycle ? task('slow') : null) ??
    (state.pollsSinceProbe >= cycle ? task('probe') : null) ??
    task('poll') ??
    waitingTask(state, all) ??
    task('slow') ??
    task('probe') ?? {
      kind: 'wait',
      untilMs: earliestOf(Object.values(first).map((candidate) => candidate?.atMs ?? null)),
    };
  return switching ?? (state.job === null ? rest() : { kind: 'continue', meterId: state.job.meterId });
}

const all = ['credit', 'parameters'] as const;

/** The first that waits. It does not break into an open reading; a meter that has not been heard yet is read first. */
function waitingTask(state: ScheduleState, priorities: readonly WaitingTask['priority'][]): Task | null {
  if (state.job !== null) return null;
  const heard = ({ meterId }: WaitingTask): boolean =>
    meterId === null || slotOf(state, meterId).presence !== 'unknown';
  const found = state.tasks.find((each) => priorities.includes(each.priority) && heard(each));
  return found === undefined ? null : { kind: 'task', taskId: found.id, inTurn: priorities === all };
}

function earliestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

export function slotOf(state: ScheduleState, meterId: string): Slot {
  const slot = state.slots.find((each) => each.meterId === meterId);
  assert(slot !== undefined, `meter ${meterId} is not on this line`);
  return slot;
}

export function withSlot(state: ScheduleState, meterId: string, change: Partial<Omit<Slot, 'meterId'>>): ScheduleState {
  return { ...state, slots: state.slots.map((slot) => (slot.meterId === meterId ? { ...slot, ...change } : slot)) };
}

/** Counts the step; called when a task's request goes out. */
export function afterStart(state: ScheduleState, task: Exclude<Task, { kind: 'wait' }>): ScheduleState {
  switch (task.kind) {
    case 'switch':
      return { ...state, switchesInRow: state.switchesInRow + 1 };
    case 'slow':
      return { ...state, switchesInRow: 0, pollsSinceSlow: 0 };
    case 'probe':
      return { ...state, switchesInRow: 0, pollsSinceProbe: 0 };
    case 'poll':
      return {
        ...state,
        switchesInRow: 0,
        pollsSinceSlow: state.pollsSinceSlow + 1,
        pollsSinceProbe: state.pollsSinceProbe + 1,
        pollsSinceTask: state.pollsSinceTask + 1,
      };
    case 'continue':
      return { ...state, switchesInRow: 0 };
    case 'task':
      return afterTaskStart(state, task.taskId, task.inTurn);
  }
}

function afterTaskStart(state: ScheduleState, taskId: string, inTurn: boolean): ScheduleState {
  const waiting = state.exclusive ?? state.tasks.find((each) => each.id === taskId);
  assert(waiting !== undefined && waiting.id === taskId, `task ${taskId} does not wait here`);
  const begun = { ...withoutTask(state, taskId), exclusive: { ...waiting, dueAtMs: 0 } };
  if (inTurn) return { ...begun, switchesInRow: 0, pollsSinceTask: 0 };
  return waiting.priority === 'credit' ? { ...begun, switchesInRow: state.switchesInRow + 1 } : begun;
}

export function withTask(state: ScheduleState, task: WaitingTask): ScheduleState {
  return { ...state, tasks: [...state.tasks, task] };
}

export function withoutTask(state: ScheduleState, taskId: string): ScheduleState {
  return { ...state, tasks: state.tasks.filter((each) => each.id !== taskId) };
}

/** Its next step waits until then, and with it the line. */
export function taskHeld(state: ScheduleState, taskId: string, dueAtMs: number): ScheduleState {
  const { exclusive } = state;
  return exclusive?.id === taskId ? { ...state, exclusive: { ...exclusive, dueAtMs } } : state;
}

/** It is over: the wire is everyone's again. */
export function afterTask(state: ScheduleState, taskId: string): ScheduleState {
  return state.exclusive?.id === taskId ? { ...state, exclusive: null } : state;
}

/** A whole reading came. A late one does not shift the beat of those on time; when the line is full, all queue in turn. */
export function afterReading(state: ScheduleState, meterId: string, nowMs: number): ScheduleState {
  const slot = slotOf(state, meterId);
  const wasDue = slot.dueAtMs <= nowMs;
  const dueAtMs = slot.presence === 'online' && !wasDue ? slot.dueAtMs : Math.max(nowMs, beat(slot, nowMs));
  return withSlot(state, meterId, { presence: 'online', failures: 0, urgentSinceMs: null, dueAtMs });
}

function beat(slot: Slot, nowMs: number): number {
  return slot.presence === 'online' ? slot.dueAtMs + slot.pollIntervalMs : nowMs + slot.pollIntervalMs;
}

/** A reading failed: soon again, and after a few times in a row only a probe now and then. */
export function afterFailure(
  state: ScheduleState,
  meterId: string,
  nowMs: number,
  rules: ScheduleRules = scheduleRules,
): ScheduleState {
  const slot = slotOf(state, meterId);
  const failures = slot.failures + 1;
  const limit = slot.presence === 'online' ? rules.silentAfter : 1;
  const silent = slot.presence === 'silent' || failures >= limit;
  const pauseMs = silent ? probePauseMs(failures - limit, rules) : rules.retryMs;
  return withSlot(state, meterId, {
    failures,
    presence: silent ? 'silent' : slot.presence,
    urgentSinceMs: null,
    dueAtMs: nowMs + pauseMs,
  });
}

export function probePauseMs(probes: number, rules: ScheduleRules): number {
  return Math.min(rules.probePauseMsMax, rules.probePauseMs * 2 ** Math.min(16, Math.max(0, probes)));
}

/** Slow values are on time or not at all: a failure waits for the next interval too. */
export function afterSlow(
  state: ScheduleState,
  meterId: string,
  nowMs: number,
  rules: ScheduleRules = scheduleRules,
): ScheduleState {
  return withSlot(state, meterId, { slowDueAtMs: nowMs + rules.slowIntervalMs });
}

/** The line was away: nothing is known of any meter, and all are due. */
export function afterReturn(state: ScheduleState, nowMs: number): ScheduleState {
  const slots = state.slots.map((slot): Slot => ({
    ...slot,
    presence: 'unknown',
    failures: 0,
    dueAtMs: Math.min(slot.dueAtMs, nowMs),
  }));
  return { ...emptySchedule, slots };
}
