/** A line of the server under test, with everything it reports kept and awaitable. */
import { wireClock } from '../../../server/lines/clock.ts';
import { createLine, lineOptions, type LineOptions } from '../../../server/lines/line.ts';
import type { Line, LineMeter, LineReport, WantedNow } from '../../../server/lines/types.ts';
import type { LineConfig, Transport } from '../../../protocol/site.ts';

export const config = (transport: Transport, more: Partial<LineConfig> = {}): LineConfig => ({
  id: 'L1',
  name: 'Line 1',
  transport,
  baud: 9600,
  parity: 'none',
  stopBits: 1,
  timeoutMs: 500,
  turnaroundMs: 0,
  ...more,
});

export const meter = (meterId: string, unitId: number, more: Partial<LineMeter> = {}): LineMeter => ({
  meterId,
  unitId,
  profile: 'acrel-ddsy1352',
  number: null,
  pollIntervalMs: 1_000,
  hasBreaker: true,
  ...more,
});

export type Rig = {
  readonly line: Line;
  readonly reports: LineReport[];
  readonly wanted: Map<string, WantedNow>;
  /** Resolves with the first report, past or to come, that fits. */
  readonly seen: (fits: (report: LineReport) => boolean) => Promise<LineReport>;
};

export function rig(lineConfig: LineConfig, meters: readonly LineMeter[], options: Partial<LineOptions> = {}): Rig {
  const reports: LineReport[] = [];
  const wanted = new Map<string, WantedNow>();
  const watchers = new Set<(report: LineReport) => void>();
  const report = (each: LineReport): void => {
    reports.push(each);
    watchers.forEach((watch) => watch(each));
  };
  const deps = {
    ...wireClock,
    site: () => 1_773_000_000_000,
    report,
    wantedNow: (meterId: string) => wanted.get(meterId) ?? null,
  };
  const line = createLine(lineConfig, meters, deps, { ...lineOptions(), random: () => 0.5, ...options });
  const seen = (fits: (report: LineReport) => boolean): Promise<LineReport> =>
    new Promise((resolve) => {
      const past = reports.find(fits);
      if (past !== undefined) return resolve(past);
      const watch = (each: LineReport): void => {
        if (!fits(each)) return;
        watchers.delete(watch);
        resolve(each);
      };
      watchers.add(watch);
    });
  return { line, reports, wanted, seen };
}
