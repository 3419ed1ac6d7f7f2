/**
 * The port object modbus-serial works over. It runs the life of one request (request.ts) against a link: keeps the silence
 * between frames, flushes before each write, finds the reply by expected length and CRC, and after a failure lets the
 * wire fall silent before anyone hears of it, so no late reply is taken for the answer to another request.
 */
import { EventEmitter } from 'node:events';
import { assert, assertNever } from '../domain/assert.ts';
import {
  bufferBytesMax,
  expectedReply,
  judge,
  misfit,
  toWire,
  type Expected,
  type Framing,
  type Misfit,
} from './frame.ts';
import { advance, type RequestAction, type RequestEvent, type RequestState, type TimerName } from './request.ts';
import { bytesMs, silenceMs, type WireSettings } from './wire.ts';

export type PortSettings = WireSettings & {
  readonly framing: Framing;
  /** Longest time a meter needs before it starts to answer, ms. */
  readonly timeoutMs: number;
  /** Extra silence before each request, ms. */
  readonly turnaroundMs: number;
};

export type PortDeps = {
  readonly mono: () => number;
  readonly after: (ms: number, call: () => void) => () => void;
  readonly send: (bytes: Uint8Array) => void;
  readonly failed: (reason: PortFailure) => void;
  /** Asked when the silence is over, right before the bytes go out. */
  readonly mayGo: () => boolean;
};

/** withdrawn: not written, because it was not wanted any more when the wire was free. */
export type PortFailure = Misfit | 'lineDown' | 'withdrawn';

/** Device servers hand a frame on in pieces; a pause inside one is shorter than this. */
const pieceGapMs = 25;
/** After a reply that did not come the wire is watched this long at least for one that is late. */
const quietMsMin = 50;

export class LinePort extends EventEmitter {
  readonly #settings: PortSettings;
  readonly #deps: PortDeps;
  #state: RequestState = { kind: 'down' };
  #received: Uint8Array = new Uint8Array();
  #request: Uint8Array = new Uint8Array();
  #expected: Expected | null = null;
  #frame: Uint8Array = new Uint8Array();
  #transaction = 0;
  #disarm: (() => void) | null = null;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  #phaseSinceMs = 0;
  #reason: Misfit = 'timeout';

  constructor(settings: PortSettings, deps: PortDeps) {
    super();
    this.#settings = settings;
    this.#deps = deps;
  }

  get isOpen(): boolean {
    return this.#state.kind !== 'down';
  }

  /** What modbus-serial calls to begin; the link below opens and closes on its own. */
  open(callback: (error: Error | null) => void): void {
    callback(null);
  }

  close(callback?: (error: Error | null) => void): void {
    callback?.(null);
  }

  /** One whole RTU request, from modbus-serial. */
  write(request: Uint8Array): void {
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.#request = Uint8Array.from(request);
    this.#expected = expectedReply(this.#request, this.#transaction);
    this.#take({ type: 'ask' });
  }

  up(): void {
    this.#received = new Uint8Array();
    this.#take({ type: 'up' });
  }

  down(): void {
    this.#take({ type: 'down' });
  }

  receive(bytes: Uint8Array): void {
    this.#lastByteMs = this.#deps.mono();
    const joined = new Uint8Array(this.#received.length + bytes.length);
    joined.set(this.#received);
    joined.set(bytes, this.#received.length);
    this.#received = joined;
    if (this.#babbling()) return this.#take({ type: 'babble' });
    this.#take({ type: 'bytes', verdict: this.#verdict() });
  }

  #verdict(): 'more' | 'garbled' | 'match' {
    const listening =
      this.#state.kind === 'waiting' || this.#state.kind === 'settling' || this.#state.kind === 'ending';
    if (!listening || this.#expected === null) return 'more';
    const verdict = judge(this.#received, this.#expected, this.#settings.framing);
    if (verdict.kind === 'match') this.#frame = verdict.frame;
    return verdict.kind;
  }

  #babbling(): boolean {
    const sinceMs = this.#deps.mono() - this.#phaseSinceMs;
    return this.#received.length > bufferBytesMax || (this.#state.kind !== 'idle' && sinceMs > 2 * this.#deadlineMs());
  }

  #take(event: RequestEvent): void {
    const before = this.#state.kind;
    const { state, actions } = advance(this.#state, event);
    this.#state = state;
    if (state.kind === 'quiet' && before !== 'quiet') this.#reason = this.#misfit(state.cause);
    if (state.kind !== before && state.kind !== 'settling' && state.kind !== 'ending')
      this.#phaseSinceMs = this.#deps.mono();
    for (const action of actions) this.#act(action);
  }

  #misfit(cause: 'noReply' | 'babble'): Misfit {
    assert(this.#expected !== null, 'a request failed that nobody made');
    return cause === 'babble' ? 'crc' : misfit(this.#received, this.#expected, this.#settings.framing);
  }

  #act(action: RequestAction): void {
    switch (action.do) {
      case 'arm':
        return this.#arm(action.timer);
      case 'disarm':
        return this.#stopTimer();
      case 'drop':
        this.#received = new Uint8Array();
        return;
      case 'write':
        return this.#deps.send(toWire(this.#request, this.#settings.framing, this.#transaction));
      case 'deliver':
        this.#received = new Uint8Array();
        this.emit('data', Buffer.from(this.#frame));
        return;
      case 'fail':
        return this.#deps.failed(
          action.cause === 'lineDown' || action.cause === 'withdrawn' ? action.cause : this.#reason,
        );
      default:
        return assertNever(action);
    }
  }

  #stopTimer(): void {
    this.#disarm?.();
    this.#disarm = null;
  }

  #arm(timer: TimerName): void {
    this.#stopTimer();
    this.#wait(this.#deps.mono() + this.#timerMs(timer));
  }

  /** Timers of whole milliseconds may fire a part of one early, and a silence cut short makes two frames one. */
  #wait(dueMs: number): void {
    this.#disarm = this.#deps.after(Math.max(0, dueMs - this.#deps.mono()), () => {
      this.#disarm = null;
      if (this.#deps.mono() < dueMs) return this.#wait(dueMs);
      this.#take({ type: this.#state.kind === 'gap' && !this.#deps.mayGo() ? 'withdraw' : 'timer' });
    });
  }

  #timerMs(timer: TimerName): number {
    switch (timer) {
      case 'silence':
        return Math.max(0, this.#lastByteMs + this.#gapMs() - this.#deps.mono());
      case 'deadline':
        return this.#deadlineMs();
      case 'frameEnd':
        return Math.max(pieceGapMs, silenceMs(this.#settings));
      case 'turn':
        return 0;
      case 'quiet':
        return this.#settings.framing === 'tcp'
          ? this.#gapMs()
          : Math.max(quietMsMin, this.#settings.timeoutMs / 5, this.#gapMs());
      default:
        return assertNever(timer);
    }
  }

  /** Modbus TCP numbers its transactions, so it needs no silence. */
  #gapMs(): number {
    return (this.#settings.framing === 'tcp' ? 0 : silenceMs(this.#settings)) + this.#settings.turnaroundMs;
  }

  /** From the write to the last byte of the reply: both frames on the wire, the meter's time, and the silence it waits for. */
  #deadlineMs(): number {
    const bytes = this.#request.length + (this.#expected?.bytes ?? 0);
    return this.#settings.timeoutMs + bytesMs(this.#settings, bytes) + 2 * silenceMs(this.#settings);
  }
}
