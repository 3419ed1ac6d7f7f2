/** All simulated lines of a site in one process. */
import { localTimeOf, type SimClock } from './clock.ts';
import { VirtualLine } from './line.ts';
import { powerOf, waterOf } from './loads.ts';
import { createMeter } from './meters/create.ts';
import type { Load, MeterOptions, VirtualMeter } from './meters/meter.ts';
import { withFaults, type FleetPlan, type PlannedLine, type PlannedMeter } from './plan.ts';
import { seededRandom, seedOf } from './random.ts';
import type { FleetState } from './stateFile.ts';
import { serveSerial } from './transports/serial.ts';
import { serveModbusTcp, serveRtuTcp } from './transports/tcp.ts';
import type { Served } from './transports/transport.ts';

export type FleetOptions = {
  readonly plan: FleetPlan;
  readonly clock: SimClock;
  readonly host: string;
  /** Memory and ports of an earlier run. */
  readonly state: FleetState | null;
  /** How much site time from the saved moment on is counted again, ms (see keeper.ts). */
  readonly catchUpMs?: number;
};

export type RunningLine = {
  readonly planned: PlannedLine;
  readonly line: VirtualLine;
  readonly address: string;
  readonly port: number;
};

export type FleetMemory = Pick<FleetState, 'siteMs' | 'ports' | 'meters'>;

export type Fleet = {
  readonly lines: readonly RunningLine[];
  /** By the id in the plan. */
  readonly meters: ReadonlyMap<string, VirtualMeter>;
  /** Everything that has to outlive the process, brought up to now. */
  readonly snapshot: () => FleetMemory;
  readonly stop: () => Promise<void>;
};

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const local = localTimeOf(options.plan.timeZone);
  const meters = new Map<string, VirtualMeter>();
  const lines: RunningLine[] = [];
  const served: Served[] = [];
  const loads = loadsOf(options.plan, meters);
  const built = options.plan.lines.map((planned) => {
    const line = buildLine(options, planned);
    for (const meter of planned.meters) {
      if (meters.has(meter.id)) throw new Error(`meter ${meter.id} twice in the plan`);
      const one = buildMeter(options, meter, loads.get(meter.id)!, local);
      meters.set(meter.id, one.meter);
      line.attach(one);
    }
    return { planned, line };
  });
  // A main meter catches up with what hangs behind it, so all of them have to be there.
  for (const meter of meters.values()) catchUp(meter, options);
  for (const { planned, line } of built) {
    const door = await open(line, planned, options);
    served.push(door);
    lines.push({ planned, line, address: door.address, port: door.port });
  }
  return {
    lines,
    meters,
    snapshot: () => snapshot(options, lines, meters),
    stop: async () => {
      await Promise.all(served.map((door) => door.close()));
      for (const { line } of lines) line.stop();
    },
  };
}

/** Lost in the cables between a main meter and those behind it. */
const LOSS = 0.02;

/** Of each meter with all that hangs behind it; what is switched off there draws nothing. */
function loadsOf(plan: FleetPlan, meters: ReadonlyMap<string, VirtualMeter>): Map<string, Load> {
  const planned = plan.lines.flatMap((line) => line.meters);
  const loads = new Map<string, Load>();
  const behind = new Map<string, string[]>();
  for (const { id, upstream } of planned) {
    if (upstream !== undefined) behind.set(upstream, [...(behind.get(upstream) ?? []), id]);
  }
  for (const { id, model, load } of planned) {
    const own = model === 'xintai' ? waterOf(load) : powerOf(load);
    const those = behind.get(id);
    const flowing = (localMs: number): number =>
      (those ?? []).reduce((sum, one) => sum + (meters.get(one)?.look().conducting ? loads.get(one)!(localMs) : 0), 0);
    loads.set(id, those ? (localMs) => Math.round(own(localMs) + flowing(localMs) * (1 + LOSS)) : own);
  }
  return loads;
}

function catchUp(meter: VirtualMeter, { state, catchUpMs = 0, clock }: FleetOptions): void {
  const monoMs = clock.monoMs();
  if (state !== null && catchUpMs > 0) {
    meter.skipTo({ siteMs: state.siteMs, monoMs });
    meter.advance({ siteMs: state.siteMs + catchUpMs, monoMs });
  }
  meter.skipTo({ siteMs: clock.siteMs(), monoMs });
}

function buildLine({ plan, clock }: FleetOptions, planned: PlannedLine): VirtualLine {
  const { id, baud, parity, stopBits, turnaroundMs } = planned;
  const random = seededRandom(plan.seed ^ seedOf(id));
  return new VirtualLine({
    id,
    baud,
    parity,
    stopBits,
    turnaroundMs,
    clock,
    random,
    faults: withFaults(planned.faults),
  });
}

function buildMeter(options: FleetOptions, planned: PlannedMeter, load: Load, local: (siteMs: number) => number) {
  const faults = withFaults(planned.faults);
  const seed = seedOf(planned.id);
  const meterOptions: MeterOptions = {
    unitId: planned.unitId,
    number: planned.number,
    load,
    local,
    seed,
    random: seededRandom(options.plan.seed ^ seed),
    faults,
    pt: planned.pt,
    ct: planned.ct,
    startIndex: planned.startIndex,
  };
  return { meter: createMeter(planned.model, meterOptions, options.state?.meters[planned.id]), faults };
}

function open(line: VirtualLine, planned: PlannedLine, { clock, host, state }: FleetOptions): Promise<Served> {
  // A port chosen once is kept: the other side has it in its site file.
  const port = planned.port === 0 ? (state?.ports[planned.id] ?? 0) : planned.port;
  switch (planned.transport) {
    case 'rtuTcp':
      return serveRtuTcp(line, clock, { host, port });
    case 'tcp':
      return serveModbusTcp(line, { host, port });
    case 'serial':
      return serveSerial(line, clock, planned.path, planned);
  }
}

function snapshot(options: FleetOptions, lines: readonly RunningLine[], meters: Fleet['meters']): FleetMemory {
  for (const { line } of lines) line.advanceAll();
  return {
    siteMs: options.clock.siteMs(),
    ports: Object.fromEntries(lines.filter(({ port }) => port > 0).map(({ planned, port }) => [planned.id, port])),
    meters: Object.fromEntries([...meters].map(([id, meter]) => [id, meter.save()])),
  };
}
