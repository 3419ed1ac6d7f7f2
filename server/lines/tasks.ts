/**
 * Exclusive work at one unit: reads and writes that belong together, between which nothing else goes over the line. What to
 * ask is a pure program of the task; whether it may write is asked right before each write. Each task ends in one outcome.
 */
import { assert, assertNever } from '../domain/assert.ts';
import { numberOf } from './decode.ts';
import type { Answer, Operation } from './master.ts';
import { blocksOf, freeAtMs, heldUntilMs, holdCount, imageOf, isWrongMeter, type MeterMemory } from './meter.ts';
import type { Block } from './profiles/profile.ts';
import { afterTask, taskHeld, withoutTask, withTask, type ScheduleState } from './schedule.ts';

/** An exception is an answer only where its step says `mayRefuse`; it ends the task otherwise. A write is answered by no registers. */
export type TaskAnswer = { readonly registers: readonly number[]; readonly exception: number | null };

export type TaskStep<Result> =
  | {
      readonly do: 'read';
      readonly fn: 3 | 4;
      readonly address: number;
      readonly count: number;
      readonly mayRefuse?: true;
    }
  | { readonly do: 'write'; readonly fn: 6 | 16; readonly address: number; readonly values: readonly number[] }
  | { readonly do: 'done'; readonly result: Result };

export type FieldTask<Result = unknown> = {
  readonly id: string;
  /** A meter of this line, or a unit id that may be nobody's (then nothing is written). */
  readonly target: { readonly meterId: string } | { readonly unitId: number };
  /** credit: like switching. parameters: after it, and between readings only so often that they do not starve. */
  readonly priority: TaskPriority;
  /** Asked right before the bytes of each write go out. */
  readonly mayWrite: () => boolean;
  /** Pure: the next step after these answers, in the order of the steps. */
  readonly next: (answers: readonly TaskAnswer[]) => TaskStep<Result>;
};

export type TaskPriority = 'credit' | 'parameters';

export type TaskEnd =
  /** Not begun: too many wait on this line, the meter is not on it (any more), or it does not answer. */
  | 'queueFull'
  | 'notHere'
  | 'silent'
  /** Another meter's number stands at the unit: nothing was written. */
  | 'wrongNumber'
  /** `mayWrite` said no; this write did not go out. */
  | 'withdrawn'
  | 'exception'
  | 'timeout'
  | 'crc'
  | 'truncated'
  | 'wrongUnit'
  | 'lineDown';

/** Of the task's writes: none went out; all were acknowledged; the last one may have arrived or not. */
export type TaskWrites = 'none' | 'acknowledged' | 'unknown';

export type TaskOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | {
      readonly kind: 'failed';
      readonly reason: TaskEnd;
      /** Modbus exception code. */
      readonly code: number | null;
      readonly writes: TaskWrites;
    };

export type TaskReport = {
  readonly type: 'task';
  readonly taskId: string;
  readonly outcome: TaskOutcome<unknown>;
};

export type TaskHost = {
  readonly mono: () => number;
  readonly memory: (meterId: string) => MeterMemory | undefined;
  readonly schedule: (change: (state: ScheduleState) => ScheduleState) => void;
  readonly isSilent: (meterId: string) => boolean;
  /** `memory`: whose answer it is; null for a unit that is nobody's. */
  readonly ask: (memory: MeterMemory | null, operation: Operation, done: (answer: Answer) => void) => void;
  readonly readBlock: (memory: MeterMemory, block: Block, done: (answer: Answer) => void) => void;
  readonly report: (report: TaskReport) => void;
};

/** Waiting on one line; one more ends as `queueFull`. */
export const tasksMax = 64;
/** A program that asks for more has no end. */
const stepsMax = 64;

type Running = {
  readonly task: FieldTask;
  readonly answers: TaskAnswer[];
  numberChecked: boolean;
  writes: TaskWrites;
};

export class Tasks {
  readonly #host: TaskHost;
  readonly #tasks = new Map<string, Running>();

  constructor(host: TaskHost) {
    this.#host = host;
  }

  add(task: FieldTask): void {
    const { id, priority, target } = task;
    assert(!this.#tasks.has(id), `task ${id} is here already`);
    if (this.#tasks.size >= tasksMax) return this.refuse(task, 'queueFull');
    const meterId = 'meterId' in target ? target.meterId : null;
    if (meterId !== null && this.#host.memory(meterId) === undefined) return this.refuse(task, 'notHere');
    this.#tasks.set(id, { task, answers: [], numberChecked: false, writes: 'none' });
    this.#host.schedule((state) => withTask(state, { id, meterId, priority }));
  }

  refuse({ id }: FieldTask, reason: TaskEnd): void {
    this.#host.report({ type: 'task', taskId: id, outcome: { kind: 'failed', reason, code: null, writes: 'none' } });
  }

  /** The meter is not on this line any more. */
  forget(meterId: string): void {
    for (const running of [...this.#tasks.values()]) {
      const { target } = running.task;
      if ('meterId' in target && target.meterId === meterId) this.#end(running, 'notHere');
    }
  }

  /** The line is away or stops: nothing of what waits is known to be wanted when it is back. */
  lost(): void {
    for (const running of [...this.#tasks.values()]) this.#end(running, 'lineDown');
  }

  /** Takes the next step; at most one request. */
  step(taskId: string): void {
    const running = this.#tasks.get(taskId);
    assert(running !== undefined, `there is no task ${taskId}`);
    const { task, answers } = running;
    const memory = this.#memory(running);
    assert(memory !== undefined, 'a meter that goes takes its tasks along');
    if (memory !== null && this.#host.isSilent(memory.meter.meterId)) return this.#end(running, 'silent');
    if (memory !== null && isWrongMeter(memory)) return this.#end(running, 'wrongNumber');
    assert(answers.length < stepsMax, `task ${taskId} has no end`);
    const step = task.next(answers);
    switch (step.do) {
      case 'done':
        return this.#finish(running, { kind: 'done', result: step.result });
      case 'read':
        return this.#read(running, memory, step);
      case 'write':
        assert(memory !== null, 'nothing is written to a unit that is nobody’s');
        if (!running.numberChecked && memory.meter.number !== null && memory.profile.number !== null)
          return this.#checkNumber(running, memory);
        return this.#write(running, memory, step);
      default:
        return assertNever(step);
    }
  }

  /** Null: a unit that is nobody's. Undefined: a meter that is not here. */
  #memory({ task: { target } }: Running): MeterMemory | null | undefined {
    return 'meterId' in target ? this.#host.memory(target.meterId) : null;
  }

  #unitOf(running: Running): number {
    const { target } = running.task;
    return 'unitId' in target ? target.unitId : (this.#host.memory(target.meterId)?.meter.unitId ?? 0);
  }

  #holds(running: Running, untilMs: number): boolean {
    if (untilMs <= this.#host.mono()) return false;
    this.#host.schedule((state) => taskHeld(state, running.task.id, untilMs));
    return true;
  }

  #read(running: Running, memory: MeterMemory | null, step: Extract<TaskStep<unknown>, { do: 'read' }>): void {
    const { fn, address, count, mayRefuse } = step;
    // Replies carry no address: a length asked for just now waits until no second or late reply can be taken for this one.
    if (memory !== null && this.#holds(running, heldUntilMs(memory, count))) return;
    this.#host.ask(memory, { kind: 'read', unitId: this.#unitOf(running), fn, address, count }, (answer) => {
      if (memory !== null) holdCount(memory, count, answer.ok, this.#host.mono());
      if (answer.ok) return void running.answers.push({ registers: answer.registers, exception: null });
      if (answer.reason === 'exception' && mayRefuse === true)
        return void running.answers.push({ registers: [], exception: answer.code });
      this.#failed(running, answer);
    });
  }

  #checkNumber(running: Running, memory: MeterMemory): void {
    const [block] = blocksOf(memory.profile, 'number');
    assert(block !== undefined, 'a number is checked where there is one');
    if (this.#holds(running, freeAtMs(memory, block))) return;
    this.#host.readBlock(memory, block, (answer) => {
      if (!answer.ok) return this.#failed(running, answer);
      // A number that is another's is found out at the next step.
      memory.numberRead = numberOf(memory.profile, imageOf(memory));
      running.numberChecked = true;
    });
  }

  #write(running: Running, memory: MeterMemory, step: Extract<TaskStep<unknown>, { do: 'write' }>): void {
    const { unitId } = memory.meter;
    const { fn, address, values } = step;
    const before = running.writes;
    const stillWanted = (): boolean => {
      if (!this.#tasks.has(running.task.id) || !running.task.mayWrite()) return false;
      running.writes = 'unknown';
      return true;
    };
    this.#host.ask(memory, { kind: 'write', unitId, fn, address, values, stillWanted }, (answer) => {
      if (answer.ok) running.writes = 'acknowledged';
      // A refusal is known; so is a write that never went out.
      else if (answer.reason === 'exception') running.writes = before;
      if (answer.ok) running.answers.push({ registers: [], exception: null });
      else this.#failed(running, answer);
    });
  }

  #failed(running: Running, answer: Extract<Answer, { readonly ok: false }>): void {
    this.#end(running, answer.reason, answer.reason === 'exception' ? answer.code : null);
  }

  #end(running: Running, reason: TaskEnd, code: number | null = null): void {
    this.#finish(running, { kind: 'failed', reason, code, writes: running.writes });
  }

  #finish(running: Running, outcome: TaskOutcome<unknown>): void {
    const { id } = running.task;
    // Ended already: the line went down or the meter went while the answer was on its way.
    if (!this.#tasks.delete(id)) return;
    this.#host.schedule((state) => afterTask(withoutTask(state, id), id));
    this.#host.report({ type: 'task', taskId: id, outcome });
  }
}
