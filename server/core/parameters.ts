/**
 * Parameters of meters in the core: what was asked is durable before anything goes out, one task at a time and line, and what
 * became of each is kept. What a crash leaves unwritten is written after the start, or ended when it is too old.
 */
import { profileOptions } from '../../protocol/profileOptions.ts';
import {
  multiplierParameters,
  type LastWrite,
  type ParameterName,
  type ParametersView,
  type ParameterValues,
} from '../../protocol/parameters.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import { assert } from '../domain/assert.ts';
import { accept, timeline, type RecordChange, type Request } from '../domain/messages.ts';
import { endedWith, endedWithout, nearEdge, WRITE_WITHIN_MS, writeMistake } from '../domain/parameter/decide.ts';
import {
  evolveParameters,
  initialParameters,
  namesOf,
  sameValue,
  type ParametersEvent,
  type ParametersState,
} from '../domain/parameter/state.ts';
import { storable } from '../domain/json.ts';
import { sameJson } from '../domain/sameJson.ts';
import { readProgram, writeProgram, type ParameterRead } from '../lines/parameterTasks.ts';
import { parameterTables, type ParameterSpec } from '../lines/profiles/parameters.ts';
import type { TaskOutcome } from '../lines/tasks.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';

type Step = { readonly meter: string; readonly name: ParameterName; readonly what: 'read' | 'write' };
/** `plan`: one of load and time control, which goes on asking. */
type WantedBy = { readonly by: string; readonly reason: string; readonly plan?: true };
type Writing = NonNullable<ParametersState['writing'][ParameterName]>;
type Progress = { done: number; total: number };

export class Parameters {
  readonly #core: Core;
  readonly #states = new Map<string, ParametersState>();
  /** By line, in the order they were asked for; the first is under way. */
  readonly #steps = new Map<string, Step[]>();
  readonly #progress = new Map<string, Progress>();
  /** Wanted of a meter, and not durable yet: no step of it begins before that. */
  readonly #undurable = new Map<string, ParameterValues>();
  readonly #failed = new Map<string, Partial<Record<ParameterName, string>>>();
  #tables: ReturnType<typeof parameterTables> | null = null;
  #made = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  load(meter: string, state: ParametersState): void {
    this.#states.set(meter, state);
  }

  state(meter: string): ParametersState {
    return this.#states.get(meter) ?? initialParameters;
  }

  /** What is asked and has not ended. */
  waiting(): { readonly meter: string; readonly name: ParameterName; readonly writing: Writing }[] {
    return [...this.#states].flatMap(([meter, { writing }]) =>
      (Object.entries(writing) as [ParameterName, Writing][]).map(([name, one]) => ({ meter, name, writing: one })),
    );
  }

  /** The line is there: what was asked before a crash, and has not ended, is queued again. */
  lineUp(line: string): void {
    for (const [meter, { writing }] of this.#states)
      if (this.#core.meters.get(meter)?.state.config?.line === line)
        this.#queue((Object.keys(writing) as ParameterName[]).map((name) => ({ meter, name, what: 'write' })));
  }

  specs(meter: string): readonly ParameterSpec[] {
    const config = this.#core.meters.get(meter)?.state.config;
    this.#tables ??= parameterTables(this.#core.directory.site.profileOptions ?? profileOptions());
    return (config && this.#tables[config.profile]) ?? [];
  }

  read(meter: string, names: readonly ParameterName[] | undefined): void {
    const all = this.specs(meter).map(({ name }) => name);
    this.#queue((names ?? all).map((name) => ({ meter, name, what: 'read' })));
  }

  /** Null: it may be written. */
  mistake(meter: string, values: ParameterValues, request: Request): string | null {
    const config = this.#core.meters.get(meter)?.state.config;
    assert(config != null, `there is no meter ${meter}`);
    const known = new Set(this.specs(meter).map(({ name }) => name));
    const multiplier = { ct: config.ct, pt: config.pt };
    const wrong = writeMistake(values, { role: request.role, known, multiplier, state: this.state(meter) });
    if (wrong !== null || values.clock === undefined || !this.#nearEdge(meter)) return wrong;
    return 'values.clock: a band edge or midnight is less than a minute away; try again in two minutes';
  }

  /** `record`: the answer, in the same commit. */
  write(meter: string, values: ParameterValues, reason: string, request: Request): Promise<OpOutcome> {
    const { committer, audit } = this.#core;
    const { nowMs } = this.#core.context();
    const result = { ok: true };
    const before = this.state(meter);
    audit.changed(
      request.key,
      `parameters:${meter}`,
      { wanted: before.wanted },
      {
        wanted: { ...before.wanted, ...values },
      },
    );
    const writing = { by: request.operator, reason, sinceMs: nowMs };
    this.#take(meter, [{ type: 'ParameterWriteAsked', values, writing }], [accept(request, result, nowMs).record]);
    return new Promise((resolve) =>
      committer.whenDurable(() => {
        this.#queue(namesOf(values).map((name) => ({ meter, name, what: 'write' })));
        resolve({ ok: true, result });
      }),
    );
  }

  /** Without a person's request of its own: what a plan says. It takes the place of what still waits to be written. */
  want(meter: string, values: ParameterValues, { by, reason, plan }: WantedBy): void {
    const { writing, wanted } = this.state(meter);
    const names = namesOf(values).filter(
      (name) => writing[name] === undefined || !sameJson(wanted[name], values[name]),
    );
    if (names.length === 0) return;
    const asked: ParameterValues = Object.fromEntries(names.map((name) => [name, values[name]]));
    const sinceMs = this.#core.context().nowMs;
    this.#take(
      meter,
      [{ type: 'ParameterWriteAsked', values: asked, writing: { by, reason, sinceMs }, ...(plan && { plan }) }],
      [],
    );
    this.#undurable.set(meter, asked);
    this.#core.committer.whenDurable(() => {
      if (this.#undurable.get(meter) === asked) this.#undurable.delete(meter);
      this.#queue(names.map((name) => ({ meter, name, what: 'write' })));
    });
  }

  /** What of it was not asked yet, went to a meter that hung there before, or may not have arrived some time ago. */
  due(meter: string, values: ParameterValues): ParameterName[] {
    const { wanted, writing, last } = this.state(meter);
    const { swappedMs = 0 } = this.#core.meters.get(meter)?.state ?? {};
    return namesOf(values).filter((name) => {
      const ended = last[name];
      if (writing[name]) return false;
      if (!sameValue(name, wanted[name], values[name])) return true;
      if (!ended || ended.atMs < swappedMs) return true;
      const isLost = ended.result === 'notWritten' || ended.result === 'unknown';
      return isLost && this.#core.context().nowMs - ended.atMs >= WRITE_WITHIN_MS;
    });
  }

  /** What is under way comes to its end; the rest does not begin. */
  cancel(meter: string): void {
    for (const [line, steps] of this.#steps) {
      const dropped = steps.filter((step, n) => n > 0 && step.meter === meter);
      this.#steps.set(
        line,
        steps.filter((step) => !dropped.includes(step)),
      );
      for (const step of dropped) {
        this.#count(step);
        if (step.what === 'write') this.#ended(step, { result: 'notWritten', why: 'cancelled' }, []);
      }
    }
  }

  view(meter: string): ParametersView {
    const config = this.#core.meters.get(meter)?.state.config;
    assert(config != null, `there is no meter ${meter}`);
    const state = this.state(meter);
    const wanted: ParameterValues = { ...state.wanted, ct: config.ct, pt: config.pt, clock: 0 };
    const { swappedMs = 0 } = this.#core.meters.get(meter)?.state ?? {};
    const items = this.specs(meter).map(({ name, mark, source }) => {
      // What was read before another one was hung there says nothing of it.
      const known = (state.readMs[name] ?? 0) >= swappedMs;
      const [is, should] = [known ? state.values[name] : undefined, wanted[name]];
      return {
        ...{ name, mark, source, readMs: known ? (state.readMs[name] ?? null) : null },
        ...{ value: { [name]: is }, wanted: { [name]: should } },
        differs: is === undefined || should === undefined ? null : !sameValue(name, is, should),
        ...{ writing: state.writing[name] ?? null, last: state.last[name] ?? null },
        failed: this.#failed.get(meter)?.[name] ?? null,
      };
    });
    const { room } = this.#core.meters.get(meter)?.state.place ?? { room: null };
    const job = this.#progress.get(meter) ?? null;
    return { meter, room, profile: config.profile, number: config.number ?? null, items, job: job && { ...job } };
  }

  #queue(steps: readonly Step[]): void {
    for (const step of steps) {
      const line = this.#core.meters.get(step.meter)?.state.config?.line;
      if (line === undefined) continue;
      const waiting = this.#steps.get(line) ?? [];
      if (waiting.some((one) => one.meter === step.meter && one.name === step.name && one.what === step.what)) continue;
      const progress = this.#progress.get(step.meter) ?? { done: 0, total: 0 };
      this.#progress.set(step.meter, { ...progress, total: progress.total + 1 });
      this.#steps.set(line, [...waiting, step]);
      if (waiting.length === 0) this.#go(line);
    }
  }

  #count({ meter }: Step): void {
    const progress = this.#progress.get(meter);
    if (!progress) return;
    progress.done += 1;
    if (progress.done === progress.total) this.#progress.delete(meter);
  }

  #go(line: string): void {
    const step = this.#steps.get(line)?.[0];
    if (!step) return;
    if (this.#undurable.has(step.meter)) return this.#core.committer.whenDurable(() => this.#go(line));
    const spec = this.specs(step.meter).find(({ name }) => name === step.name);
    const { meter, name, what } = step;
    const { wanted } = this.state(meter);
    const isWanted = (): boolean => what === 'read' || sameJson(this.state(meter).wanted[name], wanted[name]);
    const past = (outcome: TaskOutcome<ParameterRead>): void => {
      const rest = (this.#steps.get(line) ?? []).slice(1);
      // Something else is wanted by now: this write is none, and comes again with that.
      const again = !isWanted();
      this.#steps.set(line, again ? [...rest, step] : rest);
      if (!again) {
        this.#count(step);
        this.#note(step, outcome);
      }
      this.#go(line);
    };
    if (!spec) return past({ kind: 'failed', reason: 'notHere', code: null, writes: 'none' });
    const next = what === 'read' ? readProgram(spec, this.#localNow) : writeProgram(spec, wanted, this.#localNow);
    const task = {
      ...{ id: `parameter-${(this.#made += 1)}`, target: { meterId: meter }, priority: 'parameters' as const },
      ...{ mayWrite: () => isWanted() && this.#mayWrite(meter, name), next },
    };
    this.#core.lines?.run(line, task, past);
  }

  readonly #localNow = (): number => {
    const { directory, options } = this.#core;
    return directory.time.localMs(options.clock.site());
  };

  /** Asked right before the bytes go out. */
  #mayWrite(meter: string, name: ParameterName): boolean {
    const { writing, wanted } = this.state(meter);
    const config = this.#core.meters.get(meter)?.state.config;
    const asked = writing[name];
    if (!config || !asked || this.#core.context().nowMs - asked.sinceMs > WRITE_WITHIN_MS) return false;
    if (multiplierParameters.includes(name) && wanted[name] !== config[name as 'ct' | 'pt']) return false;
    return name !== 'clock' || !this.#nearEdge(meter);
  }

  #nearEdge(meter: string): boolean {
    const { pricing, directory } = this.#core;
    const tariff = this.#core.meters.get(meter)?.state.config?.tariff;
    assert(tariff !== undefined, `there is no meter ${meter}`);
    const at = (ms: number) => ({ band: pricing.bandAt(tariff, ms), day: directory.time.day(ms) });
    return nearEdge(at, this.#core.context().nowMs);
  }

  #note(step: Step, outcome: TaskOutcome<ParameterRead>): void {
    const { meter, name, what } = step;
    const read = outcome.kind === 'done' ? outcome.result.value : null;
    const failure = read && namesOf(read).length > 0 ? null : failureOf(outcome);
    this.#failed.set(meter, { ...this.#failed.get(meter), [name]: failure ?? undefined });
    const events: ParametersEvent[] =
      read && failure === null ? [{ type: 'ParametersRead', values: read, atMs: this.#core.context().nowMs }] : [];
    if (what === 'read') return this.#take(meter, events, []);
    const ended =
      outcome.kind === 'failed'
        ? endedWithout(outcome.reason, outcome.writes)
        : endedWith(name, this.state(meter).wanted, read);
    this.#ended(step, ended, events);
  }

  #ended({ meter, name }: Step, ended: Pick<LastWrite, 'result' | 'why'>, events: readonly ParametersEvent[]): void {
    const writing = this.state(meter).writing[name];
    if (!writing) return;
    const { nowMs } = this.#core.context();
    const last: LastWrite = { ...ended, by: writing.by, atMs: nowMs };
    const { room } = this.#core.meters.get(meter)?.state.place ?? { room: null };
    const kind = 'ParameterWriteEnded';
    const id = `${meter}-${kind}-${name}-${writing.sinceMs}`;
    const detail = { parameter: name, result: ended.result, reason: writing.reason };
    const line = timeline(room, nowMs, { id, kind, by: writing.by, meter, detail });
    this.#take(meter, [...events, { type: kind, name, last }], line);
    const who = { operator: writing.by, role: null };
    const params = { meter, parameter: name, value: this.state(meter).wanted[name], ...ended };
    void this.#core.audit.note({ who, op: 'parameterWritten', params }, 'done', null);
  }

  #take(meter: string, events: readonly ParametersEvent[], records: readonly RecordChange[]): void {
    if (events.length === 0 && records.length === 0) return;
    const after = events.reduce(evolveParameters, this.state(meter));
    const stored = events.map(({ type, ...data }) => ({
      ...{ key: `parameters:${meter}`, type, v: EVENT_VERSION, data: storable(data) },
    }));
    this.#core.committer.append(stored, records);
    // Not before it is written: what breaks there has changed nothing.
    this.#states.set(meter, after);
  }
}

/** null: it was read. */
function failureOf(outcome: TaskOutcome<ParameterRead>): string {
  if (outcome.kind === 'failed') return outcome.reason;
  return outcome.result.exception === null ? 'unreadable' : 'exception';
}
