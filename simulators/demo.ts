/** `npm run demo [-- --speed N]`: a living site on this machine, with nothing to set up. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realClock } from './clock.ts';
import { answering, startCore } from './demo/core.ts';
import { demoFiles, ensureSiteFile, isInitialised, loginsOf, planOf } from './demo/files.ts';
import { ensureBuilt } from '../ui/ensureBuilt.ts';
import { demoReceivers } from './demo/receivers.ts';
import { wallRefusal } from './demo/ports.ts';
import { startFleet } from './fleet.ts';
import { keep, loadState, startOf } from './keeper.ts';
import type { Login } from './logins.ts';
import { writeJson } from './stateFile.ts';

const help = `npm run demo [-- --speed N]

Runs a simulated site with core, gateway and wall. Notices to tenants are taken and shown here, unless the
environment names real providers (README, "Notices").

  --speed N   site time and load run N times as fast; the wire stays real (default 1)

Environment: DATA_DIR (default ./data), HOST (127.0.0.1), PORT (8080), REDIS_URL (SQLite in DATA_DIR without it).
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const LINE_HOST = '127.0.0.1';
const SPEED_MAX = 3_600;
/** As the core ends when a person has to put something right (sysexits.h). */
const EX_CONFIG = 78;

function speedOf(args: readonly string[]): number | null {
  const options = { speed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.help === true) return null;
  const speed = Number(values.speed);
  if (!(speed >= 1 && speed <= SPEED_MAX))
    throw new Error(`--speed: expected a number from 1 to ${SPEED_MAX}, found ${values.speed}`);
  return speed;
}

function welcome(url: string, logins: readonly Login[]): void {
  const rows = logins.map(({ name, password }) => `    ${name.padEnd(14)} ${password}`);
  console.log(
    [
      '',
      `  The wall: ${url}`,
      '',
      '  Log in as',
      ...rows,
      '',
      '  Ctrl-C ends it; starting again goes on from here.',
      '',
    ].join('\n'),
  );
}

async function main(): Promise<number> {
  const speed = speedOf(process.argv.slice(2));
  if (speed === null) {
    console.log(help);
    return 0;
  }
  const {
    DATA_DIR: dataDir = 'data',
    HOST: host = '127.0.0.1',
    PORT: port = '8080',
    REDIS_URL: redisUrl,
  } = process.env;
  const refusal = await wallRefusal(host, port);
  if (refusal !== null) {
    console.error(refusal);
    return EX_CONFIG;
  }
  const files = demoFiles(dataDir);
  await ensureBuilt(root);
  const state = loadState(files.state);
  const start = startOf(state, speed, Date.now());
  // Held until the core starts, so that at a high speed the meters' clocks are not far ahead of the core's.
  const clock = realClock({ startMs: start.siteMs, leadMs: start.leadMs, speed, precise: false, held: true });
  const fleet = await startFleet({
    plan: await planOf(files, LINE_HOST),
    clock,
    host: LINE_HOST,
    state,
    catchUpMs: start.catchUpMs,
  });
  const keeper = keep(fleet, files.state, speed);
  ensureSiteFile(files, fleet, LINE_HOST, speed);
  const receivers = await demoReceivers(process.env);
  const own = { SITE_SPEED: String(speed), DATA_DIR: dataDir, HOST: host, PORT: port };
  const env = { ...process.env, ...receivers?.env, ...own };
  const core = startCore({ root, env, initFrom: isInitialised(files, redisUrl) ? null : files.site });
  clock.release();
  let asked = false;
  const end = (): void => {
    asked = true;
    core.process.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  const url = await answering(core);
  if (url !== null) {
    writeJson(files.initialised, { startedAt: new Date().toISOString() });
    welcome(url, loginsOf(files));
  }
  const code = await core.ended;
  keeper.stop();
  await fleet.stop();
  await receivers?.stop();
  if (!asked) console.error(`The core has ended by itself with ${code}.`);
  return asked ? 0 : code;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
