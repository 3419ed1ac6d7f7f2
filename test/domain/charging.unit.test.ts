/**
 * Money on its way into a meter: whatever is lost, late, repeated, restarted or written by others, each order moves the
 * meter's count and balance exactly once, and our book holds what the meter does. The meter is the simulated one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapOut } from '../../server/domain/charging/swap.ts';
import { planWrite } from '../../server/domain/charging/write.ts';
import type { Standing } from '../../server/domain/charging/state.ts';
import { onMeter } from '../../server/domain/charging/decide.ts';
import { Ledger, transfersOf } from '../../server/domain/ledger.ts';
import type { Effect, Request, WalletMessage } from '../../server/domain/messages.ts';
import { decideWallet } from '../../server/domain/wallet/decide.ts';
import { evolveWallet } from '../../server/domain/wallet/evolve.ts';
import type { WalletContext } from '../../server/domain/wallet/outcome.ts';
import { initialWallet, type WalletEvent, type WalletState } from '../../server/domain/wallet/state.ts';
import { siteRulesSchema } from '../../protocol/site.ts';
import { noFaults } from '../../simulators/faults.ts';
import { acrelMeter } from '../../simulators/meters/acrel.ts';
import type { VirtualMeter } from '../../simulators/meters/meter.ts';
import { seededRandom } from '../../simulators/random.ts';

const rules = siteRulesSchema.parse({ quietHours: [] });
const START_MS = Date.UTC(2026, 3, 15, 1, 30);
const MINUTE = 60_000;
/** 1 yuan a kWh in every band; 3 kW use 0.05 yuan a minute. */
const PRICE_RAW = 10_000;
const LOAD_W = 3_000;

/** What may go wrong with one task at the meter. */
type TaskFault =
  /** Nothing reaches it. */
  | 'deaf'
  /** Its first answer is lost. */
  | 'noFirstAnswer'
  /** The write never arrives. */
  | 'lostWrite'
  /** It is carried out, and its answer is lost. */
  | 'lostAnswer'
  /** It is carried out when the line has long gone on: before the next task, or within it, between its reading and its write. */
  | 'lateBefore'
  | 'lateWithin'
  /** The read-back is lost. */
  | 'noReadBack'
  /** Somebody else buys at the meter between our reading and our write. */
  | 'raced'
  | 'none';
const taskFaults: readonly TaskFault[] = [
  ...(['deaf', 'noFirstAnswer', 'lostWrite', 'lostAnswer', 'lateBefore', 'lateWithin', 'noReadBack', 'none'] as const),
  ...(['none', 'none', 'none', 'raced', 'raced'] as const),
];

/** A wallet whose events are kept commit by commit, and its meter. A crash forgets the open commit, and tasks under way. */
class World {
  readonly ledger = new Ledger();
  state: WalletState = initialWallet;
  durable: WalletState = initialWallet;
  meter: VirtualMeter;
  siteMs = START_MS;
  cashMicro = 0;
  refusals: string[] = [];
  /** Order ids whose write the meter took. */
  readonly taken: string[] = [];
  /** Orders that our book holds as written. */
  readonly confirmed: string[] = [];
  /** Counts that somebody else wrote, and what it brought. */
  foreignMicro = 0;
  /** Writes that came after their time: they set the balance of then, and give back what was used since. */
  lateOnes = 0;
  #open: { events: WalletEvent[]; effects: Effect[] } = { events: [], effects: [] };
  #wantsTask = false;
  #late: { readonly values: number[]; readonly order: string } | null = null;
  #orders = 0;

  constructor() {
    this.meter = this.#meter(undefined);
    this.#tell({
      ...{ type: 'Open', account: 'a', holder: 'T', kind: 'tenant', openingBalanceMicro: 0, overdraftMicro: 0 },
      ...{ thresholdsMicro: [0], rooms: ['r'], meters: [] },
      inMeter: {
        ...{ meter: 'm', revenue: 'revenue:electricity:energy' },
        settings: { alarm1Micro: 0, alarm2Micro: 0, overdraftMicro: 0, pricesMicro: [1e6, 1e6, 1e6, 1e6] },
      },
    });
    this.#tell({ type: 'AttachMeter', meter: { id: 'm', tariff: 't', room: 'r' }, sequence: 0 });
    this.commit();
  }

  #meter(saved: ReturnType<VirtualMeter['save']> | undefined): VirtualMeter {
    const options = {
      ...{ unitId: 1, number: '1', load: () => LOAD_W, local: (ms: number) => ms, seed: 1, faults: { ...noFaults } },
      random: seededRandom(1),
    };
    const meter = acrelMeter('ddsy1352', options, saved?.model === 'ddsy1352' ? saved : undefined);
    meter.advance({ siteMs: this.siteMs, monoMs: this.siteMs });
    if (saved === undefined) for (let band = 0; band < 4; band += 1) meter.write(16, 0x59 + 2 * band, [0, PRICE_RAW]);
    return meter;
  }

  #context(): WalletContext {
    const never = (): never => {
      throw new Error('not asked here');
    };
    return {
      ...{ id: 'w', nowMs: this.siteMs, rules, moneyOnHold: false, epochAgeMs: 0, nextReceipt: 1 },
      ...{ localMinute: () => 600, localDay: () => '2026-04-15', tagsOn: () => [], notInSuspense: () => null },
      ...{ price: never, utilityOf: () => 'electricity', grantsOfOthers: () => 0, otherWallets: () => [] },
      ...{ allowances: () => [], shareOf: () => 1, wallet: () => null, cutsForMoney: () => true },
    };
  }

  #tell(message: WalletMessage): void {
    const decision = decideWallet(this.state, message, this.#context());
    this.state = decision.state;
    this.#open.events.push(...decision.events);
    this.#open.effects.push(...decision.effects);
  }

  /** Durable: the ledger moves, and only now does anything leave. */
  commit(): void {
    const { events, effects } = this.#open;
    this.#open = { events: [], effects: [] };
    for (const event of events) {
      this.durable = evolveWallet(this.durable, event);
      if (event.type === 'MeterWritten' || (event.type === 'MeterResolved' && event.action === 'has'))
        this.confirmed.push(event.order ?? '');
      for (const transfer of transfersOf({ data: event })) this.ledger.apply(transfer);
    }
    for (const effect of effects) {
      if (effect.type === 'runMeter') this.#wantsTask = true;
      if (effect.type === 'reply' && !effect.outcome.ok) this.refusals.push(effect.outcome.refusal);
    }
    this.check();
  }

  crash(): void {
    this.#open = { events: [], effects: [] };
    this.#wantsTask = false;
    this.state = this.durable;
    this.#tell({ type: 'Wake', name: 'start' });
  }

  /** The meter loses its supply and comes back with its memory. */
  restartMeter(): void {
    this.meter = this.#meter(this.meter.save());
  }

  pass(ms: number): void {
    this.siteMs += ms;
    this.meter.advance({ siteMs: this.siteMs, monoMs: this.siteMs });
  }

  standing(): Standing {
    const words = (address: number, count: number): number[] => {
      const read = this.meter.read(3, address, count);
      if (!read.ok) throw new Error('the meter has these registers');
      return read.words;
    };
    const [count = 0, high = 0, low = 0] = words(0x4e, 3);
    const [indexHigh = 0, indexLow = 0] = words(0, 2);
    const remainingMicro = ((high << 16) | low) * 10_000;
    return { count, remainingMicro, index: (indexHigh * 0x1_0000 + indexLow) * 10, atMs: this.siteMs };
  }

  read(): void {
    this.#tell({ type: 'MeterShows', standing: this.standing() });
  }

  #request(): Request {
    const id = (this.#orders += 1);
    return { id, operator: 'olga', role: 'operator', key: `k${id}`, bodyHash: '' };
  }

  order(type: 'Recharge' | 'Refund', yuan: number): void {
    const request = this.#request();
    const order = `${type === 'Recharge' ? 'R' : 'F'}${request.id}`;
    const asked = { order, amountMicro: yuan * 1e6, channel: 'cash', note: '', request } as const;
    this.#tell(type === 'Recharge' ? { type, ...asked } : { type, ...asked, readMs: null });
  }

  prepare(action: 'takeBack' | 'putBack'): void {
    this.#tell({ type: 'PrepareSwap', action, pricesMicro: null, reason: 'r', request: this.#request() });
  }

  /** An electrician hangs another one, and the clerk says what the display of the old one showed; what is late has no meter. */
  swap(): void {
    const { charging } = this.state;
    if (!charging) return;
    const { remainingMicro, index } = this.standing();
    const { current } = charging;
    const event = swapOut(charging, {
      ...{ wallet: 'w', index, atMs: this.siteMs, by: 'olga', reason: 'broken' },
      money: {
        ...{ remainingMicro, pricesMicro: charging.settings.pricesMicro },
        hasOrder: current !== null && this.taken.includes(current.id),
      },
    });
    if (!('type' in event)) return void this.refusals.push(event[0]);
    this.swaps += 1;
    this.state = evolveWallet(this.state, event);
    this.#open.events.push(event);
    // What the old one took and nobody confirmed counts on the new one, where it is written again.
    const again = current ? this.taken.indexOf(current.id) : -1;
    if (again >= 0) this.taken.splice(again, 1);
    this.#late = null;
    this.#lateWithin = null;
    this.meter = this.#meter(undefined);
    // The switch of the meter stands in one commit with the wallet's event.
    this.commit();
    this.#tell({ type: 'Wake', name: 'money' });
  }
  swaps = 0;

  end(): void {
    this.#tell({ type: 'EndCharging', tenancy: 'a' });
  }

  /** Somebody buys at the meter with a tool of his own. */
  foreign(yuan: number): void {
    const { count, remainingMicro } = this.standing();
    const cents = remainingMicro / 10_000 + yuan * 100;
    this.#write([(count + 1) & 0xffff, cents >>> 16, cents & 0xffff], null);
    this.foreignMicro += yuan * 1e6;
  }

  #write(values: number[], order: string | null): void {
    const before = this.standing().count;
    if (this.meter.write(16, 0x4e, values) === null && this.standing().count !== before && order)
      this.taken.push(order);
  }

  #arrive(): void {
    if (this.#late) this.#write(this.#late.values, this.#late.order);
    this.#late = null;
  }

  /** What the core's runner does at the meter for a wallet, in one exclusive task. */
  task(fault: TaskFault): void {
    const { charging } = this.durable;
    if (!this.#wantsTask || !charging || charging.held) return;
    this.#wantsTask = false;
    if (charging.phase === 'settingUp')
      return this.#tell({ type: 'MeterSetUp', found: fault === 'deaf' ? null : this.standing() });
    const order = charging.current;
    if (!order) return;
    const end = (
      before: Standing | null,
      after: Standing | null,
      stopped: 'written' | 'count' | 'insufficient' | null,
    ): void => this.#tell({ type: 'MeterTaskEnded', order: order.id, seen: { before, after }, stopped });
    if (this.#lateWithin === null) this.#arrive();
    if (fault === 'deaf' || fault === 'noFirstAnswer') return end(null, null, null);
    this.pass(100);
    const before = this.standing();
    if (fault === 'raced') this.foreign(7.77);
    this.#arrive();
    this.#lateWithin = null;
    const plan = planWrite(order, before);
    if (plan.do === 'stop') return end(before, null, plan.why);
    // The go-ahead, right before the bytes go out.
    if (this.state.charging?.current?.id !== order.id) return end(before, null, null);
    const cents = plan.remainingMicro / 10_000;
    const values = [plan.count, (cents >>> 16) & 0xffff, cents & 0xffff];
    this.pass(100);
    if (fault === 'lateBefore' || fault === 'lateWithin') {
      this.#late = { values, order: order.id };
      this.lateOnes += 1;
      this.#lateWithin = fault === 'lateWithin' ? true : null;
      return end(before, null, null);
    }
    if (fault !== 'lostWrite') this.#write(values, order.id);
    if (fault === 'lostAnswer' || fault === 'noReadBack') return end(before, null, null);
    this.pass(100);
    end(before, this.standing(), null);
  }
  #lateWithin: true | null = null;

  /** A person with the meter before them. */
  resolve(): void {
    const { charging } = this.state;
    if (!charging?.held) return;
    const standing = this.standing();
    const { current } = charging;
    const action = current === null ? 'adopt' : this.taken.includes(current.id) ? 'has' : 'hasNot';
    this.#tell({
      type: 'ResolveMeter',
      action,
      standing,
      count: standing.count,
      reason: 'seen',
      request: this.#request(),
    });
  }

  wake(): void {
    this.#tell({ type: 'Wake', name: 'charging' });
  }

  check(): void {
    const { durable, ledger } = this;
    expect(ledger.sumMicro).toBe(0);
    expect(ledger.balance('wallet:w')).toBe(durable.balanceMicro);
    expect(ledger.balance(onMeter('m'))).toBe(durable.charging?.last?.remainingMicro ?? 0);
    expect(new Set(this.taken).size).toBe(this.taken.length);
  }

  /** No more faults: everything that was begun comes to its end. */
  settle(): void {
    for (let turn = 0; turn < 60; turn += 1) {
      this.commit();
      this.pass(1_000);
      this.task('none');
      this.commit();
      this.read();
      this.resolve();
      if (this.state.charging?.phase === 'leaving') this.prepare('putBack');
      this.wake();
      this.commit();
      const { charging } = this.state;
      const quiet = charging?.current === null && charging.queue.length === 0 && charging.held === null;
      if (charging?.phase === 'leaving') continue;
      if (quiet && charging.phase !== 'settingUp') break;
    }
    this.read();
    this.commit();
  }
}

type Step =
  | { readonly do: 'recharge' | 'refund'; readonly yuan: number }
  | { readonly do: 'task'; readonly fault: TaskFault }
  | {
      readonly do:
        'commit' | 'crash' | 'read' | 'wake' | 'restartMeter' | 'foreign' | 'resolve' | 'swap' | 'takeBack' | 'putBack';
    }
  | { readonly do: 'pass'; readonly minutes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('recharge' as const), yuan: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refund' as const), yuan: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('task' as const), fault: fc.constantFrom(...taskFaults) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('commit', 'read', 'wake') }) as fc.Arbitrary<Step> },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('crash', 'restartMeter', 'resolve') }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('swap', 'takeBack', 'takeBack', 'putBack') }) as fc.Arbitrary<Step>,
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 30 }) }) },
);

function take(world: World, one: Step): void {
  switch (one.do) {
    case 'recharge':
      return world.order('Recharge', one.yuan);
    case 'refund':
      return world.order('Refund', one.yuan);
    case 'task':
      return world.task(one.fault);
    case 'pass':
      return world.pass(one.minutes * MINUTE);
    case 'takeBack':
    case 'putBack':
      return world.prepare(one.do);
    case 'foreign':
      return world.foreign(7.77);
    default:
      return world[one.do]();
  }
}

/** At rest the meter holds our book to the cent, and each order was taken by it once. */
function agrees(world: World): void {
  const { charging } = world.durable;
  const shown = world.standing();
  expect(charging).toMatchObject({ current: null, queue: [], held: null });
  expect(charging?.last?.count).toBe(shown.count);
  expect(charging?.last?.remainingMicro).toBe(shown.remainingMicro);
  expect([...world.confirmed].sort()).toEqual([...world.taken].sort());
  world.check();
}

describe('an order for a meter that keeps its own money', () => {
  it('moves count and balance exactly once, whatever is lost, late, raced, restarted or crashes', () => {
    const runs = { foreign: 0, crashes: 0, held: 0, orders: 0, swaps: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const world = new World();
        world.order('Recharge', 20);
        for (const one of steps) {
          take(world, one);
          if (one.do === 'crash') runs.crashes += 1;
          if (world.state.charging?.held) runs.held += 1;
        }
        world.settle();
        agrees(world);
        if (world.foreignMicro > 0) runs.foreign += 1;
        runs.orders += world.taken.length;
        runs.swaps += world.swaps;
        // What came in is in the meter, used, paid out, or on record as drift: nothing else.
        const own = (account: string): number => world.ledger.balance(account);
        expect(own('wallet:w')).toBe(0);
        const left = own(onMeter('m')) + own('revenue:electricity:energy') + own('meterDrift') + own('refundReserved');
        expect(own('cash:cash') + left).toBe(0);
        // Without others at the meter, and nothing late, our book is the meter's.
        if (world.foreignMicro + world.lateOnes === 0) expect(own('meterDrift')).toBe(0);
      }),
      { numRuns: 2_000 },
    );
    expect(runs.foreign).toBeGreaterThan(30);
    expect(runs.crashes).toBeGreaterThan(500);
    expect(runs.held).toBeGreaterThan(30);
    expect(runs.orders).toBeGreaterThan(4_000);
    expect(runs.swaps).toBeGreaterThan(200);
  }, 60_000);

  it('brings all of it back at the end, and pays out no more than came back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.array(step, { maxLength: 12 }), (before, after) => {
        const world = new World();
        world.order('Recharge', 20);
        for (const one of before) take(world, one);
        world.settle();
        world.end();
        for (const one of after) take(world, one);
        world.end();
        world.settle();
        expect(world.durable.charging).toMatchObject({ phase: 'ended', current: null, queue: [] });
        const { remainingMicro } = world.standing();
        // Used since it was set to nothing, or put there by others.
        if (world.foreignMicro === 0) expect(remainingMicro).toBeLessThanOrEqual(0);
        expect(world.ledger.sumMicro).toBe(0);
        expect(world.ledger.balance('wallet:w')).toBe(world.durable.balanceMicro);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
