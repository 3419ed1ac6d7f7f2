/** Whole fleets and the command line over real sockets. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../simulators/clock.ts';
import { sealed } from '../../simulators/crc.ts';
import { startFleet, type Fleet } from '../../simulators/fleet.ts';
import { keep, loadState } from '../../simulators/keeper.ts';
import { generateSite } from '../../simulators/site/generate.ts';
import { bytes, frame, hex } from './bench.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattroom-fleet-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { plan } = generateSite({ id: 'test', name: 'Test', rooms: 120, seed: 2 });
const START_MS = Date.UTC(2026, 3, 15);

function start(state: string, siteMs = START_MS): Promise<Fleet> {
  const clock = realClock({ startMs: siteMs, speed: 1, precise: false });
  return startFleet({ plan, clock, host: '127.0.0.1', state: loadState(state) });
}

/** Sends one frame over RTU/TCP and waits for `length` bytes. */
async function ask(port: number, request: string, length: number): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let heard = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.length >= length) resolve();
    });
    socket.write(bytes(request));
  });
  socket.destroy();
  return hex(heard);
}

describe('a fleet', () => {
  it('keeps ports, indexes and tripped breakers over a restart', async () => {
    const path = join(folder, 'state.json');
    const first = await start(path);
    const [line] = first.lines;
    const meter = line?.planned.meters.find(({ model }) => model === 'ddsy1352');
    if (line === undefined || meter === undefined) throw new Error('the plan has no DDSY1352 on its first line');
    const trip = hex(sealed(meter.unitId, bytes('10 00 57 00 02 04 00 01 00 01')));
    const acknowledgement = hex(sealed(meter.unitId, bytes('10 00 57 00 02')));
    expect(await ask(line.port, trip, 8)).toBe(acknowledgement);
    const keeper = keep(first, path, 1);
    keeper.stop();
    await first.stop();
    const before = loadState(path);

    const second = await start(path, START_MS + 3_600_000);
    const after = second.snapshot();
    await second.stop();
    expect(after.ports).toEqual(before?.ports);
    expect(Object.keys(after.meters)).toHaveLength(plan.lines.flatMap(({ meters }) => meters).length);
    expect(after.meters[meter.id]).toEqual(before?.meters[meter.id]);
    expect(after.meters[meter.id]).toMatchObject({ relayClosed: false, forcedTrip: true });
    expect(before?.running).toBe(false);
  });

  it('counts at a main meter what all behind it count, and a little more for the cables', async () => {
    const fleet = await start(join(folder, 'none.json'));
    const indexes = (): Map<string, number> =>
      new Map([...fleet.meters].map(([id, meter]) => [id, meter.look().index]));
    const before = indexes();
    for (const meter of fleet.meters.values()) meter.advance({ siteMs: START_MS + 3_600_000, monoMs: 3_600_000 });
    const after = indexes();
    await fleet.stop();
    const used = (id: string): number => after.get(id)! - before.get(id)!;
    const all = plan.lines.flatMap(({ meters }) => meters);
    const behind = all.filter(({ upstream }) => upstream === 'A-main').map(({ id, ct, pt }) => used(id) * ct * pt);
    const sum = behind.reduce((total, wh) => total + wh, 0);
    expect(behind.length).toBeGreaterThan(40);
    expect(used('A-main') / sum).toBeGreaterThan(1.015);
    expect(used('A-main') / sum).toBeLessThan(1.06);
  });

  it('drops the connection with the reconnect fault, and takes the next one', async () => {
    const fleet = await start(join(folder, 'none.json'));
    const line = fleet.lines.find(({ planned }) => planned.transport === 'rtuTcp');
    if (line === undefined) throw new Error('the plan has no RTU line');
    line.line.faults.reconnect = 1;
    const socket = connect(line.port, '127.0.0.1');
    socket.write(bytes(frame('04 00 00 00 02')));
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    line.line.faults.reconnect = 0;
    expect(await ask(line.port, frame('04 00 14 00 02'), 9)).toMatch(/^01 04 04 /);
    await fleet.stop();
  });
});

const run = promisify(execFile);
const cli = ['--disable-warning=ExperimentalWarning', 'simulators/cli.ts'];

/** Starts the command line and waits for the address of its first line. */
async function simulate(args: readonly string[]): Promise<{ child: ChildProcess; port: string }> {
  const child = spawn(process.execPath, [...cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /127\.0\.0\.1:(\d+) /.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, port };
}

async function ended(child: ChildProcess): Promise<number | null> {
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return code;
}

describe('npm run simulate', () => {
  it('explains itself, and each mistake', async () => {
    expect((await run(process.execPath, [...cli, '--help'])).stdout).toContain('--transport KIND');
    const wrong = (args: string[]): Promise<unknown> => run(process.execPath, [...cli, ...args]);
    await expect(wrong(['--fault', 'gremlins=1'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fault gremlins') as unknown,
    });
    await expect(wrong(['--unit', '300'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unitId') as unknown,
    });
    await expect(wrong(['--colour', 'red'])).rejects.toMatchObject({ code: 2 });
  });

  it('serves a meter to mbpoll and remembers it', async () => {
    const state = join(folder, 'cli.json');
    const options = ['--model', 'xintai', '--transport', 'tcp', '--index', '5000', '--state', state];
    const first = await simulate(options);
    const valve = ['-m', 'tcp', '-p', first.port, '-1', '-0', '-a', '1', '-t', '4', '-r', '28'];
    await run('mbpoll', [...valve, '127.0.0.1', '2']);
    expect(await ended(first.child)).toBe(0);
    const second = await simulate(options);
    expect(second.port).toBe(first.port);
    const { stdout } = await run('mbpoll', [...valve, '-c', '1', '127.0.0.1']);
    expect(stdout).toMatch(/\[28\]:\s+2/);
    expect(await ended(second.child)).toBe(0);
  });
});
