import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from '../../simulators/keeper.ts';
import { startFleet } from '../../simulators/fleet.ts';
import { models } from '../../simulators/meters/meter.ts';
import { savedMeterSchema } from '../../simulators/meters/saved.ts';
import type { FleetPlan } from '../../simulators/plan.ts';
import { fleetStateSchema, readJson, writeJson, type FleetState } from '../../simulators/stateFile.ts';
import { Bench, HOUR_MS, START_MS } from './bench.ts';
import { steppedClock } from './steppedClock.ts';

describe('the memory of a meter', () => {
  it.each(models)('of model %s comes back through JSON with index, switch and money', (model) => {
    const first = new Bench(model, { startIndex: 5_000_000, faults: { clockDriftMsPerHour: 1_000 } });
    first.pass(3 * HOUR_MS);
    first.ask('10 00 4E 00 03 06 00 07 00 00 27 10');
    first.ask('10 00 57 00 02 04 00 01 00 01');
    first.ask('06 00 1C 00 02');
    const saved = savedMeterSchema.parse(JSON.parse(JSON.stringify(first.meter.save())));
    const second = new Bench(model, { saved, startIndex: 1, number: '999' });
    expect(second.meter.look()).toEqual(
      model === 'xintai' ? { ...first.meter.look(), conducting: false } : first.meter.look(),
    );
    expect(second.meter.save()).toEqual(saved);
    const blocks = [
      [0x0000, 10],
      [0x0043, 3],
      [0x004e, 3],
      [0x0057, 2],
      [0x0048, 2],
      [0x0012, 4],
    ] as const;
    for (const [address, count] of blocks) {
      expect(second.read(address, count), `register ${address}`).toBe(first.read(address, count));
    }
    expect(second.read(0x0048, 2, 4)).toBe(first.read(0x0048, 2, 4));
  });

  it('is a copy: what the meter does later does not change it', () => {
    const bench = new Bench('ddsy1352');
    const saved = JSON.stringify(bench.meter.save());
    const kept = bench.meter.save();
    bench.pass(HOUR_MS);
    expect(JSON.stringify(kept)).toBe(saved);
  });

  it('of one model is refused by another', () => {
    const saved = new Bench('ddsy1352').meter.save();
    expect(() => new Bench('dtsy1352', { saved })).toThrow('saved as ddsy1352');
  });
});

describe('the state file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wattroom-state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const state: FleetState = {
    format: 'wattroom-fleet-state/1',
    siteMs: 1,
    speed: 1,
    running: false,
    ports: { a: 1502 },
    meters: { m: new Bench('ddsy1352').meter.save() },
  };

  it('is replaced whole, leaves no other file, and is readable by its owner alone', () => {
    const path = join(folder, 'state.json');
    writeJson(path, { ...state, siteMs: 0 }, 0o600);
    writeJson(path, state, 0o600);
    expect(readdirSync(folder)).toEqual(['state.json']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readJson(path, fleetStateSchema)).toEqual(state);
  });

  it('is null when absent, and an error naming the file when broken', () => {
    const path = join(folder, 'state.json');
    expect(readJson(path, fleetStateSchema)).toBeNull();
    writeFileSync(path, '{"format":"wattroom-fleet-state/1"');
    expect(() => readJson(path, fleetStateSchema)).toThrow(`${path} is not JSON`);
    writeFileSync(path, JSON.stringify({ ...state, siteMs: 'late' }));
    expect(() => readJson(path, fleetStateSchema)).toThrow(`${path} cannot be used`);
  });
});

describe('the site time of a new start', () => {
  const saved = {
    format: 'wattroom-fleet-state/1',
    siteMs: 1_000_000,
    speed: 60,
    running: false,
    ports: {},
    meters: {},
  } as const;

  it('is the wall clock for a new site', () => {
    expect(startOf(null, 60, 5)).toEqual({ siteMs: 5, leadMs: 0, catchUpMs: 0 });
  });

  it('goes on where scaled time stopped', () => {
    expect(startOf(saved, 60, 9_000_000)).toEqual({ siteMs: 1_000_000, leadMs: 0, catchUpMs: 0 });
  });

  it('has gone on with the wall clock where time is real', () => {
    expect(startOf({ ...saved, speed: 1 }, 1, 9_000_000)).toEqual({ siteMs: 9_000_000, leadMs: 0, catchUpMs: 0 });
    expect(startOf({ ...saved, speed: 1 }, 1, 500)).toEqual({ siteMs: 1_000_000, leadMs: 999_500, catchUpMs: 0 });
  });

  it('has the seconds a killed simulator had not saved counted again, at the speed they ran', () => {
    expect(startOf({ ...saved, running: true }, 60, 0)).toMatchObject({ siteMs: 1_000_000, catchUpMs: 240_000 });
    const real = startOf({ ...saved, running: true }, 1, 9_000_000);
    expect(real).toEqual({ siteMs: 9_000_000, leadMs: 0, catchUpMs: 240_000 });
  });
});

describe('a killed fleet', () => {
  const plan: FleetPlan = {
    format: 'wattroom-fleet/1',
    timeZone: 'Asia/Shanghai',
    seed: 1,
    lines: [],
  };
  const lines = models.map((model, i): FleetPlan['lines'][number] => ({
    id: model,
    transport: 'rtuTcp',
    port: 0,
    path: '',
    baud: 9600,
    parity: 'none',
    stopBits: 1,
    turnaroundMs: 0,
    faults: {},
    meters: [
      {
        id: model,
        model,
        unitId: 1,
        number: '1',
        load: { profile: 'flat', seed: i, factor: 5 },
        pt: 1,
        ct: 1,
        startIndex: 0,
        faults: {},
      },
    ],
  }));

  async function index(siteMs: number, state: FleetState | null, passMs: number, catchUpMs: number) {
    const clock = steppedClock(siteMs);
    const fleet = await startFleet({ plan: { ...plan, lines }, clock, host: '127.0.0.1', state, catchUpMs });
    clock.step(passMs);
    const memory = fleet.snapshot();
    await fleet.stop();
    return { memory, indexes: [...fleet.meters.values()].map((meter) => meter.look().index) };
  }

  it('shows no register lower than before, whatever the hour of its return; a stopped one shows the same', async () => {
    const evening = START_MS + 10 * HOUR_MS;
    const saved = await index(evening, null, 60_000, 0);
    const state: FleetState = { format: 'wattroom-fleet-state/1', speed: 1, running: true, ...saved.memory };
    // Shown until 4 s after the save; back in the night, when little is drawn.
    const shown = await index(evening, null, 64_000, 0);
    const night = START_MS + 18 * HOUR_MS;
    const back = await index(night, state, 0, 4_000);
    back.indexes.forEach((value, i) => expect(value).toBeCloseTo(shown.indexes[i] ?? Number.NaN, 6));
    expect((await index(night, { ...state, running: false }, 0, 0)).indexes).toEqual(saved.indexes);
    expect(saved.indexes.some((value) => value > 0)).toBe(true);
  });
});
