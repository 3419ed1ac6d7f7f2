/**
 * Who looks at the wall and what each is still owed.
 *
 * Frames go out once per building to all who subscribed. A socket over its frame limit is unsubscribed and owes
 * nothing but patience: when it has drained it gets fresh snapshots, so what is kept for it stays bounded. Alarms are
 * sent to each socket by itself and never left out: one that cannot take an alarm is closed and comes back with the
 * last number it saw.
 */
import type { WebSocket } from 'uWebSockets.js';
import { WALL_PROTOCOL, type Alarm, type ClientMessage, type Layout, type ServerText } from '../../../protocol/wall.ts';
import type { Status } from '../../../protocol/wall.ts';
import type { WallBatch } from '../../../protocol/ipc.ts';
import type { Session } from '../sessions.ts';
import type { WallImage } from './image.ts';

export type Viewer = {
  /** Another one when its token is renewed. */
  session: Session;
  readonly openedMs: number;
  /** greeting: no hello yet; waiting: the image is not whole yet; live: gets frames; gone: the socket is closed. */
  phase: 'greeting' | 'waiting' | 'live' | 'gone';
  alarmSeq: number | null;
  /** Buildings of which it gets a snapshot as soon as its buffer allows. */
  readonly owed: Set<string>;
  /** Since when it is owed something and has drained nothing; null while it keeps up. Monotonic ms. */
  behindSinceMs: number | null;
};
export type Wire = Pick<
  WebSocket<Viewer>,
  'send' | 'getBufferedAmount' | 'subscribe' | 'unsubscribe' | 'end' | 'getUserData'
>;

/** Bytes go out as a binary message, text as text. */
export type Publish = (topic: string, message: string | Uint8Array) => void;

/** Bytes not yet taken by the network, per socket. */
export const limits = {
  /** Snapshots are handed out one by one below this. */
  snapshotBytes: 64 * 1024,
  /** Above this a socket gets no more frames until it has drained. */
  frameBytes: 1024 * 1024,
  /** Above this an alarm finds no place. A snapshot of 10 000 tiles (some 6 MB) alone does not reach it. */
  alarmBytes: 8 * 1024 * 1024,
  /** The hard end, in uWebSockets.js itself: leaves room for a last word above `alarmBytes`. */
  hardBytes: 16 * 1024 * 1024,
  /** A socket that drains nothing for so long is closed. */
  behindMs: 30_000,
  /** A socket that has not said hello by then is closed. */
  helloMs: 10_000,
} as const;

type ByeReason = Extract<ServerText, { readonly type: 'bye' }>['reason'];
/** RFC 6455 §7.4.1 and the IANA registry: 1001 going away, 1008 policy violation, 1013 try again later. */
const closeCodes: Readonly<Record<ByeReason, number>> = { protocol: 1008, session: 1008, slow: 1013, shutdown: 1001 };

const STATUS_TOPIC = 'status';
const topicOf = (building: string): string => `wall:${building}`;
const encode = (message: ServerText): string => JSON.stringify(message);
/** `send` of uWebSockets.js answers 2 when it dropped the message. */
const DROPPED = 2;

export class WallHub {
  readonly #image: WallImage;
  readonly #publish: Publish;
  readonly #monoMs: () => number;
  readonly #wires = new Set<Wire>();
  /** Goes out with the next frames: one write for each socket instead of two. */
  #status: string | null = null;
  /** When the pulses behind the next frames arrived, monotonic ms. */
  #pulsesMonoMs: number[] = [];

  constructor(image: WallImage, publish: Publish, monoMs: () => number) {
    this.#image = image;
    this.#publish = publish;
    this.#monoMs = monoMs;
  }

  get clientCount(): number {
    return this.#wires.size;
  }

  /** Hashes of all sessions that look on, each once. */
  get tokenHashes(): ReadonlySet<string> {
    return new Set([...this.#wires].map((wire) => wire.getUserData().session.tokenHash));
  }

  begin(layout: Layout, alarmSeq: number, alarms: readonly Alarm[]): void {
    this.#each('live', (wire, viewer) => {
      for (const building of this.#image.buildingIds) wire.unsubscribe(topicOf(building));
      viewer.phase = 'waiting';
      viewer.alarmSeq = null;
      viewer.owed.clear();
      viewer.behindSinceMs = null;
    });
    this.#image.begin(layout, alarmSeq, alarms);
  }

  /** Returns whether there is something to publish. */
  takeBatch(batch: WallBatch): boolean {
    const wasWhole = this.#image.whole;
    this.#image.take(batch);
    if (wasWhole) this.#pulsesMonoMs.push(...batch.pulsesMonoMs);
    else if (this.#image.whole) this.#each('waiting', (wire, viewer) => this.#start(wire, viewer));
    return this.#image.changed;
  }

  /** Publishes the changed buildings, and the status when due; returns the arrival times of the pulses that are now on the wall. */
  publishFrames(): readonly number[] {
    this.#each('live', (wire, viewer) => {
      if (wire.getBufferedAmount() > limits.frameBytes) this.#fallBehind(wire, viewer);
    });
    for (const { building, bytes } of this.#image.frames()) this.#publish(topicOf(building), bytes);
    this.publishStatus();
    const pulses = this.#pulsesMonoMs;
    this.#pulsesMonoMs = [];
    return pulses;
  }

  /** Publishes the status by itself, if it is still due. */
  publishStatus(): void {
    if (this.#status !== null) this.#publish(STATUS_TOPIC, this.#status);
    this.#status = null;
  }

  /** Throws when the alarm's number does not rise. */
  takeAlarm(alarm: Alarm): void {
    this.#image.takeAlarm(alarm);
    const text = encode({ type: 'alarm', alarm });
    this.#each('live', (wire, { session }) => {
      if (this.#image.concerns(alarm, session.buildings)) this.#sendAlarm(wire, text);
    });
  }

  takeStatus(status: Status): void {
    this.#image.status = status;
  }

  /** Once a second: what is known of the core's state, and whether it is there, is due with the next frames. */
  statusDue(coreAlive: boolean): void {
    const status = this.#image.status;
    if (status !== null) this.#status = encode({ type: 'status', status: { ...status, core: coreAlive } });
  }

  /** Closes who neither says hello nor reads. */
  sweep(): void {
    const nowMs = this.#monoMs();
    for (const wire of this.#wires) {
      const viewer = wire.getUserData();
      if (viewer.phase === 'greeting' && nowMs - viewer.openedMs > limits.helloMs) this.bye(wire, 'protocol');
      else if (viewer.behindSinceMs !== null && nowMs - viewer.behindSinceMs > limits.behindMs) this.bye(wire, 'slow');
    }
  }

  endSessions(tokenHash: string): void {
    for (const wire of this.#wires) if (wire.getUserData().session.tokenHash === tokenHash) this.bye(wire, 'session');
  }

  /** The same session under another token. */
  renewSession(tokenHash: string, session: Session): void {
    for (const wire of this.#wires) {
      const viewer = wire.getUserData();
      if (viewer.session.tokenHash === tokenHash) viewer.session = session;
    }
  }

  shutdown(): void {
    for (const wire of this.#wires) this.bye(wire, 'shutdown');
  }

  opened(wire: Wire): void {
    this.#wires.add(wire);
  }

  /** From here on the socket is not touched again. */
  closed(wire: Wire): void {
    wire.getUserData().phase = 'gone';
    this.#wires.delete(wire);
  }

  received(wire: Wire, message: ClientMessage, coreAlive: boolean): void {
    const viewer = wire.getUserData();
    if (message.type === 'hello') {
      if (viewer.phase !== 'greeting' || message.protocol !== WALL_PROTOCOL) return this.bye(wire, 'protocol');
      viewer.phase = 'waiting';
      viewer.alarmSeq = message.alarmSeq;
      const { operator: name, displayName, role } = viewer.session;
      wire.send(encode({ type: 'hello', protocol: WALL_PROTOCOL, you: { name, displayName, role } }));
      this.#greetStatus(wire, coreAlive);
      if (this.#image.whole) this.#start(wire, viewer);
      return;
    }
    if (
      viewer.phase === 'greeting' ||
      (viewer.phase === 'live' && !this.#buildingsOf(viewer).includes(message.building))
    ) {
      return this.bye(wire, 'protocol');
    }
    // Not live yet: all snapshots are still to come anyway.
    if (viewer.phase !== 'live') return;
    viewer.owed.add(message.building);
    this.drained(wire);
  }

  /** Room in the buffer: hands out what is owed, as far as it goes. */
  drained(wire: Wire): void {
    const viewer = wire.getUserData();
    if (viewer.phase !== 'live') return;
    for (const building of viewer.owed) {
      if (wire.getBufferedAmount() > limits.snapshotBytes) {
        viewer.behindSinceMs ??= this.#monoMs();
        return;
      }
      viewer.owed.delete(building);
      wire.subscribe(topicOf(building));
      wire.send(this.#image.snapshot(building), false);
      // It took something: its time starts anew.
      viewer.behindSinceMs = null;
    }
    viewer.behindSinceMs = null;
  }

  /**
   * The hard limit dropped a message: the socket must not go on as if it had it. uWebSockets.js closes it by itself
   * (`closeOnBackpressureLimit`); ending it here, in the midst of its own send, is not allowed.
   */
  dropped(wire: Wire): void {
    this.closed(wire);
  }

  bye(wire: Wire, reason: ByeReason): void {
    const viewer = wire.getUserData();
    if (viewer.phase === 'gone') return;
    const sent = wire.send(encode({ type: 'bye', reason }));
    if (sent === DROPPED) return;
    this.closed(wire);
    wire.end(closeCodes[reason], reason);
  }

  #each(phase: Viewer['phase'], run: (wire: Wire, viewer: Viewer) => void): void {
    for (const wire of this.#wires) {
      const viewer = wire.getUserData();
      if (viewer.phase === phase) run(wire, viewer);
    }
  }

  #start(wire: Wire, viewer: Viewer): void {
    viewer.phase = 'live';
    wire.send(this.#image.layout(viewer.session.buildings), false);
    for (const text of this.#image.alarmsSince(viewer.alarmSeq, viewer.session.buildings)) wire.send(text);
    wire.subscribe(STATUS_TOPIC);
    for (const building of this.#buildingsOf(viewer)) viewer.owed.add(building);
    this.drained(wire);
  }

  /** Those a person is limited to; a topic of another one is never subscribed. */
  #buildingsOf({ session: { buildings } }: Viewer): readonly string[] {
    return this.#image.buildingIds.filter((id) => buildings === null || buildings.includes(id));
  }

  #greetStatus(wire: Wire, coreAlive: boolean): void {
    const status = this.#image.status;
    if (status !== null) wire.send(encode({ type: 'status', status: { ...status, core: coreAlive } }));
  }

  #fallBehind(wire: Wire, viewer: Viewer): void {
    viewer.behindSinceMs ??= this.#monoMs();
    for (const building of this.#buildingsOf(viewer)) {
      if (viewer.owed.has(building)) continue;
      wire.unsubscribe(topicOf(building));
      viewer.owed.add(building);
    }
  }

  #sendAlarm(wire: Wire, text: string): void {
    if (wire.getBufferedAmount() > limits.alarmBytes) this.bye(wire, 'slow');
    else wire.send(text);
  }
}
