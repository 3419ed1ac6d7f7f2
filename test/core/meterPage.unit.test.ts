/** Meters without a room: what their page shows, what happens to them, and who limited to buildings may look and do. */
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome, OpResult, QueryName } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const refused = (outcome: OpOutcome): string | null => (outcome.ok ? null : outcome.refusal);
let keys = 0;
const admin = (site: Running, op: OpName, params: object): Promise<OpOutcome> =>
  site.do(op, params, `k${(keys += 1)}`, 'administrator');
async function look<Q extends QueryName>(site: Running, op: Q, params: object): Promise<OpResult<Q>> {
  const outcome = await admin(site, op, params);
  if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal}`);
  return outcome.result as OpResult<Q>;
}
const kinds = async (site: Running, meter: string): Promise<string[]> =>
  (await look(site, 'getMeterTimeline', { meter })).items.map(({ kind }) => kind);

/**
 * Room 1 in A on line l1, room 2 in B on line l2. `mainA` has room 1 behind it by way of `mid`, `top` has all, `lamp`
 * (public) hangs alone on l2, and `far` alone on a line without rooms.
 */
function house(): SiteFileInput {
  const site = plainSite(2);
  const [one, two] = site.meters;
  const [line] = site.lines;
  if (!one || !two || !line) throw new Error('a plain site has these');
  const room = (n: number) => ({ id: `r${n}`, name: `Room ${n}` });
  const { room: _room, ...bare } = one;
  const main = { ...bare, role: 'main' as const, rating: 100_000 };
  const lines = [2, 3].map((n) => ({
    ...{ ...line, id: `l${n}` },
    transport: { kind: 'tcp' as const, host: '127.0.0.1', port: 5020 + n },
  }));
  return {
    ...site,
    buildings: ['A', 'B'].map((id, n) => ({
      ...{ id, name: id, floors: [{ id: `${id}1`, name: '1', rooms: [room(n + 1)] }] },
    })),
    lines: [line, ...lines],
    meters: [
      { ...one, upstream: 'mid' },
      { ...two, line: 'l2', upstream: 'top' },
      { ...main, id: 'mid', unitId: 100, upstream: 'mainA' },
      { ...main, id: 'mainA', unitId: 101, upstream: 'top' },
      { ...main, id: 'top', unitId: 102 },
      { ...bare, id: 'lamp', line: 'l2', unitId: 103, role: 'public' },
      { ...main, id: 'far', line: 'l3', unitId: 104 },
    ],
  };
}
async function started(): Promise<Running> {
  return startCore(new MemoryDisk(), house());
}

describe('the page of a meter without a room', () => {
  it('shows its place among others, its values and its last readings, newest first', async () => {
    const site = await started();
    await site.read('mainA', 5_000, { watts: 1_200 });
    await site.pass(20 * MINUTE);
    await site.read('mainA', 6_500, { watts: 1_300 });
    const page = await look(site, 'getMeter', { meter: 'mainA' });
    expect(page).toMatchObject({ lineName: 'Line 1', upstream: 'top', behind: 1 });
    expect(page.meter).toMatchObject({
      id: 'mainA',
      room: null,
      role: 'main',
      wallet: null,
      index: 6_500,
      watts: 1_300,
    });
    expect(page.readings.map(({ index }) => index)).toEqual([6_500, 5_000]);
    expect(page.readings[1]?.atMs).toBe(START_MS);
    expect(page.use.today).toBe(1_500);
  });

  it('shows what a public meter used and charged the owner', async () => {
    const site = await started();
    await site.read('lamp', 100);
    await site.pass(MINUTE);
    await site.read('lamp', 350);
    const page = await look(site, 'getMeter', { meter: 'lamp' });
    expect(page.use).toEqual({ today: 250, sinceMs: null });
    expect(page.meter.wallet).not.toBeNull();
    expect(page.readings[0]?.index).toBe(350);
    expect(refused(await admin(site, 'getMeter', { meter: 'none' }))).toBe('notFound');
  });

  it('tells what happened to it: forced, kept, tagged by its line, swapped, put right', async () => {
    const site = await started();
    await site.read('lamp', 100);
    for (const action of ['forceTrip', 'release', 'keepPower'] as const) {
      await site.pass(MINUTE);
      expect(await admin(site, 'switchMeter', { meter: 'lamp', action, reason: 'r' })).toMatchObject({ ok: true });
    }
    expect((await look(site, 'getMeter', { meter: 'lamp' })).meter).toMatchObject({
      wanted: 'closed',
      cause: 'keepPower',
    });
    await admin(site, 'hangTag', { line: 'l2', holder: 'Li', phone: '13800001000', reason: 'r' });
    expect((await look(site, 'getMeter', { meter: 'lamp' })).meter.wanted).toBe('open');
    await site.pass(20 * MINUTE);
    const swap = { last: '0.2', first: '5', unitId: 110, profile: 'acrel-ddsy1352', ct: 1, pt: 1, reason: 'r' };
    expect(await admin(site, 'swapMeter', { meter: 'lamp', ...swap })).toMatchObject({ ok: true });
    const told = await kinds(site, 'lamp');
    expect(told).toEqual(expect.arrayContaining(['Switched', 'TagHung', 'MeterSwapped']));
    expect(told.filter((kind) => kind === 'Switched')).toHaveLength(3);
    // Rooms are told of the tag as before, and nothing of the lamp.
    const room = await look(site, 'getTimeline', { room: 'r2' });
    expect(room.items.map(({ kind }) => kind)).toEqual(['TagHung']);
  });

  it('gets other transformers at a main meter, and its doubtful reading is put right', async () => {
    const site = await started();
    await site.read('mainA', 5_000);
    const change = { reading: '5', ct: 4, pt: 1, reason: 'r' };
    expect(await admin(site, 'changeMultiplier', { meter: 'mainA', ...change })).toMatchObject({ ok: true });
    expect((await look(site, 'getMeter', { meter: 'mainA' })).meter.multiplier).toBe(4);
    for (let i = 0; i < 4; i++) await site.read('mainA', 1);
    expect((await look(site, 'getMeter', { meter: 'mainA' })).meter.quarantine).not.toBeNull();
    const right = { meter: 'mainA', action: 'discard', reason: 'r' };
    expect(await admin(site, 'resolveQuarantine', right)).toMatchObject({ ok: true });
    expect(await kinds(site, 'mainA')).toEqual(
      expect.arrayContaining(['MultiplierChanged', 'ReadingQuarantined', 'QuarantineResolved']),
    );
  });
});

describe('a meter without a room, for people limited to buildings', () => {
  const may = async (building: string, op: OpName, params: object): Promise<string | null> => {
    const site = await started();
    const who: Who = { operator: 'olga', role: 'operator', buildings: [building], provedAgoMs: 0 };
    const outcome = site.intake.do(who, op, params, 'k');
    await site.settle();
    return refused(await outcome);
  };
  // By hand: who may look, and who may switch.
  const looks = { mid: 'A', mainA: 'A', top: 'AB', lamp: 'B', far: '' };
  const switches = { mid: 'A', mainA: 'A', top: '', lamp: 'B', far: '' };

  it('lies where the rooms behind it are, else those of its line; a change must lie within whole', async () => {
    for (const building of ['A', 'B'])
      for (const meter of ['mid', 'mainA', 'top', 'lamp', 'far'] as const) {
        for (const op of ['getMeter', 'getMeterTimeline', 'getDayChart', 'getParameters'] as const)
          expect([building, op, meter, await may(building, op, { meter })]).toEqual([
            ...[building, op, meter],
            looks[meter].includes(building) ? null : 'outOfScope',
          ]);
        const params = { meter, action: 'forceClose', reason: 'r' };
        const outside = (await may(building, 'switchMeter', params)) === 'outOfScope';
        expect([building, meter, outside]).toEqual([building, meter, !switches[meter].includes(building)]);
      }
  });

  it('stands in the lists of those who may look at it', async () => {
    const site = await started();
    const seen = async (building: string): Promise<string[]> => {
      const who: Who = { operator: 'olga', role: 'operator', buildings: [building], provedAgoMs: 0 };
      const outcome = site.intake.do(who, 'getMeterUse', {}, '');
      await site.settle();
      const answer = await outcome;
      return answer.ok ? (answer.result as OpResult<'getMeterUse'>).items.map(({ meter }) => meter).sort() : [];
    };
    expect(await seen('A')).toEqual(['m1', 'mainA', 'mid', 'top']);
    expect(await seen('B')).toEqual(['lamp', 'm2', 'top']);
  });
});
