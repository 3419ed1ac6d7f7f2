/** A site of any size: the same rooms and the same seed give the same site. */
import type { SiteFileInput } from '../../protocol/site.ts';
import type { FleetPlan, PlannedLine } from '../plan.ts';
import { seededRandom } from '../random.ts';
import { layOut, type PlannedBuilding } from './layout.ts';
import { draftsOf, plannedMeter, siteMeter, type Draft, type SiteMeter } from './meters.ts';
import { accountOf } from './money.ts';
import { tariffs } from './tariffs.ts';

export type SiteOptions = {
  readonly id: string;
  readonly name: string;
  readonly rooms: number;
  readonly seed: number;
  readonly timeZone?: string;
  /** Opening balances in yuan by room id, in place of the drawn ones. */
  readonly balances?: ReadonlyMap<string, string>;
  /** Changes rooms before meters are hung into them. */
  readonly furnish?: (buildings: readonly PlannedBuilding[]) => readonly PlannedBuilding[];
};

export type GeneratedSite = {
  /** Ports of the lines are still 1: `withPorts` puts in the real ones. */
  readonly site: SiteFileInput;
  readonly plan: FleetPlan;
};

/** Common practice is about 30 to 40 meters a line; more would make the sweep slower than the poll interval. */
const METERS_A_LINE = 42;

/**
 * A poll block takes 0.14 s at 9600 with 20 ms of thinking, so 40 meters take 5.7 s. The intervals leave room for slow
 * registers, switching and retries.
 */
const speeds = [
  { baud: 9_600, pollIntervalMs: 10_000 },
  { baud: 9_600, pollIntervalMs: 10_000 },
  { baud: 9_600, pollIntervalMs: 10_000 },
  { baud: 19_200, pollIntervalMs: 6_000 },
] as const;

const TURNAROUND_MS = 20;

export function generateSite(options: SiteOptions): GeneratedSite {
  const random = seededRandom(options.seed);
  const laidOut = layOut(options.rooms, random);
  const buildings = options.furnish?.(laidOut) ?? laidOut;
  const lines: SiteFileInput['lines'] = [];
  const meters: SiteMeter[] = [];
  const planned: PlannedLine[] = [];
  const accounts: SiteFileInput['accounts'] = [];
  for (const building of buildings) {
    const drafts = draftsOf(building);
    const withWater = new Set(drafts.filter((draft) => draft.utility === 'water').map((draft) => draft.room));
    for (const hung of hang(building, drafts, options.seed)) {
      lines.push(hung.line);
      meters.push(...hung.meters);
      planned.push(hung.planned);
    }
    for (const room of building.floors.flatMap((floor) => floor.rooms)) {
      const account = accountOf(room, withWater.has(room), random, options.balances ?? new Map());
      if (account !== null) accounts.push(account);
    }
  }
  const timeZone = options.timeZone ?? 'Asia/Shanghai';
  const site: SiteFileInput = {
    format: 'wattroom-site/1',
    site: { id: options.id, name: options.name, timeZone },
    buildings: buildings.map(siteBuilding),
    lines,
    meters,
    tariffs: [...tariffs],
    accounts,
  };
  return { site, plan: { format: 'wattroom-fleet/1', timeZone, seed: options.seed, lines: planned } };
}

function siteBuilding(building: PlannedBuilding): SiteFileInput['buildings'][number] {
  const floors = building.floors.map((floor) => ({
    id: floor.id,
    name: floor.name,
    rooms: floor.rooms.map(({ id, name, areaM2, heads }) => ({ id, name, areaM2, ...(heads > 0 ? { heads } : {}) })),
  }));
  return { id: building.code, name: building.name, floors };
}

type HungLine = { line: SiteFileInput['lines'][number]; meters: SiteMeter[]; planned: PlannedLine };

/** Lines filled evenly, in the order of the rooms, as an electrician would. */
function hang(building: PlannedBuilding, drafts: readonly Draft[], seed: number): HungLine[] {
  const count = Math.ceil(drafts.length / METERS_A_LINE);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * drafts.length) / count);
    const to = Math.floor(((i + 1) * drafts.length) / count);
    return hungLine(building, i, drafts.slice(from, to), seed);
  });
}

function hungLine(building: PlannedBuilding, index: number, drafts: readonly Draft[], seed: number): HungLine {
  const { baud, pollIntervalMs } = speeds[index % speeds.length] ?? speeds[0];
  const id = `${building.code}-L${index + 1}`;
  // The fast line of each building sits behind a Modbus TCP gateway, the others behind plain serial device servers.
  const kind = baud > 9_600 ? 'tcp' : 'rtuTcp';
  const placed = drafts.map((draft, i) => ({ draft, place: { line: id, unitId: i + 1, pollIntervalMs } }));
  return {
    line: {
      id,
      name: `${building.code} ${index + 1}`,
      transport: { kind, host: '127.0.0.1', port: 1 },
      baud,
      parity: 'none',
      stopBits: 1,
      timeoutMs: 500,
    },
    meters: placed.map(({ draft, place }) => siteMeter(draft, place)),
    planned: {
      id,
      transport: kind,
      port: 0,
      path: '',
      baud,
      parity: 'none',
      stopBits: 1,
      turnaroundMs: TURNAROUND_MS,
      faults: {},
      meters: placed.map(({ draft, place }) => plannedMeter(draft, place, seed)),
    },
  };
}

/** The site file as the core needs it, once the lines listen. */
export function withPorts(site: SiteFileInput, ports: ReadonlyMap<string, number>, host: string): SiteFileInput {
  const lines = site.lines.map((line): SiteFileInput['lines'][number] => {
    const port = ports.get(line.id);
    if (port === undefined || line.transport.kind === 'serial') throw new Error(`line ${line.id} has no port`);
    return { ...line, transport: { kind: line.transport.kind, host, port } };
  });
  return { ...site, lines };
}
