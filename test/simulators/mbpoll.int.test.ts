/** An independent master, Debian's mbpoll, reads and switches every simulated meter. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../simulators/clock.ts';
import { startFleet, type Fleet } from '../../simulators/fleet.ts';
import { models } from '../../simulators/meters/meter.ts';
import type { FleetPlan, PlannedLine } from '../../simulators/plan.ts';

const run = promisify(execFile);

/** The same five meters on each line, units 1 to 5. */
function line(id: string, transport: PlannedLine['transport'], path = ''): PlannedLine {
  const meters = models.map((model, i) => ({
    id: `${id}-${model}`,
    model,
    unitId: i + 1,
    number: `20260000000${i + 1}`,
    load: { profile: 'steady' as const, seed: i, factor: 2 },
    pt: 1,
    ct: 1,
    startIndex: 1_234_500,
    faults: {},
  }));
  return {
    id,
    transport,
    port: 0,
    path,
    baud: 19_200,
    parity: 'none',
    stopBits: 1,
    turnaroundMs: 0,
    faults: {},
    meters,
  };
}

type Door = { readonly mode: readonly string[]; readonly target: string };

/** Values by address as mbpoll prints them: `[512]: 	7`. */
async function mbpoll(
  door: Door,
  args: readonly string[],
  values: readonly string[] = [],
): Promise<Map<number, string>> {
  const { stdout } = await run('mbpoll', [...door.mode, '-1', '-0', '-o', '2', ...args, door.target, ...values]);
  const found = stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm);
  return new Map(Array.from(found, ([, address = '', value = '']) => [Number(address), value]));
}

describe.each(['Modbus TCP', 'a pseudo-terminal'] as const)('mbpoll over %s', (way) => {
  let fleet: Fleet;
  let door: Door;
  let socat: ChildProcess | null = null;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wattroom-mbpoll-'));
    const ours = join(folder, 'ours');
    const theirs = join(folder, 'theirs');
    if (way === 'a pseudo-terminal') socat = await pair(ours, theirs);
    const planned = way === 'Modbus TCP' ? line('tcp', 'tcp') : line('serial', 'serial', ours);
    const plan: FleetPlan = { format: 'wattroom-fleet/1', timeZone: 'Asia/Shanghai', seed: 1, lines: [planned] };
    const clock = realClock({ startMs: Date.UTC(2026, 3, 15), speed: 1, precise: false });
    fleet = await startFleet({ plan, clock, host: '127.0.0.1', state: null });
    const port = String(fleet.lines[0]?.port);
    door =
      way === 'Modbus TCP'
        ? { mode: ['-m', 'tcp', '-p', port], target: '127.0.0.1' }
        : { mode: ['-m', 'rtu', '-b', '19200', '-P', 'none'], target: theirs };
  });

  afterAll(async () => {
    await fleet.stop();
    socat?.kill();
    rmSync(folder, { recursive: true });
  });

  it('reads the energy and the poll block of a DDSY1352', async () => {
    const energy = await mbpoll(door, ['-a', '1', '-t', '4:int', '-B', '-r', '0', '-c', '1']);
    expect(Number(energy.get(0))).toBeGreaterThanOrEqual(123_448);
    const block = await mbpoll(door, ['-a', '1', '-t', '4', '-r', '512', '-c', '48']);
    expect(block.size).toBe(48);
    expect(block.get(0x0200)).toBe('7');
    expect(block.get(0x0224)).toBe(String(0x2028));
  });

  it('reads a DTSY1352', async () => {
    const block = await mbpoll(door, ['-a', '2', '-t', '4', '-r', '512', '-c', '48']);
    expect(block.get(0x0200)).toBe('5');
    expect(Number(block.get(0x0203))).toBeGreaterThan(2199);
  });

  it('reads the floats of an SDM120 and an SDM630', async () => {
    const one = await mbpoll(door, ['-a', '3', '-t', '3:float', '-B', '-r', '72', '-c', '1']);
    expect(Number(one.get(72))).toBeCloseTo(1234.5, 0);
    const three = await mbpoll(door, ['-a', '4', '-t', '3:float', '-B', '-r', '52', '-c', '1']);
    expect(Number(three.get(52))).toBeGreaterThan(1900);
  });

  it('reads and closes a valve water meter', async () => {
    const valve = ['-a', '5', '-t', '4', '-r', '28'];
    expect((await mbpoll(door, [...valve, '-c', '1'])).get(28)).toBe('1');
    await mbpoll(door, valve, ['2']);
    expect((await mbpoll(door, [...valve, '-c', '1'])).get(28)).toBe('0');
  });

  it('trips and closes a DDSY1352', async () => {
    const forced = ['-a', '1', '-t', '4', '-r', '87'];
    const status = ['-a', '1', '-t', '4', '-r', '548', '-c', '1'];
    await mbpoll(door, forced, ['1', '1']);
    expect(Number((await mbpoll(door, ['-a', '1', '-t', '4', '-r', '512', '-c', '48'])).get(0x0224)) >> 13).toBe(0);
    await mbpoll(door, forced, ['1', '0']);
    expect(Number((await mbpoll(door, status)).get(548)) >> 13).toBe(1);
  });

  it('is told of an unknown register', async () => {
    await expect(mbpoll(door, ['-a', '1', '-t', '4', '-r', '4096', '-c', '1'])).rejects.toThrow(/Illegal data address/);
  });
});

/** Two connected pseudo-terminals; ready when both links are there. */
function pair(ours: string, theirs: string): Promise<ChildProcess> {
  const child = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`]);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`socat ended with ${code}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('starting data transfer loop') && existsSync(ours) && existsSync(theirs)) resolve(child);
    });
  });
}
