/** Exclusive tasks on their way through a line, and who waits for the end of each. Nothing of it outlives the process. */
import { assert } from '../domain/assert.ts';
import type { FieldTask, TaskOutcome, TaskReport } from '../lines/tasks.ts';
import type { Core } from './core.ts';

/** Written only if our epoch was confirmed this recently (design.md, "Store"). */
export const EPOCH_FRESH_MS = 5_000;

export type RunTask = <Result>(
  line: string,
  task: FieldTask<Result>,
  /** Called once, whatever happens. */
  ended: (outcome: TaskOutcome<Result>) => void,
) => void;

export class FieldTasks {
  readonly #core: Core;
  readonly #waiting = new Map<string, (outcome: TaskOutcome<unknown>) => void>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** The task as its line takes it. Whoever may not keep anything, or may have been replaced, writes nothing. */
  begin<Result>(task: FieldTask<Result>, ended: (outcome: TaskOutcome<Result>) => void): FieldTask {
    assert(!this.#waiting.has(task.id), `task ${task.id} is under way`);
    let result: { readonly is: Result } | null = null;
    this.#waiting.set(task.id, (outcome) => {
      if (outcome.kind === 'failed') return ended(outcome);
      assert(result !== null, 'a task is done by its own program');
      ended({ kind: 'done', result: result.is });
    });
    const { committer } = this.#core;
    return {
      ...task,
      mayWrite: () => committer.keeping && this.#core.context().epochAgeMs <= EPOCH_FRESH_MS && task.mayWrite(),
      next: (answers) => {
        const step = task.next(answers);
        if (step.do === 'done') result = { is: step.result };
        return step;
      },
    };
  }

  end({ taskId, outcome }: Pick<TaskReport, 'taskId' | 'outcome'>): void {
    const ended = this.#waiting.get(taskId);
    assert(ended !== undefined, `nobody waits for task ${taskId}`);
    this.#waiting.delete(taskId);
    ended(outcome);
  }
}
