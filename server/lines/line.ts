/** One RS-485 line: it owns the wire, runs one request at a time, and reports what comes of it. Nothing here waits. */
import { assert, assertNever } from '../domain/assert.ts';
import { decodeReading, numberOf } from './decode.ts';
import { fieldView } from './field.ts';
import { BusyTime, CycleTime, newCounters } from './figures.ts';
import { createLink, linkRules, type LinkRules } from './link.ts';
import { createMaster, type Answer, type Operation } from './master.ts';
import {
  blocksOf,
  forgetReading,
  imageOf,
  isWrongMeter,
  newMemory,
  nextLength,
  refuseLength,
  type MeterMemory,
} from './meter.ts';
import { createProfiles } from './profiles/index.ts';
import type { Block, ControlSpec, Profiles } from './profiles/profile.ts';
import {
  afterFailure,
  afterReading,
  afterReturn,
  afterSlow,
  afterStart,
  emptySchedule,
  newSlot,
  nextTask,
  scheduleRules,
  slotOf,
  withSlot,
  type ScheduleRules,
  type ScheduleState,
  type Task,
} from './schedule.ts';
import {
  afterAbsence,
  afterLook,
  afterNumber,
  afterWrite,
  decideSwitch,
  newPlan,
  switchPauses,
  type FieldView,
  type Followed,
  type SwitchPlan,
  type SwitchReport,
  type SwitchRules,
} from './switching.ts';
import { createTransport, type TransportFactory } from './transport.ts';
import type { Line, LineConfig, LineDeps, LineFigures, LineMeter, ReadFailure } from './types.ts';

export type LineOptions = {
  readonly transport: TransportFactory;
  readonly profiles: Profiles;
  /** 0 ≤ x < 1; spreads reconnects. */
  readonly random: () => number;
  readonly schedule: ScheduleRules;
  readonly link: LinkRules;
  readonly pauses: Pick<SwitchRules, 'tripTriesMax' | 'retryPauseMs' | 'retryPauseMsMax'>;
  /** A connection on which nothing at all is heard for this long is made anew, ms; doubles each time. */
  readonly muteMs: number;
};

export function lineOptions(): LineOptions {
  const { random } = Math;
  return {
    transport: createTransport,
    profiles: createProfiles(),
    random,
    schedule: scheduleRules,
    link: linkRules,
    pauses: switchPauses,
    muteMs: 20_000,
  };
}

/** Fewer unanswered requests than this do not make a connection mute. */
const muteRequestsMin = 8;
const muteDoublingsMax = 4;
const numberIntervalMs = 600_000;

type Job = {
  readonly kind: 'reading' | 'slow';
  readonly memory: MeterMemory;
  readonly blocks: readonly Block[];
  at: number;
};

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
  readonly #plans = new Map<string, SwitchPlan>();
  readonly #counters = newCounters();
  readonly #busy: BusyTime;
  readonly #cycle: CycleTime;
  #schedule: ScheduleState = emptySchedule;
  #job: Job | null = null;
  #phase: 'new' | 'running' | 'stopped' = 'new';
  #up = false;
  #reportedUp: boolean | null = null;
  #unanswered = 0;
  #unansweredSinceMs = 0;
  #mutes = 0;
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
    this.#wake();
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
    const nowMs = this.#deps.mono();
    const plan = this.#plans.get(meterId);
    // A plan at work keeps its pauses, unless it is working towards the opposite.
    if (plan !== undefined && (plan.wanted === null || plan.wanted === this.#deps.wantedNow(meterId)?.state)) return;
    this.#setPlan(meterId, newPlan(meterId, nowMs));
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

  figures(): LineFigures {
    const nowMs = this.#deps.mono();
    const dueMs = this.#schedule.slots.filter((slot) => slot.presence !== 'silent').map((slot) => nowMs - slot.dueAtMs);
    return {
      lineId: this.#config.id,
      up: this.#up,
      utilisation: this.#busy.share(nowMs),
      cycleMs: this.#cycle.lastMs,
      ...this.#counters,
      oldestDueMs: Math.max(0, ...dueMs),
      meters: [...this.#memories.values()].map(({ meter, lastReplyMs, failures }) => ({
        meterId: meter.meterId,
        unitId: meter.unitId,
        online: slotOf(this.#schedule, meter.meterId).presence === 'online',
        lastReplyAgoMs: lastReplyMs === null ? null : nowMs - lastReplyMs,
        failures,
      })),
    };
  }

  #forget(meterId: string): void {
    this.#memories.delete(meterId);
    this.#plans.delete(meterId);
    if (this.#job?.memory.meter.meterId === meterId) this.#setJob(null);
    this.#schedule = { ...this.#schedule, slots: this.#schedule.slots.filter((slot) => slot.meterId !== meterId) };
  }

  #cameUp(): void {
    this.#up = true;
    this.#unanswered = 0;
    this.#schedule = afterReturn(this.#schedule, this.#deps.mono());
    this.#master.up();
    // After a mute connection was made anew, only a reply shows that the line lives.
    if (this.#mutes === 0) this.#reportLine(true, null);
    this.#pump();
  }

  #wentDown(reason: string): void {
    if (this.#up) this.#counters.reconnects += 1;
    this.#up = false;
    this.#wake();
    this.#master.down();
    this.#setJob(null);
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
    const plan = this.#plans.get(meterId);
    if (plan !== undefined) this.#setPlan(meterId, afterAbsence(plan, nowMs));
    this.#reportLink(memory, false);
  }

  #reportLink(memory: MeterMemory, online: boolean): void {
    if (memory.linkReported === online) return;
    memory.linkReported = online;
    this.#deps.report({ type: 'link', meterId: memory.meter.meterId, online });
  }

  #setPlan(meterId: string, plan: SwitchPlan | null): void {
    if (plan === null) this.#plans.delete(meterId);
    else this.#plans.set(meterId, plan);
    this.#schedule = withSlot(this.#schedule, meterId, { switchDueAtMs: plan?.dueAtMs ?? null });
  }

  #setJob(job: Job | null): void {
    this.#job = job;
    this.#schedule = { ...this.#schedule, job: job === null ? null : { meterId: job.memory.meter.meterId } };
  }

  /** Starts what is due, if the wire is free. */
  #pump(): void {
    while (this.#phase === 'running' && this.#up && !this.#master.busy) {
      this.#wake();
      const nowMs = this.#deps.mono();
      const task = nextTask(this.#schedule, nowMs, this.#options.schedule);
      if (task.kind === 'wait') {
        if (task.untilMs !== null) this.#wake = this.#deps.after(task.untilMs - nowMs, () => this.#pump());
        return;
      }
      this.#schedule = afterStart(this.#schedule, task);
      this.#begin(task);
    }
  }

  #begin(task: Exclude<Task, { kind: 'wait' }>): void {
    const memory = this.#memories.get(task.meterId);
    assert(memory !== undefined, `a task for meter ${task.meterId}, which is not here`);
    switch (task.kind) {
      case 'switch':
        return this.#switchStep(memory);
      case 'poll':
      case 'probe':
        return this.#startReading(memory);
      case 'slow':
        this.#setJob({ kind: 'slow', memory, blocks: blocksOf(memory.profile, 'slow'), at: 0 });
        return this.#nextBlock();
      case 'continue':
        return this.#nextBlock();
      default:
        return assertNever(task.kind);
    }
  }

  #ask(memory: MeterMemory, operation: Operation, done: (answer: Answer) => void): void {
    const fromMs = this.#deps.mono();
    this.#counters.requests += 1;
    this.#master.run(operation, (answer) => {
      const nowMs = this.#deps.mono();
      this.#busy.add(fromMs, nowMs);
      this.#count(memory, answer, nowMs);
      if (this.#memories.get(memory.meter.meterId)?.profile === memory.profile && this.#phase === 'running')
        done(answer);
      this.#pump();
    });
  }

  #count(memory: MeterMemory, answer: Answer, nowMs: number): void {
    const answered = answer.ok || answer.reason === 'exception';
    if (answered) {
      memory.lastReplyMs = nowMs;
      this.#unanswered = 0;
      this.#mutes = 0;
      this.#reportLine(true, null);
    }
    if (answer.ok) this.#counters.replies += 1;
    else if (answer.reason === 'exception') this.#counters.exceptions += 1;
    else if (answer.reason === 'timeout') this.#timedOut(nowMs);
    else if (answer.reason !== 'lineDown') this.#counters.crcErrors += 1;
  }

  #timedOut(nowMs: number): void {
    this.#counters.timeouts += 1;
    if (this.#unanswered === 0) this.#unansweredSinceMs = nowMs;
    this.#unanswered += 1;
    const muteMs = this.#options.muteMs * 2 ** Math.min(this.#mutes, muteDoublingsMax);
    if (
      this.#unanswered < muteRequestsMin ||
      nowMs - this.#unansweredSinceMs < muteMs ||
      this.#config.transport.kind === 'serial'
    )
      return;
    this.#mutes += 1;
    this.#link.recycle('silent');
  }

  #startReading(memory: MeterMemory): void {
    forgetReading(memory);
    const withNumber = this.#deps.mono() >= memory.numberDueAtMs || isWrongMeter(memory);
    const number = withNumber ? blocksOf(memory.profile, 'number') : [];
    this.#setJob({ kind: 'reading', memory, blocks: [...number, ...blocksOf(memory.profile, 'fast')], at: 0 });
    this.#nextBlock();
  }

  #nextBlock(): void {
    const job = this.#job;
    const block = job?.blocks[job.at];
    assert(job !== null && block !== undefined, 'a reading goes on that has no more blocks');
    this.#readBlock(job.memory, block, (answer) => {
      if (!answer.ok && !(answer.reason === 'exception' && block.pace === 'number'))
        return this.#jobFailed(job, answer.reason);
      job.at += 1;
      if (job.at < job.blocks.length) return;
      this.#setJob(null);
      if (job.kind === 'slow')
        this.#schedule = afterSlow(this.#schedule, job.memory.meter.meterId, this.#deps.mono(), this.#options.schedule);
      else this.#accept(job.memory);
    });
  }

  #readBlock(memory: MeterMemory, block: Block, done: (answer: Answer) => void): void {
    const count = nextLength(memory, block);
    this.#ask(
      memory,
      { kind: 'read', unitId: memory.meter.unitId, fn: block.fn, address: block.address, count },
      (answer) => {
        if (answer.ok) memory.image.set(block.name, { address: block.address, values: answer.registers });
        else if (answer.reason === 'exception') refuseLength(memory, block, count);
        done(answer);
      },
    );
  }

  #jobFailed(job: Job, reason: ReadFailure): void {
    this.#setJob(null);
    if (reason === 'lineDown') return;
    if (job.kind === 'slow')
      this.#schedule = afterSlow(this.#schedule, job.memory.meter.meterId, this.#deps.mono(), this.#options.schedule);
    else this.#readFailed(job.memory, reason);
  }

  #readFailed(memory: MeterMemory, reason: ReadFailure): void {
    const nowMs = this.#deps.mono();
    const { meterId } = memory.meter;
    memory.failures += 1;
    this.#schedule = afterFailure(this.#schedule, meterId, nowMs, this.#options.schedule);
    this.#deps.report({
      type: 'readFailed',
      meterId,
      reason,
      silentForMs: nowMs - (memory.lastReplyMs ?? memory.sinceMs),
    });
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

  #switchStep(memory: MeterMemory): void {
    const { meterId } = memory.meter;
    const plan = this.#plans.get(meterId);
    const control = controlOf(memory);
    assert(plan !== undefined && control !== null, `nothing to switch at meter ${meterId}`);
    const rules = this.#switchRules(memory, control);
    const wantedNow = this.#deps.wantedNow(meterId);
    const view: FieldView = wantedNow === null ? 'unknown' : fieldView(memory.lastReading, wantedNow.state, control);
    const decision = decideSwitch(plan, view, wantedNow, isWrongMeter(memory), rules, this.#deps.mono());
    this.#setPlan(meterId, decision.plan);
    this.#reportSwitch(meterId, decision.report);
    if (decision.step === null || decision.plan === null) return;
    const current = decision.plan;
    switch (decision.step.do) {
      case 'read':
        return this.#look(memory, current, control, rules);
      case 'readNumber':
        return this.#verify(memory, current, rules);
      case 'write': {
        const { fn, address } = control;
        const values = control.values[decision.step.state];
        const operation: Operation = { kind: 'write', unitId: memory.meter.unitId, fn, address, values };
        return this.#ask(memory, operation, (answer) => {
          if (!answer.ok && answer.reason === 'lineDown') return;
          this.#setPlan(meterId, afterWrite(current, rules, this.#deps.mono()));
        });
      }
      default:
        return assertNever(decision.step);
    }
  }

  #look(memory: MeterMemory, plan: SwitchPlan, control: ControlSpec, rules: SwitchRules): void {
    const [block] = blocksOf(memory.profile, 'fast');
    assert(block !== undefined, 'a model that can be switched has its status in its one fast block');
    this.#readBlock(memory, block, (answer) => {
      if (!answer.ok)
        return this.#stepFailed(memory, answer.reason, () => afterLook(plan, 'failed', rules, this.#deps.mono()));
      this.#accept(memory);
      const view = plan.wanted === null ? 'unknown' : fieldView(memory.lastReading, plan.wanted, control);
      this.#follow(memory, afterLook(plan, view, rules, this.#deps.mono()));
    });
  }

  #verify(memory: MeterMemory, plan: SwitchPlan, rules: SwitchRules): void {
    const [block] = blocksOf(memory.profile, 'number');
    assert(block !== undefined, 'a number is checked where there is one');
    this.#readBlock(memory, block, (answer) => {
      if (!answer.ok)
        return this.#stepFailed(memory, answer.reason, () => afterNumber(plan, 'failed', rules, this.#deps.mono()));
      memory.numberRead = numberOf(memory.profile, imageOf(memory));
      this.#follow(memory, afterNumber(plan, isWrongMeter(memory) ? 'mismatch' : 'match', rules, this.#deps.mono()));
    });
  }

  /** A failed step is a failed try of the plan and a failed reading of the meter. */
  #stepFailed(memory: MeterMemory, reason: ReadFailure, follow: () => Followed): void {
    if (reason === 'lineDown') return;
    this.#follow(memory, follow());
    this.#readFailed(memory, reason);
  }

  #follow(memory: MeterMemory, followed: Followed): void {
    this.#setPlan(memory.meter.meterId, followed.plan);
    this.#reportSwitch(memory.meter.meterId, followed.report);
  }

  #reportSwitch(meterId: string, report: SwitchReport | null): void {
    if (report !== null) this.#deps.report({ type: 'switched', meterId, ...report });
  }

  #switchRules(memory: MeterMemory, control: ControlSpec): SwitchRules {
    const checkNumber = memory.meter.number !== null && memory.profile.number !== null;
    return { ...this.#options.pauses, checkNumber, settleMs: control.settleMs, confirmMs: control.confirmMs };
  }
}

function controlOf(memory: MeterMemory): ControlSpec | null {
  return memory.meter.hasBreaker ? memory.profile.control : null;
}

function sameMeter(known: LineMeter, meter: LineMeter): boolean {
  return (
    known.unitId === meter.unitId &&
    known.profile === meter.profile &&
    known.number === meter.number &&
    known.hasBreaker === meter.hasBreaker
  );
}
