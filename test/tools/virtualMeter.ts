/** A virtual meter to run the programs of exclusive tasks on, without a line. */
import type { FieldTask, TaskAnswer, TaskOutcome } from '../../server/lines/tasks.ts';
import { noFaults } from '../../simulators/faults.ts';
import { acrelMeter } from '../../simulators/meters/acrel.ts';
import type { VirtualMeter } from '../../simulators/meters/meter.ts';

export const SHANGHAI_MS = 8 * 3_600_000;

/** At 8 h before UTC, like the site; `watts` is what hangs behind it. */
export function virtualMeter(
  model: 'ddsy1352' | 'dtsy1352',
  nowMs: number,
  watts: () => number = () => 100,
): VirtualMeter {
  const meter = acrelMeter(model, {
    ...{ unitId: 1, number: '42', seed: 1, random: () => 0.5, faults: noFaults },
    load: () => watts(),
    local: (siteMs: number) => siteMs + SHANGHAI_MS,
  });
  meter.advance({ siteMs: nowMs, monoMs: nowMs });
  return meter;
}

/** To its end. `lost`: the answer to this step (from 0) never comes; a write has arrived all the same. */
export function runOn<Result>(
  meter: VirtualMeter,
  task: Pick<FieldTask<Result>, 'next' | 'mayWrite'>,
  lost = -1,
): TaskOutcome<Result> {
  const answers: TaskAnswer[] = [];
  let writes: 'none' | 'acknowledged' | 'unknown' = 'none';
  const failed = (reason: 'timeout' | 'withdrawn' | 'exception', code: number | null = null) =>
    ({ kind: 'failed', reason, code, writes }) as const;
  for (;;) {
    const step = task.next(answers);
    if (step.do === 'done') return { kind: 'done', result: step.result };
    if (step.do === 'write') {
      if (!task.mayWrite()) return failed('withdrawn');
      const exception = meter.write(step.fn, step.address, step.values);
      if (exception !== null) return failed('exception', exception);
      writes = lost === answers.length ? 'unknown' : 'acknowledged';
      if (lost === answers.length) return failed('timeout');
      answers.push({ registers: [], exception: null });
      continue;
    }
    if (lost === answers.length) return failed('timeout');
    const read = meter.read(step.fn, step.address, step.count);
    if (!read.ok && step.mayRefuse !== true) return failed('exception', read.exception);
    answers.push(read.ok ? { registers: read.words, exception: null } : { registers: [], exception: read.exception });
  }
}
