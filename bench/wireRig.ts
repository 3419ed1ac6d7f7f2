/** A simulated line that takes the wire's time, and the server's line or a plain loop asking it. */
import modbusSerial from 'modbus-serial';
import { wireClock } from '../server/lines/clock.ts';
import { createLine, lineOptions } from '../server/lines/line.ts';
import { profileOptions } from '../protocol/profileOptions.ts';
import { bytesMs, silenceMs } from '../server/lines/wire.ts';
import type { Line, LineMeter, LineReport, WantedNow } from '../server/lines/types.ts';
import { realClock } from '../simulators/clock.ts';
import { startFleet, type Fleet } from '../simulators/fleet.ts';
import type { PlannedMeter } from '../simulators/plan.ts';

/** The poll block of the simulated meters: its address and its length in registers. */
export const POLL = { address: 0x0200, registers: 48 } as const;
/** What the simulated meters think before they answer. */
export const TURNAROUND_MS = 5;
const TIMEOUT_MS = 500;
const HOST = '127.0.0.1';
const SITE_MS = Date.UTC(2026, 5, 1, 4);

export type SimulatedLine = {
  readonly baud: number;
  readonly meters: number;
  readonly port: number;
  /** Least time of all transactions so far that brought a reply, ms: what the wire was taken for readings. */
  wireMs(): number;
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
  const [running] = fleet.lines;
  if (running === undefined) throw new Error('the fleet has one line');
  // Of a request that nobody answers the wire carries eight bytes and a silence.
  const askedMs = bytesMs(wire, 8) + silenceMs(wire);
  return {
    ...{ baud, meters, port: running.port, stop: () => fleet.stop() },
    wireMs: () => {
      const { busyMs, requests, replies } = running.line.figures;
      return busyMs - (requests - replies) * askedMs;
    },
  };
}

export type AskedLine = {
  readonly line: Line;
  /** Called with each report from now on. */
  onReport: (report: LineReport) => void;
  wantedNow: (meter: string) => WantedNow | null;
};

/** The server's line, asking as often as the wire allows. Started; the caller stops it. */
export function serverLine({ baud, meters, port }: SimulatedLine): AskedLine {
  const asked = {
    onReport: (_report: LineReport): void => {},
    wantedNow: (_meter: string): WantedNow | null => null,
  };
  const line = createLine(
    {
      ...{ id: 'l', name: 'l', transport: { kind: 'rtuTcp', host: HOST, port }, baud, parity: 'none', stopBits: 1 },
      // Its `turnaroundMs` is a silence on top; the meters take their time by themselves.
      ...{ timeoutMs: TIMEOUT_MS, turnaroundMs: 0 },
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
    lineOptions(profileOptions({ 'acrel-ddsy1352': { settleMs: 20 } })),
  );
  line.start();
  return Object.assign(asked, { line });
}

/** Share of the time of `run` in which the wire carried readings. */
async function share(simulated: SimulatedLine, run: () => Promise<void>): Promise<number> {
  const [fromMs, wireMs] = [performance.now(), simulated.wireMs()];
  await run();
  return (simulated.wireMs() - wireMs) / (performance.now() - fromMs);
}

/** Of the wire's time, for `ms` once each meter that answers was read. */
export async function serverShare(simulated: SimulatedLine, live: number, ms: number): Promise<number> {
  const asked = serverLine(simulated);
  const seen = new Set<string>();
  await new Promise<void>((resolve) => {
    asked.onReport = (report) => {
      if (report.type === 'reading') seen.add(report.reading.meterId);
      if (seen.size === live) resolve();
    };
  });
  const reached = await share(simulated, () => new Promise((resolve) => setTimeout(resolve, ms)));
  await asked.line.stop();
  return reached;
}

/** The same readings by one meter after the other, as the package's own examples do it. */
export async function plainShare(simulated: SimulatedLine, ms: number): Promise<number> {
  const { meters, port } = simulated;
  const client = new modbusSerial.default();
  await client.connectTelnet(HOST, { port });
  client.setTimeout(TIMEOUT_MS);
  const untilMs = performance.now() + ms;
  const reached = await share(simulated, async () => {
    for (let n = 0; performance.now() < untilMs; n++) {
      client.setID((n % meters) + 1);
      // A meter that does not answer costs its time limit; the loop goes on to the next.
      await client.readHoldingRegisters(POLL.address, POLL.registers).catch(() => null);
    }
  });
  await new Promise<void>((resolve) => client.close(() => resolve()));
  return reached;
}
