/** The demo's own parts, with a stand-in for the core. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { siteFileSchema } from '../../protocol/site.ts';
import { realClock } from '../../simulators/clock.ts';
import { answering, startCore } from '../../simulators/demo/core.ts';
import { demoFiles, ensureSiteFile, isInitialised, loginsOf, planOf } from '../../simulators/demo/files.ts';
import { needsBuild } from '../../simulators/demo/interface.ts';
import { startFleet } from '../../simulators/fleet.ts';
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
    const plan = planOf(files);
    expect(planOf(files)).toEqual(plan);
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
    expect(site.operators.map(({ name }) => name)).toEqual(['administrator', 'operator', 'viewer']);
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
  /** Serves /healthz on a free port, tells it in a file, and ends with the code it is given. */
  const standIn = `
    import { createServer } from 'node:http';
    import { writeFileSync, renameSync } from 'node:fs';
    if (process.env.CODE) process.exit(Number(process.env.CODE));
    const server = createServer((_, response) => response.end('{}'));
    server.listen(0, '127.0.0.1', () => {
      writeFileSync('port.next', String(server.address().port) + ' ' + process.argv.slice(2).join(' '));
      renameSync('port.next', 'port');
    });
    process.once('SIGTERM', () => process.exit(0));
  `;

  async function portOf(): Promise<{ port: string; args: string[] }> {
    const path = join(folder, 'port');
    await expect.poll(() => existsSync(path), { timeout: 20_000, interval: 20 }).toBe(true);
    const text = readFileSync(path, 'utf8');
    const [port = '', ...args] = text.split(' ');
    return { port, args };
  }

  it('is waited for until it answers, and ended with SIGTERM', async () => {
    mkdirSync(join(folder, 'server'));
    writeFileSync(join(folder, 'server', 'main.ts'), standIn);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const core = startCore({ root: folder, env: process.env, initFrom: '/x/site.json' });
    const { port, args } = await portOf();
    expect(args).toEqual(['--init', '--site', '/x/site.json']);
    expect(await answering(`http://127.0.0.1:${port}`, core)).toBe(true);
    core.process.kill('SIGTERM');
    expect(await core.ended).toBe(0);
  });

  it('ends the waiting with its own end', async () => {
    mkdirSync(join(folder, 'server'));
    writeFileSync(join(folder, 'server', 'main.ts'), standIn);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const core = startCore({ root: folder, env: { ...process.env, CODE: '7' }, initFrom: null });
    expect(await answering('http://127.0.0.1:9', core)).toBe(false);
    expect(await core.ended).toBe(7);
  });
});
