/** A simulated line that takes the wire's time, and the server's line or a plain loop asking it. */
import modbusSerial from 'modbus-serial';
import { wireClock } from '../server/lines/clock.ts';
import { createLine, lineOptions } from '../server/lines/line.ts';
import { createProfiles, profileDefaults } from '../server/lines/profiles/index.ts';
import type { Line, LineMeter, LineReport, WantedNow } from '../server/lines/types.ts';
import { realClock } from '../simulators/clock.ts';
import { startFleet, type Fleet } from '../simulators/fleet.ts';
import type { PlannedMeter } from '../simulators/plan.ts';

/** The poll block of the simulated meters: its address and its length in registers. */
export const POLL = { address: 0x0200, registers: 48 } as const;
export const TURNAROUND_MS = 5;
const TIMEOUT_MS = 500;
const HOST = '127.0.0.1';
const SITE_MS = Date.UTC(2026, 5, 1, 4);

export type SimulatedLine = {
  readonly baud: number;
  readonly meters: number;
  readonly port: number;
  stop(): Promise<void>;
};

/** `dead`: so many of the meters never answer. */
export async function simulatedLine(baud: number, meters: number, dead: number): Promise<SimulatedLine> {
  const planned = Array.from({ length: meters }, (_, n): PlannedMeter => ({
    ...{ id: `m${n + 1}`, model: 'ddsy1352', unitId: n + 1, number: String(220_301_000_001 + n) },
    ...{ load: { profile: 'steady', seed: n, factor: 1 }, pt: 1, ct: 1, startIndex: 1_000 },
    faults: n >= meters - dead ? { dead: 1 } : {},
  }));
  const wire = { baud, parity: 'none', stopBits: 1, turnaroundMs: TURNAROUND_MS } as const;
  const line = { id: 'l', transport: 'rtuTcp', port: 0, path: '', ...wire, faults: {}, meters: planned } as const;
  const fleet: Fleet = await startFleet({
    plan: { format: 'wattroom-fleet/1', timeZone: 'Asia/Shanghai', seed: 1, lines: [{ ...line, meters: planned }] },
    ...{ clock: realClock({ startMs: SITE_MS, speed: 1 }), host: HOST, state: null },
  });
  return { baud, meters, port: fleet.lines[0]?.port ?? 0, stop: () => fleet.stop() };
}

export type AskedLine = {
  readonly line: Line;
  /** Called with each report from now on. */
  onReport: (report: LineReport) => void;
  wantedNow: (meter: string) => WantedNow | null;
};

/** The server's line, asking as often as the wire allows. Started; the caller stops it. */
export function serverLine({ baud, meters, port }: SimulatedLine): AskedLine {
  const { acrel, xintai } = profileDefaults;
  const asked = {
    onReport: (_report: LineReport): void => {},
    wantedNow: (_meter: string): WantedNow | null => null,
  };
  const line = createLine(
    {
      ...{ id: 'l', name: 'l', transport: { kind: 'rtuTcp', host: HOST, port }, baud, parity: 'none', stopBits: 1 },
      ...{ timeoutMs: TIMEOUT_MS, turnaroundMs: TURNAROUND_MS },
    },
    Array.from({ length: meters }, (_, n): LineMeter => ({
      ...{ meterId: `m${n + 1}`, unitId: n + 1, profile: 'acrel-ddsy1352', number: null, pollIntervalMs: 1 },
      hasBreaker: true,
    })),
    {
      ...wireClock,
      site: () => SITE_MS,
      report: (report) => asked.onReport(report),
      wantedNow: (meter) => asked.wantedNow(meter),
    },
    // The simulated relays switch at once: a bench of waiting for the line need not wait for them.
    { ...lineOptions(), profiles: createProfiles({ acrel: { ...acrel, relaySettleMs: 20 }, xintai }) },
  );
  line.start();
  return Object.assign(asked, { line });
}

/** Readings a second of the server's line, counted for `ms` once each meter that answers was read. */
export async function serverReadings(simulated: SimulatedLine, live: number, ms: number): Promise<number> {
  const asked = serverLine(simulated);
  const seen = new Set<string>();
  await new Promise<void>((resolve) => {
    asked.onReport = (report) => {
      if (report.type === 'reading') seen.add(report.reading.meterId);
      if (seen.size === live) resolve();
    };
  });
  let readings = 0;
  asked.onReport = (report) => {
    if (report.type === 'reading') readings += 1;
  };
  const fromMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const perSecond = (readings * 1000) / (performance.now() - fromMs);
  await asked.line.stop();
  return perSecond;
}

/** The same readings by one meter after the other, as the package's own examples do it. */
export async function plainReadings({ meters, port }: SimulatedLine, ms: number): Promise<number> {
  const client = new modbusSerial.default();
  await client.connectTelnet(HOST, { port });
  client.setTimeout(TIMEOUT_MS);
  let readings = 0;
  const fromMs = performance.now();
  while (performance.now() - fromMs < ms)
    for (let unit = 1; unit <= meters; unit++) {
      client.setID(unit);
      const read = await client.readHoldingRegisters(POLL.address, POLL.registers).catch(() => null);
      if (read !== null) readings += 1;
    }
  const perSecond = (readings * 1000) / (performance.now() - fromMs);
  await new Promise<void>((resolve) => client.close(() => resolve()));
  return perSecond;
}
