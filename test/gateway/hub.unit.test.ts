import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALL_PROTOCOL, type Alarm, type Tile, type UtilityTile } from '../../protocol/wall.ts';
import { decodeServerMessage } from '../../protocol/wallFrame.ts';
import { limits, WallHub, type Publish, type Viewer, type Wire } from '../../server/gateway/wall/hub.ts';
import { WallFeed } from '../../server/core/wall.ts';
import { WallImage } from '../../server/gateway/wall/image.ts';
import { alarm, batchOf, layout, status, tile } from './fake-core.ts';
import { WallModel } from './wall-client.ts';

/** One character of a message weighs this many bytes here, so that a few messages reach the limits. */
const WEIGHT = 1_000;

/** A socket whose peer reads or does not, with the buffer rules of uWebSockets.js. */
class FakeWire implements Wire {
  readonly viewer: Viewer;
  readonly model: WallModel;
  readonly queue: (string | Uint8Array)[] = [];
  readonly topics = new Set<string>();
  readonly #net: FakeNet;
  reading = true;
  ended: string | null = null;
  peakBytes = 0;

  constructor(net: FakeNet, model: WallModel) {
    this.#net = net;
    this.model = model;
    const session = {
      tokenHash: 'h',
      operator: 'olga',
      displayName: 'Olga',
      role: 'operator',
      buildings: null,
      csrf: '',
      ...{ sinceMs: 0, seenMs: 0, expiresMs: 0, provedMs: 0, address: '', browser: '' },
    } as const;
    const openedMs = net.nowMs;
    this.viewer = { session, openedMs, phase: 'greeting', alarmSeq: null, owed: new Set(), behindSinceMs: null };
  }

  getUserData = (): Viewer => this.viewer;
  getBufferedAmount = (): number => this.queue.reduce((bytes, one) => bytes + one.length * WEIGHT, 0);

  send = (message: unknown, isBinary = false): number => {
    if (this.ended !== null) throw new Error('a closed socket was touched');
    if (this.getBufferedAmount() > limits.hardBytes) {
      this.#net.hub.dropped(this);
      this.ended = 'dropped';
      return 2;
    }
    const bytes = message instanceof Uint8Array ? message.slice() : new TextEncoder().encode(String(message));
    this.queue.push(isBinary ? bytes : new TextDecoder().decode(bytes));
    this.peakBytes = Math.max(this.peakBytes, this.getBufferedAmount());
    return this.reading ? 1 : 0;
  };

  subscribe = (topic: unknown): boolean => this.topics.add(String(topic)).size > 0;
  unsubscribe = (topic: unknown): boolean => this.topics.delete(String(topic));
  end = (_code?: number, reason?: unknown): void => {
    this.ended = String(reason);
    this.#net.hub.closed(this);
  };

  /** The peer takes up to `count` messages. */
  read(count: number): void {
    for (const message of this.queue.splice(0, count)) {
      const answer = this.model.apply(decodeServerMessage(message));
      if (answer !== null && this.ended === null) this.#net.hub.received(this, answer, true);
    }
    if (this.ended === null) this.#net.hub.drained(this);
  }

  readAll(): void {
    while (this.queue.length > 0) this.read(1);
  }
}

const meterShown: UtilityTile = {
  ...{ meter: 'm', look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null },
  ...{ mismatchSinceMs: null, link: 'online', lastReadingMs: null, rate: null, today: 0, todayMicro: 0 },
  quarantined: false,
};
const moneyShown = {
  ...{ wallet: 'w', balanceMicro: 0, level: 0, levels: 3, hoursLeft: null },
  ...{ exhausted: false, temporary: false },
};

/** The core's truth, the gateway's hub and its sockets, moved step by step. */
class FakeNet {
  readonly #feed = new WallFeed(() => {
    throw new Error('the hub here asks for no wait');
  });
  readonly alarms = new Map<string, Alarm>();
  alarmSeq = 0;
  nowMs = 0;
  wires: FakeWire[] = [];
  hub: WallHub;

  constructor() {
    for (const building of layout.buildings) {
      for (const { rooms } of building.floors)
        for (const { id } of rooms) this.#feed.put(tile(building.id, id, null), null);
    }
    this.hub = this.restart();
  }

  get tiles(): ReadonlyMap<string, Tile> {
    return this.#feed.tiles;
  }

  restart(): WallHub {
    const publish: Publish = (topic, message) => {
      const to = this.wires.filter((wire) => wire.ended === null && wire.topics.has(topic));
      for (const wire of to) wire.send(message, typeof message !== 'string');
    };
    this.hub = new WallHub(new WallImage(), publish, () => this.nowMs);
    this.hub.begin(layout, this.alarmSeq, [...this.alarms.values()]);
    this.hub.takeStatus(status);
    this.#feed.attach(layout, (batch) => {
      this.hub.takeBatch(batch);
      this.#feed.acknowledged(batch.batch, 0);
    });
    for (const wire of this.wires) wire.ended ??= 'killed';
    return this.hub;
  }

  join(model = new WallModel()): FakeWire {
    const wire = new FakeWire(this, model);
    this.wires.push(wire);
    this.hub.opened(wire);
    this.hub.received(wire, { type: 'hello', protocol: WALL_PROTOCOL, alarmSeq: model.alarmSeq }, true);
    return wire;
  }

  change(at: number, tenant: string): void {
    this.#put({ ...this.#tile(at), tenant });
  }

  /** What a pulse does to a tile; few different numbers, so that they come back to what they were. */
  pulse(at: number, value: number): void {
    const old = this.#tile(at);
    const rate = value % 2 === 0 ? null : value / 2;
    const numbers = { lastReadingMs: value, rate, today: 7, todayMicro: 2 * value };
    const electricity = { ...(old.electricity ?? meterShown), ...numbers };
    const money = { ...(old.money ?? moneyShown), balanceMicro: 1 - value, hoursLeft: rate };
    this.#put({ ...old, electricity, money });
  }

  /** The room has lost its meter. */
  unwire(at: number): void {
    this.#put({ ...this.#tile(at), electricity: null });
  }

  #tile(at: number): Tile {
    const old = [...this.tiles.values()][at % this.tiles.size];
    if (old === undefined) throw new Error('there are no tiles');
    return old;
  }

  #put(changed: Tile): void {
    this.#feed.put(changed, null);
  }

  raise(at: number, done: boolean): void {
    this.alarmSeq += 1;
    const end = { active: false, clearedMs: 1, acknowledged: { by: 'olga', atMs: 1 } };
    const raised = alarm(this.alarmSeq, `m${at % 4}`, done ? end : {});
    if (done) this.alarms.delete(raised.id);
    else this.alarms.set(raised.id, raised);
    this.hub.takeAlarm(raised);
  }

  at(index: number): FakeWire | undefined {
    return this.wires[index % Math.max(1, this.wires.length)];
  }

  /** Everybody reads everything; who was closed comes back, as a browser does. */
  settle(): void {
    this.hub.publishFrames();
    for (const wire of [...this.wires]) {
      wire.readAll();
      if (wire.ended === null) continue;
      this.wires = this.wires.filter((other) => other !== wire);
      const back = this.join(wire.model);
      back.readAll();
    }
  }
}

const index = fc.nat({ max: 20 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), at: index, wide: fc.nat({ max: 900 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pulse' as const), at: index, value: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unwire' as const), at: index }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('frame' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('alarm' as const), at: index, done: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), at: index, count: fc.nat({ max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resync' as const), at: index, second: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), at: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const), ms: fc.nat({ max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function apply(net: FakeNet, move: Step, n: number): void {
  switch (move.do) {
    case 'change':
      return net.change(move.at, `${n} ${'x'.repeat(move.wide)}`);
    case 'pulse':
      return net.pulse(move.at, move.value);
    case 'unwire':
      return net.unwire(move.at);
    case 'frame':
      return void net.hub.publishFrames();
    case 'alarm':
      return net.raise(move.at, move.done);
    case 'read':
      return net.at(move.at)?.read(move.count);
    case 'resync': {
      const wire = net.at(move.at);
      if (wire?.ended === null) net.hub.received(wire, { type: 'resync', building: move.second ? 'b2' : 'b1' }, true);
      return;
    }
    case 'join':
      return void net.join();
    case 'leave': {
      const wire = net.at(move.at);
      if (wire?.ended === null) wire.end(1000, 'left');
      return;
    }
    case 'sweep':
      net.nowMs += move.ms;
      return net.hub.sweep();
    case 'restart':
      return void net.restart();
  }
}

/** Frames of all buildings once over the limit, a snapshot of each, and the last word. */
const peakAllowed = (net: FakeNet): number => {
  const widest = JSON.stringify([...net.tiles.values()]).length + net.tiles.size * 900 + 2_000;
  return limits.alarmBytes + 3 * widest * WEIGHT;
};

describe('the wall hub', () => {
  it('brings every viewer to the core’s state, whatever stalls, drops, restarts and resyncs lie between', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const net = new FakeNet();
        net.join();
        for (const [n, move] of steps.entries()) apply(net, move, n);
        net.settle();
        net.settle();
        for (const { model, peakBytes, ended } of net.wires) {
          expect(ended).toBeNull();
          expect(Object.fromEntries(model.tiles)).toEqual(Object.fromEntries(net.tiles));
          expect(Object.fromEntries(model.alarms)).toEqual(Object.fromEntries(net.alarms));
          expect(model.gaps).toBe(0);
          expect(peakBytes).toBeLessThan(peakAllowed(net));
        }
      }),
      { seed: 20_250_301, numRuns: 300 },
    );
  });

  it('keeps no more than its limits for a viewer that never reads, however long the others are served', () => {
    const net = new FakeNet();
    const stalled = net.join();
    const reader = net.join();
    stalled.readAll();
    for (let n = 0; n < 5_000; n += 1) {
      net.change(n, `${n} ${'x'.repeat(100)}`);
      net.hub.publishFrames();
      reader.read(100);
    }
    expect(stalled.ended).toBeNull();
    expect(stalled.getBufferedAmount()).toBeGreaterThan(limits.frameBytes);
    expect(stalled.getBufferedAmount()).toBeLessThan(2 * limits.frameBytes);
    expect(Object.fromEntries(reader.model.tiles)).toEqual(Object.fromEntries(net.tiles));
  });

  it('closes a viewer that has been behind for too long, and one that never says hello', () => {
    const net = new FakeNet();
    const stalled = net.join();
    stalled.readAll();
    for (let n = 0; stalled.viewer.behindSinceMs === null; n += 1) {
      net.change(n, `${n} ${'x'.repeat(900)}`);
      net.hub.publishFrames();
    }
    const mute = new FakeWire(net, new WallModel());
    net.hub.opened(mute);
    net.nowMs += limits.helloMs + 1;
    net.hub.sweep();
    expect([mute.ended, stalled.ended]).toEqual(['protocol', null]);
    net.nowMs += limits.behindMs;
    net.hub.sweep();
    expect(stalled.ended).toBe('slow');
    expect(net.hub.clientCount).toBe(0);
  });

  it('leaves out no alarm: a viewer gets each number in turn or is closed', () => {
    const net = new FakeNet();
    const stalled = net.join();
    stalled.readAll();
    const from = net.alarmSeq;
    while (stalled.ended === null) net.raise(net.alarmSeq, false);
    stalled.read(Infinity);
    expect(stalled.ended).toBe('slow');
    const seen = stalled.model.alarmSteps;
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, n) => from + 1 + n));
    expect(seen.length).toBe(net.alarmSeq - from - 1);
  });

  it('never touches a socket that the hard limit closed', () => {
    const net = new FakeNet();
    const wire = net.join();
    wire.queue.push('x'.repeat(limits.hardBytes / WEIGHT + 1));
    net.hub.statusDue(true);
    net.hub.publishFrames();
    expect(wire.ended).toBe('dropped');
    net.raise(0, false);
    net.hub.publishFrames();
    net.hub.shutdown();
    expect(net.hub.clientCount).toBe(0);
  });

  it('waits with the first snapshots until the image is whole', () => {
    const net = new FakeNet();
    net.wires = [];
    net.hub = new WallHub(
      new WallImage(),
      () => undefined,
      () => 0,
    );
    const early = net.join();
    net.hub.begin(layout, 0, []);
    net.hub.takeBatch(batchOf([...net.tiles.values()].slice(0, 3)));
    early.readAll();
    expect(early.model.snapshots).toBe(0);
    net.hub.takeBatch(batchOf([...net.tiles.values()].slice(3), { whole: true }));
    early.readAll();
    expect(Object.fromEntries(early.model.tiles)).toEqual(Object.fromEntries(net.tiles));
  });

  it('hands back the arrival of each pulse once, with the frame that shows it', () => {
    const net = new FakeNet();
    net.hub.takeBatch(batchOf([tile('b1', 'b1-r1', 'a')], { pulsesMonoMs: [10, 20] }));
    net.hub.takeBatch(batchOf([tile('b1', 'b1-r2', 'b')], { pulsesMonoMs: [30] }));
    expect(net.hub.publishFrames()).toEqual([10, 20, 30]);
    expect(net.hub.publishFrames()).toEqual([]);
  });
});
