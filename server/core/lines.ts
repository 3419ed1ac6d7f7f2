/** The lines of the site: one scheduler actor each, and the way from their reports to the meters. */
import type { LineView } from '../../protocol/ops.ts';
import type { LineConfig } from '../../protocol/site.ts';
import { assert, assertNever } from '../domain/assert.ts';
import type { ConfigValue } from '../domain/config.ts';
import type { Context, ReadingInput } from '../domain/messages.ts';
import type { MeterState } from '../domain/meter/state.ts';
import { isItsOwn } from '../domain/meter/itself.ts';
import { holdOf, wantedOf } from '../domain/meter/view.ts';
import type { Line, LineDeps, LineMeter, LineReport, MeterReading, WantedNow } from '../lines/types.ts';
import type { Ref } from '../runtime/actor.ts';
import { sameJson } from '../domain/sameJson.ts';
import { Flapping } from '../domain/flapping.ts';
import type { FieldTask, TaskOutcome } from '../lines/tasks.ts';
import type { Core } from './core.ts';
import { EPOCH_FRESH_MS, FieldTasks } from './fieldTasks.ts';

const STANDSTILL_MS = 60_000;

type LineMessage =
  | { readonly type: 'start' }
  | { readonly type: 'differs'; readonly meter: string }
  | { readonly type: 'readNow'; readonly meter: string }
  | { readonly type: 'run'; readonly task: FieldTask };
type LineEntity = ConfigValue<'line'>;
type Entry = {
  line: Line;
  readonly ref: Ref<LineMessage>;
  up: boolean;
  requests: number;
  movedMono: number;
  config: LineEntity;
};
export type CreateLine = (config: LineConfig, meters: readonly LineMeter[], deps: LineDeps) => Line;

export class Lines {
  readonly #core: Core;
  readonly #create: CreateLine;
  readonly #after: LineDeps['after'];
  readonly #lines = new Map<string, Entry>();
  readonly #flapping = new Flapping();
  readonly #tasks: FieldTasks;
  #started = false;

  constructor(core: Core, create: CreateLine, after: LineDeps['after']) {
    this.#core = core;
    this.#create = create;
    this.#after = after;
    this.#tasks = new FieldTasks(core);
    const { clock } = core.options;
    for (const config of core.directory.all('line')) this.#add(config);
    core.lines = {
      differs: (meter) => this.#tell(meter, { type: 'differs', meter }),
      readNow: (meter) => this.#tell(meter, { type: 'readNow', meter }),
      run: (line, task, ended) => this.#run(line, this.#tasks.begin(task, ended)),
      changed: (line) => void this.#changed(line),
    };
    core.linesUp = () => [...this.#lines.values()].filter((one) => one.up).length;
    core.silentLines = () => [...this.#lines].filter(([, one]) => !one.up).map(([id]) => id);
    core.schedulersRun = () => [...this.#lines.values()].every((one) => clock.mono() - one.movedMono < STANDSTILL_MS);
    core.beforeScrape = () => {
      for (const [id, { line }] of this.#lines) core.metrics.utilisation.set({ line: id }, line.figures().utilisation);
    };
  }

  /** Every second: a line that is up and has asked nothing for a minute has a scheduler that stands still. */
  watch(): void {
    const nowMono = this.#core.options.clock.mono();
    for (const entry of this.#lines.values()) {
      const { requests, meters } = entry.line.figures();
      if (requests !== entry.requests || !entry.up || meters.length === 0) entry.movedMono = nowMono;
      entry.requests = requests;
    }
    for (const id of this.#flapping.calmed(this.#core.context().nowMs)) this.#flaps(id, false);
  }

  #add(config: LineEntity): void {
    const entry: Entry = {
      line: this.#make(config),
      // The line is looked up for each message: its settings may have changed meanwhile.
      ref: this.#core.actors.spawn(`line:${config.id}`, (message: LineMessage) => handle(entry.line, message)),
      ...{ up: false, config, requests: 0, movedMono: this.#core.options.clock.mono() },
    };
    this.#lines.set(config.id, entry);
    if (this.#started) this.#core.actors.tell(entry.ref, { type: 'start' });
  }

  #make(config: LineEntity): Line {
    const { clock } = this.#core.options;
    return this.#create(config, this.#metersOf(config.id), {
      mono: () => clock.mono(),
      site: () => clock.site(),
      after: this.#after,
      report: (report) => this.#report(config.id, report),
      wantedNow: (meter) => this.wantedNow(meter),
    });
  }

  #metersOf(line: string): LineMeter[] {
    return [...this.#core.meters].flatMap(
      ([
        meterId,
        {
          state: { config, itself },
        },
      ]) => {
        if (config?.line !== line) return [];
        const { unitId, profile, pollIntervalMs, hasBreaker } = config;
        // Told before `wantedNow` can say so: that goes by what is durable.
        const chargesItself = itself === 'released';
        return [{ meterId, unitId, profile, number: config.number ?? null, pollIntervalMs, hasBreaker, chargesItself }];
      },
    );
  }

  /** New, or with other settings or meters. One transaction may be under way: the old line ends it first. */
  async #changed(id: string): Promise<void> {
    const config = this.#core.directory.get('line', id);
    assert(config !== undefined, `there is no line ${id}`);
    const entry = this.#lines.get(id);
    if (!entry) return this.#add(config);
    if (sameJson(entry.config, config)) return entry.line.setMeters(this.#metersOf(id));
    entry.config = config;
    await entry.line.stop();
    if (entry.config !== config) return; // changed again meanwhile
    entry.line = this.#make(config);
    if (this.#started) this.#core.actors.tell(entry.ref, { type: 'start' });
  }

  start(): void {
    this.#started = true;
    for (const { ref } of this.#lines.values()) this.#core.actors.tell(ref, { type: 'start' });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ line }) => line.stop()));
  }

  views(): LineView[] {
    return [...this.#lines.values()]
      .sort((a, b) => a.config.position - b.config.position)
      .map(({ line, config }) => {
        const { lineId: _id, meters, ...figures } = line.figures();
        const { transport } = config;
        return {
          ...figures,
          id: config.id,
          name: config.name,
          transport:
            transport.kind === 'serial' ? transport.path : `${transport.kind} ${transport.host}:${transport.port}`,
          meters: meters.map(({ meterId, ...meter }) => {
            const state = this.#core.meters.get(meterId)?.state;
            return { ...meter, id: meterId, profile: state?.config?.profile ?? '', room: state?.place.room ?? null };
          }),
        };
      });
  }

  /** The re-check right before each write: what is durable and what is known now must both want it (laws 3, 4, 5). */
  wantedNow(meter: string): WantedNow | null {
    const core = this.#core;
    const cell = core.meters.get(meter);
    if (!cell?.durable.config?.hasBreaker) return null;
    const context = core.context();
    const durable = wantedOf(cell.durable, { ...context, rules: core.durableRules, tagsOn: core.tags.durablyOn });
    const now = wantedOf(cell.state, context);
    const isOwn = (state: MeterState, tagsOn: Context['tagsOn']): boolean =>
      isItsOwn(state, cell.live, { ...context, tagsOn });
    if (isOwn(cell.durable, core.tags.durablyOn) && isOwn(cell.state, context.tagsOn))
      return { state: 'own', mayWrite: core.committer.keeping && context.epochAgeMs <= EPOCH_FRESH_MS };
    if (durable.state === 'closed') return { state: 'closed', mayWrite: now.state === 'closed' };
    const sure = now.state === 'open' && core.committer.keeping && context.epochAgeMs <= EPOCH_FRESH_MS;
    // A person's trip that is being lifted leaves money as the cause: then the holds stand already.
    const held =
      (durable.cause === 'moneyExhausted' || now.cause === 'moneyExhausted') &&
      holdOf({ ...cell.durable, causes: {}, cutSinceMs: 0 }, cell.live, context) !== null;
    return { state: 'open', mayWrite: sure && !held };
  }

  #tell(meter: string, message: LineMessage): void {
    const line = this.#core.meters.get(meter)?.state.config?.line;
    const entry = line === undefined ? undefined : this.#lines.get(line);
    if (entry) this.#core.actors.tell(entry.ref, message);
  }

  #run(line: string, task: FieldTask): void {
    const entry = this.#lines.get(line);
    const outcome: TaskOutcome<never> = { kind: 'failed', reason: 'notHere', code: null, writes: 'none' };
    if (entry) this.#core.actors.tell(entry.ref, { type: 'run', task });
    else this.#tasks.end({ taskId: task.id, outcome });
  }

  #report(lineId: string, report: LineReport): void {
    const core = this.#core;
    switch (report.type) {
      case 'reading':
        return core.send({
          to: 'meter',
          id: report.reading.meterId,
          message: { type: 'TakeReading', reading: this.#input(report.reading) },
        });
      case 'readFailed':
        return core.send({
          to: 'meter',
          id: report.meterId,
          message: { type: 'NoteSilence', silentForMs: report.silentForMs },
        });
      case 'link':
        return core.send({ to: 'meter', id: report.meterId, message: { type: 'NoteLink', online: report.online } });
      case 'switched': {
        const { outcome, wanted, attempts, reason } = report;
        core.metrics.commands.inc({ result: `switch_${outcome}` });
        return core.send({
          to: 'meter',
          id: report.meterId,
          message: { type: 'NoteSwitch', outcome, wanted, attempts, reason },
        });
      }
      case 'task':
        core.metrics.commands.inc({ result: `task_${report.outcome.kind}` });
        return this.#tasks.end(report);
      case 'line':
        return this.#line(lineId, report.up, report.reason);
      default:
        return assertNever(report);
    }
  }

  #line(id: string, up: boolean, reason: string | null): void {
    const entry = this.#lines.get(id);
    assert(entry !== undefined, `there is no line ${id}`);
    entry.up = up;
    if (up) this.#core.parameters.lineUp(id);
    const subject = { room: null, meter: null, line: id };
    const carries = entry.line.figures().meters.length;
    const message = up
      ? ({ type: 'Clear', kind: 'lineDead', subject } as const)
      : ({
          type: 'Raise',
          kind: 'lineDead',
          subject,
          detail: { reason: reason ?? '', name: entry.config.name },
          carries,
        } as const);
    this.#core.send({ to: 'alarms', message });
    const flaps = this.#flapping.note(id, this.#core.context().nowMs, up);
    if (flaps !== null) this.#flaps(id, flaps);
  }

  #flaps(line: string, flaps: boolean): void {
    const subject = { room: null, meter: null, line };
    const name = this.#lines.get(line)?.config.name ?? line;
    this.#core.send({
      to: 'alarms',
      message: flaps
        ? { type: 'Raise', kind: 'flappingLink', subject, detail: { name } }
        : { type: 'Clear', kind: 'flappingLink', subject },
    });
  }

  /** Registers are secondary side: × CT × PT gives what is charged (facts §1.2, HIGH). */
  #input(reading: MeterReading): ReadingInput {
    const config = this.#core.meters.get(reading.meterId)?.state.config;
    assert(config != null, `meter ${reading.meterId} is registered`);
    const { ct, pt } = config;
    const times = ct * pt;
    const { live, status } = reading;
    return {
      atMs: reading.atMs,
      index: typeof reading.index === 'number' ? reading.index * times : reading.index,
      bands: reading.bands?.map((band) => band * times) ?? null,
      reverse: reading.reverse === null ? null : reading.reverse * times,
      volts: live.volts?.map((volt) => volt * pt) ?? [],
      amps: live.amps?.map((amp) => amp * ct) ?? [],
      watts: live.watts === undefined ? null : live.watts * times,
      flow: live.flow === undefined ? null : live.flow * 1000,
      powerFactor: live.powerFactor ?? null,
      switchState: status.switchState,
      forced: status.forced,
      fault: status.fault,
      overLimit: status.overLimit,
      batteryLow: status.batteryLow,
      clockMs: reading.clockMs,
      number: reading.number,
      // Money is money on either side: no multiplier.
      ...(reading.money === null ? {} : { money: reading.money }),
      times,
      monoMs: this.#core.options.clock.mono(),
    };
  }
}

function handle(line: Line, message: LineMessage): void {
  switch (message.type) {
    case 'start':
      return line.start();
    case 'differs':
      return line.differs(message.meter);
    case 'readNow':
      return line.readNow(message.meter);
    case 'run':
      return line.run(message.task);
    default:
      return assertNever(message);
  }
}
