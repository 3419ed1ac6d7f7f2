/** The core process: config → store → recover → actors → gateway → lines. */
import { randomBytes, createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Opened } from '../protocol/opened.ts';
import { mistakeText } from '../protocol/mistake.ts';
import { checkSite, importSite } from './core/importSite.ts';
import { ConfigError, readConfig } from './core/config.ts';
import { dataDirRefusal } from './core/dataDir.ts';
import { DOOR_WAIT_MS, doorRefusal } from './core/door.ts';
import { Core } from './core/core.ts';
import { resume } from './core/resume.ts';
import { GatewayProcess } from './core/gatewayProcess.ts';
import { Intake } from './core/intake.ts';
import { Lines } from './core/lines.ts';
import { recover } from './core/recover.ts';
import { Upkeep } from './core/upkeep.ts';
import { gatewayConfig } from './gateway/config.ts';
import { createLine, lineOptions } from './lines/line.ts';
import { channelsOf, noticeConfig } from './notices/config.ts';
import { vapidKeys } from './notices/vapid.ts';
import { SiteClock } from './runtime/clock.ts';
import { openStore } from './store/openStore.ts';
import { readRemembered, Remembering } from './store/remembered.ts';
import { StoreError } from './store/store.ts';

/** At a stop: how long the last commit may take. */
const DRAIN_MS_MAX = 5_000;
/** As in sysexits.h: what a person has to put right, and what should not have happened. */
const EX_CONFIG = 78;
const EX_SOFTWARE = 70;
const NODE_MIN = [22, 18] as const;

class StartError extends Error {}

function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    throw new StartError(
      `Wattroom runs on Node ${NODE_MIN.join('.')} or newer (this is ${process.versions.node}); start it with "npm start", which brings its own`,
    );
  }
}

function readArguments(): { readonly init: boolean; readonly site?: string | undefined } {
  try {
    return parseArgs({ options: { init: { type: 'boolean', default: false }, site: { type: 'string' } } }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new StartError(`${error.message.split('. ')[0]}; there are --init and --site FILE`);
  }
}

async function readSite(path: string): Promise<ReturnType<typeof checkSite> & { ok: true }> {
  if (!existsSync(path)) throw new StartError(`--site ${path}: there is no such file`);
  if (!statSync(path).isFile()) throw new StartError(`--site ${path}: not a file`);
  let input: unknown;
  try {
    input = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new StartError(`--site ${path}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const checked = checkSite(input, Date.now());
  if (checked.ok) return checked;
  const lines = checked.mistakes.map(mistakeText);
  throw new StartError(
    `${path} has ${lines.length} mistake${lines.length === 1 ? '' : 's'}; nothing was imported\n${lines.join('\n')}`,
  );
}

async function main(): Promise<void> {
  checkNode();
  const args = readArguments();
  const config = readConfig(process.env);
  // The gateway reads its own; what is wrong there would show only after the import, again and again.
  const configured = gatewayConfig(process.env);
  if (!configured.ok) throw new StartError(configured.why);
  const senders = noticeConfig(process.env);
  if (!senders.ok) throw new StartError(senders.why);
  if (args.init !== (args.site !== undefined))
    throw new StartError('a new site is set up by: npm start -- --init --site site.json');
  const log = pino({ level: config.logLevel });
  const checked = args.site === undefined ? null : await readSite(args.site);
  const refused = await doorRefusal(configured.config.host, configured.config.port, DOOR_WAIT_MS);
  if (refused !== null) throw new StartError(refused);
  const unusable = await dataDirRefusal(config.dataDir);
  if (unusable !== null) throw new StartError(unusable);

  const remembered = await readRemembered(config.dataDir);
  const siteId = checked?.site.site.id ?? remembered?.siteId;
  if (siteId === undefined)
    throw new StartError(`${config.dataDir} knows of no site; set one up with: npm start -- --init --site site.json`);
  const store = openStore({ redisUrl: config.redisUrl, dataDir: config.dataDir });
  const head = await store.open({ siteId, init: args.init, remembered: args.init ? null : (remembered?.head ?? null) });
  const recovered = await recover(store, head);
  const mono = (): number => Number(process.hrtime.bigint()) / 1e6;
  const clock = new SiteClock({ wall: () => Date.now(), mono, speed: config.speed, lastMs: recovered.lastMs });

  let ending = false;
  const fatal = (error: unknown): void => {
    if (ending) return;
    ending = true;
    log.fatal({ err: error }, 'the core ends: its state may not be used any more');
    process.exit(EX_SOFTWARE);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);

  const after = (ms: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  };
  const core = new Core({
    networks: config.lineNetworks,
    ...{ store, recovered, clock, after },
    storeKind: config.redisUrl === null ? 'sqlite' : 'redis',
    log: (level, message, detail) => log[level](detail ?? {}, message),
    onFatal: fatal,
  });
  core.notices.channels = channelsOf(senders.config);
  if (senders.config.push) core.notices.pushKey = vapidKeys(senders.config.push.keyFile).publicKey;
  let setupToken: string | null = null;
  if (checked) {
    setupToken = checked.site.operators.some((operator) => operator.role === 'administrator')
      ? null
      : randomBytes(24).toString('base64url');
    await importSite(
      core,
      checked.site,
      setupToken === null ? null : createHash('sha256').update(setupToken).digest('hex'),
    );
    log.info({ meters: core.meters.size, wallets: core.wallets.size }, `site ${checked.site.site.id} imported`);
  }
  if (core.directory.get('site', 'site')?.importedMs == null) {
    throw new StartError(
      'the site in this store was imported by half; empty the store and set it up again with --init',
    );
  }
  resume(core);

  const remembering = new Remembering(config.dataDir, siteId);
  // At once: a core killed in its first seconds must find its site again.
  await remembering.write(core.committer.head);
  const wires = lineOptions(core.directory.site.profileOptions);
  const lines = new Lines(core, (settings, meters, deps) => createLine(settings, meters, deps, wires), after);
  const intake = new Intake(core, {
    lines: () => lines.views(),
    extras: () => ({ gatewayRestarts: gateway.restarts, wallClients: gateway.wallClients }),
  });
  const gateway: GatewayProcess = new GatewayProcess(core, intake, {
    script: new URL('./gateway/main.ts', import.meta.url),
    env: process.env,
    onReady: (port) => {
      const address = config.publicUrl ?? `http://${config.host}:${port}`;
      core.links.origin = address;
      log.info({ address }, 'the control room is open');
      // Whoever started this process with a channel learns from us, not from whoever answers at that port.
      const opened: Opened = { type: 'opened', host: config.host, port };
      if (process.connected) process.send?.(opened, undefined, undefined, () => undefined);
      if (setupToken !== null) log.info(`first administrator (one time): ${address}/setup?token=${setupToken}`);
    },
    onNeverOpened: () => void stop('no gateway', EX_CONFIG).catch(fatal),
  });
  const upkeep = new Upkeep({ core, clock, store, gateway, lines, remembering, log, onFatal: fatal });
  gateway.start();
  lines.start();
  upkeep.start();

  const stop = async (why: NodeJS.Signals | 'disconnect' | 'no gateway', code = 0): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'stopping');
    upkeep.stop();
    await lines.stop();
    await gateway.stop();
    const drained = await Promise.race([
      core.committer.drained().then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), DRAIN_MS_MAX)),
    ]);
    if (!drained) log.warn('the store did not take the last commit; nothing of it was promised to anyone');
    core.committer.stop();
    await remembering.write(core.committer.head);
    await store.close();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal).catch(fatal));
  // Whoever started this process with a channel (the demo) and is killed would leave it behind, holding the store.
  if (process.send !== undefined) {
    const abandoned = (): void => void stop('disconnect').catch(fatal);
    if (process.connected) process.on('disconnect', abandoned);
    else abandoned();
  }
}

main().catch((error: unknown) => {
  const expected =
    error instanceof StartError ||
    error instanceof ConfigError ||
    error instanceof StoreError ||
    (error instanceof Error && error.name === 'SchemaError');
  process.stderr.write(
    `${expected && error instanceof Error ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(expected ? EX_CONFIG : EX_SOFTWARE);
});
