/**
 * A line of meters that answer wrongly in every way a real one does. It knows its own registers, not the server's tables:
 * each value names its unit, its place and the request it belongs to, so any mix-up shows in the reading.
 */
import type { Transport, TransportEvents } from '../../../server/lines/transport.ts';
import { answer, sealed, type Unit } from './slave.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type Faults = {
  readonly loss: number;
  readonly late: number;
  readonly crc: number;
  readonly truncated: number;
  readonly duplicated: number;
  readonly wrongUnit: number;
  readonly exception: number;
  readonly babble: number;
};

export const noFaults: Faults = {
  loss: 0,
  late: 0,
  crc: 0,
  truncated: 0,
  duplicated: 0,
  wrongUnit: 0,
  exception: 0,
  babble: 0,
};
export const allFaults: Faults = {
  loss: 0.04,
  late: 0.05,
  crc: 0.04,
  truncated: 0.04,
  duplicated: 0.05,
  wrongUnit: 0.04,
  exception: 0.02,
  babble: 0.06,
};

export type Model = 'ddsy' | 'sdm' | 'xintai';
export const modelOf = (unitId: number): Model => (unitId % 3 === 0 ? 'xintai' : unitId % 3 === 1 ? 'ddsy' : 'sdm');
export const indexOf = (unitId: number, sequence: number): number => unitId * 1000 + (sequence % 1000);

type Meter = Unit & {
  closed: boolean;
  forced: boolean;
  /** Takes writes and does nothing. */
  stuck: boolean;
  /** Amps flow whatever the relay says. */
  welded: boolean;
  /** As its register shows it. */
  number: string;
  readonly writes: number[][];
};

export class FaultyLine implements Transport {
  faults: Faults = noFaults;
  /** Greatest thinking time, ms. */
  turnaroundMs = 20;
  requests = 0;
  /** Function, address and register count or value of each request, by unit: `1: 3 512 48`. */
  readonly log: string[] = [];
  /** Units that are switched off. */
  readonly dead = new Set<number>();
  /** Least silence before a request since the last byte of a reply, ms. */
  silenceMsMin = Number.POSITIVE_INFINITY;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  readonly meters = new Map<number, Meter>();
  readonly injected: Record<keyof Faults, number> = { ...noFaults };
  /** Numbers of the last two requests a unit was asked, the latest first. */
  readonly lastRequests = new Map<number, readonly number[]>();
  onWrite: (unitId: number, values: readonly number[]) => void = () => undefined;
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #characterMs: number;
  #events: TransportEvents | null = null;

  constructor(clock: VirtualClock, random: () => number, units: number, baud: number) {
    this.#clock = clock;
    this.#random = random;
    this.#characterMs = 10_000 / baud;
    for (let unitId = 1; unitId <= units; unitId += 1) this.meters.set(unitId, this.#meter(unitId));
  }

  open(events: TransportEvents): void {
    this.#events = events;
    this.#clock.after(1, () => events.opened());
  }

  close(): void {
    this.#events?.closed('closed');
    this.#events = null;
  }

  write(bytes: Uint8Array): void {
    this.requests += 1;
    const frame = [...bytes];
    const unitId = frame[0] ?? 0;
    this.lastRequests.set(unitId, [this.requests, ...(this.lastRequests.get(unitId) ?? [])].slice(0, 2));
    this.log.push(
      `${unitId}: ${[frame[1], ((frame[2] ?? 0) << 8) | (frame[3] ?? 0), ((frame[4] ?? 0) << 8) | (frame[5] ?? 0)].join(' ')}`,
    );
    this.silenceMsMin = Math.min(this.silenceMsMin, this.#clock.mono() - this.#lastByteMs);
    if (this.dead.has(unitId)) return;
    this.#refresh(unitId, this.requests);
    const sentMs = frame.length * this.#characterMs + this.#random() * this.turnaroundMs;
    if (this.#strikes('babble')) this.#babble(unitId);
    if (this.#strikes('loss')) return;
    this.#reply(answer(this.meters, frame), frame, sentMs);
  }

  #reply(reply: number[] | null, frame: readonly number[], sentMs: number): void {
    if (reply === null) return;
    const [unitId = 0, fn = 0] = frame;
    if (this.#strikes('exception'))
      return this.#send(sealed([unitId, fn | 0x80, 1 + Math.floor(this.#random() * 4)]), sentMs);
    if (this.#strikes('late')) return this.#send(reply, sentMs + 150 + this.#random() * 1_800);
    if (this.#strikes('crc')) return this.#send(this.#flipped(reply), sentMs);
    if (this.#strikes('truncated'))
      return this.#send(reply.slice(0, Math.floor(this.#random() * reply.length)), sentMs);
    if (this.#strikes('wrongUnit')) return this.#send(this.#fromAnother(unitId, frame, reply), sentMs);
    this.#send(reply, sentMs);
    if (this.#strikes('duplicated'))
      this.#send(reply, sentMs + reply.length * this.#characterMs + this.#random() * 150);
  }

  #strikes(fault: keyof Faults): boolean {
    if (this.#random() >= this.faults[fault]) return false;
    this.injected[fault] += 1;
    return true;
  }

  #flipped(reply: readonly number[]): number[] {
    const bit = Math.floor(this.#random() * reply.length * 8);
    return reply.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  }

  /** Another unit answers with its own values, or the right one under another's id. */
  #fromAnother(unitId: number, frame: readonly number[], reply: readonly number[]): number[] {
    const other = 1 + ((unitId + 2) % this.meters.size);
    const reads = frame[1] === 3 || frame[1] === 4;
    if (!reads || this.#random() < 0.5) return sealed([other, ...reply.slice(1, -2)]);
    return answer(this.meters, sealed([other, ...frame.slice(1, -2)])) ?? sealed([other, 0x83, 2]);
  }

  /** Noise at any time: stray bytes, or the beginning of what looks like a reply. */
  #babble(unitId: number): void {
    const noise = Array.from({ length: 1 + Math.floor(this.#random() * 40) }, () => Math.floor(this.#random() * 256));
    const bytes = this.#random() < 0.5 ? noise : [unitId, 3, 96, ...noise];
    this.#send(bytes, this.#random() * 300);
  }

  /** In one to four pieces, at wire speed. */
  #send(bytes: readonly number[], delayMs: number): void {
    const cuts = [
      0,
      ...Array.from({ length: Math.floor(this.#random() * 4) }, () => Math.floor(this.#random() * bytes.length)),
      bytes.length,
    ];
    cuts.sort((a, b) => a - b);
    for (let piece = 1; piece < cuts.length; piece += 1) {
      const part = bytes.slice(cuts[piece - 1], cuts[piece]);
      if (part.length === 0) continue;
      this.#clock.after(delayMs + (cuts[piece] ?? 0) * this.#characterMs, () => {
        this.#lastByteMs = this.#clock.mono();
        this.#events?.data(Uint8Array.from(part));
      });
    }
  }

  #meter(unitId: number): Meter {
    const registers = new Map<number, number>();
    for (let at = 0; at < 0x70; at += 1) registers.set(at, 0);
    for (let at = 0x0200; at < 0x0230; at += 1) registers.set(at, 0);
    const meter: Meter = {
      registers,
      closed: true,
      forced: true,
      stuck: false,
      welded: false,
      number: String(4000 + unitId),
      writes: [],
      written: (address, values) => this.#written(unitId, address, values),
    };
    return meter;
  }

  #written(unitId: number, address: number, values: readonly number[]): void {
    const meter = this.meters.get(unitId);
    if (meter === undefined) return;
    meter.writes.push([address, ...values]);
    this.onWrite(unitId, values);
    if (meter.stuck) return;
    if (address === 0x0057) [meter.forced, meter.closed] = [values[0] === 1, values[0] === 1 && values[1] === 0];
    if (address === 0x001c) meter.closed = values[0] === 1;
  }

  /** Writes the values of this very request into the registers. */
  #refresh(unitId: number, sequence: number): void {
    const meter = this.meters.get(unitId);
    if (meter === undefined) return;
    const index = indexOf(unitId, sequence);
    const set = (address: number, ...words: number[]): void =>
      words.forEach((word, at) => meter.registers.set(address + at, word));
    const model = modelOf(unitId);
    if (model === 'ddsy') {
      set(0x0043, 0, 0, parseInt(meter.number, 16));
      set(0x0201, 2000 + unitId, 7001, 7002, meter.closed || meter.welded ? 600 + unitId : 0);
      set(0x0215, (index * 100) >>> 16, (index * 100) & 0xffff);
      set(0x0224, (meter.closed ? 0x2000 : 0) | (meter.forced ? 8 : 0));
    }
    if (model === 'sdm') {
      set(0x0000, ...floatWords(200 + unitId, false));
      set(0x0006, ...floatWords(unitId, false));
      set(0x0048, ...floatWords(index, false));
    }
    if (model === 'xintai') {
      set(0x0001, ...floatWords(index, true));
      set(0x0003, ...floatWords(unitId, true));
      set(0x0012, 0, 0, 0, parseInt(String(4000 + unitId), 16));
      set(0x001c, meter.closed ? 1 : 2);
    }
  }
}

function floatWords(value: number, little: boolean): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, little);
  return [view.getUint16(0), view.getUint16(2)];
}
