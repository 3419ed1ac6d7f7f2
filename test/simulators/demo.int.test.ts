/** The demo's own parts, with a stand-in for the core. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { siteFileSchema } from '../../protocol/site.ts';
import { realClock } from '../../simulators/clock.ts';
import { answering, startCore } from '../../simulators/demo/core.ts';
import { demoFiles, ensureSiteFile, isInitialised, loginsOf, planOf } from '../../simulators/demo/files.ts';
import { withLinePorts } from '../../simulators/demo/ports.ts';
import { needsBuild } from '../../ui/ensureBuilt.ts';
import { startFleet } from '../../simulators/fleet.ts';
import type { FleetPlan } from '../../simulators/plan.ts';
import { demoSite } from '../../simulators/site/demo.ts';
import { readJson } from '../../simulators/stateFile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattroom-demo-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the files of the demo', () => {
  it('are made once: the same logins, plan and ports at the next start', async () => {
    const files = demoFiles(join(folder, 'data'));
    const logins = loginsOf(files);
    expect(loginsOf(demoFiles(join(folder, 'data')))).toEqual(logins);
    expect(statSync(files.logins).mode & 0o777).toBe(0o600);
    const plan = await planOf(files, '127.0.0.1');
    expect(await planOf(files, '127.0.0.1')).toEqual(plan);
    const fleet = await startFleet({
      plan,
      clock: realClock({ startMs: 0, speed: 1, precise: false }),
      host: '127.0.0.1',
      state: null,
    });
    ensureSiteFile(files, fleet, '127.0.0.1', 1);
    const site = siteFileSchema.parse(readJson(files.site, z.unknown()));
    const ports = site.lines.map((line) => (line.transport.kind === 'serial' ? 0 : line.transport.port));
    expect(ports).toEqual(fleet.lines.map(({ port }) => port));
    expect(site.operators.map(({ name }) => name)).toEqual(logins.map(({ name }) => name));
    const written = statSync(files.site).mtimeMs;
    ensureSiteFile(files, fleet, '127.0.0.1', 1);
    expect(statSync(files.site).mtimeMs).toBe(written);
    await fleet.stop();
  });

  it('tell whether the core knows the site: by its database, or by a marker where Redis keeps it', () => {
    const files = demoFiles(folder);
    expect([isInitialised(files, undefined), isInitialised(files, 'redis://x')]).toEqual([false, false]);
    writeFileSync(files.database, '');
    expect([isInitialised(files, undefined), isInitialised(files, 'redis://x')]).toEqual([true, false]);
    writeFileSync(files.initialised, '');
    expect(isInitialised(files, 'redis://x')).toBe(true);
  });
});

describe('building the wall', () => {
  it('is needed when it is missing or older than a source of it', () => {
    const at = (name: string, seconds: number): void => {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
      utimesSync(path, seconds, seconds);
    };
    at('ui/src/wall/Tile.svelte', 100);
    at('protocol/wall.ts', 100);
    expect(needsBuild(folder)).toBe(true);
    at('ui/dist/index.html', 200);
    expect(needsBuild(folder)).toBe(false);
    at('ui/node_modules/x.js', 300);
    expect(needsBuild(folder)).toBe(false);
    at('protocol/wall.ts', 300);
    expect(needsBuild(folder)).toBe(true);
    at('ui/dist/index.html', 400);
    at('ui/src/wall/Tile.svelte', 500);
    expect(needsBuild(folder)).toBe(true);
  });
});

describe('the core under the demo', () => {
  /** Serves /healthz on a free port, tells its parent, its arguments in a file, and ends with the code it is given. */
  const standIn = `
    import { createServer } from 'node:http';
    import { writeFileSync } from 'node:fs';
    if (process.env.CODE) process.exit(Number(process.env.CODE));
    const server = createServer((_, response) => response.end('{}'));
    server.listen(0, '127.0.0.1', () => {
      writeFileSync('arguments', process.argv.slice(2).join(' '));
      process.send({ type: 'opened', host: '127.0.0.1', port: server.address().port });
    });
    process.once('SIGTERM', () => process.exit(0));
  `;

  it('is waited for until it answers, and ended with SIGTERM', async () => {
    mkdirSync(join(folder, 'server'));
    writeFileSync(join(folder, 'server', 'main.ts'), standIn);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const core = startCore({ root: folder, env: process.env, initFrom: '/x/site.json' });
    expect(await answering(core)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe('--init --site /x/site.json');
    core.process.kill('SIGTERM');
    expect(await core.ended).toBe(0);
  });

  it('ends the waiting with its own end', async () => {
    mkdirSync(join(folder, 'server'));
    writeFileSync(join(folder, 'server', 'main.ts'), standIn);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const core = startCore({ root: folder, env: { ...process.env, CODE: '7' }, initFrom: null });
    expect(await answering(core)).toBeNull();
    expect(await core.ended).toBe(7);
  });
});

describe('the ports of the demo', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  let taken: Server;
  let takenPort: number;
  beforeEach(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    takenPort = (taken.address() as AddressInfo).port;
  });
  afterEach(() => taken.close());

  it('are those of its lines for ever: free ones, each another, below those of outgoing connections', async () => {
    const { plan } = demoSite(1);
    // Drawn: one that is taken, one again and again, then others.
    const draws = [takenPort, 20_001, 20_001, 20_002, 20_003];
    let i = 0;
    const draw = (): number => draws[i++] ?? 20_100 + i;
    const { lines } = await withLinePorts(plan, '127.0.0.1', draw);
    const ports = lines.map(({ port }) => port);
    expect(new Set(ports).size).toBe(plan.lines.length);
    expect(ports).not.toContain(takenPort);
    expect(i).toBeGreaterThanOrEqual(plan.lines.length + 2);
    expect(await withLinePorts({ ...plan, lines }, '127.0.0.1')).toEqual({ ...plan, lines });
    const { lines: drawn } = await withLinePorts(plan, '127.0.0.1');
    for (const { port } of drawn) expect(port >= 20_000 && port < 32_000).toBe(true);
  });

  const lineAt = (port: number): FleetPlan => {
    const { plan } = demoSite(1);
    const [line] = plan.lines;
    if (line === undefined) throw new Error('the demo has no line');
    return { ...plan, lines: [{ ...line, port, meters: [] }] };
  };
  const clock = realClock({ startMs: 0, speed: 1, precise: false });

  it('are waited for while a predecessor still holds one', async () => {
    const starting = startFleet({ plan: lineAt(takenPort), clock, host: '127.0.0.1', state: null });
    taken.close();
    const fleet = await starting;
    expect(fleet.lines.map(({ port }) => port)).toEqual([takenPort]);
    await fleet.stop();
  });

  it('are named where another program keeps one', async () => {
    await expect(startFleet({ plan: lineAt(takenPort), clock, host: '127.0.0.1', state: null })).rejects.toThrow(
      `127.0.0.1:${takenPort} of a simulated line is taken by another program`,
    );
  });

  it.each([
    ['taken', () => String(takenPort), () => `127.0.0.1:${takenPort} is taken: another program listens there; `],
    ['none', () => 'http', () => 'PORT=http: expected a port, such as 8080'],
  ])('end it in one line when that of the wall is %s, and nothing is made', async (_, port, line) => {
    const { PATH, HOME } = process.env;
    const dataDir = join(folder, 'data');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'simulators/demo.ts'], {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH, HOME, DATA_DIR: dataDir, PORT: port() } },
    });
    let said = '';
    child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    expect(await once(child, 'close')).toEqual([78, null]);
    expect(said.trimEnd().split('\n')).toEqual([expect.stringContaining(line())]);
    expect(existsSync(dataDir)).toBe(false);
  });
});
