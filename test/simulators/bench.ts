/** A meter on the bench: a known load, a stepped clock, frames as hex. */
import { sealed } from '../../simulators/crc.ts';
import { noFaults, type Faults } from '../../simulators/faults.ts';
import { createMeter } from '../../simulators/meters/create.ts';
import type { Load, Model, VirtualMeter } from '../../simulators/meters/meter.ts';
import type { SavedMeter } from '../../simulators/meters/saved.ts';
import { seededRandom } from '../../simulators/random.ts';
import { answer } from '../../simulators/slave.ts';

export const HOUR_MS = 3_600_000;
/** Wednesday 2026-04-15 09:30:15 in Shanghai. */
export const START_MS = Date.UTC(2026, 3, 15, 1, 30, 15);

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join(' ')
    .toUpperCase();
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (pair) => Number.parseInt(pair, 16));
}

type BenchOptions = {
  readonly load?: Load;
  readonly faults?: Partial<Faults>;
  readonly startIndex?: number;
  readonly number?: string;
  readonly pt?: number;
  readonly ct?: number;
  readonly saved?: SavedMeter;
};

export class Bench {
  readonly meter: VirtualMeter;
  readonly faults: Faults;
  siteMs = START_MS;
  monoMs = 0;

  constructor(model: Model, options: BenchOptions = {}) {
    this.faults = { ...noFaults, ...options.faults };
    const meterOptions = {
      unitId: 1,
      number: options.number ?? '202604150001',
      load: options.load ?? (() => 1000),
      local: (siteMs: number) => siteMs + 8 * HOUR_MS,
      seed: 7,
      random: seededRandom(7),
      faults: this.faults,
      pt: options.pt ?? 1,
      ct: options.ct ?? 1,
      startIndex: options.startIndex ?? 0,
    };
    this.meter = createMeter(model, meterOptions, options.saved);
    this.pass(0);
  }

  pass(ms: number): void {
    this.siteMs += ms;
    this.monoMs += ms;
    this.meter.advance({ siteMs: this.siteMs, monoMs: this.monoMs });
  }

  /** PDU in, PDU out, both hex. */
  ask(pdu: string): string {
    return hex(answer(this.meter, bytes(pdu)));
  }

  /** Data bytes of a read with FC03 (or FC04), hex. */
  read(address: number, count: number, fn = 3): string {
    const pdu = Uint8Array.of(fn, address >>> 8, address & 0xff, count >>> 8, count & 0xff);
    const reply = answer(this.meter, pdu);
    if ((reply[0] ?? 0) & 0x80) return `exception ${reply[1]}`;
    return hex(reply.slice(2));
  }
}

/** A whole RTU frame of unit 1. */
export function frame(pdu: string): string {
  return hex(sealed(1, bytes(pdu)));
}
