import { describe, expect, it } from 'vitest';
import { createLine, lineOptions } from '../../server/lines/line.ts';
import type { LineMeter, LineReport, MeterReading, SwitchState } from '../../server/lines/types.ts';
import { allFaults, FaultyLine, indexOf, modelOf, noFaults } from './support/faulty-line.ts';
import { config, meter } from './support/rig.ts';
import { seeded, VirtualClock } from './support/virtual-clock.ts';

const profiles = { ddsy: 'acrel-ddsy1352', sdm: 'eastron-sdm120', xintai: 'xintai-valve-water' } as const;
const unitOf = (meterId: string): number => Number(meterId.slice(1));

function meters(count: number): LineMeter[] {
  return Array.from({ length: count }, (_, at) => {
    const model = modelOf(at + 1);
    const number = model === 'sdm' ? null : String(4000 + at + 1);
    return meter(`M${at + 1}`, at + 1, {
      profile: profiles[model],
      number,
      pollIntervalMs: 2_000,
      hasBreaker: model !== 'sdm',
    });
  });
}

/** What is wrong with a reading, told from its values alone; empty when nothing is. */
function mixUps(reading: MeterReading, line: FaultyLine): string[] {
  const unitId = unitOf(reading.meterId);
  const found: string[] = [];
  const model = modelOf(unitId);
  // A reading of two blocks takes its index from the first of them.
  const sequence = line.lastRequests.get(unitId)?.[model === 'sdm' ? 1 : 0] ?? 0;
  if (reading.index !== indexOf(unitId, sequence) * 1000) found.push(`index ${reading.index} of request ${sequence}`);
  if (model === 'ddsy' && reading.live.volts?.[0] !== (2000 + unitId) / 10)
    found.push(`volts ${reading.live.volts?.join()}`);
  if (model === 'sdm' && (reading.live.volts?.[0] !== 200 + unitId || reading.live.amps?.[0] !== unitId))
    found.push('live block');
  if (model === 'xintai' && reading.reverse !== unitId * 1000) found.push(`reverse ${reading.reverse}`);
  if (reading.number !== null && reading.number !== String(4000 + unitId)) found.push(`number ${reading.number}`);
  return found.map((what) => `${reading.meterId}: ${what}`);
}

/** Runs a line for `transactions` under all faults, switching at random, then without faults until everything is as wanted. */
function run(seed: number, transactions: number) {
  const clock = new VirtualClock();
  const random = seeded(seed);
  const field = new FaultyLine(clock, random, 12, 9600);
  const wanted = new Map<string, SwitchState>();
  const problems: string[] = [];
  let readings = 0;
  let confirmed = 0;
  const report = (each: LineReport): void => {
    if (each.type === 'reading') {
      readings += 1;
      problems.push(...mixUps(each.reading, field));
    }
    if (each.type !== 'switched' || each.outcome !== 'confirmed') return;
    confirmed += 1;
    const actual = field.meters.get(unitOf(each.meterId))?.closed === true ? 'closed' : 'open';
    if (actual !== each.wanted) problems.push(`${each.meterId}: confirmed ${each.wanted}, is ${actual}`);
  };
  field.onWrite = (unitId, values) => {
    const isOpen = modelOf(unitId) === 'ddsy' ? values[1] === 1 : values[0] === 2;
    if (wanted.get(`M${unitId}`) !== (isOpen ? 'open' : 'closed'))
      problems.push(`M${unitId}: written ${values.join()} unwanted`);
    if (modelOf(unitId) === 'ddsy' && values[0] !== 1) problems.push(`M${unitId}: released`);
  };
  const wantedNow = (meterId: string) => {
    const state = wanted.get(meterId);
    return state === undefined ? null : { state, mayWrite: true };
  };
  const deps = { mono: clock.mono, after: clock.after, site: clock.mono, report, wantedNow };
  const all = meters(12);
  const line = createLine(config({ kind: 'rtuTcp', host: 'none', port: 1 }, { timeoutMs: 150 }), all, deps, {
    ...lineOptions(),
    random,
    transport: () => field,
  });
  line.start();
  field.faults = allFaults;
  const switchable = all.filter((each) => each.hasBreaker);
  while (field.requests < transactions) {
    clock.runFor(3_000);
    const one = switchable[Math.floor(random() * switchable.length)];
    if (one === undefined) continue;
    wanted.set(one.meterId, random() < 0.5 ? 'open' : 'closed');
    line.differs(one.meterId);
    if (random() < 0.3) line.readNow(one.meterId);
  }
  field.faults = noFaults;
  clock.runFor(120_000);
  wanted.forEach((_, meterId) => line.differs(meterId));
  clock.runFor(300_000);
  return { field, line, wanted, problems, readings, confirmed };
}

describe('a line under every fault at once', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'never takes a value for another meter, register or moment, and ends as wanted (seed %i)',
    (seed) => {
      const { field, line, wanted, problems, readings, confirmed } = run(seed, 6_000);
      expect(problems).toEqual([]);
      expect(field.requests).toBeGreaterThanOrEqual(6_000);
      expect(Math.min(...Object.values(field.injected))).toBeGreaterThan(50);
      expect(readings).toBeGreaterThan(2_000);
      expect(confirmed).toBeGreaterThan(50);
      wanted.forEach((state, meterId) =>
        expect([meterId, field.meters.get(unitOf(meterId))?.closed]).toEqual([meterId, state === 'closed']),
      );
      expect(line.figures().meters.every((each) => each.online)).toBe(true);
    },
  );
});
