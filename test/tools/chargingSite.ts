/** A core whose only meters are simulated ones that keep their own money: tasks and readings reach them at once. */
import type { Core } from '../../server/core/core.ts';
import { Lines } from '../../server/core/lines.ts';
import { fieldView } from '../../server/lines/field.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import { decodeReading, type Registers } from '../../server/lines/decode.ts';
import type { FieldTask, TaskAnswer, TaskReport } from '../../server/lines/tasks.ts';
import type { Line, LineDeps, MeterReading } from '../../server/lines/types.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { noFaults } from '../../simulators/faults.ts';
import { xintaiMeter } from '../../simulators/meters/xintai.ts';
import { acrelMeter } from '../../simulators/meters/acrel.ts';
import type { SavedMeter } from '../../simulators/meters/saved.ts';
import type { MeterOptions, VirtualMeter } from '../../simulators/meters/meter.ts';
import { seededRandom } from '../../simulators/random.ts';
import type { MemoryDisk } from './memoryStore.ts';
import { startCore, Stepped, type Running } from './siteInMemory.ts';
import type { Store } from '../../server/store/store.ts';

const HOUR_MS = 3_600_000;
const profiles = createProfiles();
const profileOf = ({ model }: VirtualMeter) => profiles[model === 'xintai' ? 'xintai-valve-water' : 'acrel-ddsy1352'];

export function ownMoneyMeter(clock: Stepped, loadW = 1_000, saved?: SavedMeter): VirtualMeter {
  const options: MeterOptions = {
    ...{ unitId: 1, number: '1', load: () => loadW, local: (ms) => ms + 8 * HOUR_MS, seed: 1 },
    ...{ faults: { ...noFaults }, random: seededRandom(1), startIndex: 0 },
  };
  const meter = acrelMeter('ddsy1352', options, saved?.model === 'ddsy1352' ? saved : undefined);
  meter.advance({ siteMs: clock.siteMs, monoMs: clock.monoMs });
  return meter;
}

/** `litresPerHour` runs through it while its valve is open. */
export function waterMeter(clock: Stepped, litresPerHour = 600, saved?: SavedMeter): VirtualMeter {
  const options: MeterOptions = {
    ...{ unitId: 1, number: '1', load: () => litresPerHour, local: (ms) => ms + 8 * HOUR_MS, seed: 1 },
    ...{ faults: { ...noFaults }, random: seededRandom(1), startIndex: 0 },
  };
  const meter = xintaiMeter(options, saved?.model === 'xintai' ? saved : undefined);
  meter.advance({ siteMs: clock.siteMs, monoMs: clock.monoMs });
  return meter;
}

/** One line that carries out everything at once; `deaf` answers nothing, `loseAnswers` so many answers of writes. */
export class MeterLine implements Line {
  deaf = false;
  loseAnswers = 0;
  /** The answer of this write from now on: 1 is the next. */
  loseAnswer = 0;
  /** Registers of every write, as they went out. */
  readonly writes: (readonly [address: number, ...values: number[]])[] = [];
  readonly meters = new Map<string, VirtualMeter>();
  deps!: LineDeps;
  readonly #clock: Stepped;

  constructor(clock: Stepped) {
    this.#clock = clock;
  }

  start(): void {}
  async stop(): Promise<void> {}
  setMeters(): void {}
  readNow(): void {}
  figures(): ReturnType<Line['figures']> {
    return {
      ...{ lineId: 'l1', up: true, utilisation: 0, cycleMs: null, requests: 0, replies: 0, timeouts: 0 },
      ...{ crcErrors: 0, exceptions: 0, reconnects: 0, oldestDueMs: 0, meters: [] },
    };
  }

  /** As the switcher would: looked at, written, read back. */
  differs(meterId: string): void {
    setImmediate(() => {
      const wanted = this.deps.wantedNow(meterId);
      const { control } = profileOf(this.#meter(meterId));
      if (this.deaf || !wanted?.mayWrite || control === null) return;
      if (fieldView(this.#reading(meterId), wanted.state, control) === 'asWanted') return;
      const values = wanted.state === 'own' ? control.release : control.values[wanted.state];
      if (values) this.#write(meterId, control.address, values, control.fn);
      this.deps.report({
        ...{ type: 'switched', meterId, wanted: wanted.state, outcome: 'confirmed', attempts: 0, reason: null },
      });
    });
  }

  run(task: FieldTask): void {
    setImmediate(() => this.deps.report({ type: 'task', taskId: task.id, outcome: this.#outcome(task) }));
  }

  #outcome(task: FieldTask): TaskReport['outcome'] {
    const failed = (writes: 'none' | 'unknown'): TaskReport['outcome'] => ({
      ...{ kind: 'failed', reason: 'timeout', code: null, writes },
    });
    if (this.deaf || !('meterId' in task.target)) return failed('none');
    const { meterId } = task.target;
    const meter = this.#meter(meterId);
    const answers: TaskAnswer[] = [];
    for (;;) {
      const step = task.next(answers);
      if (step.do === 'done') return { kind: 'done', result: step.result };
      if (step.do === 'read') {
        const read = meter.read(step.fn, step.address, step.count);
        if (!read.ok) return { kind: 'failed', reason: 'exception', code: read.exception, writes: 'none' };
        answers.push({ registers: read.words, exception: null });
        continue;
      }
      if (!task.mayWrite()) return { kind: 'failed', reason: 'withdrawn', code: null, writes: 'none' };
      const refused = this.#write(meterId, step.address, step.values, step.fn);
      if (refused !== null) return { kind: 'failed', reason: 'exception', code: refused, writes: 'none' };
      if (this.loseAnswer > 0) {
        this.loseAnswer -= 1;
        if (this.loseAnswer === 0) return failed('unknown');
      }
      if (this.loseAnswers > 0) {
        this.loseAnswers -= 1;
        return failed('unknown');
      }
      answers.push({ registers: [], exception: null });
    }
  }

  #write(meterId: string, address: number, values: readonly number[], fn: 6 | 16): number | null {
    this.writes.push([address, ...values]);
    return this.#meter(meterId).write(fn, address, values);
  }

  #meter(meterId: string): VirtualMeter {
    const meter = this.meters.get(meterId);
    if (!meter) throw new Error(`no meter ${meterId}`);
    meter.advance({ siteMs: this.#clock.siteMs, monoMs: this.#clock.monoMs });
    return meter;
  }

  #reading(meterId: string): MeterReading {
    const meter = this.#meter(meterId);
    const profile = profileOf(meter);
    const image = new Map<string, Registers>();
    for (const block of profile.blocks.filter(({ pace }) => pace === 'fast')) {
      const read = meter.read(block.fn, block.address, block.counts[0]);
      if (read.ok) image.set(block.name, { address: block.address, values: read.words });
    }
    return decodeReading(profile, meterId, image, this.#clock.siteMs);
  }

  /** An ordinary poll of everything on the line. */
  poll(): void {
    if (this.deaf) return;
    for (const meterId of this.meters.keys()) this.deps.report({ type: 'reading', reading: this.#reading(meterId) });
  }

  /** Count, cents and relay as they stand in the meter. */
  look(meterId: string): { count: number; cents: number; closed: boolean; forced: boolean } {
    const read = this.#meter(meterId).read(3, 0x4e, 11);
    if (!read.ok) throw new Error('the meter has a prepaid block');
    const [count = 0, high = 0, low = 0] = read.words;
    const forced = read.words[9] === 1;
    return { count, cents: (high << 16) | low, closed: this.#meter(meterId).look().conducting, forced };
  }
}

export type ChargingSite = Running & { readonly line: MeterLine; readonly poll: () => Promise<void> };

export async function startCharging(
  disk: MemoryDisk,
  site: SiteFileInput | null,
  line?: MeterLine,
  clock = new Stepped(),
  store?: Store,
): Promise<ChargingSite> {
  const own = line ?? new MeterLine(clock);
  const hang = (core: Core): void => {
    new Lines(
      core,
      (_config, _meters, deps) => Object.assign(own, { deps }),
      () => () => {},
    );
  };
  // A core that starts again has its lines before anything outstanding is resumed; a new site has none before its import.
  const running = await startCore(disk, site, clock, store, undefined, (core) => {
    if (site === null) hang(core);
  });
  if (site !== null) hang(running.core);
  if (!line) for (const id of running.core.meters.keys()) own.meters.set(id, ownMoneyMeter(clock));
  return {
    ...running,
    line: own,
    poll: async () => {
      running.core.epochConfirmed();
      own.poll();
      await running.settle();
      await running.settle();
    },
  };
}
