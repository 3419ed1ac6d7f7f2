import { describe, expect, it } from 'vitest';
import { createLine, lineOptions } from '../../server/lines/line.ts';
import { tasksMax, type FieldTask, type TaskReport, type TaskStep } from '../../server/lines/tasks.ts';
import type { LineMeter, LineReport, WantedNow } from '../../server/lines/types.ts';
import { FaultyLine } from './support/faulty-line.ts';
import { config, meter } from './support/rig.ts';
import { seeded, VirtualClock } from './support/virtual-clock.ts';

const of = (unitId: number, more: Partial<LineMeter> = {}): LineMeter =>
  meter(`M${unitId}`, unitId, { number: String(4000 + unitId), pollIntervalMs: 5_000, ...more });

function bench(meters: readonly LineMeter[]) {
  const clock = new VirtualClock();
  const lineConfig = config({ kind: 'rtuTcp', host: 'none', port: 1 }, { timeoutMs: 200 });
  const field = new FaultyLine(clock, seeded(1), 40, lineConfig.baud);
  const reports: LineReport[] = [];
  const wanted = new Map<string, WantedNow>();
  const deps = {
    mono: clock.mono,
    after: clock.after,
    site: clock.mono,
    report: (report: LineReport) => void reports.push(report),
    wantedNow: (meterId: string) => wanted.get(meterId) ?? null,
  };
  const line = createLine(lineConfig, meters, deps, { ...lineOptions(), random: () => 0.5, transport: () => field });
  const ended = (): TaskReport[] => reports.filter((report) => report.type === 'task');
  line.start();
  clock.runFor(2_000);
  field.log.length = 0;
  return { clock, field, line, reports, wanted, ended };
}

const read = (address: number, count: number): TaskStep<never> => ({ do: 'read', fn: 3, address, count });
const write = (address: number, ...values: number[]): TaskStep<never> => ({ do: 'write', fn: 16, address, values });

/** Goes through the steps, then gives all registers read. */
function task(id: string, steps: readonly TaskStep<never>[], more: Partial<FieldTask> = {}): FieldTask {
  return {
    id,
    target: { meterId: 'M1' },
    priority: 'parameters',
    mayWrite: () => true,
    next: (answers) => steps[answers.length] ?? { do: 'done', result: answers.map((each) => each.registers) },
    ...more,
  };
}
const failed = (reason: string, writes = 'none', code: number | null = null) => ({
  kind: 'failed',
  ...{ reason, writes, code },
});

describe('an exclusive task', () => {
  it('reads, writes after the number was checked, and reads back, with nothing else between', () => {
    const { clock, field, line, ended, wanted } = bench([of(1), of(4)]);
    line.run(task('t', [read(0x28, 1), write(0x38, 5), read(0x38, 2)]));
    wanted.set('M4', { state: 'open', mayWrite: true });
    line.differs('M4');
    line.readNow('M4');
    clock.runFor(2_000);
    expect(field.log.slice(0, 4)).toEqual(['1: 3 40 1', expect.stringMatching(/^1: 3 67 /), '1: 16 56 1', '1: 3 56 2']);
    expect(field.log[4]).toMatch(/^4: /);
    expect(ended()).toEqual([{ type: 'task', taskId: 't', outcome: { kind: 'done', result: [[0], [], [5, 0]] } }]);
  });

  it('never writes to another meter than the one that is meant', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    const unit = field.meters.get(1);
    if (unit) unit.number = '5555';
    line.run(task('t', [write(0x38, 5)]));
    clock.runFor(2_000);
    expect(unit?.writes).toEqual([]);
    expect(ended()[0]?.outcome).toEqual(failed('wrongNumber'));
  });

  it('asks right before the bytes go out whether it still may', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    let may = true;
    line.run(task('t', [read(0x28, 1), write(0x38, 5)], { mayWrite: () => may }));
    while (field.log.length < 2) clock.step();
    may = false;
    clock.runFor(2_000);
    expect(field.meters.get(1)?.writes).toEqual([]);
    expect(ended()[0]?.outcome).toEqual(failed('withdrawn'));
  });

  it('says that a write without an answer may have arrived, and does not make it again', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    field.onWrite = () => {
      field.faults = { ...field.faults, crc: 1 };
      clock.after(1, () => (field.faults = { ...field.faults, crc: 0 }));
    };
    line.run(task('t', [write(0x38, 5), read(0x38, 2)]));
    clock.runFor(5_000);
    expect(field.meters.get(1)?.writes).toEqual([[0x38, 5]]);
    expect(ended()[0]?.outcome).toEqual(failed('crc', 'unknown'));
  });

  it('says that all its writes were acknowledged when only the read-back fails', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    line.run(task('t', [write(0x38, 5), read(0x38, 2)]));
    while (field.log.at(-1) !== '1: 3 56 2') clock.step();
    field.close();
    clock.runFor(5_000);
    expect(ended()[0]?.outcome).toEqual(failed('lineDown', 'acknowledged'));
  });

  it('takes a refusal for an answer only where its step says so', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    const refused = read(0x4000, 1);
    line.run(task('t1', [refused]));
    line.run(
      task('t2', [], {
        next: (answers) =>
          answers.length === 0
            ? { do: 'read', fn: 3, address: 0x4000, count: 1, mayRefuse: true }
            : { do: 'done', result: answers[0]?.exception },
      }),
    );
    clock.runFor(5_000);
    expect(ended().map((each) => each.outcome)).toEqual([failed('exception', 'none', 2), { kind: 'done', result: 2 }]);
    expect(field.log.filter((entry) => entry === '1: 3 16384 1')).toHaveLength(2);
  });

  it('waits before it asks for a length whose reply may come a second time', () => {
    const { clock, field, line, ended } = bench([of(1)]);
    line.run(task('t', [read(0x28, 6), read(0x30, 6)]));
    while (field.log.length < 1) clock.step();
    const askedMs = clock.mono();
    while (field.log.length < 2) clock.step();
    expect(clock.mono() - askedMs).toBeGreaterThan(300);
    clock.runFor(1_000);
    expect(ended()[0]?.outcome.kind).toBe('done');
  });

  it('ends at once at a meter that does not answer, is not here, or whose line is away', () => {
    const { clock, field, line, ended } = bench([of(1), of(4)]);
    field.dead.add(1);
    clock.runFor(30_000);
    line.run(task('silent', [read(0x28, 1)]));
    line.run(task('gone', [read(0x28, 1)], { target: { meterId: 'M99' } }));
    clock.runFor(5_000);
    field.close();
    line.run(task('away', [read(0x28, 1)]));
    const ends = new Map(ended().map((each) => [each.taskId, each.outcome]));
    expect(ends).toEqual(
      new Map([
        ['gone', failed('notHere')],
        ['silent', failed('silent')],
        ['away', failed('lineDown')],
      ]),
    );
  });

  it('goes with its meter and with its line', async () => {
    const { line, ended } = bench([of(1), of(4)]);
    line.run(task('t1', [read(0x28, 1)]));
    line.run(task('t2', [read(0x28, 1)]));
    line.setMeters([of(4)]);
    line.run(task('t4', [read(0x28, 1)], { target: { meterId: 'M4' } }));
    await line.stop();
    expect(ended().map(({ taskId, outcome }) => [taskId, outcome.kind === 'failed' && outcome.reason])).toEqual([
      ['t1', 'notHere'],
      ['t2', 'notHere'],
      ['t4', 'lineDown'],
    ]);
  });

  it('is refused when too many wait', () => {
    const { line, ended } = bench([of(1)]);
    for (let at = 0; at <= tasksMax; at += 1) line.run(task(`t${at}`, [read(0x28, 1)]));
    expect(ended()).toEqual([{ type: 'task', taskId: `t${tasksMax}`, outcome: failed('queueFull') }]);
  });

  it('may ask a unit that is nobody’s, whose silence says nothing of the line', () => {
    const { clock, field, line, ended, reports } = bench([]);
    field.dead.add(30);
    for (let at = 0; at < 40; at += 1) line.run(task(`s${at}`, [read(0x28, 1)], { target: { unitId: 30 } }));
    line.run(task('t7', [read(0x28, 1)], { target: { unitId: 7 } }));
    clock.runFor(60_000);
    expect(ended()).toHaveLength(41);
    expect(ended().at(-1)?.outcome).toEqual({ kind: 'done', result: [[0]] });
    expect(reports.filter((report) => report.type === 'line')).toHaveLength(1);
    expect(line.figures().timeouts).toBe(0);
  });
});
