/** Parameters from the question to the audit log: durable before it is written, read back, and nothing lost by a crash. */
import { describe, expect, it } from 'vitest';
import type { ParametersView } from '../../protocol/parameters.ts';
import type { Role } from '../../protocol/site.ts';
import type { FieldTask, TaskOutcome } from '../../server/lines/tasks.ts';
import type { VirtualMeter } from '../../simulators/meters/meter.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, START_MS, Stepped, startCore, type Running } from '../tools/siteInMemory.ts';
import { runOn, virtualMeter } from '../tools/virtualMeter.ts';

const MINUTE = 60_000;

/** Tasks wait until `pump` runs them on the virtual meter. `lost`: the answer to this step never comes. */
class Bench {
  readonly tasks: { run: (lost: number) => void }[] = [];
  readonly site: Running;
  readonly meter: VirtualMeter;
  constructor(site: Running) {
    this.site = site;
    this.meter = virtualMeter('ddsy1352', site.clock.site());
    const { lines } = site.core;
    if (!lines) throw new Error('lines');
    site.core.lines = {
      ...lines,
      run: <Result>(_line: string, task: FieldTask<Result>, ended: (outcome: TaskOutcome<Result>) => void) => {
        this.tasks.push({ run: (lost) => ended(runOn(this.meter, task, lost)) });
      },
    };
  }
  async pump(lost = -1): Promise<void> {
    for (let task = this.tasks.shift(); task; task = this.tasks.shift()) task.run(lost);
    await this.site.settle();
  }
  async view(): Promise<ParametersView> {
    const answer = await this.site.do('getParameters', { meter: 'm1' }, 'q', 'viewer');
    if (!answer.ok) throw new Error(answer.detail);
    return answer.result as ParametersView;
  }
  async item(name: string) {
    const found = (await this.view()).items.find((one) => one.name === name);
    if (!found) throw new Error(name);
    return found;
  }
  write(values: object, role: Role = 'maintenance', key = JSON.stringify(values)) {
    return this.site.do('writeParameters', { meter: 'm1', values, reason: 'r' }, key, role);
  }
}
const bench = async (disk = new MemoryDisk()): Promise<Bench> => new Bench(await startCore(disk, plainSite(1)));

describe('reading what a meter keeps', () => {
  it('reads all of it, with progress, and compares with what is wanted', async () => {
    const at = await bench();
    expect((await at.item('ct')).differs).toBeNull();
    await at.site.do('readParameters', { meter: 'm1' }, 'k', 'operator');
    expect((await at.view()).job).toEqual({ done: 0, total: 13 });
    await at.pump();
    const view = await at.view();
    expect(view.job).toBeNull();
    expect(view.items.filter(({ readMs }) => readMs === at.site.clock.site())).toHaveLength(13);
    expect(await at.item('ct')).toMatchObject({ value: { ct: 1 }, wanted: { ct: 1 }, differs: false });
    expect(await at.item('clock')).toMatchObject({ value: { clock: 0 }, differs: false });
    expect(await at.item('relayMode')).toMatchObject({ value: { relayMode: 'level' }, wanted: {}, differs: null });
  });

  it('says of each what could not be read, and keeps the old value', async () => {
    const at = await bench();
    await at.site.do('readParameters', { meter: 'm1', names: ['ct'] }, 'k1', 'operator');
    await at.pump();
    await at.site.do('readParameters', { meter: 'm1', names: ['ct'] }, 'k2', 'operator');
    await at.pump(0);
    expect(await at.item('ct')).toMatchObject({ value: { ct: 1 }, failed: 'timeout' });
  });
});

describe('writing into a meter', () => {
  it('writes once the wish is durable, verifies, and notes who wanted what and what came of it', async () => {
    const at = await bench();
    const answer = at.write({ relayMode: 'pulse', alarm1: 5_000 });
    expect(at.tasks).toHaveLength(0);
    expect(await answer).toEqual({ ok: true, result: { ok: true } });
    expect((await at.item('alarm1')).writing).toMatchObject({ by: 'the-maintenance', reason: 'r' });
    await at.pump();
    expect(await at.item('alarm1')).toMatchObject({
      ...{ value: { alarm1: 5_000 }, wanted: { alarm1: 5_000 }, differs: false, writing: null },
      last: { result: 'verified', by: 'the-maintenance' },
    });
    const audit = await at.site.do('getAudit', {}, 'q', 'auditor');
    const entries = audit.ok ? (audit.result as { items: { op: string }[] }).items.map(({ op }) => op) : [];
    expect(entries.filter((op) => op === 'parameterWritten')).toHaveLength(2);
    expect(entries).toContain('writeParameters');
  });

  it('says unknown where the answer was lost, and the next reading finds out', async () => {
    const at = await bench();
    await at.write({ powerLimit: 3_000 });
    await at.pump(0);
    expect(await at.item('powerLimit')).toMatchObject({ last: { result: 'unknown', why: 'timeout' }, differs: null });
    await at.site.do('readParameters', { meter: 'm1', names: ['powerLimit'] }, 'k', 'operator');
    await at.pump();
    expect(await at.item('powerLimit')).toMatchObject({ differs: false, last: { result: 'unknown' } });
  });

  it('takes CT and PT only as the platform has them, from a manager', async () => {
    const at = await bench();
    expect(await at.write({ ct: 1 })).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(await at.write({ ct: 30 }, 'manager')).toMatchObject({
      ok: false,
      detail: expect.stringMatching('multiplier'),
    });
    await at.site.read('m1', 1_000);
    const change = { meter: 'm1', reading: '1', ct: 30, pt: 1, reason: 'r' };
    expect(await at.site.do('changeMultiplier', change, 'k', 'administrator')).toMatchObject({ ok: true });
    expect(await at.write({ ct: 30 }, 'manager', 'again')).toMatchObject({ ok: true });
    await at.pump();
    expect(await at.item('ct')).toMatchObject({ value: { ct: 30 }, differs: false, last: { result: 'verified' } });
  });

  it('is one wish at a time for each parameter, may be cancelled, and is not made ten minutes late', async () => {
    const at = await bench();
    await at.write({ relayMode: 'pulse', powerLimit: 100 });
    expect(await at.write({ relayMode: 'level' })).toMatchObject({ ok: false, refusal: 'invalid' });
    await at.site.do('cancelParameters', { meter: 'm1' }, 'c', 'maintenance');
    const states = [await at.item('powerLimit'), await at.item('relayMode')].map(({ last }) => last?.why ?? null);
    expect(states.sort()).toEqual([null, 'cancelled'].sort());
    await at.site.pass(11 * MINUTE);
    await at.pump();
    const ends = [await at.item('powerLimit'), await at.item('relayMode')].map(({ last }) => last);
    expect(ends.map((last) => last?.result)).toEqual(['notWritten', 'notWritten']);
    expect(ends.map((last) => last?.why).sort()).toEqual(['cancelled', 'withdrawn']);
  });

  it('goes on after a crash: what was asked is written when the line is there, and what was read is still known', async () => {
    const disk = new MemoryDisk();
    const at = await bench(disk);
    await at.site.do('readParameters', { meter: 'm1', names: ['relayMode'] }, 'k', 'operator');
    await at.pump();
    await at.write({ relayMode: 'pulse' });
    const after = new Bench(await startCore(disk, null, at.site.clock));
    expect(await after.item('relayMode')).toMatchObject({ value: { relayMode: 'level' }, differs: true });
    expect(after.tasks).toHaveLength(0);
    after.site.core.parameters.lineUp('l1');
    after.site.core.parameters.lineUp('l1');
    expect(after.tasks).toHaveLength(1);
    await after.pump();
    expect(await after.item('relayMode')).toMatchObject({
      differs: false,
      writing: null,
      last: { result: 'verified' },
    });
  });
});

describe('the clock of a meter', () => {
  const site = {
    ...plainSite(1),
    tariffs: [
      {
        ...flatTariff(),
        versions: [
          {
            ...{ from: '2026-01-01T00:00', components: [{ name: 'energy', price: '1' }] },
            calendar: [
              {
                starts: [
                  ['00:00', 'valley'],
                  ['08:00', 'peak'],
                ] as [string, 'valley' | 'peak'][],
              },
            ],
          },
        ],
      },
    ],
  };
  const startAt = async (local: string): Promise<Bench> => {
    const clock = new Stepped();
    const wanted = Date.parse(`2026-06-02T${local}+08:00`);
    clock.step(wanted - START_MS);
    return new Bench(await startCore(new MemoryDisk(), site, clock));
  };

  it('is set to local time, and not within a minute of a band edge or midnight', async () => {
    for (const [local, ok] of [
      ['07:58:00', true],
      ['07:59:30', false],
      ['08:00:30', false],
      ['08:01:30', true],
      ['23:59:10', false],
      ['00:00:40', false],
    ] as const) {
      const at = await startAt(local);
      expect([local, (await at.write({ clock: 0 })).ok]).toEqual([local, ok]);
    }
  });

  it('that comes too near an edge while it waits is left alone', async () => {
    const at = await startAt('07:57:00');
    await at.write({ clock: 0 });
    at.site.clock.step(2.5 * MINUTE);
    await at.pump();
    expect((await at.item('clock')).last).toMatchObject({ result: 'notWritten', why: 'withdrawn' });
  });
});
