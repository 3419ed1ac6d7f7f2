/** `npm run simulate -- --help`: virtual meters for anybody's Modbus master. */
import { parseArgs } from 'node:util';
import { realClock } from './clock.ts';
import { faultMistake, faultNames } from './faults.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { keep, loadState, startOf } from './keeper.ts';
import { profileNames } from './loads.ts';
import { models } from './meters/meter.ts';
import { fleetPlanSchema, type FleetPlan } from './plan.ts';
import { generateSite } from './site/generate.ts';
import { Taken } from './transports/tcp.ts';

const help = `npm run simulate -- [options]

Runs virtual meters on a line that takes the time its baud rate asks for.

  --model NAME          ${models.join(', ')} (default ddsy1352)
  --unit N              unit id of the first meter (default 1)
  --meters N            this many of them, unit ids one after another (default 1)
  --number DIGITS       meter number of the first one (default 100000000001)
  --transport KIND      tcp (Modbus TCP), rtuTcp (RTU frames over TCP), serial (default rtuTcp)
  --host ADDRESS        default 127.0.0.1
  --port N              default 0: a free one is taken and printed
  --path DEVICE         serial port, or one end of a pseudo-terminal pair:
                        socat -d -d pty,raw,echo=0 pty,raw,echo=0
  --baud N              default 9600
  --parity P            none, even, odd (default none)
  --stop-bits N         1 or 2 (default 1)
  --turnaround MS       time a meter thinks before it answers (default 20)
  --load NAME           ${profileNames.join(', ')} (default shop)
  --factor X            a larger or smaller load (default 1)
  --index N             Wh or litres at the first start (default 12345670)
  --fault NAME=VALUE    may be repeated; probabilities of 0 to 1, or milliseconds:
                        ${faultNames.slice(0, 9).join(', ')},
                        ${faultNames.slice(9).join(', ')}
  --rooms N             instead of one line: all lines of a generated site with N rooms
  --seed N              same seed, same site, same faults (default 1)
  --speed N             site time and load run N times as fast; the wire stays real (default 1)
  --time-zone ZONE      default Asia/Shanghai
  --state FILE          keep the meters' memory there, so that it survives a restart
`;

const text = (value: string) => ({ type: 'string', default: value }) as const;

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      model: text('ddsy1352'),
      unit: text('1'),
      meters: text('1'),
      number: text('100000000001'),
      transport: text('rtuTcp'),
      host: text('127.0.0.1'),
      port: text('0'),
      path: text(''),
      baud: text('9600'),
      parity: text('none'),
      'stop-bits': text('1'),
      turnaround: text('20'),
      load: text('shop'),
      factor: text('1'),
      index: text('12345670'),
      fault: { type: 'string', multiple: true, default: [] as string[] },
      rooms: { type: 'string' },
      seed: text('1'),
      speed: text('1'),
      'time-zone': text('Asia/Shanghai'),
      state: { type: 'string' },
    },
  }).values;
}

type Values = ReturnType<typeof parse>;

/** More lines than this would keep a processor spinning for their timers. */
const PRECISE_LINES_MAX = 4;

class Mistake extends Error {}

function faultsOf(given: readonly string[]): Record<string, number> {
  const faults: Record<string, number> = {};
  for (const entry of given) {
    const [name = '', value = ''] = entry.split('=');
    const amount = value === '' ? Number.NaN : Number(value);
    const mistake = faultMistake(name, amount);
    if (mistake !== null) throw new Mistake(mistake);
    faults[name] = amount;
  }
  return faults;
}

/** The options as a plan; the plan's schema finds what is wrong with them. */
function oneLine(values: Values): FleetPlan {
  const faults = faultsOf(values.fault);
  const seed = Number(values.seed);
  const meter = (i: number) => ({
    id: `${values.model}-${Number(values.unit) + i}`,
    model: values.model,
    unitId: Number(values.unit) + i,
    number: String(BigInt(values.number) + BigInt(i)),
    load: { profile: values.load, seed: seed + i, factor: Number(values.factor) },
    pt: 1,
    ct: 1,
    startIndex: Number(values.index),
    faults,
  });
  const parsed = fleetPlanSchema.safeParse({
    format: 'wattroom-fleet/1',
    timeZone: values['time-zone'],
    seed,
    lines: [
      {
        id: 'line',
        transport: values.transport,
        port: Number(values.port),
        path: values.path,
        baud: Number(values.baud),
        parity: values.parity,
        stopBits: Number(values['stop-bits']),
        turnaroundMs: Number(values.turnaround),
        faults,
        meters: Array.from({ length: Number(values.meters) }, (_, i) => meter(i)),
      },
    ],
  });
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.slice(2).join('.')}: ${issue.message}`);
  throw new Mistake(lines.join('\n'));
}

function wholeSite(values: Values, rooms: number): FleetPlan {
  if (!Number.isInteger(rooms) || rooms < 1) throw new Mistake('--rooms: expected a whole number above 0');
  const timeZone = values['time-zone'];
  const { plan } = generateSite({ id: 'simulated', name: 'Simulated', rooms, seed: Number(values.seed), timeZone });
  const faults = faultsOf(values.fault);
  return { ...plan, lines: plan.lines.map((line) => ({ ...line, faults })) };
}

function announce(fleet: Fleet): void {
  for (const { planned, address } of fleet.lines) {
    const format = `${planned.baud} 8${planned.parity.charAt(0).toUpperCase()}${planned.stopBits}`;
    console.log(`${planned.id}  ${planned.transport} ${address}  ${format}`);
    for (const meter of planned.meters) console.log(`  unit ${meter.unitId}  ${meter.model}  number ${meter.number}`);
  }
}

async function main(): Promise<void> {
  const values = parse(process.argv.slice(2));
  if (values.help) {
    console.log(help);
    return;
  }
  const speed = Number(values.speed);
  if (!(speed > 0)) throw new Mistake(`--speed: expected a number above 0, found ${values.speed}`);
  const plan = values.rooms === undefined ? oneLine(values) : wholeSite(values, Number(values.rooms));
  const state = values.state === undefined ? null : loadState(values.state);
  const start = startOf(state, speed, Date.now());
  const clock = realClock({
    startMs: start.siteMs,
    leadMs: start.leadMs,
    speed,
    precise: plan.lines.length <= PRECISE_LINES_MAX,
  });
  const fleet = await startFleet({ plan, clock, host: values.host, state, catchUpMs: start.catchUpMs });
  announce(fleet);
  const keeper = values.state === undefined ? null : keep(fleet, values.state, speed);
  const end = (): void => {
    keeper?.stop();
    void fleet.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

main().catch((error: unknown) => {
  const usage = error instanceof Mistake || (error instanceof TypeError && 'code' in error);
  if (usage) console.error(`${error.message}\nSee npm run simulate -- --help`);
  else console.error(error instanceof Taken ? error.message : error);
  process.exit(usage ? 2 : 1);
});
