import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterReading,
  afterReturn,
  afterSlow,
  afterStart,
  afterTask,
  emptySchedule,
  newSlot,
  nextTask,
  probePauseMs,
  scheduleRules,
  slotOf,
  taskHeld,
  withSlot,
  withTask,
  type ScheduleState,
  type Slot,
  type Task,
} from '../../server/lines/schedule.ts';

const online = (meterId: string, more: Partial<Slot> = {}): Slot => ({
  ...newSlot(meterId, 10_000, false, 0),
  presence: 'online',
  ...more,
});
const schedule = (...slots: Slot[]): ScheduleState => ({ ...emptySchedule, slots });

describe('what a line does next', () => {
  it('puts a switching step before every reading, however long that has been due', () => {
    const state = schedule(online('A', { dueAtMs: 0 }), online('B', { dueAtMs: 90_000, switchDueAtMs: 99_000 }));
    expect(nextTask(state, 100_000)).toEqual({ kind: 'switch', meterId: 'B' });
  });

  it('lets one due reading in after eight switching steps in a row', () => {
    let state = schedule(online('A', { dueAtMs: 0 }), online('B', { dueAtMs: 0, switchDueAtMs: 0 }));
    const kinds: string[] = [];
    for (let turn = 0; turn < 18; turn += 1) {
      const task = nextTask(state, 1_000);
      kinds.push(task.kind);
      if (task.kind !== 'wait') state = afterStart(state, task);
    }
    expect(kinds.join(' ')).toBe([...Array(8).fill('switch'), 'poll', ...Array(8).fill('switch'), 'poll'].join(' '));
  });

  it('goes on with an open reading before another one, but after a switching step', () => {
    const state = { ...schedule(online('A', { dueAtMs: 0 }), online('B', { dueAtMs: 50 })), job: { meterId: 'B' } };
    expect(nextTask(state, 100)).toEqual({ kind: 'continue', meterId: 'B' });
    expect(nextTask(withSlot(state, 'A', { switchDueAtMs: 0 }), 100)).toEqual({ kind: 'switch', meterId: 'A' });
  });

  it('reads what has been due longest, and an urgent meter as if it had been due a minute longer', () => {
    const state = schedule(online('A', { dueAtMs: 5 }), online('B', { dueAtMs: 3 }), online('C', { dueAtMs: 9_000 }));
    expect(nextTask(state, 100)).toEqual({ kind: 'poll', meterId: 'B' });
    expect(nextTask(withSlot(state, 'C', { urgentSinceMs: 100 }), 100)).toEqual({ kind: 'poll', meterId: 'C' });
    const overdue = withSlot(state, 'B', { dueAtMs: -70_000 });
    expect(nextTask(withSlot(overdue, 'C', { urgentSinceMs: 100 }), 100)).toEqual({ kind: 'poll', meterId: 'B' });
  });

  it('takes one slow reading per cycle on a full line, and at once on a free one', () => {
    const full = schedule(online('A', { dueAtMs: 0, slowDueAtMs: 0 }), online('B', { dueAtMs: 0 }));
    expect(nextTask(full, 10).kind).toBe('poll');
    expect(nextTask({ ...full, pollsSinceSlow: 2 }, 10)).toEqual({ kind: 'slow', meterId: 'A' });
    expect(nextTask(schedule(online('A', { dueAtMs: 99, slowDueAtMs: 0 })), 10)).toEqual({
      kind: 'slow',
      meterId: 'A',
    });
  });

  it('probes a silent meter once per cycle, never switches it, and waits exactly until something is due', () => {
    const silent = online('A', { presence: 'silent', dueAtMs: 0, switchDueAtMs: 0, slowDueAtMs: 0 });
    const full = schedule(silent, online('B', { dueAtMs: 0 }));
    expect(nextTask(full, 10)).toEqual({ kind: 'poll', meterId: 'B' });
    expect(nextTask({ ...full, pollsSinceProbe: 1 }, 10)).toEqual({ kind: 'probe', meterId: 'A' });
    expect(nextTask(schedule(online('B', { dueAtMs: 70 })), 10)).toEqual({ kind: 'wait', untilMs: 70 });
    expect(nextTask(emptySchedule, 10)).toEqual({ kind: 'wait', untilMs: null });
  });
});

describe('exclusive tasks', () => {
  const credit = { id: 'c', meterId: 'A', priority: 'credit' } as const;
  const parameters = { id: 'p', meterId: 'A', priority: 'parameters' } as const;
  const task = (taskId: string) => expect.objectContaining({ kind: 'task', taskId });

  it('for credit go after a due switching step and before every reading', () => {
    const state = withTask(schedule(online('A', { switchDueAtMs: 50 }), online('B')), credit);
    expect(nextTask(state, 100)).toEqual({ kind: 'switch', meterId: 'A' });
    expect(nextTask(withSlot(state, 'A', { switchDueAtMs: null }), 100)).toEqual(task('c'));
  });

  it('let one due reading in after eight steps for credit', () => {
    let state = schedule(online('A'));
    for (let at = 0; at < 10; at += 1) state = withTask(state, { ...credit, id: `c${at}` });
    const kinds: string[] = [];
    for (let turn = 0; turn < 11; turn += 1) {
      const next = nextTask(state, 1_000);
      kinds.push(next.kind);
      if (next.kind === 'wait') continue;
      state = afterStart(state, next);
      if (next.kind === 'task') state = afterTask(state, next.taskId);
    }
    expect(kinds.join(' ')).toBe([...Array(8).fill('task'), 'poll', 'task', 'task'].join(' '));
  });

  it('for parameters wait for four due readings, or for a line with nothing due', () => {
    const full = withTask(schedule(online('A'), online('B')), parameters);
    expect(nextTask(full, 10).kind).toBe('poll');
    expect(nextTask({ ...full, pollsSinceTask: 3 }, 10).kind).toBe('poll');
    expect(nextTask({ ...full, pollsSinceTask: 4 }, 10)).toEqual(task('p'));
    const idle = withTask(schedule(online('A', { dueAtMs: 99 })), parameters);
    expect(nextTask(idle, 10)).toEqual(task('p'));
    expect(afterStart(full, { kind: 'task', taskId: 'p', inTurn: true }).pollsSinceTask).toBe(0);
  });

  it('keep the wire from their first step to their end, whatever else is due, and may wait meanwhile', () => {
    let state = withTask(schedule(online('A', { dueAtMs: 99 }), online('B', { dueAtMs: 99 })), parameters);
    state = afterStart(state, { kind: 'task', taskId: 'p', inTurn: true });
    state = withTask(withSlot(state, 'B', { switchDueAtMs: 0, dueAtMs: 0 }), credit);
    expect(nextTask(state, 100)).toEqual(task('p'));
    state = taskHeld(state, 'p', 250);
    expect(nextTask(state, 100)).toEqual({ kind: 'wait', untilMs: 250 });
    expect(nextTask(state, 250)).toEqual(task('p'));
    expect(nextTask(afterTask(state, 'p'), 250).kind).toBe('switch');
  });

  it('do not break into an open reading, and wait for a meter that was not heard yet', () => {
    const state = withTask(schedule(online('A')), credit);
    expect(nextTask({ ...state, job: { meterId: 'A' } }, 10)).toEqual({ kind: 'continue', meterId: 'A' });
    expect(nextTask(withSlot(state, 'A', { presence: 'unknown' }), 10)).toEqual({ kind: 'poll', meterId: 'A' });
    expect(nextTask(withTask(emptySchedule, { ...parameters, meterId: null }), 10)).toEqual(task('p'));
  });
});

describe('what a result does to the schedule', () => {
  it('keeps the beat of a meter that was read a little late', () => {
    const state = afterReading(schedule(online('A', { dueAtMs: 10_000 })), 'A', 10_700);
    expect(slotOf(state, 'A').dueAtMs).toBe(20_000);
  });

  it('queues a meter that is behind its beat at the end, not in front', () => {
    const state = afterReading(schedule(online('A', { dueAtMs: 10_000 })), 'A', 45_000);
    expect(slotOf(state, 'A').dueAtMs).toBe(45_000);
  });

  it('leaves the beat alone when an urgent reading comes between', () => {
    const state = afterReading(schedule(online('A', { dueAtMs: 10_000, urgentSinceMs: 4_000 })), 'A', 5_000);
    expect(slotOf(state, 'A')).toMatchObject({ dueAtMs: 10_000, urgentSinceMs: null });
  });

  it('calls a meter silent after three failures in a row, and one never heard of after the first', () => {
    let state = schedule(online('A'), { ...online('B'), presence: 'unknown' });
    state = afterFailure(afterFailure(state, 'A', 1_000), 'B', 1_000);
    expect(slotOf(state, 'A')).toMatchObject({
      presence: 'online',
      failures: 1,
      dueAtMs: 1_000 + scheduleRules.retryMs,
    });
    expect(slotOf(state, 'B')).toMatchObject({ presence: 'silent', dueAtMs: 1_000 + scheduleRules.probePauseMs });
    state = afterFailure(afterFailure(state, 'A', 2_000), 'A', 3_000);
    expect(slotOf(state, 'A').presence).toBe('silent');
    state = afterReading(state, 'A', 9_000);
    expect(slotOf(state, 'A')).toMatchObject({ presence: 'online', failures: 0, dueAtMs: 19_000 });
  });

  it('doubles the pause between probes up to a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 90].map((probes) => probePauseMs(probes, scheduleRules))).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  it('knows nothing of any meter after the line was away, but keeps what is to be switched', () => {
    const state = afterReturn(schedule(online('A', { dueAtMs: 90_000, switchDueAtMs: 7, failures: 2 })), 50_000);
    expect(slotOf(state, 'A')).toMatchObject({ presence: 'unknown', dueAtMs: 50_000, switchDueAtMs: 7, failures: 0 });
  });
});

const shortHeadStart = { ...scheduleRules, urgentHeadStartMs: 3_000 };

/** Serves a random line for a while; gives, per kind of duty, the most other tasks anyone had to wait for after being due. */
function longestWait(
  meters: readonly { interval: number; dead: boolean; slow: boolean }[],
  noise: readonly number[],
): number {
  let nowMs = 0;
  let state: ScheduleState = {
    ...emptySchedule,
    slots: meters.map((meter, at) => newSlot(`M${at}`, meter.interval, meter.slow, 0)),
  };
  const waited = new Map<string, number>();
  let longest = 0;
  let tasks = 0;
  const serve = (task: Exclude<Task, { kind: 'wait' }>): void => {
    if (task.kind === 'task') {
      nowMs += 500;
      state = afterTask(afterStart(state, task), task.taskId);
      return;
    }
    const meter = meters[Number(task.meterId.slice(1))];
    nowMs += meter?.dead === true ? 600 : 120;
    state = afterStart(state, task);
    if (task.kind === 'slow') state = afterSlow(state, task.meterId, nowMs);
    else if (task.kind === 'switch') state = withSlot(state, task.meterId, { switchDueAtMs: null });
    else
      state =
        meter?.dead === true ? afterFailure(state, task.meterId, nowMs) : afterReading(state, task.meterId, nowMs);
  };
  const dueKeys = (): string[] =>
    state.slots.flatMap((slot) => [
      ...(slot.dueAtMs <= nowMs ? [`read ${slot.meterId}`] : []),
      ...(slot.slowDueAtMs !== null && slot.slowDueAtMs <= nowMs && slot.presence === 'online'
        ? [`slow ${slot.meterId}`]
        : []),
      ...(slot.switchDueAtMs !== null && slot.presence === 'online' ? [`switch ${slot.meterId}`] : []),
      ...state.tasks
        .filter((each) => each.meterId === slot.meterId && slot.presence === 'online')
        .map((each) => `task ${each.id}`),
    ]);
  for (const each of noise) {
    const target = `M${Math.floor(each) % meters.length}`;
    if (each % 3 < 1) state = withSlot(state, target, { switchDueAtMs: nowMs });
    else if (each % 3 < 2) state = withSlot(state, target, { urgentSinceMs: nowMs });
    if (each % 5 < 1 && state.tasks.length < 3) {
      const priority = each % 2 < 1 ? 'credit' : 'parameters';
      state = withTask(state, { id: `T${(tasks += 1)}`, meterId: target, priority });
    }
    const before = dueKeys();
    const task = nextTask(state, nowMs, shortHeadStart);
    if (task.kind === 'wait') {
      nowMs = Math.max(nowMs + 1, task.untilMs ?? nowMs + 1);
      continue;
    }
    const whose = task.kind === 'task' ? task.taskId : task.meterId;
    const served = `${task.kind === 'poll' || task.kind === 'probe' ? 'read' : task.kind} ${whose}`;
    serve(task);
    const still = new Set(dueKeys());
    for (const key of before) {
      const count = key === served || !still.has(key) ? 0 : (waited.get(key) ?? 0) + 1;
      waited.set(key, count);
      longest = Math.max(longest, count);
    }
  }
  return longest;
}

describe('nobody starves', () => {
  it('serves whatever is due within a bounded number of tasks, on any line, under any wishes', () => {
    const meter = fc.record({
      interval: fc.integer({ min: 100, max: 20_000 }),
      dead: fc.boolean(),
      slow: fc.boolean(),
    });
    const line = fc.array(meter, { minLength: 1, maxLength: 6 });
    const wishes = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 1_500, maxLength: 1_500 });
    fc.assert(
      // At most 8 switching steps before each other task; a wish jumps the queue by 3 s (25 tasks) at most; slow reads and
      // probes of n meters take one turn each in each cycle of n readings; three tasks wait at most, and one more goes
      // between every four readings.
      fc.property(
        line,
        wishes,
        (meters, noise) => longestWait(meters, noise) <= 9 * (40 + meters.length * (meters.length + 3)),
      ),
      { numRuns: 40, seed: 7 },
    );
  });

  it('serves all meters of a full line in turn when nobody wishes anything', () => {
    const meters = Array.from({ length: 12 }, (_, at) => ({ interval: 100 + 400 * at, dead: false, slow: true }));
    expect(longestWait(meters, Array(2_000).fill(2.5))).toBeLessThanOrEqual(13 * 13);
  });
});
