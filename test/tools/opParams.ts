/** Something acceptable for each operation, about room `n` of `plainSite`. */
import type { OpName } from '../../protocol/ops.ts';
import { flatTariff, START_MS } from './siteInMemory.ts';

const MINUTE = 60_000;
const noDetails = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};

const meterSettings = (n: number) => ({
  ...{
    line: 'l1',
    unitId: 1,
    profile: 'acrel-ddsy1352',
    utility: 'electricity',
    room: `r${n}`,
    tariff: 't-electricity',
  },
});

export const paramsOf = (n: number): Readonly<Record<OpName, object>> => ({
  ...{ getLayout: {}, getLowMoney: {}, getAlarms: {}, getAlarmHistory: {}, getLines: {}, getSystem: {} },
  ...{ getOperators: {}, getRoom: { room: `r${n}` }, getTimeline: { room: `r${n}` }, getDayChart: { meter: `m${n}` } },
  ...{ getCharges: { wallet: `w${n}` }, getOrders: { wallet: `w${n}` } },
  recharge: { wallet: `w${n}`, amount: '1', channel: 'cash' },
  refund: { wallet: `w${n}`, amount: '1', channel: 'cash', note: 'n' },
  reverse: { order: 'R-none', note: 'n' },
  switchMeter: { meter: `m${n}`, action: 'forceTrip', reason: 'r' },
  readMeter: { meter: `m${n}` },
  resolveQuarantine: { meter: `m${n}`, action: 'discard', reason: 'r' },
  releaseInterlock: { reason: 'r' },
  acknowledgeAlarms: { ids: ['none'] },
  shelveAlarm: { alarm: 'none', reason: 'r', minutes: 5 },
  unshelveAlarm: { alarm: 'none' },
  ...{
    getAccounts: {},
    getAccount: { account: `a${n}` },
    getAccountOrders: { account: `a${n}` },
    getStatement: { wallet: `w${n}` },
  },
  ...{ getTariffs: {}, getTariffMeters: { tariff: 't-electricity' } },
  whatIf: { draft: flatTariff(), fromMs: START_MS, toMs: START_MS + MINUTE },
  saveTariff: { tariff: { ...flatTariff(), id: 'new' }, isNew: true },
  assignTariff: { tariff: 't-electricity', meters: [`m${n}`] },
  ...{
    getSetup: {},
    ...{ checkRows: { rows: [{}] }, importRows: { rows: [{}] } },
    saveBuilding: { building: 'C', isNew: true, name: 'C' },
    saveFloor: { floor: 'A2', isNew: true, building: 'A', name: '2' },
    saveRoom: { room: 'r9', isNew: true, floor: 'A1', name: 'Room 9' },
    removePlace: { kind: 'room', id: `r${n}` },
    saveLine: {
      line: 'l1',
      isNew: false,
      settings: { name: 'L', transport: { kind: 'tcp', host: '127.0.0.1', port: 5020 } },
    },
    testLine: { transport: { kind: 'serial', path: '/dev/null' } },
    saveMeter: { meter: `m${n}`, isNew: false, settings: meterSettings(n) },
  },
  saveAccount: {
    ...{ account: 'a9', isNew: true, name: 'New', details: noDetails },
    plan: { rooms: [`r${n}`], wallets: [{ id: 'w9' }], meters: [] },
  },
  openAccount: { account: `a${n}` },
  addMeters: { account: `a${n}`, rooms: [`r${n}`], meters: [] },
  closeAccount: { account: `a${n}` },
  typeBaseline: { account: `a${n}`, meter: `m${n}`, reading: '1', reason: 'r' },
  settleAccount: { account: `a${n}`, channel: 'cash' },
  receiveDeposit: { account: `a${n}`, amount: '1', channel: 'cash' },
  returnDeposit: { account: `a${n}`, amount: '1', channel: 'cash', note: 'n' },
  ...{ getNotices: {}, getOutbox: {}, getDeadNotices: {}, getNoticeSettings: {} },
  sendNoticeAgain: { notice: 'test-1-1' },
  testNotice: { channel: 'email', address: 'a@example.com', language: 'en' },
  setNoticeText: { kind: 'test', language: 'en', subject: 's', text: '{site}' },
  resetNoticeText: { kind: 'test', language: 'en' },
  setNoticeRules: { rules: {} },
  setDutyRoster: { duty: {} },
  setAccountNotices: { account: `a${n}`, notices: {} },
  getAccountNotices: { account: `a${n}` },
  addPushSubscription: { endpoint: 'https://push.example.com/1', p256dh: 'p'.repeat(87), auth: 'a'.repeat(22) },
  removePushSubscription: { endpoint: 'https://push.example.com/1' },
  addOperator: { name: 'new', displayName: 'New', role: 'viewer', passwordHash: 'scrypt$1' },
});
