/** A line with meters on a stepped clock, and a master that notes what comes back and when. */
import { noFaults, type Faults } from '../../simulators/faults.ts';
import { VirtualLine } from '../../simulators/line.ts';
import { createMeter } from '../../simulators/meters/create.ts';
import type { Model } from '../../simulators/meters/meter.ts';
import { seededRandom } from '../../simulators/random.ts';
import type { Wire } from '../../simulators/wire.ts';
import { bytes, hex, START_MS } from './bench.ts';
import { steppedClock } from './steppedClock.ts';

type LineBenchOptions = Partial<Wire> & {
  readonly turnaroundMs?: number;
  readonly faults?: Partial<Faults>;
  readonly models?: readonly Model[];
  readonly seed?: number;
};

export class LineBench {
  readonly clock = steppedClock(START_MS);
  readonly line: VirtualLine;
  readonly faults: Faults;
  /** What came back: time, and each chunk as hex. */
  readonly heard: { atMs: number; chunks: string[] }[] = [];
  drops = 0;

  constructor(options: LineBenchOptions = {}) {
    const random = seededRandom(options.seed ?? 1);
    this.faults = { ...noFaults, ...options.faults };
    this.line = new VirtualLine({
      id: 'L1',
      baud: options.baud ?? 9600,
      parity: options.parity ?? 'none',
      stopBits: options.stopBits ?? 1,
      turnaroundMs: options.turnaroundMs ?? 0,
      clock: this.clock,
      random,
      faults: this.faults,
    });
    (options.models ?? ['ddsy1352']).forEach((model, i) => {
      const meter = createMeter(model, {
        unitId: i + 1,
        number: String(1000 + i),
        load: () => 1000,
        local: (siteMs) => siteMs,
        seed: i,
        random,
        faults: this.faults,
      });
      this.line.attach({ meter });
    });
  }

  send(unit: number, pdu: string): void {
    this.line.request(unit, bytes(pdu), {
      deliver: (reply) => this.heard.push({ atMs: this.clock.monoMs(), chunks: reply.chunks.map(hex) }),
      drop: () => (this.drops += 1),
    });
  }

  /** Sends and waits long enough; the chunks of all that came meanwhile. */
  ask(unit: number, pdu: string): string[] {
    const before = this.heard.length;
    this.send(unit, pdu);
    this.clock.step(2_000);
    return this.heard.slice(before).flatMap((reply) => reply.chunks);
  }
}
