/** Every role × every operation, and what people limited to buildings may see and do, against a matrix written by hand. */
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import { ops, type OpName, type OpOutcome, type OpResult, type QueryName } from '../../protocol/ops.ts';
import { roles, type Role, type SiteFileInput } from '../../protocol/site.ts';
import { targetsOf } from '../../server/domain/scope.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const letters: Readonly<Record<Role, string>> = {
  administrator: 'A',
  manager: 'M',
  cashier: 'C',
  operator: 'O',
  maintenance: 'T',
  auditor: 'U',
  viewer: 'V',
};
/**
 * place: within the buildings of what it names; site: never for people limited to buildings; filtered: others'
 * things are left out; open: it has to do with no building.
 */
type Scope = 'place' | 'site' | 'filtered' | 'open';
const row = (who: string, scope: Scope, proof = false): readonly [string, Scope, boolean] => [who, scope, proof];

/** Written by hand, apart from the table of operations. */
const matrix: Readonly<Record<OpName, readonly [string, Scope, boolean]>> = {
  ...{
    getLayout: row('AMCOTUV', 'filtered'),
    getLines: row('AMCOTUV', 'filtered'),
    getHome: row('AMCOTUV', 'filtered'),
    getSystem: row('AMCOTUV', 'filtered'),
    getRoom: row('AMCOTUV', 'place'),
    findMeters: row('AMCOTUV', 'filtered'),
    getTimeline: row('AMCOTUV', 'place'),
    getDayChart: row('AMCOTUV', 'place'),
    switchMeter: row('AMOT', 'place'),
    readMeter: row('AMOT', 'place'),
    getQuarantined: row('AMCOTUV', 'filtered'),
    resolveQuarantine: row('AMO', 'place'),
    getInterlock: row('AMCOTUV', 'filtered'),
    releaseInterlock: row('AMO', 'site', true),
  },
  ...{
    getAccounts: row('AMCOTUV', 'filtered'),
    getOwnerWallets: row('AMCOTUV', 'filtered'),
    getAccount: row('AMCOTUV', 'place'),
    getStatementTotals: row('AMCOTUV', 'place'),
    getStatement: row('AMCOTUV', 'place'),
    getAccountOrders: row('AMCOTUV', 'place'),
    saveAccount: row('AMCO', 'place'),
    openAccount: row('AMCO', 'place'),
    addMeters: row('AMCO', 'place'),
    previewClosing: row('AMCO', 'place'),
    closeAccount: row('AMCO', 'place', true),
    handOver: row('AMCO', 'place', true),
    typeBaseline: row('AMCO', 'place'),
    settleAccount: row('AMCO', 'place', true),
    receiveDeposit: row('AMCO', 'place'),
    returnDeposit: row('AMCO', 'place', true),
    getAllowances: row('AMCOTUV', 'filtered'),
    giveAllowance: row('AM', 'place'),
    endAllowance: row('AM', 'place'),
    addWallet: row('AMCO', 'place'),
    renameWallet: row('AMCO', 'place'),
    moveMeters: row('AMCO', 'place'),
    transferMoney: row('AMCO', 'place'),
  },
  ...{
    checkOpenings: row('AMCO', 'place'),
    openAccounts: row('AMCO', 'place'),
    cancelOpenings: row('AMCO', 'site'),
    getOpenings: row('AMCOTUV', 'filtered'),
    stageTakeover: row('AM', 'site'),
    checkTakeover: row('AM', 'site'),
    signTakeover: row('AM', 'site', true),
    getTakeovers: row('AM', 'site'),
    getTakeoverSheet: row('AM', 'site'),
    getTariffs: row('AMCOTUV', 'open'),
    getTariffMeters: row('AMCOTUV', 'filtered'),
    whatIf: row('AM', 'site'),
    getTariffHistory: row('AMU', 'site'),
    saveTariff: row('AM', 'site'),
    assignTariff: row('AM', 'place'),
  },
  ...{
    getCharges: row('AMCOTUV', 'place'),
    getOrders: row('AMCOTUV', 'place'),
    getLowMoney: row('AMCOTUV', 'filtered'),
    getMeterMoney: row('AMCOTUV', 'filtered'),
    checkOwnMoney: row('AMCOTUV', 'place'),
    prepareMeterSwap: row('A', 'place'),
    resolveMeterMoney: row('AMO', 'place', true),
    recharge: row('AMCO', 'place'),
    refund: row('AMCO', 'place', true),
    payOutRefund: row('AMCO', 'place', true),
    cancelRefund: row('AMCO', 'place'),
    readWallet: row('AMCOT', 'place'),
    reverse: row('AMCO', 'place', true),
    getSiteOrders: row('AMCOTUV', 'filtered'),
    getOrderTotals: row('AMCOTUV', 'filtered'),
    receiveSuspense: row('AMCO', 'site'),
    assignSuspense: row('AMCO', 'place'),
    returnSuspense: row('AMCO', 'place', true),
    getSellingRules: row('AMCOTUV', 'open'),
    setSellingRules: row('AM', 'site'),
    getReceipt: row('AMCOTUV', 'place'),
    printReceipt: row('AMCO', 'place'),
    setThresholds: row('AMCO', 'place'),
    grantTemporaryPower: row('AMO', 'place'),
    endTemporaryPower: row('AMO', 'place'),
  },
  ...{
    getExplanation: row('AMCOTUV', 'place'),
    getExplanationLinks: row('AMCO', 'place'),
    giveExplanationLink: row('AMCO', 'place'),
    revokeExplanationLink: row('AMCO', 'place'),
  },
  ...{
    previewEmergency: row('AMO', 'place'),
    getEmergencies: row('AMCOTUV', 'filtered'),
    getEmergencyHistory: row('AMCOTUV', 'filtered'),
    getEmergency: row('AMCOTUV', 'place'),
    startEmergency: row('AMO', 'place', true),
    cancelEmergency: row('AMO', 'place'),
    restoreEmergency: row('AMO', 'place', true),
    setSafetyRules: row('AM', 'site'),
    getSiteRules: row('AMCOTUV', 'open'),
    setSiteRules: row('AM', 'site', true),
    setArrearsCut: row('AM', 'place'),
    previewGroup: row('AMO', 'place'),
    getGroups: row('AMCOTUV', 'filtered'),
    getGroupHistory: row('AMCOTUV', 'filtered'),
    getGroup: row('AMCOTUV', 'place'),
    startGroup: row('AMO', 'place', true),
    cancelGroup: row('AMO', 'place'),
    getTags: row('AMCOTUV', 'filtered'),
    getMeterUse: row('AMCOTUV', 'filtered'),
    getRisers: row('AMCOTUV', 'filtered'),
    saveRiser: row('A', 'site'),
    removeRiser: row('A', 'site'),
    previewTag: row('AMOT', 'place'),
    hangTag: row('AMOT', 'place'),
    liftTag: row('AMOT', 'place'),
    keepRoomPower: row('AMO', 'place'),
    selectMeter: row('AMOT', 'place'),
  },
  ...{
    startScan: row('AMT', 'place'),
    stopScan: row('AMT', 'place'),
    getScan: row('AMCOTUV', 'place'),
    readLine: row('AMOT', 'place'),
    getControlPlans: row('AMCOTUV', 'open'),
    getControlMeters: row('AMCOTUV', 'filtered'),
    saveControlPlan: row('AM', 'site', true),
    assignControlPlan: row('AM', 'place', true),
    getParameters: row('AMCOTUV', 'place'),
    readParameters: row('AMOT', 'place'),
    writeParameters: row('AMT', 'place', true),
    cancelParameters: row('AMT', 'place'),
  },
  ...{
    getAlarms: row('AMCOTUV', 'filtered'),
    getAlarmHistory: row('AMCOTUV', 'filtered'),
    acknowledgeAlarms: row('AMOT', 'place'),
    shelveAlarm: row('AMOT', 'place'),
    unshelveAlarm: row('AMOT', 'place'),
  },
  ...{
    getNotices: row('AMCOTUV', 'filtered'),
    getOutbox: row('AMCOTUV', 'filtered'),
    getDeadNotices: row('AMCOTUV', 'filtered'),
    sendNoticeAgain: row('AMCO', 'place'),
    testNotice: row('AM', 'site'),
    getNoticeSettings: row('AMCOTU', 'filtered'),
    setNoticeText: row('AM', 'site'),
    resetNoticeText: row('AM', 'site'),
    setNoticeRules: row('AM', 'site'),
    setDutyRoster: row('AM', 'site'),
    setAccountNotices: row('AMCO', 'place'),
    getAccountNotices: row('AMCO', 'place'),
    addPushSubscription: row('AMCOTU', 'open'),
    removePushSubscription: row('AMCOTU', 'open'),
  },
  ...{
    getSetup: row('AMCOTUV', 'site'),
    saveBuilding: row('A', 'place'),
    saveFloor: row('A', 'place'),
    saveRoom: row('A', 'place'),
    removePlace: row('A', 'site'),
    saveLine: row('A', 'place'),
    testLine: row('A', 'site'),
    getIndexes: row('AMCOTUV', 'site'),
    getMeter: row('AMCOTUV', 'place'),
    getMeterTimeline: row('AMCOTUV', 'place'),
    swapMeter: row('A', 'place'),
    changeMultiplier: row('A', 'place'),
    stageRows: row('A', 'site'),
    checkRows: row('A', 'site'),
    cancelImport: row('A', 'site'),
    getImports: row('A', 'site'),
    importRows: row('A', 'site'),
    saveMeter: row('A', 'place'),
  },
  ...{
    getHandover: row('AMCOTU', 'site'),
    getHandovers: row('AMCOTU', 'site'),
    signHandover: row('AMO', 'site', true),
    takeHandover: row('AMO', 'site', true),
    withdrawHandover: row('AMO', 'site'),
    getApprovals: row('AMCOTU', 'filtered'),
    getApprovalHistory: row('AMCOTU', 'filtered'),
    approve: row('AMCOTU', 'open', true),
    reject: row('AMCOTU', 'open'),
    withdraw: row('AMCOTU', 'open'),
    setSecondPerson: row('A', 'site', true),
    getAudit: row('AMU', 'site'),
    exportAudit: row('AMU', 'site'),
    verifyAudit: row('AMU', 'site'),
    getOperators: row('AMU', 'site'),
    addOperator: row('A', 'site', true),
    inviteOperator: row('A', 'site', true),
    changeOperator: row('A', 'site', true),
    resetOperator: row('A', 'site', true),
    disableOperator: row('A', 'site', true),
    enableOperator: row('A', 'site', true),
    getSessions: row('AMCOTUV', 'open'),
    endSession: row('AMCOTUV', 'open', true),
    endSessions: row('AMCOTUV', 'open', true),
  },
};

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
  it('may what the matrix says, for every operation, and what is forbidden changes nothing', async () => {
    const params = paramsOf(1);
    for (const role of roles) {
      const disk = new MemoryDisk();
      const site = await startCore(disk, plainSite(1));
      for (const op of names) {
        const number = effects(disk);
        const outcome = await site.do(op, params[op], `${role}-${op}`, role);
        const forbidden = refused(outcome) === 'forbidden';
        expect([role, op, forbidden]).toEqual([role, op, !matrix[op][0].includes(letters[role])]);
        if (forbidden || ops[op].kind === 'query') expect(effects(disk)).toBe(number);
      }
    }
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
