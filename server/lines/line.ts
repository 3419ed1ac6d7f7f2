/** One RS-485 line: it owns the wire, runs one request at a time, and reports what comes of it. Nothing here waits. */
import { assert, assertNever } from '../domain/assert.ts';
import { decodeReading, numberOf } from './decode.ts';
import { BusyTime, CycleTime } from './figures.ts';
import { LineHealth } from './health.ts';
import { lineOptions, type LineOptions } from './lineOptions.ts';
import { createLink } from './link.ts';
import { createMaster, type Answer, type Operation } from './master.ts';
import {
  acceptLength,
  blocksOf,
  blocksToRead,
  forgetReading,
  freeAtMs,
  holdCount,
  imageOf,
  isWrongMeter,
  meterFigures,
  newMemory,
  nextLength,
  refuseLength,
  sameMeter,
  type Job,
  type MeterMemory,
} from './meter.ts';
import type { Block } from './profiles/profile.ts';
import {
  afterFailure,
  afterReading,
  afterReturn,
  afterSlow,
  afterStart,
  emptySchedule,
  newSlot,
  nextTask,
  slotOf,
  withSlot,
  type ScheduleState,
  type Task,
} from './schedule.ts';
import { controlOf, Switcher, type Failure, type SwitchHost } from './switcher.ts';
import { Tasks, type FieldTask, type TaskHost } from './tasks.ts';
import type { Line, LineConfig, LineDeps, LineFigures, LineMeter } from './types.ts';

export { lineOptions, type LineOptions };

const numberIntervalMs = 600_000;

export function createLine(
  config: LineConfig,
  meters: readonly LineMeter[],
  deps: LineDeps,
  options: LineOptions = lineOptions(),
): Line {
  return new RunningLine(config, meters, deps, options);
}

class RunningLine implements Line {
  readonly #config: LineConfig;
  readonly #deps: LineDeps;
  readonly #options: LineOptions;
  readonly #master;
  readonly #link;
  readonly #memories = new Map<string, MeterMemory>();
  readonly #switcher: Switcher;
  readonly #tasks: Tasks;
  readonly #health: LineHealth;
  readonly #busy: BusyTime;
  readonly #cycle: CycleTime;
  #schedule: ScheduleState = emptySchedule;
  #job: Job | null = null;
  #phase: 'new' | 'running' | 'stopped' = 'new';
  #up = false;
  #reportedUp: boolean | null = null;
  #depth = 0;
  #wake: () => void = () => undefined;

  constructor(config: LineConfig, meters: readonly LineMeter[], deps: LineDeps, options: LineOptions) {
    this.#config = config;
    this.#deps = deps;
    this.#options = options;
    const { baud, parity, stopBits, timeoutMs, turnaroundMs, transport } = config;
    const framing = transport.kind === 'tcp' ? 'tcp' : 'rtu';
    const { mono, after } = deps;
    this.#master = createMaster(
      { baud, parity, stopBits, timeoutMs, turnaroundMs, framing },
      { mono, after, send: (bytes) => this.#link.write(bytes) },
    );
    this.#link = createLink(
      options.transport(config),
      { after, random: options.random },
      {
        up: () => this.#cameUp(),
        down: (reason) => this.#wentDown(reason),
        data: (bytes) => this.#master.receive(bytes),
      },
      options.link,
    );
    this.#switcher = new Switcher(this.#switchHost(), options.pauses);
    this.#tasks = new Tasks(this.#taskHost());
    this.#health = new LineHealth(transport.kind === 'serial' ? Infinity : options.muteMs);
    this.#busy = new BusyTime(mono());
    this.#cycle = new CycleTime(mono());
    this.setMeters(meters);
  }

  start(): void {
    assert(this.#phase === 'new', `line ${this.#config.id} was started before`);
    this.#phase = 'running';
    this.#link.open();
  }

  stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#up = false;
    this.#wake();
    this.#tasks.lost();
    this.#master.down();
    return this.#link.close();
  }

  /** What stays the same keeps its history. */
  setMeters(meters: readonly LineMeter[]): void {
    const nowMs = this.#deps.mono();
    const keep = new Set(meters.map((meter) => meter.meterId));
    for (const meterId of this.#memories.keys()) if (!keep.has(meterId)) this.#forget(meterId);
    for (const meter of meters) {
      const known = this.#memories.get(meter.meterId);
      if (known !== undefined && sameMeter(known.meter, meter)) {
        known.meter = meter;
        this.#schedule = withSlot(this.#schedule, meter.meterId, { pollIntervalMs: meter.pollIntervalMs });
        continue;
      }
      this.#forget(meter.meterId);
      const memory = newMemory(meter, this.#options.profiles, nowMs);
      const slot = newSlot(meter.meterId, meter.pollIntervalMs, blocksOf(memory.profile, 'slow').length > 0, nowMs);
      this.#memories.set(meter.meterId, memory);
      this.#schedule = { ...this.#schedule, slots: [...this.#schedule.slots, slot] };
    }
    this.#pump();
  }

  differs(meterId: string): void {
    const memory = this.#memories.get(meterId);
    if (memory === undefined || controlOf(memory) === null) return;
    if (!this.#switcher.mark(meterId)) return;
    // A silent meter is asked once at once: who has just paid should not wait for the next probe.
    if (slotOf(this.#schedule, meterId).presence !== 'online') this.readNow(meterId);
    this.#pump();
  }

  readNow(meterId: string): void {
    const memory = this.#memories.get(meterId);
    if (memory === undefined) return;
    const slot = slotOf(this.#schedule, meterId);
    if (slot.urgentSinceMs === null)
      this.#schedule = withSlot(this.#schedule, meterId, { urgentSinceMs: this.#deps.mono() });
    this.#pump();
  }

  run(task: FieldTask): void {
    if (!this.#up) return this.#tasks.refuse(task, 'lineDown');
    this.#tasks.add(task);
    this.#pump();
  }

  figures(): LineFigures {
    const nowMs = this.#deps.mono();
    const dueMs = this.#schedule.slots.filter((slot) => slot.presence !== 'silent').map((slot) => nowMs - slot.dueAtMs);
    return {
      lineId: this.#config.id,
      up: this.#up,
      utilisation: this.#busy.share(nowMs),
      cycleMs: this.#cycle.lastMs,
      ...this.#health.counters,
      oldestDueMs: Math.max(0, ...dueMs),
      meters: [...this.#memories.values()].map((memory) =>
        meterFigures(memory, slotOf(this.#schedule, memory.meter.meterId).presence === 'online', nowMs),
      ),
    };
  }

  #switchHost(): SwitchHost {
    return {
      mono: this.#deps.mono,
      wantedNow: (meterId) => this.#deps.wantedNow(meterId),
      due: (meterId, atMs) => {
        this.#schedule = withSlot(this.#schedule, meterId, { switchDueAtMs: atMs });
      },
      ask: (memory, operation, done) => this.#ask(memory, operation, done),
      readBlock: (memory, block, done) => {
        if (this.#job?.memory === memory) this.#setJob(null);
        this.#readBlock(memory, block, done);
      },
      accept: (memory) => this.#accept(memory),
      readFailed: (memory, failure) => this.#readFailed(memory, failure),
      report: (meterId, report) => this.#deps.report({ type: 'switched', meterId, ...report }),
    };
  }

  #taskHost(): TaskHost {
    return {
      mono: this.#deps.mono,
      memory: (meterId) => this.#memories.get(meterId),
      schedule: (change) => {
        this.#schedule = change(this.#schedule);
      },
      isSilent: (meterId) => slotOf(this.#schedule, meterId).presence === 'silent',
      ask: (memory, operation, done) => this.#ask(memory, operation, done),
      readBlock: (memory, block, done) => this.#readBlock(memory, block, done),
      report: (report) => this.#deps.report(report),
    };
  }

  #forget(meterId: string): void {
    this.#memories.delete(meterId);
    this.#switcher.forget(meterId);
    this.#tasks.forget(meterId);
    if (this.#job?.memory.meter.meterId === meterId) this.#setJob(null);
    this.#schedule = { ...this.#schedule, slots: this.#schedule.slots.filter((slot) => slot.meterId !== meterId) };
  }

  #cameUp(): void {
    this.#up = true;
    this.#schedule = afterReturn(this.#schedule, this.#deps.mono());
    this.#master.up();
    // After a mute connection was made anew, only a reply shows that the line lives.
    if (this.#health.connected()) this.#reportLine(true, null);
    this.#pump();
  }

  #wentDown(reason: string): void {
    if (this.#up) this.#health.counters.reconnects += 1;
    this.#up = false;
    this.#wake();
    this.#master.down();
    this.#setJob(null);
    this.#whole(() => this.#tasks.lost());
    this.#schedule = afterReturn(this.#schedule, this.#deps.mono());
    // The line first: whoever shows alarms then knows why its meters follow.
    this.#reportLine(false, reason);
    for (const memory of this.#memories.values()) this.#lost(memory);
  }

  #reportLine(up: boolean, reason: string | null): void {
    if (this.#reportedUp === up) return;
    this.#reportedUp = up;
    this.#deps.report({ type: 'line', lineId: this.#config.id, up, reason });
  }

  /** The meter is out of reach: what was known of it is not any more. */
  #lost(memory: MeterMemory): void {
    const nowMs = this.#deps.mono();
    const { meterId } = memory.meter;
    memory.lastReading = null;
    memory.numberDueAtMs = nowMs;
    this.#switcher.lost(meterId);
    this.#reportLink(memory, false);
  }

  #reportLink(memory: MeterMemory, online: boolean): void {
    if (memory.linkReported === online) return;
    memory.linkReported = online;
    this.#deps.report({ type: 'link', meterId: memory.meter.meterId, online });
  }

  #setJob(job: Job | null): void {
    this.#job = job;
    this.#schedule = { ...this.#schedule, job: job === null ? null : { meterId: job.memory.meter.meterId } };
  }

  /** Whoever hears a report may ask for something at once; nothing new begins before this step is done. */
  #whole(step: () => void): void {
    this.#depth += 1;
    try {
      step();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Starts what is due, if the wire is free. */
  #pump(): void {
    while (this.#depth === 0 && this.#phase === 'running' && this.#up && !this.#master.busy) {
      this.#wake();
      const nowMs = this.#deps.mono();
      const task = nextTask(this.#schedule, nowMs, this.#options.schedule);
      if (task.kind === 'wait') {
        if (task.untilMs !== null) this.#wake = this.#deps.after(task.untilMs - nowMs, () => this.#pump());
        return;
      }
      this.#schedule = afterStart(this.#schedule, task);
      this.#whole(() => this.#begin(task));
    }
  }

  #begin(task: Exclude<Task, { kind: 'wait' }>): void {
    if (task.kind === 'task') return this.#tasks.step(task.taskId);
    const memory = this.#memories.get(task.meterId);
    assert(memory !== undefined, `a task for meter ${task.meterId}, which is not here`);
    switch (task.kind) {
      case 'switch':
        return this.#switcher.step(memory);
      case 'poll':
      case 'probe':
        return this.#startReading(memory);
      case 'slow':
        this.#setJob({ kind: 'slow', memory, blocks: blocksOf(memory.profile, 'slow'), at: 0 });
        return this.#nextBlock();
      case 'continue':
        return this.#nextBlock();
      default:
        return assertNever(task);
    }
  }

  /** `memory` is null when a unit is asked that is nobody's: its silence says nothing of the line. */
  #ask(memory: MeterMemory | null, operation: Operation, done: (answer: Answer) => void): void {
    const fromMs = this.#deps.mono();
    this.#health.counters.requests += 1;
    this.#master.run(operation, (answer) => {
      const nowMs = this.#deps.mono();
      this.#busy.add(fromMs, nowMs);
      this.#whole(() => {
        this.#count(memory, answer, nowMs);
        const here = memory === null || this.#memories.get(memory.meter.meterId) === memory;
        if (here && this.#phase === 'running') done(answer);
      });
      this.#pump();
    });
  }

  #count(memory: MeterMemory | null, answer: Answer, nowMs: number): void {
    if (memory === null && !answer.ok && answer.reason === 'timeout') return;
    const sign = this.#health.count(answer, nowMs);
    if (sign === 'mute') this.#link.recycle('silent');
    if (sign !== 'answered') return;
    if (memory !== null) memory.lastReplyMs = nowMs;
    this.#reportLine(true, null);
  }

  #startReading(memory: MeterMemory): void {
    const nowMs = this.#deps.mono();
    const blocks = blocksToRead(memory, nowMs);
    const freeMs = Math.max(...blocks.map((block) => freeAtMs(memory, block)));
    if (freeMs > nowMs) {
      this.#schedule = withSlot(this.#schedule, memory.meter.meterId, { dueAtMs: freeMs, urgentSinceMs: null });
      return;
    }
    forgetReading(memory);
    this.#setJob({ kind: 'reading', memory, blocks, at: 0 });
    this.#nextBlock();
  }

  #nextBlock(): void {
    const job = this.#job;
    const block = job?.blocks[job.at];
    assert(job !== null && block !== undefined, 'a reading goes on that has no more blocks');
    this.#readBlock(job.memory, block, (answer) => {
      // A switching step of the same meter has read it anew, and this reading is no more.
      if (this.#job !== job) return;
      // Firmware without a number register is asked for it as rarely as one that has it.
      if (!answer.ok && block.pace === 'number') job.memory.numberDueAtMs = this.#deps.mono() + numberIntervalMs;
      if (!answer.ok && !(answer.reason === 'exception' && block.pace === 'number'))
        return this.#jobFailed(job, answer);
      job.at += 1;
      if (job.at < job.blocks.length) return;
      this.#setJob(null);
      if (job.kind === 'slow') this.#slowDone(job.memory);
      else this.#accept(job.memory);
    });
  }

  #readBlock(memory: MeterMemory, block: Block, done: (answer: Answer) => void): void {
    const count = nextLength(memory, block, this.#deps.mono());
    const { unitId } = memory.meter;
    const { fn, address } = block;
    this.#ask(memory, { kind: 'read', unitId, fn, address, count }, (answer) => {
      if (answer.ok) {
        memory.image.set(block.name, { address, values: answer.registers });
        acceptLength(memory, block, count, this.#deps.mono());
      } else if (answer.reason === 'exception') refuseLength(memory, block, count, answer.code);
      else holdCount(memory, count, false, this.#deps.mono());
      done(answer);
    });
  }

  #slowDone(memory: MeterMemory): void {
    this.#schedule = afterSlow(this.#schedule, memory.meter.meterId, this.#deps.mono(), this.#options.schedule);
  }

  #jobFailed(job: Job, failure: Failure): void {
    this.#setJob(null);
    if (failure.reason === 'lineDown') return;
    if (job.kind === 'slow') this.#slowDone(job.memory);
    else this.#readFailed(job.memory, failure);
  }

  #readFailed(memory: MeterMemory, failure: Failure): void {
    assert(failure.reason !== 'withdrawn', 'only writes are withdrawn');
    const nowMs = this.#deps.mono();
    const { meterId } = memory.meter;
    memory.failures += 1;
    this.#schedule = afterFailure(this.#schedule, meterId, nowMs, this.#options.schedule);
    const silentForMs = nowMs - (memory.lastReplyMs ?? memory.sinceMs);
    this.#deps.report({ type: 'readFailed', meterId, reason: failure.reason, silentForMs });
    if (slotOf(this.#schedule, meterId).presence === 'silent') this.#lost(memory);
  }

  /** All fast blocks are in: one whole reading. */
  #accept(memory: MeterMemory): void {
    const nowMs = this.#deps.mono();
    const { meterId } = memory.meter;
    const read = numberOf(memory.profile, imageOf(memory));
    if (read !== null) {
      memory.numberRead = read;
      memory.numberDueAtMs = nowMs + numberIntervalMs;
    }
    const decoded = decodeReading(memory.profile, meterId, imageOf(memory), this.#deps.site());
    // As long as another meter's number stands here, each reading says so.
    const reading = isWrongMeter(memory) ? { ...decoded, number: memory.numberRead } : decoded;
    memory.lastReading = reading;
    this.#schedule = afterReading(this.#schedule, meterId, nowMs);
    const answering = this.#schedule.slots.filter((slot) => slot.presence === 'online').map((slot) => slot.meterId);
    this.#cycle.readingOf(meterId, answering, nowMs);
    this.#reportLink(memory, true);
    this.#deps.report({ type: 'reading', reading });
  }
}
