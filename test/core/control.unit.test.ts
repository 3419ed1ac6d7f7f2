/** Load and time control from the plan to the wanted state: cuts, tries, the lock, ends, other causes, crashes. */
import { describe, expect, it } from 'vitest';
import type { ControlPlan, ControlRow } from '../../protocol/control.ts';
import { ops } from '../../protocol/ops.ts';
import { siteRulesSchema } from '../../protocol/site.ts';
import { meterValuesOf } from '../../server/domain/control/plan.ts';
import { wantedOf } from '../../server/domain/meter/view.ts';
import type { FieldTask, TaskOutcome } from '../../server/lines/tasks.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';
import { runOn, virtualMeter } from '../tools/virtualMeter.ts';

const MINUTE = 60_000;
/** The site starts on Monday 2026-06-01, 12:00. */
const settings: Omit<ControlPlan, 'id'> = {
  ...{ name: 'Dormitory', limits: [{ watts: 1_000, window: null }], seconds: 30, recoverMinutes: 5, tries: 2 },
  ...{ cuts: [], inMeter: false },
};

class Site {
  readonly site: Running;
  index = 1_000;
  constructor(site: Running) {
    this.site = site;
  }
  static async with(more: Partial<typeof settings> = {}, disk = new MemoryDisk()): Promise<Site> {
    const at = new Site(await startCore(disk, plainSite(2)));
    await at.save(more, true);
    await at.assign('p');
    return at;
  }
  save(more: Partial<typeof settings>, isNew = false) {
    const params = { plan: 'p', isNew, settings: { ...settings, ...more } };
    return this.site.do('saveControlPlan', params, `s${JSON.stringify(more)}${isNew}`, 'manager');
  }
  assign(plan: string | null) {
    return this.site.do('assignControlPlan', { plan, meters: ['m1'] }, `a${plan}`, 'manager');
  }
  /** One reading after so many seconds. */
  async reads(watts: number, afterS = 10, powerFactor = 1): Promise<void> {
    await this.site.pass(afterS * 1000);
    this.index += 1;
    await this.site.read('m1', this.index, { watts, powerFactor, switchState: this.wanted.state });
  }
  async readsFor(watts: number, seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 10) await this.reads(watts);
  }
  get state() {
    const state = this.site.core.meters.get('m1')?.state;
    if (!state) throw new Error('m1');
    return state;
  }
  get wanted() {
    return wantedOf(this.state, this.site.core.context());
  }
  async row(): Promise<ControlRow> {
    const answer = await this.site.do('getControlMeters', {}, 'q', 'viewer');
    const found = answer.ok
      ? (answer.result as { items: ControlRow[] }).items.find(({ meter }) => meter === 'm1')
      : null;
    if (!found) throw new Error('m1');
    return found;
  }
}

describe('a power limit', () => {
  it('cuts after its seconds above it, not for a moment, and supplies again after its minutes', async () => {
    const at = await Site.with();
    await at.readsFor(1_500, 20);
    await at.reads(900);
    await at.readsFor(1_500, 30);
    expect(at.wanted.state).toBe('closed');
    await at.reads(1_500);
    expect(at.wanted).toEqual({ state: 'open', cause: 'control' });
    expect(at.state.causes.control).toMatchObject({ by: 'Dormitory', reason: 'loadLimit', tries: 1 });
    expect(await at.row()).toMatchObject({ where: 'platform', trips: 1, cut: { reason: 'loadLimit' } });
    expect(at.site.differs).toContain('m1');
    const room = await at.site.do('getRoom', { room: 'r1' }, 'q', 'viewer');
    const view = ops.getRoom.result.parse(room.ok && room.result);
    expect(view.meters[0]?.causes.control).toMatchObject({ by: 'Dormitory', untilMs: expect.any(Number) });
    await at.site.pass(5 * MINUTE);
    expect(at.wanted).toEqual({ state: 'closed', cause: 'normal' });
  });

  it('gives up after its tries in a row: the safety lock holds until a person lifts it', async () => {
    const at = await Site.with();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await at.readsFor(1_500, 40);
      expect(at.state.causes.control).toMatchObject({ tries: attempt });
      await at.site.pass(5 * MINUTE);
    }
    await at.readsFor(1_500, 40);
    expect(at.wanted).toEqual({ state: 'open', cause: 'safetyLock' });
    await at.site.pass(60 * MINUTE);
    expect(at.wanted.state).toBe('open');
    await at.site.do('switchMeter', { meter: 'm1', action: 'liftSafetyLock', reason: 'kettle taken' }, 'l');
    expect(at.wanted.state).toBe('closed');
    await at.readsFor(1_500, 40);
    expect(at.state.causes.control).toMatchObject({ tries: 1 });
  });

  it('counts from none again once the load has stayed below for its minutes', async () => {
    const at = await Site.with();
    await at.readsFor(1_500, 40);
    await at.site.pass(5 * MINUTE);
    await at.readsFor(800, 5 * 60 + 20);
    expect((await at.row()).trips).toBe(0);
  });

  it('is another by night', async () => {
    const window = { from: '11:00', to: '13:00' };
    const at = await Site.with({ limits: [...settings.limits, { watts: 300, window }] });
    await at.readsFor(500, 40);
    expect(at.state.causes.control?.reason).toBe('nightLimit');
  });

  it('leaves alone what a person keeps closed, and what is open anyway', async () => {
    for (const action of ['keepPower', 'forceClose', 'forceTrip'] as const) {
      const at = await Site.with();
      await at.site.do('switchMeter', { meter: 'm1', action, reason: 'r' }, action, 'manager');
      await at.readsFor(1_500, 60);
      expect(at.state.causes.control).toBeUndefined();
    }
  });

  it('takes no doubtful reading', async () => {
    const at = await Site.with();
    await at.reads(100);
    for (let n = 0; n < 6; n += 1) {
      await at.site.pass(10_000);
      await at.site.read('m1', 5, { watts: 9_000 });
    }
    expect(at.wanted.state).toBe('closed');
  });
});

describe('time control', () => {
  const cuts: ControlPlan['cuts'] = [{ days: ['mon'], from: '13:00', to: '13:30' }];

  it('opens at its time and closes at its end, and loses to whoever closes by force', async () => {
    const at = await Site.with({ limits: [], cuts });
    await at.site.pass(59 * MINUTE);
    await at.reads(100);
    expect(at.wanted.state).toBe('closed');
    await at.site.pass(MINUTE);
    await at.reads(100);
    expect(at.wanted).toEqual({ state: 'open', cause: 'control' });
    expect(at.state.causes.control?.untilMs).toBe(Date.parse('2026-06-01T13:30:00+08:00'));
    await at.site.do('switchMeter', { meter: 'm1', action: 'forceClose', reason: 'cleaning' }, 'f');
    expect(at.wanted).toEqual({ state: 'closed', cause: 'forcedClose' });
    await at.site.do('switchMeter', { meter: 'm1', action: 'release', reason: 'done' }, 'r');
    expect(at.wanted).toEqual({ state: 'open', cause: 'control' });
    await at.site.pass(30 * MINUTE);
    expect(at.wanted).toEqual({ state: 'closed', cause: 'normal' });
  });

  it('ends with its plan, and follows a plan that is changed', async () => {
    const at = await Site.with({ limits: [], cuts: [{ days: ['mon'], from: '11:00', to: '14:00' }] });
    await at.reads(100);
    expect(at.wanted.state).toBe('open');
    await at.save({ limits: [], cuts: [{ days: ['mon'], from: '11:00', to: '15:00' }] });
    expect(at.state.causes.control?.untilMs).toBe(Date.parse('2026-06-01T15:00:00+08:00'));
    await at.assign(null);
    expect(at.wanted.state).toBe('closed');
    expect(await at.row()).toMatchObject({ plan: null, where: null, cut: null });
  });

  it('is the same after a crash, and ends at its minute then too', async () => {
    const disk = new MemoryDisk();
    const before = await Site.with({ limits: [], cuts: [{ days: ['mon'], from: '11:00', to: '12:10' }] }, disk);
    await before.reads(100);
    expect(before.wanted.state).toBe('open');
    const after = new Site(await startCore(disk, null, before.site.clock));
    expect(after.wanted).toEqual({ state: 'open', cause: 'control' });
    await after.site.pass(11 * MINUTE);
    expect(after.wanted.state).toBe('closed');
  });
});

describe('a malignant load', () => {
  const step = { watts: 800, powerFactor: 950 };
  const lockedBy = async (
    at: Site,
    loads: readonly (readonly [watts: number, powerFactor?: number, afterS?: number])[],
  ) => {
    for (const [watts, powerFactor, afterS] of loads) await at.reads(watts, afterS, powerFactor);
    return at.state.causes.safetyLock?.reason;
  };
  const only = { limits: [], step };

  it('is locked by a step at a power factor near 1 that two readings show, until a person lifts it', async () => {
    const at = await Site.with(only);
    expect(await lockedBy(at, [[100], [1_000]])).toBeUndefined();
    expect(at.wanted.state).toBe('closed');
    await at.reads(980);
    expect(at.wanted).toEqual({ state: 'open', cause: 'safetyLock' });
    expect(at.state.causes.safetyLock).toMatchObject({ by: 'Dormitory', reason: 'malignantLoad', untilMs: null });
    await at.site.pass(60 * MINUTE);
    expect(at.wanted.state).toBe('open');
    await at.site.do('switchMeter', { meter: 'm1', action: 'liftSafetyLock', reason: 'heater taken' }, 'l');
    expect(at.wanted.state).toBe('closed');
  });

  it.each([
    ['a step of just as much', [[100], [900], [900]]],
    ['a load that comes bit by bit', [[100], [600], [1_100], [1_600]]],
    ['a motor', [[100], [1_500, 0.8], [1_500, 0.8]]],
    ['one reading that stands alone', [[100], [1_500], [100], [100]]],
    ['a rise over a silence', [[100], [1_500, 1, 300], [1_500]]],
    ['a load that falls', [[3_000], [100], [100]]],
  ] as const)('is not %s', async (_name, loads) => {
    expect(await lockedBy(await Site.with(only), loads)).toBeUndefined();
  });

  it('is not what comes back when the breaker closes, nor what a person keeps closed', async () => {
    const at = await Site.with(only);
    await at.reads(1_500);
    await at.site.do('switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'r' }, 't');
    await at.reads(0);
    await at.site.do('switchMeter', { meter: 'm1', action: 'release', reason: 'r' }, 'r');
    expect(await lockedBy(at, [[1_500], [1_500], [1_500]])).toBeUndefined();
    await at.site.do('switchMeter', { meter: 'm1', action: 'keepPower', reason: 'r' }, 'k', 'manager');
    expect(await lockedBy(at, [[100], [1_500], [1_500]])).toBeUndefined();
  });

  it('is looked for no more without the step in the plan, or without a plan', async () => {
    const at = await Site.with(only);
    await lockedBy(at, [[100], [1_000]]);
    await at.save({ limits: [] });
    expect(await lockedBy(at, [[1_000], [1_000]])).toBeUndefined();
  });

  it('is given to a meter that looks for it itself, by its own scale', async () => {
    expect(meterValuesOf({ id: 'p', ...settings, ...only }, 4)?.loadLimit).toEqual({
      ...{ on: true, maxWatts: 0, stepWatts: 200, powerFactor: 950, recoverMinutes: 5, triesMax: 2 },
    });
  });
});

describe('a plan that is not needed', () => {
  it('is taken back once no meter has it, and given to none afterwards', async () => {
    const at = await Site.with();
    const remove = (key: string) => at.site.do('removeControlPlan', { plan: 'p' }, key, 'manager');
    expect(await remove('1')).toMatchObject({ refusal: 'invalid' });
    await at.assign(null);
    expect(await remove('2')).toMatchObject({ ok: true });
    expect(await at.site.do('getControlPlans', {}, 'q', 'viewer')).toMatchObject({ result: { items: [] } });
    expect(await at.site.do('assignControlPlan', { plan: 'p', meters: ['m2'] }, 'b', 'manager')).toMatchObject({
      refusal: 'notFound',
    });
    expect(await at.save({ seconds: 31 })).toMatchObject({ refusal: 'notFound' });
    expect(await remove('3')).toMatchObject({ refusal: 'notFound' });
  });
});

describe('a plan for many meters', () => {
  it('needs a second person above the limit of switching, given to them or changed for them', async () => {
    const { secondPerson } = siteRulesSchema.parse({ secondPerson: { switchMeters: 1 } });
    const at = new Site(await startCore(new MemoryDisk(), plainSite(2, '100', { secondPerson })));
    await at.save({}, true);
    expect(await at.assign('p')).toMatchObject({ ok: true });
    expect(await at.save({ seconds: 60 })).toMatchObject({ ok: true });
    const both = { plan: 'p', meters: ['m1', 'm2'] };
    expect(await at.site.do('assignControlPlan', both, 'b', 'manager')).toMatchObject({ refusal: 'needsApproval' });
    expect(at.site.core.meters.get('m2')?.state.controlPlan).toBeUndefined();
  });
});

describe('a plan in the meter', () => {
  /** Tasks wait until they are run on a virtual meter. */
  async function withMeter(disk = new MemoryDisk()) {
    const at = new Site(await startCore(disk, plainSite(2)));
    let watts = 100;
    let meter = virtualMeter('ddsy1352', at.site.clock.site(), () => watts);
    const tasks: ((lost?: number) => void)[] = [];
    const wire = ({ core }: Running): void => {
      const { lines } = core;
      if (!lines) throw new Error('lines');
      core.lines = {
        ...lines,
        run: <Result>(_line: string, task: FieldTask<Result>, ended: (outcome: TaskOutcome<Result>) => void) => {
          tasks.push((lost) => ended(runOn(meter, task, lost)));
        },
      };
    };
    wire(at.site);
    await at.save({ inMeter: true }, true);
    await at.assign('p');
    /** The process ends here; what was on the line is lost with it. */
    const crash = async (): Promise<Site> => {
      tasks.length = 0;
      const after = new Site(await startCore(disk, null, at.site.clock));
      after.index = at.index;
      wire(after.site);
      return after;
    };
    /** Another one hangs there. */
    const swap = (): void => {
      meter = virtualMeter('ddsy1352', at.site.clock.site(), () => watts);
    };
    /** `lost`: the answer to this step never comes; a write has arrived all the same. */
    const pump = async (lost?: number): Promise<void> => {
      for (let run = tasks.shift(); run; run = tasks.shift()) run(lost);
      await at.site.settle();
    };
    /** Whether the meter supplies a load above the limit for long. */
    const look = (): boolean => {
      watts = 1_500;
      const nowMs = at.site.clock.site() + MINUTE;
      meter.advance({ siteMs: nowMs, monoMs: nowMs });
      return meter.look().conducting;
    };
    return { at, pump, look, crash, swap };
  }

  it('is written there, and the platform does it until it is read back', async () => {
    const { at, pump, look } = await withMeter();
    expect((await at.row()).where).toBe('writing');
    await at.readsFor(1_500, 40);
    expect(at.state.causes.control?.reason).toBe('loadLimit');
    await pump();
    expect((await at.row()).where).toBe('meter');
    await at.reads(100);
    expect(at.state.causes.control).toBeUndefined();
    await at.readsFor(1_500, 60);
    expect(at.state.causes.control).toBeUndefined();
    expect(look()).toBe(false);
  });

  it('is taken out of it with the plan', async () => {
    const { at, pump, look } = await withMeter();
    await pump();
    await at.assign(null);
    await pump();
    expect(at.site.core.parameters.state('m1').values.loadLimit).toMatchObject({ on: false });
    expect(look()).toBe(true);
  });

  it('is not written any more once it has been taken away, though that was asked before', async () => {
    const { at, pump, look } = await withMeter();
    await at.assign(null);
    await pump();
    expect(at.site.core.parameters.state('m1').writing).toEqual({});
    expect(look()).toBe(true);
  });

  it('is taken out of it also where nobody knows whether it arrived', async () => {
    const { at, pump, look } = await withMeter();
    await pump(0);
    await at.assign(null);
    await pump();
    expect(look()).toBe(true);
  });

  it('is written as it is by now, also where an earlier one still waits or is on its way', async () => {
    const { at, pump, look } = await withMeter();
    await at.save({ inMeter: true, limits: [{ watts: 5_000, window: null }] });
    await pump();
    expect(at.site.core.parameters.state('m1').values.loadLimit).toMatchObject({ on: true, maxWatts: 5_000 });
    expect((await at.row()).where).toBe('meter');
    expect(look()).toBe(true);
  });

  it('leaves also a meter that was silent for long when it was taken away, and shows that it has not yet', async () => {
    const { at, pump, look } = await withMeter();
    await pump();
    await at.assign(null);
    expect(await at.row()).toMatchObject({ plan: null, where: null, leaving: true });
    await at.site.pass(60 * MINUTE);
    await pump();
    expect(at.site.core.parameters.state('m1').last.loadLimit).toMatchObject({ result: 'notWritten' });
    expect(await at.row()).toMatchObject({ leaving: true });
    await at.reads(100);
    await at.site.pass(12 * MINUTE);
    await pump();
    expect(await at.row()).toMatchObject({ leaving: false });
    expect(look()).toBe(true);
  });

  it('leaves it after a crash that kept it from being asked', async () => {
    const disk = new MemoryDisk();
    const { at, pump, look, crash } = await withMeter(disk);
    await pump();
    const { controls } = at.site.core;
    controls.write = () => undefined;
    await at.assign(null);
    const after = await crash();
    expect(await after.row()).toMatchObject({ plan: null, leaving: true });
    await after.reads(100);
    await after.site.pass(2 * MINUTE);
    await pump();
    await after.site.settle();
    expect(await after.row()).toMatchObject({ leaving: false });
    expect(look()).toBe(true);
  });

  it('leaves alone what somebody has written by hand since', async () => {
    const { at, pump } = await withMeter();
    await pump();
    const loadLimit = { on: true, maxWatts: 9_000, stepWatts: 0, powerFactor: 0, recoverMinutes: 1, triesMax: 1 };
    const params = { meter: 'm1', values: { loadLimit }, reason: 'r' };
    expect(await at.site.do('writeParameters', params, 'w', 'manager')).toMatchObject({ ok: true });
    await pump();
    await at.reads(100);
    await at.site.pass(30 * MINUTE);
    await pump();
    expect(at.site.core.parameters.state('m1').values.loadLimit).toMatchObject({ maxWatts: 9_000 });
    expect((await at.row()).where).toBe('platform');
  });

  it('is done by the platform at a meter that was swapped, until it is read back from the new one', async () => {
    const { at, pump, look, swap } = await withMeter();
    await pump();
    await at.reads(100);
    swap();
    const other = { number: '77', unitId: 9, profile: 'acrel-ddsy1352', ct: 1, pt: 1, reason: 'burnt' };
    const last = String(at.index / 1000);
    expect(
      await at.site.do('swapMeter', { meter: 'm1', last, first: '0', ...other }, 'swap', 'administrator'),
    ).toMatchObject({ ok: true });
    expect((await at.row()).where).toBe('platform');
    at.index = 0;
    await at.reads(100);
    await at.site.pass(2 * MINUTE);
    await pump();
    expect((await at.row()).where).toBe('meter');
    expect(look()).toBe(false);
  });
});
