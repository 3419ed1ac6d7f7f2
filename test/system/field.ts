/** The field: virtual meters on lines of their own, whose load a test turns on and off while everything runs. */
import { localTimeOf, realClock } from '../../simulators/clock.ts';
import { withFaults } from '../../simulators/plan.ts';
import { VirtualLine } from '../../simulators/line.ts';
import { createMeter } from '../../simulators/meters/create.ts';
import type { Model, VirtualMeter } from '../../simulators/meters/meter.ts';
import { seededRandom, seedOf } from '../../simulators/random.ts';
import { serveModbusTcp, serveRtuTcp } from '../../simulators/transports/tcp.ts';
import type { Served } from '../../simulators/transports/transport.ts';
import type { Faults } from '../../simulators/faults.ts';

export const HOST = '127.0.0.1';
export const TIME_ZONE = 'Asia/Shanghai';
/** Where every register begins: a whole step of each model, Wh or litres. */
export const START_INDEX = 100_000;
export const BAUD = 57_600;

export type Hung = { readonly id: string; readonly model: Model; readonly unitId: number; readonly number: string };
export type LineSpec = { readonly id: string; readonly kind: 'tcp' | 'rtuTcp'; readonly meters: readonly Hung[] };

type FieldMeter = { readonly meter: VirtualMeter; readonly faults: Faults; load: number; readonly line: string };
type FieldLine = { readonly spec: LineSpec; readonly line: VirtualLine; door: Served | null; port: number };

export class Field {
  readonly #clock = realClock({ startMs: Date.now(), speed: 1, precise: false });
  readonly #meters = new Map<string, FieldMeter>();
  readonly #lines = new Map<string, FieldLine>();

  static async start(lines: readonly LineSpec[]): Promise<Field> {
    const field = new Field();
    for (const spec of lines) {
      field.#build(spec);
      await field.openLine(spec.id);
    }
    return field;
  }

  #build(spec: LineSpec): void {
    const { id } = spec;
    const line = new VirtualLine({
      ...{ id, baud: BAUD, parity: 'none', stopBits: 1, turnaroundMs: 5, clock: this.#clock },
      random: seededRandom(seedOf(id)),
      faults: withFaults({}),
    });
    this.#lines.set(id, { spec, line, door: null, port: 0 });
    for (const { id: meterId, model, unitId, number } of spec.meters) {
      const faults = withFaults({});
      const meter = createMeter(model, {
        ...{ unitId, number, faults, startIndex: START_INDEX, seed: seedOf(meterId) },
        load: () => this.#of(meterId).load,
        local: localTimeOf(TIME_ZONE),
        random: seededRandom(seedOf(meterId)),
      });
      this.#meters.set(meterId, { meter, faults, load: 0, line: id });
      line.attach({ meter, faults });
    }
  }

  #of(meterId: string): FieldMeter {
    const found = this.#meters.get(meterId);
    if (found === undefined) throw new Error(`no meter ${meterId} in the field`);
    return found;
  }

  #line(id: string): FieldLine {
    const found = this.#lines.get(id);
    if (found === undefined) throw new Error(`no line ${id} in the field`);
    return found;
  }

  get ports(): ReadonlyMap<string, number> {
    return new Map([...this.#lines].map(([id, { port }]) => [id, port]));
  }

  /** W, or litres an hour, from now on. */
  draw(meterId: string, load: number): void {
    const found = this.#of(meterId);
    this.#line(found.line).line.advanceAll();
    found.load = load;
  }

  /** Values may be changed. */
  faults(meterId: string): Faults {
    return this.#of(meterId).faults;
  }

  /** Wh or litres as they are now, and whether anything can flow: read in the meter itself. */
  look(meterId: string): { readonly index: number; readonly conducting: boolean } {
    const { meter, line } = this.#of(meterId);
    this.#line(line).line.advanceAll();
    return meter.look();
  }

  /** What the meter itself remembers. */
  memory(meterId: string): ReturnType<VirtualMeter['save']> {
    const { meter, line } = this.#of(meterId);
    this.#line(line).line.advanceAll();
    return meter.save();
  }

  /** Requests that reached a line: it is being asked. */
  asked(lineId: string): number {
    return this.#line(lineId).line.figures.requests;
  }

  /** The serial server loses power: its port is closed, its connections drop. The meters behind it go on counting. */
  async closeLine(id: string): Promise<void> {
    const found = this.#line(id);
    await found.door?.close();
    found.door = null;
  }

  async openLine(id: string): Promise<void> {
    const found = this.#line(id);
    const at = { host: HOST, port: found.port };
    found.door =
      found.spec.kind === 'tcp' ? await serveModbusTcp(found.line, at) : await serveRtuTcp(found.line, this.#clock, at);
    found.port = found.door.port;
  }

  async stop(): Promise<void> {
    for (const { door, line } of this.#lines.values()) {
      await door?.close();
      line.stop();
    }
  }
}
