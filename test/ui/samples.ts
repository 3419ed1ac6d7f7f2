/** Answers of the API for the made-up site: rooms, charges, orders, alarms, lines, system. */
import type { Charge, LineView, MeterView, OpResult, Order, RoomView, TimelineEntry } from '../../protocol/ops.ts';
import type { Alarm, Layout, Status, Tile } from '../../protocol/wall.ts';
import { NOW_MS, yuan } from './site.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const statusOf = (layout: Layout, change: Partial<Status> = {}): Status => {
  const rooms = layout.buildings.flatMap(({ floors }) => floors.flatMap((floor) => floor.rooms)).length;
  return {
    siteTimeMs: NOW_MS,
    speed: 1,
    core: true,
    money: 'ok',
    ledgerImbalanceMicro: 0,
    commitMs: 1.8,
    store: 'sqlite',
    flood: false,
    interlockHeld: 0,
    counts: { rooms, meters: rooms * 2, lines: 8, metersOnline: rooms * 2 - 3, linesUp: 7 },
    ...change,
  };
};

export const alarmOf = (seq: number, change: Partial<Alarm> & Pick<Alarm, 'kind' | 'priority'>): Alarm => ({
  id: `${change.kind}:${change.meter ?? change.line ?? change.room ?? seq}`,
  seq,
  room: null,
  meter: null,
  line: null,
  detail: {},
  active: true,
  sinceMs: NOW_MS - seq * 3 * MINUTE_MS,
  clearedMs: null,
  acknowledged: null,
  shelved: null,
  suppressedBy: null,
  carries: 0,
  ...change,
});

export const someAlarms = (): Alarm[] => [
  alarmOf(1, { kind: 'flowThroughOpen', priority: 1, room: 'A-0304', meter: 'e-A-0304', detail: { amps: 3.1 } }),
  alarmOf(2, {
    kind: 'lineDead',
    priority: 2,
    line: 'line-7',
    detail: { name: 'Shaft C-2', reason: 'refused' },
    carries: 28,
  }),
  alarmOf(3, { kind: 'quarantine', priority: 2, room: 'A-0207', meter: 'e-A-0207', detail: { why: 'backwards' } }),
  alarmOf(4, {
    kind: 'clockDrift',
    priority: 3,
    room: 'B-0105',
    meter: 'e-B-0105',
    detail: { seconds: 190 },
    acknowledged: { by: 'olga', atMs: NOW_MS - MINUTE_MS },
  }),
  alarmOf(5, {
    kind: 'batteryLow',
    priority: 3,
    room: 'B-0106',
    meter: 'w-B-0106',
    shelved: { by: 'olga', reason: 'Replacement ordered', untilMs: NOW_MS + 20 * HOUR_MS },
  }),
  alarmOf(6, {
    kind: 'meterSilent',
    priority: 2,
    room: 'A-0101',
    meter: 'e-A-0101',
    line: 'line-7',
    suppressedBy: 'lineDead:line-7',
  }),
];

export function meterOf(tile: Tile, utility: 'electricity' | 'water'): MeterView {
  const part = utility === 'electricity' ? tile.electricity : tile.water;
  if (part === null) throw new Error(`${tile.room} has no ${utility}`);
  const electric = utility === 'electricity';
  const { wanted, actual, cause, hold, mismatchSinceMs, link, lastReadingMs, today, todayMicro } = part;
  return {
    id: part.meter,
    tags: [],
    line: 'line-1',
    unitId: electric ? 12 : 112,
    profile: electric ? 'acrel-ddsy1352' : 'xintai-valve-water',
    number: electric ? numberOf(tile.room) : null,
    utility,
    room: tile.room,
    role: part.look === 'public' ? 'public' : 'tenant',
    ct: 1,
    pt: 1,
    multiplier: 1,
    wallet: tile.money?.wallet ?? null,
    tariff: electric ? 'shop-tou' : 'water',
    hasBreaker: part.look !== 'noRelay',
    index: electric ? 10_482_370 : 318_205,
    lastReadingMs,
    link,
    volts: electric && link === 'online' ? [229.8] : [],
    amps: electric && link === 'online' ? [part.actual === 'open' ? 0 : 8.41] : [],
    watts: electric ? part.rate : null,
    flow: electric ? null : part.rate,
    powerFactor: electric ? 0.97 : null,
    wanted,
    actual,
    cause,
    causes:
      cause === 'moneyExhausted'
        ? { moneyExhausted: { by: 'system', reason: 'balance ≤ 0', sinceMs: NOW_MS - HOUR_MS, untilMs: null } }
        : {},
    arrearsCut: part.look === 'breaker',
    hold,
    operatorHold: null,
    mismatchSinceMs,
    attempts: mismatchSinceMs === null ? 0 : 2,
    quarantine: part.quarantined
      ? { index: 10_069_770, lastGood: 10_482_370, why: 'backwards', sinceMs: NOW_MS - 9 * MINUTE_MS, waiting: true }
      : null,
    today,
    todayMicro,
    price: electric
      ? { band: 'peak', tier: 1, version: '2025-01', priceMicro: 1_006_200 }
      : { band: 'flat', tier: 1, version: '2024-07', priceMicro: 4_800_000 },
  };
}

/** As it is printed on the electricity meter of a room. */
export const numberOf = (room: string): string => `2025${room.charCodeAt(0)}00${room.slice(2)}`;

export function roomOf(layout: Layout, tile: Tile): RoomView {
  const building = layout.buildings.find(({ id }) => id === tile.building);
  const floor = building?.floors.find(({ rooms }) => rooms.some(({ id }) => id === tile.room));
  const room = floor?.rooms.find(({ id }) => id === tile.room);
  if (building === undefined || floor === undefined || room === undefined) throw new Error(`no room ${tile.room}`);
  const { money } = tile;
  return {
    id: tile.room,
    name: room.name,
    building: building.name,
    floor: floor.name,
    tenant: tile.tenant,
    tile,
    meters: [
      ...(tile.electricity ? [meterOf(tile, 'electricity')] : []),
      ...(tile.water ? [meterOf(tile, 'water')] : []),
    ],
    wallets:
      money === null
        ? []
        : [
            {
              ...{ id: money.wallet, name: '', purpose: 'use', settled: false, allowances: [] },
              ...{ payment: 'prepaid', unbilledMicro: 0 },
              account: `acc-${tile.room}`,
              holder: tile.tenant ?? '',
              balanceMicro: money.balanceMicro,
              overdraftMicro: 0,
              thresholdsMicro: [yuan(50), yuan(20), 0],
              level: money.level,
              exhausted: money.exhausted,
              warnedMs: money.level === 3 ? NOW_MS - HOUR_MS : null,
              hoursLeft: money.hoursLeft,
              missingMicro: money.exhausted ? Math.max(0, yuan(0.01) - money.balanceMicro) : 0,
              ...{ restoreAboveMicro: 0, ownRestore: false, siteRestoreMicro: 0 },
              temporary: null,
              temporaryLeft: 3,
              acceptsMicro: null,
              reservedMicro: 0,
              readings: { meters: 1, oldestMs: NOW_MS - 4_000 },
            },
          ],
  };
}

export const chargesOf = (wallet: string): Charge[] =>
  Array.from({ length: 8 }, (_unused, n) => {
    const toMs = NOW_MS - n * 15 * MINUTE_MS;
    const amountMicro = 171_100 - n * 6_000;
    const toIndex = 10_482_370 - n * 170;
    return {
      id: `c-${wallet}-${n}`,
      wallet,
      meter: `e-${wallet.slice(2)}`,
      utility: 'electricity',
      sequence: 480 - n,
      fromMs: toMs - 15 * MINUTE_MS,
      toMs,
      fromIndex: toIndex - 170,
      toIndex,
      multiplier: 1,
      tariff: 'shop-tou',
      estimated: n === 3,
      lines: [
        {
          fromMs: toMs - 15 * MINUTE_MS,
          toMs,
          version: '2025-01',
          band: n < 4 ? 'peak' : 'flat',
          tier: 1,
          component: 'energy',
          priceMicro: n < 4 ? 1_006_200 : 654_300,
          quantity: 170,
          amountMicro,
        },
      ],
      amountMicro,
      balanceAfterMicro: yuan(18.42) + n * 171_100,
      balanceBeforeMicro: yuan(18.42) + (n + 1) * 171_100,
      transfers: [{ from: `wallet:${wallet}`, to: 'revenue:electricity:energy', amountMicro }],
    };
  });

export const ordersOf = (wallet: string): Order[] => [
  {
    id: 'R-88213',
    kind: 'recharge',
    wallet,
    account: 'acc',
    ...{ holder: '李记面馆', debtMicro: 0, receipt: null, refused: null, settles: null, settledBy: null, other: null },
    ...{ transfers: null, payout: null },
    room: null,
    amountMicro: yuan(20),
    channel: 'transfer',
    balanceAfterMicro: yuan(38.42),
    atMs: NOW_MS - 8 * MINUTE_MS,
    by: 'olga',
    note: '',
    reverses: null,
    reversedBy: null,
  },
  {
    id: 'R-88102',
    kind: 'recharge',
    wallet,
    account: 'acc',
    ...{ holder: '李记面馆', debtMicro: 0, receipt: null, refused: null, settles: null, settledBy: null, other: null },
    ...{ transfers: null, payout: null },
    room: null,
    amountMicro: yuan(200),
    channel: 'cash',
    balanceAfterMicro: yuan(231.9),
    atMs: NOW_MS - 70 * HOUR_MS,
    by: 'ivan',
    note: 'wrong room',
    reverses: null,
    reversedBy: 'V-88103',
  },
];

export const timelineOf = (room: string): TimelineEntry[] => [
  {
    id: 't3',
    atMs: NOW_MS - 8 * MINUTE_MS,
    kind: 'Recharged',
    by: 'olga',
    meter: null,
    detail: { order: 'R-88213', amountMicro: yuan(20), balanceMicro: yuan(38.42) },
  },
  {
    id: 't2',
    atMs: NOW_MS - 50 * MINUTE_MS,
    kind: 'BreakerOpened',
    by: null,
    meter: `e-${room}`,
    detail: { wanted: 'open', attempts: 1, reason: '' },
  },
  { id: 't1', atMs: NOW_MS - 90 * MINUTE_MS, kind: 'LowMoneyWarned', by: null, meter: null, detail: { level: 2 } },
];

export const chart = (): OpResult<'getDayChart'> => {
  const shape = [3, 2, 2, 2, 2, 3, 6, 14, 30, 44, 52, 58, 62, 50, 48, 40, 42, 55, 66, 70, 58, 40, 20, 8];
  return {
    hours: shape.map((wh, h) => {
      const band = h < 7 ? 'valley' : h < 10 ? 'flat' : h < 12 ? 'peak' : h < 19 ? 'flat' : h < 21 ? 'sharp' : 'peak';
      return {
        fromMs: NOW_MS - (24 - h) * HOUR_MS,
        bands: { [band]: wh * 30 },
        amountMicro: wh * 30_000,
        estimated: h === 5,
      };
    }),
  };
};

export const linesView = (): LineView[] =>
  Array.from({ length: 8 }, (_unused, n) => ({
    id: `line-${n + 1}`,
    name: n === 6 ? 'Shaft C-2' : `Shaft ${'ABCD'[n >> 1]}-${(n % 2) + 1}`,
    transport: `rtuTcp 10.0.4.${20 + n}:4001`,
    up: n !== 6,
    utilisation: n === 6 ? 0 : 0.55 + n * 0.05,
    cycleMs: n === 6 ? null : 14_000 + n * 900,
    requests: 48_210 + n,
    replies: n === 6 ? 31_000 : 48_190,
    timeouts: n === 6 ? 17_000 : 14 + n,
    crcErrors: n === 3 ? 212 : 2,
    exceptions: 0,
    reconnects: n === 6 ? 41 : 0,
    oldestDueMs: n === 6 ? 94_000 : 300,
    meters: Array.from({ length: 6 }, (_m, m) => ({
      id: `e-A-010${m + 1}`,
      unitId: m + 1,
      profile: 'acrel-ddsy1352',
      room: `A-010${m + 1}`,
      online: n !== 6 && m !== 4,
      lastReplyAgoMs: n === 6 ? 94_000 : m === 4 ? null : 8_000,
      failures: m === 4 ? 12 : 0,
    })),
  }));

export const homeOf = (siteTimeMs: number): OpResult<'getHome'> => {
  const totals = (share: number): NonNullable<OpResult<'getHome'>['days']>['yesterday'] => ({
    energyWh: Math.round(812_340 * share),
    waterLitres: Math.round(14_250 * share),
    earnedMicro: Math.round(yuan(801.22) * share),
    receivedMicro: Math.round(yuan(1_250) * share),
  });
  return {
    ...{ siteTimeMs, meters: 298, lowMoney: 12 },
    states: { running: 262, openForMoney: 5, openOther: 2, notOpened: 18, mismatch: 1, quarantined: 1, silent: 9 },
    days: { today: totals(0.6), yesterdaySoFar: totals(0.55), yesterday: totals(1) },
  };
};

export const systemOf = (status: Status): OpResult<'getSystem'> => ({
  status,
  version: '0.1.0',
  startedMs: NOW_MS - 50 * HOUR_MS,
  store: { kind: 'sqlite', head: 182_331, oldest: 170_002, commitP50Ms: 1.8, commitP99Ms: 6.4, lastCommitAgoMs: 210 },
  ledger: {
    imbalanceMicro: 0,
    accounts: [
      { id: 'wallets', balanceMicro: -yuan(48_210.33) },
      { id: 'revenue:electricity', balanceMicro: -yuan(9_120.5) },
      { id: 'revenue:water', balanceMicro: -yuan(640.1) },
      { id: 'cash:cash', balanceMicro: yuan(57_970.93) },
    ],
  },
  actors: { count: 812, mailboxMax: 14, deadLetters: 0, parked: [] },
  gateway: { restarts: 0, wallClients: 3 },
});
