/** Every role × every operation, and what people limited to buildings may see and do, against a matrix written by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import { ops, type OpName, type OpOutcome, type OpResult, type QueryName } from '../../protocol/ops.ts';
import { roles, type Role, type SiteFileInput } from '../../protocol/site.ts';
import { targetsOf } from '../../server/domain/scope.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';
import { letters, matrix } from './roleMatrix.ts';

const names = Object.keys(ops) as OpName[];
const refused = (outcome: OpOutcome): string | null => (outcome.ok ? null : outcome.refusal);

/** Room 1 in building A, room 2 in building B, each with its own line, meter, wallet and account. */
function twoBuildings(): SiteFileInput {
  const site = plainSite(2);
  const [a] = site.buildings;
  const [first, second] = site.meters;
  const [line] = site.lines;
  if (!a || !first || !second || !line) throw new Error('a plain site has these');
  const room = (n: number) => ({ id: `r${n}`, name: `Room ${n}` });
  return {
    ...site,
    buildings: [
      { id: 'A', name: 'A', floors: [{ id: 'A1', name: '1', rooms: [room(1)] }] },
      { id: 'B', name: 'B', floors: [{ id: 'B1', name: '1', rooms: [room(2)] }] },
    ],
    lines: [line, { ...line, id: 'l2', transport: { kind: 'tcp', host: '127.0.0.1', port: 5021 } }],
    meters: [first, { ...second, line: 'l2' }],
    accounts: site.accounts.map((account) => ({ ...account, phone: '13800001000' })),
  };
}
const limited = (role: Role, buildings: string[]): Who => ({
  ...{ operator: `limited-${role}`, role, buildings, provedAgoMs: 0 },
});
async function doAs(site: Running, who: Who, op: OpName, params: object, key: string): Promise<OpOutcome> {
  const outcome = site.intake.do(who, op, params, key);
  await site.settle();
  return outcome;
}

/** All that was written but the log of attempts, which holds what was refused too. */
const effects = (disk: MemoryDisk): number =>
  disk.entries.flatMap(({ events }) => events).filter(({ key }) => key !== 'audit:site').length +
  [...disk.records].reduce((sum, [kind, records]) => (kind === 'audit' ? sum : sum + records.size), 0);

describe('roles', () => {
  async function may(role: Role, order: readonly OpName[]): Promise<void> {
    const params = paramsOf(1);
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    for (const op of order) {
      const number = effects(disk);
      const outcome = await site.do(op, params[op], `${role}-${op}`, role);
      const forbidden = refused(outcome) === 'forbidden';
      expect([role, op, forbidden]).toEqual([role, op, !matrix[op][0].includes(letters[role])]);
      if (forbidden || ops[op].kind === 'query') expect([op, effects(disk)]).toEqual([op, number]);
    }
  }

  it('may what the matrix says, for every operation, and what is forbidden changes nothing', async () => {
    for (const role of roles) await may(role, names);
  });

  it('may so in any order of the operations', async () => {
    const order = fc.shuffledSubarray(names, { minLength: names.length });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...roles), order, may), { numRuns: 30 });
  });

  it('give the password again for what the matrix says, once five minutes have passed', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const params = paramsOf(1);
    for (const op of names) {
      const asked = matrix[op][2];
      for (const provedAgoMs of [undefined, 5 * 60_000 + 1]) {
        const who: Who = {
          ...{ operator: 'anna', role: 'administrator' },
          ...(provedAgoMs === undefined ? {} : { provedAgoMs }),
        };
        const number = effects(disk);
        const outcome = await doAs(site, who, op, params[op], `late-${op}-${provedAgoMs}`);
        expect([op, refused(outcome) === 'proofNeeded']).toEqual([op, asked]);
        if (asked) expect(effects(disk)).toBe(number);
      }
      const now: Who = { operator: 'anna', role: 'administrator', provedAgoMs: 5 * 60_000 };
      expect(refused(await doAs(site, now, op, params[op], `now-${op}`))).not.toBe('proofNeeded');
    }
  });

  it('repeat an operation under the same id after the password was given: it is done once', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const body = { wallet: 'w1', amount: '20', channel: 'cash', note: 'n' };
    const who: Who = { operator: 'olga', role: 'operator' };
    expect(refused(await doAs(site, who, 'refund', body, 'k'))).toBe('proofNeeded');
    for (let i = 0; i < 3; i++)
      expect(refused(await doAs(site, { ...who, provedAgoMs: 10 }, 'refund', body, 'k'))).toBeNull();
    expect(site.core.wallets.get('w1')?.state.balanceMicro).toBe(80_000_000);
  });
});

/** Their parameters name something that is not there: what is changed has to be known to lie within. */
const unknownTargets: readonly OpName[] = [
  ...([
    'reverse',
    'payOutRefund',
    'cancelRefund',
    'getReceipt',
    'printReceipt',
    'returnSuspense',
    'shelveAlarm',
    'unshelveAlarm',
    'acknowledgeAlarms',
    'sendNoticeAgain',
  ] as const),
  ...(['getEmergency', 'cancelEmergency', 'restoreEmergency', 'liftTag', 'getGroup', 'cancelGroup'] as const),
];
/** Things of the site in whose parameters building A is named whatever the room. */
const ofBuildingA: readonly OpName[] = ['saveFloor', 'saveRoom', 'saveLine', 'saveMeter', 'saveBuilding'];

/** An alarm of each room. */
async function alarmed(site: Running): Promise<void> {
  for (const meter of ['m1', 'm2']) await site.read(meter, 1_000, { batteryLow: true });
}

describe('people limited to buildings', () => {
  it('do nothing elsewhere and all their role may within, operation by operation', async () => {
    for (const op of names) {
      const disk = new MemoryDisk();
      const site = await startCore(disk, twoBuildings());
      const [who, scope] = matrix[op];
      const role = roles.find((each) => who.includes(letters[each]));
      if (role === undefined) throw new Error(`nobody may ${op}`);
      const number = effects(disk);
      const elsewhere = await doAs(site, limited(role, ['B']), op, paramsOf(1)[op], 'elsewhere');
      const expected = scope === 'site' || scope === 'place';
      expect([op, refused(elsewhere) === 'outOfScope']).toEqual([op, expected]);
      if (expected) expect(effects(disk)).toBe(number);
      if (ofBuildingA.includes(op)) continue;
      const within = await doAs(site, limited(role, ['B']), op, paramsOf(2)[op], 'within');
      const stays = scope === 'site' || unknownTargets.includes(op);
      expect([op, refused(within) === 'outOfScope']).toEqual([op, stays]);
      expect([op, refused(within) === 'forbidden']).toEqual([op, false]);
    }
  });

  it('reverse orders and answer alarms of their buildings only', async () => {
    const site = await startCore(new MemoryDisk(), twoBuildings());
    const order = async (n: number): Promise<string> => {
      const paid = await site.do('recharge', { wallet: `w${n}`, amount: '5', channel: 'cash' }, `pay-${n}`);
      return paid.ok ? (paid.result as { id: string }).id : 'refused';
    };
    const [inA, inB] = [await order(1), await order(2)];
    const who = limited('operator', ['B']);
    expect(refused(await doAs(site, who, 'reverse', { order: inA, note: 'n' }, 'a'))).toBe('outOfScope');
    expect(refused(await doAs(site, who, 'reverse', { order: inB, note: 'n' }, 'b'))).toBeNull();

    await alarmed(site);
    const alarms = Object.values(site.core.alarms.alarms);
    const of = (room: string): string => alarms.find((alarm) => alarm.room === room)?.id ?? 'none';
    expect(refused(await doAs(site, who, 'acknowledgeAlarms', { ids: [of('r1')] }, 'c'))).toBe('outOfScope');
    expect(refused(await doAs(site, who, 'acknowledgeAlarms', { ids: [of('r2'), of('r1')] }, 'd'))).toBe('outOfScope');
    expect(refused(await doAs(site, who, 'acknowledgeAlarms', { ids: [of('r2')] }, 'e'))).toBeNull();
  });

  it('see lists without what lies elsewhere', async () => {
    const site = await startCore(new MemoryDisk(), twoBuildings());
    await alarmed(site);
    await site.do('refund', { wallet: 'w1', amount: '95', channel: 'cash', note: 'n' }, 'low-1');
    await site.do('refund', { wallet: 'w2', amount: '95', channel: 'cash', note: 'n' }, 'low-2');
    site.core.notices.channels = new Set(['sms']);
    await site.do('setNoticeRules', { rules: { channels: { rechargeArrived: ['sms'] } } }, 'rules', 'manager');
    for (const n of [1, 2]) await site.do('recharge', { wallet: `w${n}`, amount: '1', channel: 'cash' }, `in-${n}`);
    const look = async <Q extends QueryName>(op: Q, buildings: string[]): Promise<OpResult<Q>> => {
      const outcome = await doAs(site, limited('operator', buildings), op, paramsOf(1)[op], '');
      if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal}`);
      return outcome.result as OpResult<Q>;
    };
    const seen = async (buildings: string[]) => ({
      layout: (await look('getLayout', buildings)).buildings.map(({ id }) => id),
      accounts: (await look('getAccounts', buildings)).items.map(({ id }) => id),
      total: (await look('getAccounts', buildings)).total,
      low: (await look('getLowMoney', buildings)).items.map(({ wallet }) => wallet.id),
      alarms: [...new Set((await look('getAlarms', buildings)).alarms.map(({ room }) => room))].sort(),
      history: [...new Set((await look('getAlarmHistory', buildings)).items.map(({ room }) => room))].sort(),
      notices: [...new Set((await look('getNotices', buildings)).items.map(({ account }) => account))].sort(),
      meters: (await look('getTariffMeters', buildings)).items.map(({ meter }) => meter),
      ledger: (await look('getSystem', buildings)).ledger.accounts,
    });
    const one = (n: number, building: string) => ({
      ...{ layout: [building], accounts: [`a${n}`], total: 1, low: [`w${n}`], meters: [`m${n}`], ledger: [] },
      ...{ alarms: [`r${n}`], history: [`r${n}`], notices: [`a${n}`] },
    });
    expect(await seen(['A'])).toEqual(one(1, 'A'));
    expect(await seen(['B'])).toEqual(one(2, 'B'));
    expect((await seen(['A', 'B'])).accounts).toEqual(['a1', 'a2']);
  });

  it('see no calls to the people on duty for alarms elsewhere', async () => {
    const site = await startCore(new MemoryDisk(), twoBuildings());
    await alarmed(site);
    const call = { kind: 'batteryLow', sinceMs: 1, step: 1, person: null, calledMs: 1, nextMs: null } as const;
    const calls = Object.values(site.core.alarms.alarms).map(({ id, room }) => ({
      ...call,
      alarm: id,
      place: room ?? '',
    }));
    const state = { calls: Object.fromEntries(calls.map((one) => [one.alarm, one])) };
    site.core.notices.load('duty:site', state);
    const places = async (buildings: string[]): Promise<string[]> => {
      const outcome = await doAs(site, limited('operator', buildings), 'getNoticeSettings', {}, '');
      return outcome.ok
        ? (outcome.result as OpResult<'getNoticeSettings'>).calls.map(({ place }) => place)
        : ['refused'];
    };
    expect(await places(['A'])).toEqual(['r1']);
    expect(await places(['B'])).toEqual(['r2']);
  });

  it('are judged by every id the parameters name, however deep', () => {
    expect(
      targetsOf('closeAccount', { account: 'a', handOverTo: { account: 'b', wallet: 'w' }, meters: ['m'] }),
    ).toEqual([
      { kind: 'account', id: 'a' },
      { kind: 'account', id: 'b' },
      { kind: 'wallet', id: 'w' },
      { kind: 'meter', id: 'm' },
    ]);
    expect(targetsOf('acknowledgeAlarms', { ids: ['x', 'y'] })).toEqual([
      { kind: 'alarm', id: 'x' },
      { kind: 'alarm', id: 'y' },
    ]);
  });
});
