/** An emergency cut: at once for all but those with keep power, each with its own result, back in steps, whatever crashes. */
import { describe, expect, it } from 'vitest';
import type { Emergency, ItemState } from '../../protocol/emergency.ts';
import type { OpOutcome, OpResult, QueryName } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 5;
const meters = Array.from({ length: ROOMS }, (_, i) => `m${i + 1}`);
const rules: SiteFileInput['site']['rules'] = {
  ...{ massCutLimit: 1, quietHours: [{ from: '00:00', to: '23:59' }] },
  emergencyRestore: { meters: 2, pauseMs: MINUTE },
};

/** Follows what each breaker is told, as far as its meter answers. */
class Fleet {
  readonly actual = new Map<string, 'open' | 'closed'>(meters.map((meter) => [meter, 'closed']));
  readonly silent = new Set<string>();
  #index = 1_000;

  async follow(site: Running): Promise<void> {
    this.#index += 1;
    for (const meter of meters) {
      if (this.silent.has(meter)) continue;
      const wanted = site.core.wall.tiles.get(`r${meter.slice(1)}`)?.electricity?.wanted ?? 'closed';
      this.actual.set(meter, wanted);
      await site.read(meter, this.#index, { switchState: wanted });
    }
  }
  /** A second for the actor, a reading of each meter, and the next look. */
  async second(site: Running, seconds = 1): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await site.pass(1_000);
      await this.follow(site);
    }
    await site.pass(1_000);
  }
}

async function start(store?: MemoryStore, disk = new MemoryDisk()) {
  const site = await startCore(disk, plainSite(ROOMS, '100', rules), new Stepped(), store ?? new MemoryStore(disk));
  const fleet = new Fleet();
  await fleet.follow(site);
  return { site, fleet, disk };
}
async function ask<Q extends QueryName>(site: Running, op: Q, params: object): Promise<OpResult<Q>> {
  const outcome = await site.do(op, params, '');
  if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal} ${outcome.detail}`);
  return outcome.result as OpResult<Q>;
}
const states = async (site: Running, id = 'E1'): Promise<ItemState[]> =>
  (await ask(site, 'getEmergency', { emergency: id })).items.map(({ state }) => state);
const phase = async (site: Running, id = 'E1'): Promise<Emergency['phase']> =>
  (await ask(site, 'getEmergency', { emergency: id })).emergency.phase;
const cutNow = (site: Running): string[] =>
  meters.filter((meter) => site.core.meters.get(meter)?.state.causes.emergencyCut !== undefined);
const act = (
  site: Running,
  op: 'startEmergency' | 'cancelEmergency' | 'restoreEmergency',
  more = {},
): Promise<OpOutcome> =>
  site.do(
    op,
    { ...(op === 'startEmergency' ? { building: 'A' } : { emergency: 'E1' }), reason: 'fire', ...more },
    `${op}${JSON.stringify(more)}`,
  );
const keep = (site: Running, meter: string) =>
  site.do('switchMeter', { meter, action: 'keepPower', reason: 'pump' }, `keep-${meter}`);

describe('an emergency cut', () => {
  it('says its effect first, opens all but keep power, in quiet hours and past the interlock, and reads each back', async () => {
    const { site, fleet } = await start();
    await keep(site, 'm2');
    fleet.silent.add('m5');
    await site.pass(10 * MINUTE);
    await fleet.follow(site);
    expect(await ask(site, 'previewEmergency', { floor: 'A1' })).toEqual({
      opens: 4,
      open: 0,
      kept: 1,
      none: 0,
      silent: 1,
    });
    expect(await act(site, 'startEmergency')).toMatchObject({ ok: true, result: { emergency: 'E1', meters: 4 } });
    expect(await states(site)).toEqual(['operating', 'operating', 'operating', 'operating', 'kept']);
    expect(cutNow(site)).toEqual(['m1', 'm3', 'm4', 'm5']);
    expect(site.differs).toEqual(expect.arrayContaining(['m1', 'm3', 'm4', 'm5']));
    await fleet.second(site);
    expect(await states(site)).toEqual(['confirmed', 'confirmed', 'confirmed', 'unknown', 'kept']);
    expect(await phase(site)).toBe('cut');
    expect(site.core.alarms.alarms['emergencyCut:site']).toMatchObject({ active: true, detail: { places: 'A' } });
    expect(fleet.actual.get('m2')).toBe('closed');
    fleet.silent.clear();
    await fleet.second(site);
    expect(await states(site)).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed', 'kept']);
  });

  it('is put back so many at a time, and what is open for another cause stays open', async () => {
    const { site, fleet } = await start();
    await act(site, 'startEmergency');
    await fleet.second(site);
    await site.do('switchMeter', { meter: 'm3', action: 'forceTrip', reason: 'r' }, 't');
    expect(await act(site, 'restoreEmergency')).toMatchObject({ ok: true });
    expect(cutNow(site)).toEqual(['m3', 'm4', 'm5']);
    await fleet.second(site);
    expect(await states(site)).toEqual(['restored', 'restored', 'confirmed', 'confirmed', 'confirmed']);
    await site.pass(MINUTE);
    expect(cutNow(site)).toEqual(['m5']);
    await fleet.second(site);
    expect(await states(site)).toEqual(['restored', 'restored', 'staysOpen', 'restored', 'confirmed']);
    await site.pass(MINUTE);
    await fleet.second(site);
    expect(await phase(site)).toBe('over');
    expect((await ask(site, 'getEmergency', { emergency: 'E1' })).emergency.counts).toEqual({
      restored: 4,
      staysOpen: 1,
    });
    expect(site.core.alarms.alarms['emergencyCut:site']?.active ?? false).toBe(false);
    expect((await ask(site, 'getEmergencyHistory', {})).items.map(({ id }) => id)).toEqual(['E1']);
    expect(await act(site, 'restoreEmergency', { reason: 'again' })).toMatchObject({ refusal: 'emergencyOver' });
  });

  it('is cancelled as far as it is not done, and a restore stops where it stands', async () => {
    const { site, fleet } = await start();
    for (const meter of ['m4', 'm5']) fleet.silent.add(meter);
    await act(site, 'startEmergency');
    await fleet.second(site);
    expect(await act(site, 'cancelEmergency')).toMatchObject({ ok: true, result: { cancelled: 2 } });
    expect(cutNow(site)).toEqual(['m1', 'm2', 'm3']);
    expect(await act(site, 'cancelEmergency', { reason: 'again' })).toMatchObject({ refusal: 'nothingToCancel' });
    await act(site, 'restoreEmergency');
    await fleet.second(site);
    expect(await act(site, 'cancelEmergency', { reason: 'stop' })).toMatchObject({
      ok: true,
      result: { cancelled: 1 },
    });
    await site.pass(3 * MINUTE);
    expect(cutNow(site)).toEqual(['m3']);
    expect(await phase(site)).toBe('cut');
  });

  it('a later one takes over from an earlier one, and only the later one lets go', async () => {
    const { site, fleet } = await start();
    await site.do('startEmergency', { room: 'r1', reason: 'smoke' }, 'one');
    await fleet.second(site);
    await act(site, 'startEmergency');
    await fleet.second(site);
    expect([await phase(site, 'E1'), await states(site, 'E1')]).toEqual(['over', ['taken']]);
    expect(await act(site, 'restoreEmergency')).toMatchObject({ refusal: 'emergencyOver' });
    expect(cutNow(site)).toEqual(meters);
  });

  it('holds against money, a forced close and a release, but gives way to keep power', async () => {
    const { site, fleet } = await start();
    await act(site, 'startEmergency');
    const wanted = (meter: string) => site.core.wall.tiles.get(`r${meter.slice(1)}`)?.electricity;
    await site.do('switchMeter', { meter: 'm1', action: 'forceClose', reason: 'r' }, 'c');
    await site.do('switchMeter', { meter: 'm2', action: 'release', reason: 'r' }, 'r');
    await site.do('recharge', { wallet: 'w3', amount: '5', channel: 'cash' }, 'p');
    for (const meter of ['m1', 'm2', 'm3'])
      expect(wanted(meter)).toMatchObject({ wanted: 'open', cause: 'emergencyCut' });
    await keep(site, 'm4');
    await fleet.second(site);
    expect(wanted('m4')).toMatchObject({ wanted: 'closed', cause: 'keepPower' });
    expect(await states(site)).toEqual(['confirmed', 'confirmed', 'confirmed', 'outranked', 'confirmed']);
  });

  it('is one entry of the audit log with its meters, asks for the password, and tells managers', async () => {
    const { site, fleet, disk } = await start();
    site.core.notices.channels = new Set(['push']);
    for (const [operator, role] of [
      ['mia', 'manager'],
      ['olga', 'operator'],
    ])
      await site.do(
        'inviteOperator',
        { operator, displayName: operator, role, buildings: null },
        `add-${operator}`,
        'administrator',
      );
    const late = { operator: 'x', role: 'operator' } as const;
    expect(await site.intake.do(late, 'startEmergency', { building: 'A', reason: 'fire' }, 'k')).toMatchObject({
      refusal: 'proofNeeded',
    });
    await act(site, 'startEmergency');
    const told = [...site.core.notices.outboxes.values()].flatMap(({ pending }) => Object.values(pending));
    expect(told.filter(({ kind }) => kind === 'emergencyCut').map(({ address }) => address)).toEqual(['mia']);
    await fleet.second(site);
    await act(site, 'restoreEmergency');
    const rows = [...(disk.records.get('audit')?.values() ?? [])].map(({ value }) => value);
    const of = (op: string) => rows.filter((row) => row.op === op && row.outcome === 'done');
    expect(of('startEmergency')).toHaveLength(1);
    expect(of('startEmergency')[0]).toMatchObject({ after: { 'emergency:E1': { operating: meters } } });
    expect(of('restoreEmergency')[0]).toMatchObject({ before: { 'emergency:E1': { confirmed: meters } } });
  });

  it('refuses a place without breakers to open, and one that is not there', async () => {
    const { site } = await start();
    await keep(site, 'm1');
    expect(await act(site, 'startEmergency', { building: undefined, room: 'r1' })).toMatchObject({
      refusal: 'nothingToCut',
    });
    expect(await act(site, 'startEmergency', { building: 'Z' })).toMatchObject({ refusal: 'notFound' });
    expect(await act(site, 'startEmergency', { room: 'r1' })).toMatchObject({ refusal: 'invalid' });
  });
});

describe('from every journal boundary', () => {
  type Moment = { readonly disk: MemoryDisk; readonly siteMs: number };
  /** `moments`: the disk after each commit. */
  async function remembered() {
    const moments: Moment[] = [];
    class Remembering extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        moments.push({ disk: Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })), siteMs: batch.atMs });
        return head;
      }
    }
    const disk = new MemoryDisk();
    return { ...(await start(new Remembering(disk), disk)), moments };
  }
  /** A commit may also end between the job and what its meters did: those events are lost with the crash. */
  function torn({ disk: whole, siteMs }: Moment): Moment {
    const entries = whole.entries.map((entry, n) =>
      n < whole.entries.length - 1
        ? entry
        : { ...entry, events: entry.events.filter(({ key }) => !key.startsWith('meter:')) },
    );
    return { disk: Object.assign(new MemoryDisk(), structuredClone({ ...whole }), { entries }), siteMs };
  }

  it('what was started is cut, what was let go is closed, and no meter is left behind', async () => {
    const { site, fleet, moments } = await remembered();
    const from = moments.length;
    await keep(site, 'm2');
    await act(site, 'startEmergency');
    await fleet.second(site);
    await act(site, 'restoreEmergency');
    for (let i = 0; i < 3; i++) {
      await fleet.second(site);
      await site.pass(MINUTE);
    }
    await fleet.second(site);
    expect(await phase(site)).toBe('over');
    expect(moments.length - from).toBeGreaterThan(8);
    for (const moment of [...moments.slice(from), ...moments.slice(from).map(torn)]) {
      const clock = new Stepped();
      clock.siteMs = moment.siteMs;
      const again = await startCore(moment.disk, null, clock);
      const after = new Fleet();
      const { jobs } = again.core.emergencies.state;
      const started = jobs['E1'];
      await after.second(again, 2);
      const alarm = (): boolean => again.core.alarms.alarms['emergencyCut:site']?.active ?? false;
      if (started && !started.restore) {
        expect(cutNow(again)).toEqual(['m1', 'm3', 'm4', 'm5']);
        expect(await phase(again)).toBe('cut');
        expect(alarm()).toBe(true);
        await again.do('restoreEmergency', { emergency: 'E1', reason: 'safe' }, 'restore-again');
      }
      for (let i = 0; i < 4; i++) {
        await after.second(again);
        await again.pass(MINUTE);
      }
      await after.second(again);
      expect(cutNow(again)).toEqual([]);
      expect(again.core.emergencies.state.jobs).toEqual({});
      expect(alarm()).toBe(false);
      expect([...after.actual.values()]).toEqual(meters.map(() => 'closed'));
      expect(again.fatal).toEqual([]);
    }
  });

  it.each([
    ['all of it', [...meters], 0],
    ['a part of it', ['m1', 'm2'], 3],
  ])('what was cancelled stays cancelled, %s', async (_what, silent, cutStill) => {
    const { site, fleet, moments } = await remembered();
    for (const meter of silent) fleet.silent.add(meter);
    await act(site, 'startEmergency');
    await fleet.second(site);
    const from = moments.length;
    await act(site, 'cancelEmergency');
    await site.pass(5_000);
    const after = moments.slice(from);
    expect(after.length).toBeGreaterThan(0);
    for (const moment of [...after, ...after.map(torn)]) {
      const clock = new Stepped();
      clock.siteMs = moment.siteMs;
      const again = await startCore(moment.disk, null, clock);
      await again.pass(MINUTE);
      expect(cutNow(again)).toHaveLength(cutStill);
      expect(Object.keys(again.core.emergencies.state.jobs)).toHaveLength(cutStill === 0 ? 0 : 1);
    }
  });
});
