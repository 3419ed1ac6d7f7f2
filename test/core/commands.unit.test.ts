/** Who may do what, an id that is used again, orders and their counter-entries, and commits that stay within their bounds. */
import { describe, expect, it } from 'vitest';
import { ops, type OpName, type OpOutcome } from '../../protocol/ops.ts';
import { roles, type Role } from '../../protocol/site.ts';
import { encodeBatch } from '../../server/store/encode.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, START_MS, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const balance = (site: Running): number => site.core.wallets.get('w1')?.state.balanceMicro ?? NaN;
const orderOf = (outcome: OpOutcome): string => (outcome.ok ? (outcome.result as { id: string }).id : 'refused');

const noDetails = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};

const meterSettings = {
  ...{ line: 'l1', unitId: 1, profile: 'acrel-ddsy1352', utility: 'electricity', room: 'r1', tariff: 't-electricity' },
};

/** Something acceptable for each operation on a site of one room. */
const params: Readonly<Record<OpName, object>> = {
  ...{ getLayout: {}, getLowMoney: {}, getAlarms: {}, getAlarmHistory: {}, getLines: {}, getSystem: {} },
  ...{ getOperators: {}, getRoom: { room: 'r1' }, getTimeline: { room: 'r1' }, getDayChart: { meter: 'm1' } },
  ...{ getCharges: { wallet: 'w1' }, getOrders: { wallet: 'w1' } },
  recharge: { wallet: 'w1', amount: '1', channel: 'cash' },
  refund: { wallet: 'w1', amount: '1', channel: 'cash', note: 'n' },
  reverse: { order: 'R-none', note: 'n' },
  switchMeter: { meter: 'm1', action: 'forceTrip', reason: 'r' },
  readMeter: { meter: 'm1' },
  resolveQuarantine: { meter: 'm1', action: 'discard', reason: 'r' },
  releaseInterlock: { reason: 'r' },
  acknowledgeAlarms: { ids: ['none'] },
  shelveAlarm: { alarm: 'none', reason: 'r', minutes: 5 },
  unshelveAlarm: { alarm: 'none' },
  ...{
    getAccounts: {},
    getAccount: { account: 'a1' },
    getAccountOrders: { account: 'a1' },
    getStatement: { wallet: 'w1' },
  },
  ...{ getTariffs: {}, getTariffMeters: { tariff: 't-electricity' } },
  whatIf: { draft: flatTariff(), fromMs: START_MS, toMs: START_MS + MINUTE },
  saveTariff: { tariff: { ...flatTariff(), id: 'new' }, isNew: true },
  assignTariff: { tariff: 't-electricity', meters: ['m1'] },
  getSetup: {},
  saveBuilding: { building: 'B', isNew: true, name: 'B' },
  saveFloor: { floor: 'A2', isNew: true, building: 'A', name: '2' },
  saveRoom: { room: 'r9', isNew: true, floor: 'A1', name: 'Room 9' },
  removePlace: { kind: 'room', id: 'r1' },
  saveLine: {
    line: 'l1',
    isNew: false,
    settings: { name: 'L', transport: { kind: 'tcp', host: '127.0.0.1', port: 5020 } },
  },
  testLine: { transport: { kind: 'serial', path: '/dev/null' } },
  saveMeter: { meter: 'm1', isNew: false, settings: meterSettings },
  saveAccount: { account: 'a9', isNew: true, name: 'New', details: noDetails },
  openAccount: { account: 'a1' },
  addMeters: { account: 'a1', rooms: ['r1'], meters: [] },
  closeAccount: { account: 'a1' },
  typeBaseline: { account: 'a1', meter: 'm1', reading: '1', reason: 'r' },
  settleAccount: { account: 'a1', channel: 'cash' },
  receiveDeposit: { account: 'a1', amount: '1', channel: 'cash' },
  returnDeposit: { account: 'a1', amount: '1', channel: 'cash', note: 'n' },
  ...{ getNotices: {}, getOutbox: {}, getDeadNotices: {}, getNoticeSettings: {} },
  sendNoticeAgain: { notice: 'test-1-1' },
  testNotice: { channel: 'email', address: 'a@example.com', language: 'en' },
  setNoticeText: { kind: 'test', language: 'en', subject: 's', text: '{site}' },
  resetNoticeText: { kind: 'test', language: 'en' },
  setNoticeRules: { rules: {} },
  setDutyRoster: { duty: {} },
  setAccountNotices: { account: 'a1', notices: {} },
  addPushSubscription: { endpoint: 'https://push.example.com/1', p256dh: 'p'.repeat(87), auth: 'a'.repeat(22) },
  removePushSubscription: { endpoint: 'https://push.example.com/1' },
  addOperator: { name: 'new', displayName: 'New', role: 'viewer', passwordHash: 'scrypt$1' },
};

describe('who may do what', () => {
  /** The table in words of its own: who may not, of those who are neither administrator nor manager. */
  const admins: readonly OpName[] = ['getOperators', 'addOperator'];
  const field: readonly OpName[] = ['switchMeter', 'readMeter', 'acknowledgeAlarms', 'shelveAlarm', 'unshelveAlarm'];
  const control: readonly OpName[] = ['resolveQuarantine', 'releaseInterlock'];
  const desk: readonly OpName[] = [
    ...(['recharge', 'refund', 'reverse', 'saveAccount', 'openAccount', 'addMeters', 'closeAccount'] as const),
    ...(['typeBaseline', 'settleAccount', 'receiveDeposit', 'returnDeposit'] as const),
    ...(['sendNoticeAgain', 'setAccountNotices'] as const),
  ];
  const inside: readonly OpName[] = ['getNoticeSettings', 'addPushSubscription', 'removePushSubscription'];
  const looking: readonly OpName[] = (Object.keys(ops) as OpName[]).filter(
    (op) => op.startsWith('get') && op !== 'getOperators',
  );
  const mine: Readonly<Record<Role, readonly OpName[]>> = {
    administrator: Object.keys(ops) as OpName[],
    manager: (Object.keys(ops) as OpName[]).filter((op) => !admins.includes(op)),
    cashier: [...looking, ...desk, ...inside],
    operator: [...looking, ...desk, ...inside, ...field, ...control],
    maintenance: [...looking, ...inside, ...field],
    auditor: [...looking, ...inside],
    viewer: looking.filter((op) => op !== 'getNoticeSettings'),
  };
  const expected = (role: Role, op: OpName): boolean => mine[role].includes(op);
  it('holds for every operation and role, and what is forbidden changes nothing', async () => {
    for (const role of roles) {
      const disk = new MemoryDisk();
      const site = await startCore(disk, plainSite(1));
      for (const op of Object.keys(ops) as OpName[]) {
        const { number } = disk.head;
        const outcome = await site.do(op, params[op], `${role}-${op}`, role);
        const forbidden = !outcome.ok && outcome.refusal === 'forbidden';
        expect([role, op, forbidden]).toEqual([role, op, !expected(role, op)]);
        if (forbidden || ops[op].kind === 'query') expect(disk.head.number).toBe(number);
      }
    }
  });

  it('a change without an id is refused', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    for (const op of Object.keys(ops) as OpName[]) {
      if (ops[op].kind === 'query') continue;
      const outcome = await site.intake.do({ operator: 'a', role: 'administrator' }, op, params[op], null);
      expect(outcome).toMatchObject({ ok: false, refusal: 'invalid' });
    }
  });
});

describe('the same id', () => {
  it('is one command for each of them, a hundred times at once and after a restart', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, plainSite(1));
    const paid = orderOf(await site.do('recharge', { wallet: 'w1', amount: '7', channel: 'card' }, 'first'));
    const commands: [OpName, object][] = [
      ['recharge', { wallet: 'w1', amount: '50', channel: 'cash' }],
      ['refund', { wallet: 'w1', amount: '20', channel: 'cash', note: 'n' }],
      ['reverse', { order: paid, note: 'wrong room' }],
      ['switchMeter', { meter: 'm1', action: 'hold', reason: 'talks' }],
    ];
    for (const [op, body] of commands) {
      const ask = (): Promise<OpOutcome> => site.intake.do({ operator: 'o', role: 'operator' }, op, body, `id-${op}`);
      const outcomes = await Promise.all(Array.from({ length: 100 }, ask));
      site = await startCore(disk, null, site.clock);
      outcomes.push(...(await Promise.all(Array.from({ length: 100 }, ask))));
      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
      expect(outcomes[0]).toMatchObject({ ok: true });
    }
    expect(balance(site)).toBe(130_000_000);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
  });

  it('of another operator is another command; with another body or operation it is a conflict', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const body = { wallet: 'w1', amount: '5', channel: 'cash' };
    await site.intake.do({ operator: 'a', role: 'operator' }, 'recharge', body, 'k');
    await site.intake.do({ operator: 'b', role: 'operator' }, 'recharge', body, 'k');
    expect(balance(site)).toBe(110_000_000);
    const both = await Promise.all([
      site.intake.do({ operator: 'a', role: 'operator' }, 'recharge', { ...body, amount: '6' }, 'k'),
      site.intake.do({ operator: 'a', role: 'operator' }, 'refund', { ...body, note: 'n' }, 'k'),
    ]);
    for (const outcome of both) expect(outcome).toMatchObject({ ok: false, refusal: 'conflict' });
    expect(balance(site)).toBe(110_000_000);
  });

  it('whose command was refused changed nothing, and may be used again', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '5'));
    const refund = { wallet: 'w1', amount: '6', channel: 'cash', note: 'n' };
    expect(await site.do('refund', refund, 'k')).toMatchObject({ ok: false, refusal: 'insufficientBalance' });
    await site.do('recharge', { wallet: 'w1', amount: '1', channel: 'cash' }, 'r');
    expect(await site.do('refund', refund, 'k')).toMatchObject({ ok: true });
    expect(balance(site)).toBe(0);
  });
});

describe('counter-entries', () => {
  it('take an order back once, in both directions, and none takes back another', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const paid = orderOf(await site.do('recharge', { wallet: 'w1', amount: '30', channel: 'card' }, 'a'));
    const returned = orderOf(
      await site.do('refund', { wallet: 'w1', amount: '10', channel: 'transfer', note: 'n' }, 'b'),
    );
    const back = orderOf(await site.do('reverse', { order: paid, note: 'n' }, 'c'));
    expect(balance(site)).toBe(90_000_000);
    const again = orderOf(await site.do('reverse', { order: returned, note: 'n' }, 'd'));
    expect(balance(site)).toBe(100_000_000);
    for (const [order, counter] of [
      [paid, back],
      [returned, again],
    ] as const) {
      expect(disk.records.get('order')?.get(order)?.value.reversedBy).toBe(counter);
      expect(disk.records.get('order')?.get(counter)?.value.reverses).toBe(order);
      expect(await site.do('reverse', { order, note: 'n' }, `x${order}`)).toMatchObject({ refusal: 'alreadyReversed' });
      expect(await site.do('reverse', { order: counter, note: 'n' }, `y${order}`)).toMatchObject({
        refusal: 'invalid',
      });
    }
    for (const account of ['cash:card', 'cash:transfer']) expect(site.core.ledger.ledger.balance(account)).toBe(0);
  });

  it('are entries of their own in the room’s timeline, also in one millisecond', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await Promise.all(
      ['1', '2', '3'].map((amount) => site.do('recharge', { wallet: 'w1', amount, channel: 'cash' }, amount)),
    );
    const outcome = await site.do('getTimeline', { room: 'r1' }, '', 'viewer');
    const items = outcome.ok ? (outcome.result as { items: { kind: string; detail: object }[] }).items : [];
    expect(items.filter(({ kind }) => kind === 'Recharged')).toHaveLength(3);
  });
});

describe('a commit', () => {
  /** Refuses what the real adapters would refuse. */
  class BoundedStore extends MemoryStore {
    override async commit(batch: Batch): Promise<Head> {
      encodeBatch(batch);
      return super.commit(batch);
    }
  }
  it('holds as many acknowledgements as one request may name', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1), new Stepped(), new BoundedStore(disk));
    const ids: string[] = [];
    const most = 300;
    for (let n = 0; n < most; n++) {
      const subject = { room: 'r1', meter: `meter-with-a-long-name-${n}`, line: null };
      ids.push(`clockDrift:${subject.meter}`);
      site.core.send({
        to: 'alarms',
        message: { type: 'Raise', kind: 'clockDrift', subject, detail: { name: '东区配电房'.repeat(16) } },
      });
    }
    await site.settle();
    await site.pass(MINUTE);
    expect(await site.do('acknowledgeAlarms', { ids: [...ids, 'x'] }, 'a')).toMatchObject({ refusal: 'invalid' });
    expect(await site.do('acknowledgeAlarms', { ids }, 'b')).toMatchObject({
      ok: true,
      result: { acknowledged: most },
    });
    expect(site.fatal).toEqual([]);
  });
});
