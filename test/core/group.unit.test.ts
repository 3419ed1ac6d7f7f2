/** Many breakers by one order: each with its own result, protected ones left alone, once, whatever crashes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupAction, GroupState } from '../../protocol/group.ts';
import type { OpOutcome, OpResult, QueryName } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 6;
const meters = Array.from({ length: ROOMS }, (_, i) => `m${i + 1}`);
const rooms = meters.map((meter) => `r${meter.slice(1)}`);

/** Rooms 1 to 6; the meter of room 6 is public. */
function site(rules: SiteFileInput['site']['rules'] = {}): SiteFileInput {
  const plain = plainSite(ROOMS, '100', { massCutLimit: 1, quietHours: [{ from: '00:00', to: '23:59' }], ...rules });
  return { ...plain, meters: plain.meters.map((one) => (one.id === 'm6' ? { ...one, role: 'public' as const } : one)) };
}

/** Breakers that follow what they are told, as far as their meters answer. */
class Fleet {
  readonly silent = new Set<string>();
  readonly stuck = new Set<string>();
  #index = 1_000;
  async follow({ core, read }: Running): Promise<void> {
    this.#index += 1;
    for (const meter of meters) {
      if (this.silent.has(meter)) continue;
      const wanted = core.wall.tiles.get(`r${meter.slice(1)}`)?.electricity?.wanted ?? 'closed';
      await read(meter, this.#index, { switchState: this.stuck.has(meter) ? 'closed' : wanted });
    }
  }
  async second(running: Running, seconds = 1): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await running.pass(1_000);
      await this.follow(running);
    }
    await running.pass(1_000);
  }
}
async function begin(store?: MemoryStore, disk = new MemoryDisk(), rules: SiteFileInput['site']['rules'] = {}) {
  const running = await startCore(disk, site(rules), new Stepped(), store ?? new MemoryStore(disk));
  const fleet = new Fleet();
  await fleet.follow(running);
  return { running, fleet, disk };
}
async function ask<Q extends QueryName>({ do: run }: Running, op: Q, params: object): Promise<OpResult<Q>> {
  const outcome = await run(op, params, '');
  if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal} ${outcome.detail}`);
  return outcome.result as OpResult<Q>;
}
const states = async (running: Running, group = 'G1'): Promise<Record<string, GroupState>> =>
  Object.fromEntries((await ask(running, 'getGroup', { group })).items.map(({ meter, state }) => [meter, state]));
const order = (
  running: Running,
  action: GroupAction,
  of: readonly string[] = meters,
  more: object = {},
  key = `${action}${of.join()}`,
): Promise<OpOutcome> => running.do('startGroup', { action, meters: of, reason: 'works', ...more }, key);
const one = (running: Running, meter: string, action: string, key = `${action}-${meter}`) =>
  running.do('switchMeter', { meter, action, reason: 'own' }, key);
const causes = ({ core }: Running, meter: string) => core.meters.get(meter)?.state.causes ?? {};
const over = async (running: Running, group = 'G1'): Promise<boolean> =>
  (await ask(running, 'getGroup', { group })).group.endedMs !== null;

describe('a group order', () => {
  it('closes nothing that a tag on a line or a riser keeps open', async () => {
    for (const on of [{ riser: 'S1' }, { line: 'l1' }]) {
      const { running } = await begin();
      const riser = { isNew: true, id: 'S1', name: 'South', rooms: ['r1'], meters: [] };
      expect(await running.do('saveRiser', riser, 'riser', 'administrator')).toMatchObject({ ok: true });
      const hung = { ...on, holder: 'Li Si', phone: '13800001000', reason: 'r' };
      expect(await running.do('hangTag', hung, 'tag')).toMatchObject({ ok: true });
      const preview = await ask(running, 'previewGroup', { action: 'forceClose', rooms: ['r1'], what: 'both' });
      expect(preview.left).toMatchObject([{ meter: 'm1', why: 'workTag' }]);
      expect(await order(running, 'forceClose', ['m1'])).toMatchObject({ refusal: 'nothingToSwitch' });
      expect(causes(running, 'm1')).toEqual({});
    }
  });

  it('says its effect first, and trips past interlock and quiet hours all but what is protected', async () => {
    const { running, fleet } = await begin();
    await one(running, 'm2', 'keepPower');
    await running.do('hangTag', { room: 'r3', holder: 'Li Si', phone: '13800001000', reason: 'r' }, 'tag');
    await running.intake.do({ operator: 'paul', role: 'operator' }, 'selectMeter', { meter: 'm4' }, null);
    const preview = await ask(running, 'previewGroup', { action: 'forceTrip', rooms, what: 'both' });
    expect(preview).toEqual({
      meters: ['m1', 'm5'],
      ...{ same: 0, silent: 0 },
      left: [
        { meter: 'm2', room: 'r2', why: 'keepPower' },
        { meter: 'm3', room: 'r3', why: 'workTag' },
        { meter: 'm4', room: 'r4', why: 'inHand' },
        { meter: 'm6', room: 'r6', why: 'public' },
      ],
    });
    expect(await order(running, 'forceTrip')).toMatchObject({ ok: true, result: { group: 'G1', meters: 2 } });
    await fleet.second(running);
    expect(await states(running)).toEqual({
      ...{ m1: 'confirmed', m2: 'keepPower', m3: 'workTag', m4: 'inHand', m5: 'confirmed', m6: 'public' },
    });
    expect(causes(running, 'm1').forcedTrip).toMatchObject({ by: 'the-operator', reason: 'works', job: 'G1' });
    for (const meter of ['m2', 'm3', 'm4', 'm6']) expect(causes(running, meter).forcedTrip).toBeUndefined();
    expect(await over(running)).toBe(true);
    expect((await ask(running, 'getGroupHistory', {})).items).toMatchObject([
      { id: 'G1', counts: { confirmed: 2, keepPower: 1, public: 1 } },
    ]);
  });

  it('is done once however often it is pressed, and asks for the password', async () => {
    const { running, fleet } = await begin();
    const late = { operator: 'x', role: 'operator' } as const;
    const params = { action: 'forceTrip', meters, reason: 'r' };
    expect(await running.intake.do(late, 'startGroup', params, 'k')).toMatchObject({ refusal: 'proofNeeded' });
    await order(running, 'forceTrip');
    await order(running, 'forceTrip');
    await fleet.second(running);
    await order(running, 'forceTrip');
    expect(running.core.groups.state.taken).toBe(1);
  });

  it('shows what does not answer, does not follow, is outranked or is switched otherwise, and ends with what is not known', async () => {
    const { running, fleet } = await begin();
    fleet.silent.add('m1');
    fleet.stuck.add('m2');
    await running.pass(10 * MINUTE);
    await fleet.follow(running);
    await order(running, 'forceTrip');
    await running.pass(1_000);
    expect(await states(running)).toMatchObject({ m1: 'unknown', m2: 'stored', m3: 'stored' });
    await one(running, 'm3', 'forceClose');
    await one(running, 'm4', 'keepPower');
    await fleet.second(running);
    expect(await states(running)).toMatchObject({
      ...{ m1: 'unknown', m2: 'stored', m3: 'replaced', m4: 'outranked', m5: 'confirmed' },
    });
    running.core.send({
      ...{ to: 'meter', id: 'm2' },
      message: { type: 'NoteSwitch', outcome: 'unconfirmed', wanted: 'open', attempts: 3, reason: null },
    });
    await running.pass(1_000);
    expect(await states(running)).toMatchObject({ m2: 'unconfirmed' });
    for (let i = 0; i < 14; i++) {
      await running.pass(MINUTE);
      await fleet.follow(running);
    }
    await running.pass(MINUTE);
    expect(await over(running)).toBe(true);
    expect(await states(running)).toMatchObject({ m1: 'unknown', m2: 'unconfirmed', m4: 'outranked' });
    // The causes stay: what comes back follows them.
    expect(causes(running, 'm1').forcedTrip).toBeDefined();
  });

  it('puts back as it was what is not read back when it is cancelled, and leaves the rest', async () => {
    const { running, fleet } = await begin();
    await one(running, 'm1', 'forceTrip');
    await fleet.second(running);
    for (const meter of ['m1', 'm2', 'm3']) fleet.silent.add(meter);
    await running.pass(10 * MINUTE);
    await fleet.follow(running);
    await order(running, 'forceClose');
    await fleet.second(running);
    expect(await states(running)).toMatchObject({ m1: 'unknown', m2: 'unknown', m4: 'confirmed', m6: 'confirmed' });
    const cancel = (key: string) => running.do('cancelGroup', { group: 'G1', reason: 'wrong floor' }, key);
    expect(await cancel('c')).toMatchObject({ ok: true, result: { cancelled: 3 } });
    await fleet.second(running);
    expect(await states(running)).toMatchObject({ m1: 'cancelled', m2: 'cancelled', m4: 'confirmed' });
    expect(causes(running, 'm1')).toMatchObject({ forcedTrip: { reason: 'own' } });
    expect(causes(running, 'm1').forcedClose).toBeUndefined();
    expect(causes(running, 'm2')).toEqual({});
    expect(causes(running, 'm4').forcedClose).toBeDefined();
    expect(await over(running)).toBe(true);
    expect(await cancel('again')).toMatchObject({ refusal: 'nothingToCancel' });
  });

  it('releases, keeps power, holds and lifts holds, with an end of its own', async () => {
    const { running, fleet } = await begin();
    const untilMs = running.clock.siteMs + 30 * MINUTE;
    await order(running, 'hold', meters, { untilMs });
    await fleet.second(running);
    expect(await states(running)).toMatchObject({ m1: 'confirmed', m6: 'public' });
    expect(running.core.meters.get('m1')?.state.operatorHold).toMatchObject({ untilMs, job: 'G1' });
    await order(running, 'liftHold', ['m1']);
    await order(running, 'keepPower', ['m2', 'm6'], { untilMs });
    await one(running, 'm3', 'forceTrip');
    await fleet.follow(running);
    await order(running, 'release', ['m3']);
    await fleet.second(running);
    expect(running.core.meters.get('m1')?.state.operatorHold).toBeNull();
    expect(causes(running, 'm2').keepPower).toMatchObject({ untilMs });
    expect(causes(running, 'm3')).toEqual({});
    for (const id of ['G1', 'G2', 'G3', 'G4']) expect(await over(running, id)).toBe(true);
    await running.pass(31 * MINUTE);
    expect(causes(running, 'm2').keepPower).toBeUndefined();
    expect(running.core.meters.get('m4')?.state.operatorHold).toBeNull();
    expect(await order(running, 'hold', ['m1'], { untilMs })).toMatchObject({ refusal: 'invalid' });
    expect(await order(running, 'hold', ['m6'])).toMatchObject({ refusal: 'nothingToSwitch' });
  });

  it('does not overtake an earlier order at the same meter', async () => {
    const { running, fleet } = await begin();
    const asked = [order(running, 'forceTrip', meters, {}, 'a'), order(running, 'forceClose', meters, {}, 'b')];
    await Promise.all(asked);
    await fleet.second(running, 3);
    for (const meter of meters.slice(0, 5))
      expect(causes(running, meter)).toMatchObject({ forcedClose: { job: 'G2' } });
    expect(await states(running, 'G2')).toMatchObject({ m1: 'confirmed', m5: 'confirmed' });
    expect(await over(running, 'G1')).toBe(true);
  });

  it('above the limit of the site is one proposal, frozen, and judged again when it is approved', async () => {
    const { running, fleet } = await begin(undefined, new MemoryDisk(), { secondPerson: { switchMeters: 3 } });
    expect(await order(running, 'forceTrip', ['m1', 'm2', 'm3'])).toMatchObject({ ok: true });
    expect(await order(running, 'forceTrip', ['m4', 'm5'])).toMatchObject({ refusal: 'needsApproval', approval: 'A1' });
    const { items } = await ask(running, 'getApprovals', {});
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ op: 'startGroup', amount: 5, limit: 3, params: { meters: ['m4', 'm5'] } });
    await running.do('switchMeter', { meter: 'm5', action: 'keepPower', reason: 'r' }, 'keep', 'manager');
    await running.do('approve', { approval: 'A1', hash: items[0]?.hash }, 'yes', 'manager');
    await fleet.second(running, 2);
    expect(await states(running, 'G2')).toEqual({ m4: 'confirmed', m5: 'keepPower' });
    expect(causes(running, 'm4').forcedTrip).toMatchObject({ by: 'the-operator' });
  });

  it('is one entry of the audit log, and one more says what became of it', async () => {
    const { running, fleet, disk } = await begin();
    await order(running, 'forceTrip', ['m1', 'm6']);
    await fleet.second(running);
    const rows = [...(disk.records.get('audit')?.values() ?? [])].map(({ value }) => value);
    expect(rows.find(({ op }) => op === 'startGroup')).toMatchObject({
      ...{ outcome: 'done', operator: 'the-operator', params: { meters: ['m1', 'm6'] } },
    });
    expect(rows.find(({ op }) => op === 'groupEnded')).toMatchObject({
      params: { group: 'G1', confirmed: ['m1'], public: ['m6'] },
    });
  });
});

describe('from every journal boundary', () => {
  it('each breaker is as ordered or as it was, and none is switched again after somebody has switched it otherwise', async () => {
    type Moment = { readonly disk: MemoryDisk; readonly siteMs: number };
    const moments: Moment[] = [];
    class Remembering extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        const copy = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
        moments.push({ disk: copy, siteMs: batch.atMs });
        return head;
      }
    }
    const disk = new MemoryDisk();
    const { running, fleet } = await begin(new Remembering(disk), disk);
    const from = moments.length;
    await one(running, 'm1', 'forceClose');
    fleet.silent.add('m2');
    await order(running, 'forceTrip');
    await one(running, 'm3', 'forceClose');
    await fleet.second(running);
    await running.pass(6 * MINUTE);
    await running.do('cancelGroup', { group: 'G1', reason: 'r' }, 'c');
    await fleet.second(running);
    expect(await states(running)).toMatchObject({ m1: 'confirmed', m2: 'cancelled', m3: 'replaced' });
    const torn = moments.slice(from).map(({ disk: whole, ...rest }): Moment => {
      // A commit may also end between the order and what its meters did.
      const entries = whole.entries.map((entry, n) =>
        n < whole.entries.length - 1
          ? entry
          : { ...entry, events: entry.events.filter(({ key }) => !key.startsWith('meter:')) },
      );
      return { disk: Object.assign(new MemoryDisk(), structuredClone({ ...whole }), { entries }), ...rest };
    });
    for (const [at, moment] of [...moments.slice(from), ...torn].entries()) {
      const clock = new Stepped();
      clock.siteMs = moment.siteMs;
      const again = await startCore(moment.disk, null, clock);
      const { jobs, taken } = again.core.groups.state;
      const job = jobs['G1'];
      const cancelled = job?.items.some(({ state }) => state === 'cancelling' || state === 'cancelled') ?? false;
      const otherwise = causes(again, 'm3').forcedClose?.reason === 'own';
      const after = new Fleet();
      await after.second(again, 3);
      const where = `moment ${at}`;
      expect([where, again.fatal]).toEqual([where, []]);
      if (taken === 0) expect([where, causes(again, 'm4')]).toEqual([where, {}]);
      else {
        const tripped = meters.filter((meter) => causes(again, meter).forcedTrip !== undefined);
        const left = [...(cancelled ? ['m2'] : []), ...(otherwise ? ['m3'] : [])];
        if (job) expect([where, tripped]).toEqual([where, meters.slice(0, 5).filter((one) => !left.includes(one))]);
        expect([where, again.core.groups.state.jobs]).toEqual([where, {}]);
        expect([where, tripped.filter((meter) => causes(again, meter).forcedClose)]).toEqual([where, []]);
      }
      const before = again.core.groups.state.seq;
      await after.second(again, 2);
      expect(again.core.groups.state.seq).toBe(before);
    }
  });
});

describe('any orders in any order', () => {
  const step = fc.record({
    what: fc.constantFrom('forceTrip', 'forceClose', 'release', 'keepPower', 'cancel', 'own', 'look'),
    of: fc.subarray(meters, { minLength: 1 }),
  });
  it('set no two forced causes at a meter, break no keep power, end, and say of each breaker what is so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 7 }), async (steps) => {
        const { running, fleet } = await begin();
        for (const [at, { what, of }] of steps.entries()) {
          const key = `k${at}`;
          if (what === 'look') await fleet.second(running);
          else if (what === 'own') await one(running, of[0] ?? 'm1', 'forceClose', key);
          else if (what === 'cancel') {
            const group = `G${running.core.groups.state.taken}`;
            await running.do('cancelGroup', { group, reason: 'r' }, key);
          } else await order(running, what as GroupAction, of, {}, key);
          for (const meter of meters) {
            const { forcedTrip, forcedClose, keepPower } = causes(running, meter);
            expect(forcedTrip && forcedClose).toBeFalsy();
            const tile = running.core.wall.tiles.get(`r${meter.slice(1)}`)?.electricity;
            if (keepPower) expect(tile?.wanted).toBe('closed');
          }
        }
        await fleet.second(running, 4);
        expect(running.core.groups.state.jobs).toEqual({});
        const last = new Map<string, number>();
        for (let n = 1; n <= running.core.groups.state.taken; n++)
          for (const [meter, state] of Object.entries(await states(running, `G${n}`)))
            if (state !== 'inHand') last.set(meter, n);
        for (const [meter, n] of last) {
          const of = await states(running, `G${n}`);
          const { action } = (await ask(running, 'getGroup', { group: `G${n}` })).group;
          const now = causes(running, meter);
          if (of[meter] === 'keepPower') expect(now.keepPower).toBeDefined();
          if (of[meter] === 'confirmed' && action === 'keepPower') expect(now.keepPower).toBeDefined();
          if (of[meter] === 'public') expect(now.forcedTrip).toBeUndefined();
        }
      }),
      { numRuns: 40 },
    );
  });
});
