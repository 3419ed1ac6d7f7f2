/** The demo site: 240 rooms in two buildings, arranged so that the first minutes have something to show. */
import type { SiteFileInput } from '../../protocol/site.ts';
import type { FleetPlan, PlannedLine } from '../plan.ts';
import { generateSite, type GeneratedSite } from './generate.ts';
import type { PlannedBuilding, PlannedRoom } from './layout.ts';

export const DEMO_ROOMS = 240;
export const DEMO_SEED = 20;

/**
 * Heavy users around the clock, and their opening balance in yuan. At 2 to 9 kW a kWh lasts minutes: the first three
 * run out within a few, whatever the hour; the others pass 100, 50 and 20 on their way down.
 */
const nearlyOut: ReadonlyMap<string, string> = new Map([
  ['A103', '0.03'],
  ['A108', '0.08'],
  ['A214', '0.30'],
  ['A217', '0.70'],
  ['A305', '20.04'],
  ['A311', '50.05'],
  ['A402', '100.05'],
  ['B106', '0.05'],
  ['B215', '20.03'],
  ['B312', '50.02'],
]);

const tenants: ReadonlyMap<string, string> = new Map([
  ['A103', '阿婆糖水 Granny Desserts'],
  ['A108', '老张火锅 Zhang Hotpot'],
  ['B106', '王伟 Wang Wei'],
]);

const FRESHNESS_MS = 5 * 60_000;
/** Three poll intervals: at a high speed, this much site time passes between two readings. */
const FRESHNESS_REAL_MS = 30_000;

/** `speed` is that of the first start: a reading counts as fresh for five minutes, or three real poll intervals. */
export function demoSite(speed: number): GeneratedSite {
  const generated = generateSite({
    id: 'demo',
    name: '演示园区 Demo Park',
    rooms: DEMO_ROOMS,
    seed: DEMO_SEED,
    balances: nearlyOut,
    furnish: (buildings) => buildings.map(furnished),
  });
  const freshnessMs = Math.max(FRESHNESS_MS, Math.ceil(speed * FRESHNESS_REAL_MS));
  const meters = generated.site.meters.map((meter) => ({ ...meter, freshnessMs }));
  return { site: withDemoRules({ ...generated.site, meters }), plan: withDemoFaults(generated.plan) };
}

function furnished(building: PlannedBuilding): PlannedBuilding {
  const floors = building.floors.map((floor) => ({ ...floor, rooms: floor.rooms.map(furnishedRoom) }));
  return { ...building, floors };
}

function furnishedRoom(room: PlannedRoom): PlannedRoom {
  if (!nearlyOut.has(room.id)) return room;
  const tenant = tenants.get(room.id) ?? room.tenant ?? '陈静 Chen Jing';
  return { ...room, tenant, load: 'nightShop', factor: 1.5, supply: 'onePhase' };
}

/** The demo warns for one minute only, and cuts at any hour: it may be looked at late at night. */
function withDemoRules(site: SiteFileInput): SiteFileInput {
  return {
    ...site,
    site: { ...site.site, rules: { warnBeforeCutMs: 60_000, quietHours: [], meterSilentMs: 60_000, secondPerson: {} } },
  };
}

/** One meter never answers, one line is noisy, and one clock gains a minute an hour. */
function withDemoFaults(plan: FleetPlan): FleetPlan {
  const lines = plan.lines.map((line): PlannedLine => {
    if (line.id !== 'A-L2') return line;
    return { ...line, faults: { crcError: 0.04, loss: 0.03, truncated: 0.01, babble: 0.02 } };
  });
  const meterFaults: ReadonlyMap<string, PlannedLine['faults']> = new Map([
    ['E-B204', { dead: 1 }],
    ['E-B309', { clockDriftMsPerHour: 60_000 }],
  ]);
  return {
    ...plan,
    lines: lines.map((line) => ({
      ...line,
      meters: line.meters.map((meter) => ({ ...meter, faults: meterFaults.get(meter.id) ?? {} })),
    })),
  };
}
