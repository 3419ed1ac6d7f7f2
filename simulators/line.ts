/**
 * One RS-485 bus with its meters. It spends the time the wire would take (request, silence, the meter's thinking time,
 * reply, silence), carries one transaction at a time, and has faults.
 */
import type { SimClock } from './clock.ts';
import type { LineFaults } from './faults.ts';
import type { VirtualMeter } from './meters/meter.ts';
import { DEVICE_FAILURE } from './meters/registers.ts';
import type { Random } from './random.ts';
import { spoil, type Reply } from './spoil.ts';
import { answer, refusal } from './slave.ts';
import { charsMs, silenceMs, type Wire } from './wire.ts';

export type LineOptions = Wire & {
  readonly id: string;
  /** Time a meter thinks before it answers, ms. */
  readonly turnaroundMs: number;
  readonly clock: SimClock;
  readonly random: Random;
  /** Values may change while running. */
  readonly faults: LineFaults;
  /** A real serial port spends the time of its bits by itself: then only the thinking time is added. */
  readonly wireIsReal?: boolean;
};

/** A meter on the line, with faults of its own on top of the line's (the larger of two probabilities counts). */
export type Attached = { readonly meter: VirtualMeter; readonly faults?: LineFaults };

/** What the line does to the one who asked. */
export type Asker = {
  /** Bytes of an RTU frame, or for MBAP callers still with unit and CRC: the transport translates. */
  readonly deliver: (reply: Reply) => void;
  /** The reconnect fault. */
  readonly drop: () => void;
};

export type LineFigures = {
  requests: number;
  replies: number;
  /** Time the wire was taken, ms. */
  busyMs: number;
  /** Requests that came while another one was on the wire: a well-behaved master makes none. */
  overlaps: number;
  /** Requests thrown away because too many were waiting. */
  refused: number;
};

export const WAITING_MAX = 16;

type Request = { readonly unit: number; readonly pdu: Uint8Array; readonly asker: Asker };

export class VirtualLine {
  readonly id: string;
  readonly faults: LineFaults;
  readonly figures: LineFigures = { requests: 0, replies: 0, busyMs: 0, overlaps: 0, refused: 0 };
  readonly #options: LineOptions;
  readonly #meters = new Map<number, Attached>();
  readonly #waiting: Request[] = [];
  readonly #timers = new Set<() => void>();
  #freeAtMs = 0;
  #busy = false;

  constructor(options: LineOptions) {
    this.id = options.id;
    this.faults = options.faults;
    this.#options = options;
  }

  attach(attached: Attached): void {
    const { unitId } = attached.meter;
    if (this.#meters.has(unitId)) throw new Error(`line ${this.id}: unit ${unitId} twice`);
    attached.meter.advance(this.#now());
    this.#meters.set(unitId, attached);
  }

  meters(): readonly Attached[] {
    return [...this.#meters.values()];
  }

  /** Brings every meter up to now, so that it can be saved or looked at. */
  advanceAll(): void {
    for (const { meter } of this.#meters.values()) meter.advance(this.#now());
  }

  request(unit: number, pdu: Uint8Array, asker: Asker): void {
    this.figures.requests += 1;
    if (this.#busy) this.figures.overlaps += 1;
    if (this.#waiting.length >= WAITING_MAX) {
      this.figures.refused += 1;
      return;
    }
    this.#waiting.push({ unit, pdu, asker });
    if (!this.#busy) this.#next();
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#waiting.length = 0;
    this.#busy = false;
  }

  #now(): { siteMs: number; monoMs: number } {
    return { siteMs: this.#options.clock.siteMs(), monoMs: this.#options.clock.monoMs() };
  }

  #next(): void {
    const request = this.#waiting.shift();
    if (request === undefined) return;
    this.#busy = true;
    const startMs = Math.max(this.#now().monoMs, this.#freeAtMs);
    const askedMs = startMs + this.#wire(request.pdu.length + 3);
    const thinking = askedMs + this.#silence() + this.#options.turnaroundMs;
    const attached = this.#meters.get(request.unit);
    const faults = attached === undefined ? this.faults : worse(this.faults, attached.faults);
    const rolled = (probability: number): boolean => probability > 0 && this.#options.random() < probability;
    const silent = (request.unit !== 0 && attached === undefined) || rolled(faults.dead);
    const lost = rolled(faults.loss);
    const carriedOut = !silent && !(lost && rolled(0.5));
    const repliesAtMs = thinking + (rolled(faults.delay) ? faults.delayMs : 0);
    if (silent || lost || request.unit === 0) {
      this.#at(askedMs, () => {
        if (carriedOut) this.#carryOut(request, faults);
        this.#free(startMs, askedMs);
      });
      return;
    }
    const isLate = rolled(faults.late);
    const fault = { faults, rolled, random: this.#options.random };
    // The meter looks at its registers when it starts to answer; how long the answer is, is known only then.
    this.#at(repliesAtMs, () => {
      const pdu = rolled(faults.exception)
        ? refusal(request.pdu[0] ?? 0, DEVICE_FAILURE)
        : this.#carryOut(request, faults);
      const reply = spoil({ unit: request.unit, pdu, chunks: [] }, fault);
      const endMs = repliesAtMs + this.#wire(reply.chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      if (isLate) this.#at(endMs + faults.lateMs, () => this.#send(request, reply));
      this.#at(isLate ? askedMs : endMs, () => {
        if (rolled(faults.reconnect)) request.asker.drop();
        else if (!isLate) this.#send(request, reply);
        this.#free(startMs, isLate ? askedMs : endMs);
      });
    });
  }

  #send(request: Request, reply: Reply): void {
    this.figures.replies += 1;
    request.asker.deliver(reply);
  }

  /** Unit 0 is a broadcast: all obey, nobody answers. */
  #carryOut(request: Request, faults: LineFaults): Uint8Array {
    const now = this.#now();
    if (request.unit === 0) {
      for (const { meter } of this.#meters.values()) {
        meter.advance(now);
        if (faults.dead < 1) answer(meter, request.pdu);
      }
      return new Uint8Array();
    }
    const meter = this.#meters.get(request.unit)?.meter;
    if (meter === undefined) throw new Error(`line ${this.id}: no unit ${request.unit}`);
    meter.advance(now);
    if (this.#options.random() < meter.faults.registerReset) meter.resetIndex();
    return answer(meter, request.pdu);
  }

  #free(startMs: number, endMs: number): void {
    this.#freeAtMs = endMs + this.#silence();
    this.figures.busyMs += this.#freeAtMs - startMs;
    this.#busy = false;
    this.#next();
  }

  #wire(chars: number): number {
    return this.#options.wireIsReal === true ? 0 : charsMs(this.#options, chars);
  }

  #silence(): number {
    return this.#options.wireIsReal === true ? 0 : silenceMs(this.#options);
  }

  #at(dueMs: number, call: () => void): void {
    const cancel = this.#options.clock.at(dueMs, () => {
      this.#timers.delete(cancel);
      call();
    });
    this.#timers.add(cancel);
  }
}

function worse(line: LineFaults, own: LineFaults | undefined): LineFaults {
  if (own === undefined) return line;
  const larger = (name: keyof LineFaults): number => Math.max(line[name], own[name]);
  return {
    loss: larger('loss'),
    delay: larger('delay'),
    delayMs: own.delay > 0 ? own.delayMs : line.delayMs,
    late: larger('late'),
    lateMs: own.late > 0 ? own.lateMs : line.lateMs,
    crcError: larger('crcError'),
    truncated: larger('truncated'),
    duplicated: larger('duplicated'),
    wrongUnit: larger('wrongUnit'),
    exception: larger('exception'),
    babble: larger('babble'),
    reconnect: larger('reconnect'),
    dead: larger('dead'),
  };
}
