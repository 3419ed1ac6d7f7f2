/** A small site with one flat price a step of each register, so that what must be owed can be said in whole cents. */
import { siteFileSchema, type MeterConfig, type SiteFile, type SiteFileInput } from '../../protocol/site.ts';
import { operatorsOf, type Login } from '../../simulators/logins.ts';
import { BAUD, HOST, TIME_ZONE, type LineSpec } from './field.ts';

/** Micro-yuan a Wh and a litre: 10 yuan a kWh or m³. A step of 10 Wh on the wire costs 10 cents. */
export const PRICE_MICRO = 10_000;
export const YUAN = 1_000_000;
/** 10 Wh a second. */
export const LOAD_W = 36_000;
export const WARN_BEFORE_CUT_MS = 1_500;

export const logins: readonly Login[] = [
  { name: 'anna', role: 'administrator', password: 'anna-has-a-password' },
  { name: 'olga', role: 'operator', password: 'olga-has-a-password' },
  { name: 'vera', role: 'viewer', password: 'vera-has-a-password' },
];

const rooms = ['101', '102', '103', '104', '201', '202', '203', '204'] as const;
export type RoomId = (typeof rooms)[number];
export const electricityOf = (room: RoomId): string => `E-${room}`;
export const walletOf = (room: RoomId): string => `w-${room}`;
const numberOf = (unitId: number, line: number): string => `2300000${line}${String(unitId).padStart(4, '0')}`;

/** Ground floor on a serial device server, first floor with water and the main meter on a Modbus TCP gateway. */
export const lineSpecs: readonly LineSpec[] = [
  {
    id: 'L1',
    kind: 'rtuTcp',
    meters: rooms.slice(0, 4).map((room, i) => {
      return { id: electricityOf(room), model: 'ddsy1352', unitId: i + 1, number: numberOf(i + 1, 1) };
    }),
  },
  {
    id: 'L2',
    kind: 'tcp',
    meters: [
      ...rooms.slice(4).map((room, i) => {
        return { id: electricityOf(room), model: 'ddsy1352' as const, unitId: i + 1, number: numberOf(i + 1, 2) };
      }),
      { id: 'W-201', model: 'xintai', unitId: 11, number: numberOf(11, 2) },
      { id: 'main', model: 'sdm630', unitId: 12, number: numberOf(12, 2) },
    ],
  },
];

const profiles = {
  ddsy1352: 'acrel-ddsy1352',
  dtsy1352: 'acrel-dtsy1352',
  sdm120: 'eastron-sdm120',
  sdm630: 'eastron-sdm630',
  xintai: 'xintai-valve-water',
} as const;

function metersOf(): SiteFileInput['meters'] {
  return lineSpecs.flatMap(({ id: line, meters }) =>
    meters.map(({ id, model, unitId, number }): SiteFileInput['meters'][number] => {
      const common = { id, line, unitId, profile: profiles[model], pollIntervalMs: 500, freshnessMs: 60_000 };
      if (model === 'sdm630')
        return { ...common, utility: 'electricity', role: 'main', tariff: 'flat', rating: 500_000, hasBreaker: false };
      const water = model === 'xintai';
      const room = id.slice(2);
      return {
        ...{ ...common, number, room, utility: water ? 'water' : 'electricity', tariff: water ? 'water' : 'flat' },
        ...{ wallet: water ? `${walletOf(room as RoomId)}-water` : walletOf(room as RoomId), rating: 100_000 },
      };
    }),
  );
}

const rateOf = (id: string, utility: MeterConfig['utility']): SiteFileInput['tariffs'][number] => {
  const price = (PRICE_MICRO / 1000).toFixed(4);
  return {
    ...{ id, name: id, utility },
    versions: [{ from: '2025-01-01T00:00', components: [{ name: 'energy', price }] }],
  };
};

const thresholds = ['0.5', '0.2', '0'];

export type SiteChoice = {
  /** Yuan; 500 where nothing is said. */
  readonly balances?: Partial<Record<RoomId, string>>;
  readonly operators?: boolean;
};

export function siteInput(ports: ReadonlyMap<string, number>, choice: SiteChoice = {}): SiteFileInput {
  const room = (id: RoomId): { id: string; name: string } => ({ id, name: `Room ${id}` });
  const rules = {
    warnBeforeCutMs: WARN_BEFORE_CUT_MS,
    quietHours: [],
    thresholdHysteresis: '0.05',
    meterSilentMs: 10_000,
    emergencyRestore: { meters: 2, pauseMs: 1_000 },
  };
  return {
    format: 'wattroom-site/1',
    site: { id: 'small', name: 'Small house', timeZone: TIME_ZONE, rules },
    buildings: [
      {
        ...{ id: 'A', name: 'House A' },
        floors: [
          { id: 'A1', name: '1', rooms: rooms.slice(0, 4).map(room) },
          { id: 'A2', name: '2', rooms: rooms.slice(4).map(room) },
        ],
      },
    ],
    lines: lineSpecs.map(({ id, kind }) => {
      const transport = { kind, host: HOST, port: ports.get(id) ?? 1 };
      return { id, name: `Line ${id}`, transport, baud: BAUD, timeoutMs: 300 };
    }),
    meters: metersOf(),
    tariffs: [rateOf('flat', 'electricity'), rateOf('water', 'water')],
    accounts: rooms.map((id) => ({
      ...{ id: `acc-${id}`, name: `Tenant ${id}`, rooms: [id] },
      wallets: [
        { id: walletOf(id), openingBalance: choice.balances?.[id] ?? '500', thresholds },
        ...(id === '201' ? [{ id: 'w-201-water', openingBalance: '500', thresholds }] : []),
      ],
    })),
    operators: choice.operators === false ? [] : operatorsOf(logins),
  };
}

/** The same with every default filled in. */
export const wholeSite = (ports: ReadonlyMap<string, number>, choice?: SiteChoice): SiteFile =>
  siteFileSchema.parse(siteInput(ports, choice));
