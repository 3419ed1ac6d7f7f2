/** What the demo keeps in its data folder, made at the first start and used again ever after. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../fleet.ts';
import { loginsSchema, newLogins, operatorsOf, type Login } from '../logins.ts';
import { fleetPlanSchema, type FleetPlan } from '../plan.ts';
import { demoSite } from '../site/demo.ts';
import { withPorts } from '../site/generate.ts';
import { withLinePorts } from './ports.ts';
import { readJson, writeJson } from '../stateFile.ts';

export type DemoFiles = {
  readonly site: string;
  readonly plan: string;
  readonly state: string;
  readonly logins: string;
  /** Written once the core has started on this site, for stores that are not a file beside it. */
  readonly initialised: string;
  readonly database: string;
};

export function demoFiles(dataDir: string): DemoFiles {
  mkdirSync(dataDir, { recursive: true });
  return {
    site: join(dataDir, 'demo-site.json'),
    plan: join(dataDir, 'demo-plan.json'),
    state: join(dataDir, 'demo-state.json'),
    logins: join(dataDir, 'demo-logins.json'),
    initialised: join(dataDir, 'demo-initialised'),
    database: join(dataDir, 'wattroom.db'),
  };
}

/** With the ports of its lines from the first start on: the site file names them. */
export async function planOf(files: DemoFiles, host: string): Promise<FleetPlan> {
  const kept = readJson(files.plan, fleetPlanSchema);
  if (kept !== null) return kept;
  const plan = await withLinePorts(demoSite(1).plan, host);
  writeJson(files.plan, plan);
  return plan;
}

export function loginsOf(files: DemoFiles): Login[] {
  const kept = readJson(files.logins, loginsSchema);
  if (kept !== null) return kept;
  const logins = newLogins();
  writeJson(files.logins, logins, 0o600);
  chmodSync(files.logins, 0o600);
  return logins;
}

/** The site file names the ports, so it is written once the lines listen; an old one is left alone. */
export function ensureSiteFile(files: DemoFiles, fleet: Fleet, host: string, speed: number): void {
  if (existsSync(files.site)) return;
  const ports = new Map(fleet.lines.map(({ planned, port }) => [planned.id, port]));
  const { site } = demoSite(speed);
  writeJson(files.site, { ...withPorts(site, ports, host), operators: operatorsOf(loginsOf(files)) }, 0o600);
}

/** Whether the core knows this site already. */
export function isInitialised(files: DemoFiles, redisUrl: string | undefined): boolean {
  return existsSync(redisUrl === undefined ? files.database : files.initialised);
}
