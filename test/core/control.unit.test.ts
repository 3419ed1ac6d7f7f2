/** Load and time control from the plan to the wanted state: cuts, tries, the lock, ends, other causes, crashes. */
import { describe, expect, it } from 'vitest';
import type { ControlPlan, ControlRow } from '../../protocol/control.ts';
import { ops } from '../../protocol/ops.ts';
import { siteRulesSchema } from '../../protocol/site.ts';
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
  async reads(watts: number, afterS = 10): Promise<void> {
    await this.site.pass(afterS * 1000);
    this.index += 1;
    await this.site.read('m1', this.index, { watts, switchState: this.wanted.state });
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
  async function withMeter(): Promise<{ at: Site; pump: (lost?: number) => Promise<void>; look: () => boolean }> {
    const at = new Site(await startCore(new MemoryDisk(), plainSite(2)));
    let watts = 100;
    const meter = virtualMeter('ddsy1352', at.site.clock.site(), () => watts);
    const tasks: ((lost?: number) => void)[] = [];
    const { lines } = at.site.core;
    if (!lines) throw new Error('lines');
    at.site.core.lines = {
      ...lines,
      run: <Result>(_line: string, task: FieldTask<Result>, ended: (outcome: TaskOutcome<Result>) => void) => {
        tasks.push((lost) => ended(runOn(meter, task, lost)));
      },
    };
    await at.save({ inMeter: true }, true);
    await at.assign('p');
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
    return { at, pump, look };
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
});
