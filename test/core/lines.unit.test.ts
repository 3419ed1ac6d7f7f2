/** What the lines may write: only what is durable and still wanted, and never an opening that a hold stands against. */
import { describe, expect, it } from 'vitest';
import { Lines } from '../../server/core/lines.ts';
import type { FieldTask, TaskOutcome } from '../../server/lines/tasks.ts';
import type { Line, LineDeps, WantedState } from '../../server/lines/types.ts';
import { StoreError } from '../../server/store/store.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;

class FakeLine implements Line {
  readonly told: string[] = [];
  deps!: LineDeps;
  start(): void {}
  async stop(): Promise<void> {}
  setMeters(): void {}
  differs(meter: string): void {
    this.told.push(meter);
  }
  readNow(): void {}
  readonly tasks: FieldTask[] = [];
  run(task: FieldTask): void {
    this.tasks.push(task);
  }
  figures(): ReturnType<Line['figures']> {
    return {
      ...{ lineId: 'l1', up: true, utilisation: 0, cycleMs: null, requests: 0, replies: 0, timeouts: 0 },
      ...{ crcErrors: 0, exceptions: 0, reconnects: 0, oldestDueMs: 0, meters: [] },
    };
  }
}

async function field(
  balance: string,
  rules: SiteFileInput['site']['rules'] = {},
): Promise<{ site: Running; disk: MemoryDisk; line: FakeLine; may: (meter?: string) => WantedState | 'no' | null }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(2, balance, { warnBeforeCutMs: MINUTE, ...rules }));
  const line = new FakeLine();
  const lines = new Lines(
    site.core,
    (_config, _meters, deps) => Object.assign(line, { deps }),
    () => () => {},
  );
  await site.read('m1', 0);
  return {
    ...{ site, disk, line },
    may: (meter = 'm1') => {
      const wanted = lines.wantedNow(meter);
      return wanted && (wanted.mayWrite ? wanted.state : 'no');
    },
  };
}

/** Uses the balance up; the meter is then to be opened. */
async function exhaust(site: Running): Promise<void> {
  await site.pass(5 * MINUTE);
  await site.read('m1', 200);
  await site.pass(2 * MINUTE);
  await site.read('m1', 210);
  expect(site.core.meters.get('m1')?.state.causes.moneyExhausted).toBeDefined();
}
const trip = (site: Running, key: string, action = 'forceTrip'): Promise<unknown> =>
  site.intake.do({ operator: 'o', role: 'operator' }, 'switchMeter', { meter: 'm1', action, reason: 'r' }, key);

/** Lets commits go on their way and arrive only when the returned function is called. */
function stalled(site: Running): () => void {
  const { store } = site.core.options;
  const commit = store.commit.bind(store);
  const waiting: (() => void)[] = [];
  store.commit = async (batch) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return commit(batch);
  };
  return () => {
    store.commit = commit;
    for (const resolve of waiting) resolve();
  };
}
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('law 5: nothing is written before it is durable', () => {
  it('an opening waits for its commit, a closing too', async () => {
    const { site, may } = await field('100');
    expect(may()).toBe('closed');
    const opened = stalled(site);
    const tripped = trip(site, 'a');
    await turns();
    expect(site.core.meters.get('m1')?.state.causes.forcedTrip).toBeDefined();
    expect(may()).toBe('no'); // not open: not durable; not closed: not wanted any more
    opened();
    await tripped;
    expect(may()).toBe('open');
    const closed = stalled(site);
    const released = trip(site, 'b', 'release');
    await turns();
    expect(may()).toBe('no');
    closed();
    await released;
    expect(may()).toBe('closed');
  });

  it('the line is told, and the operator answered, after the commit that has the cause', async () => {
    const { site, line } = await field('100');
    const goOn = stalled(site);
    let answered = false;
    const tripped = trip(site, 'a').then(() => (answered = true));
    await turns();
    expect([line.told, answered]).toEqual([[], false]);
    goOn();
    await tripped;
    await site.settle();
    expect(line.told).toContain('m1');
  });
});

describe('law 4: the re-check before each write', () => {
  it('a closing that is durable goes on while the store is away, an opening stops', async () => {
    const { site, disk, may } = await field('100');
    disk.failing = new StoreError('away', 'pulled cable');
    site.core.send({ to: 'meter', id: 'm2', message: { type: 'CutForMoney', wallet: 'w2' } }); // some commit that cannot get through
    await site.settle();
    expect(site.core.committer.keeping).toBe(false);
    expect(may()).toBe('closed');
    disk.failing = null;
    await site.pass(MINUTE);
    await trip(site, 'a');
    await site.settle();
    expect(may()).toBe('open');
    disk.failing = new StoreError('away', 'pulled cable');
    site.core.send({ to: 'meter', id: 'm2', message: { type: 'RestoreForMoney', wallet: 'w2' } });
    await site.settle();
    expect(may()).toBe('no');
  });

  it('an opening needs a writer who was confirmed within five seconds, a closing does not', async () => {
    const { site, may } = await field('100');
    await trip(site, 'a');
    await site.settle();
    site.core.epochConfirmed();
    site.clock.step(5_000);
    expect(may()).toBe('open');
    site.clock.step(1);
    expect(may()).toBe('no');
    site.core.epochConfirmed();
    await trip(site, 'b', 'release');
    await site.settle();
    site.clock.step(60_000);
    expect(may()).toBe('closed');
  });

  it('an opening for money is not written on a stale reading', async () => {
    const { site, may } = await field('0.10');
    await exhaust(site);
    expect(may()).toBe('open');
    await site.pass(6 * MINUTE);
    expect(may()).toBe('no');
    await site.read('m1', 210);
    expect(may()).toBe('open');
  });

  it('an opening for money is not written in quiet hours that have begun meanwhile', async () => {
    const { site, may } = await field('0.10', { quietHours: [{ from: '12:10', to: '13:00' }] });
    await exhaust(site);
    expect(may()).toBe('open');
    await site.pass(4 * MINUTE);
    await site.read('m1', 220);
    expect(may()).toBe('no');
  });

  it('an opening for money is not written against a hold, nor against keep power', async () => {
    const { site, may } = await field('0.10');
    await exhaust(site);
    await trip(site, 'a', 'hold');
    await site.settle();
    expect(may()).toBe('no');
    await trip(site, 'b', 'liftHold');
    await site.settle();
    expect(may()).toBe('open');
    await trip(site, 'c', 'keepPower');
    await site.settle();
    expect(may()).toBe('closed');
  });

  it('a forced trip that was lifted a moment ago does not carry an opening for money past quiet hours', async () => {
    const { site, may } = await field('0.10', { quietHours: [{ from: '12:10', to: '13:00' }] });
    await exhaust(site);
    await trip(site, 'a');
    await site.pass(4 * MINUTE);
    await site.read('m1', 220);
    expect(may()).toBe('open'); // by a person
    const goOn = stalled(site);
    const released = trip(site, 'b', 'release');
    await turns();
    expect(site.core.meters.get('m1')?.state.causes.forcedTrip).toBeUndefined();
    expect(may()).toBe('no');
    goOn();
    await released;
  });

  it('a work tag on a room opens, and its end closes, only once it is durable', async () => {
    const { site, may } = await field('50');
    const tag = (op: 'hangTag' | 'liftTag', params: object): Promise<unknown> =>
      site.intake.do({ operator: 'f', role: 'operator' }, op, { ...params, reason: 'r' }, op);
    for (const [op, params, before, after] of [
      ['hangTag', { room: 'r1', holder: 'Li Si', phone: '138' }, 'no', 'open'],
      ['liftTag', { tag: 'T1' }, 'no', 'closed'],
    ] as const) {
      const goOn = stalled(site);
      const done = tag(op, params);
      await turns();
      expect(may()).toBe(before);
      goOn();
      await done;
      await site.settle();
      expect(may()).toBe(after);
    }
  });

  it('a meter without a breaker is written never, and one in an open room by its cause', async () => {
    const disk = new MemoryDisk();
    const plain = plainSite(1);
    const site = await startCore(disk, {
      ...plain,
      meters: plain.meters.map((meter) => ({ ...meter, hasBreaker: false })),
    });
    const lines = new Lines(
      site.core,
      (_config, _meters, deps) => Object.assign(new FakeLine(), { deps }),
      () => () => {},
    );
    expect(lines.wantedNow('m1')).toBeNull();
    expect(lines.wantedNow('unknown')).toBeNull();
  });
});

describe('an exclusive task', () => {
  const task: FieldTask<number> = {
    ...{ id: 't', target: { meterId: 'm1' }, priority: 'credit', mayWrite: () => true },
    next: () => ({ do: 'done', result: 7 }),
  };

  it('writes only while our epoch is fresh, and gives the result of its own program to who asked', async () => {
    const { site, line } = await field('100');
    const ended: TaskOutcome<number>[] = [];
    site.core.lines?.run('l1', task, (outcome) => ended.push(outcome));
    await turns();
    const [sent] = line.tasks;
    expect(sent?.mayWrite()).toBe(true);
    site.clock.step(5_001);
    expect(sent?.mayWrite()).toBe(false);
    site.core.epochConfirmed();
    expect(sent?.mayWrite()).toBe(true);
    sent?.next([]);
    line.deps.report({ type: 'task', taskId: 't', outcome: { kind: 'done', result: 7 } });
    expect(ended).toEqual([{ kind: 'done', result: 7 }]);
  });

  it('ends at once on a line that is not there', async () => {
    const { site } = await field('100');
    const ended: TaskOutcome<number>[] = [];
    site.core.lines?.run('l9', task, (outcome) => ended.push(outcome));
    expect(ended).toEqual([{ kind: 'failed', reason: 'notHere', code: null, writes: 'none' }]);
  });
});
