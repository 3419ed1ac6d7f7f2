import { afterEach, describe, expect, it } from 'vitest';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import { nextProbe } from '../../server/lines/probe.ts';
import type { Line, LineMeter } from '../../server/lines/types.ts';
import { realClock } from '../../simulators/clock.ts';
import { startFleet, type Fleet } from '../../simulators/fleet.ts';
import type { PlannedLine } from '../../simulators/plan.ts';
import type { ProfileName } from '../../protocol/site.ts';
import { config, meter, rig } from './support/rig.ts';

const fleets: Fleet[] = [];
const lines: Line[] = [];
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
  await Promise.all(fleets.splice(0).map((fleet) => fleet.stop()));
});

const models = ['ddsy1352', 'dtsy1352', 'sdm120', 'sdm630', 'xintai'] as const;
const profileOf: Record<(typeof models)[number], ProfileName> = {
  ddsy1352: 'acrel-ddsy1352',
  dtsy1352: 'acrel-dtsy1352',
  sdm120: 'eastron-sdm120',
  sdm630: 'eastron-sdm630',
  xintai: 'xintai-valve-water',
};
const meterCount = 10;
/** Far enough apart that no other meter's index, and no sum of two days' use, is taken for another's. */
const startIndex = (unitId: number): number => unitId * 1_000_000;

/** Ten meters of five models on one simulated line, each with an index of its own million. */
async function set(transport: 'rtuTcp' | 'tcp', faults: PlannedLine['faults'], timeoutMs: number) {
  const planned = Array.from({ length: meterCount }, (_, at) => ({
    id: `M${at + 1}`,
    model: models[at % models.length] ?? 'ddsy1352',
    unitId: at + 1,
    number: String(220_301_000_000 + at + 1),
    load: { profile: 'steady', seed: at, factor: 1 } as const,
    pt: 1,
    ct: 1,
    startIndex: startIndex(at + 1),
    faults: {},
  }));
  const wire = { baud: 115_200, parity: 'none', stopBits: 1 } as const;
  const line: PlannedLine = {
    id: 'L1',
    transport,
    port: 0,
    path: '',
    ...wire,
    turnaroundMs: 1,
    faults,
    meters: planned,
  };
  const clock = realClock({ startMs: Date.UTC(2026, 2, 15), speed: 1 });
  const plan = { format: 'wattroom-fleet/1', timeZone: 'Asia/Shanghai', seed: 11, lines: [line] } as const;
  const fleet = await startFleet({ plan: { ...plan, lines: [line] }, clock, host: '127.0.0.1', state: null });
  fleets.push(fleet);
  const port = fleet.lines[0]?.port ?? 0;
  const acrel = { settleMs: 50 };
  const profiles = createProfiles(
    profileOptions({ 'acrel-ddsy1352': acrel, 'acrel-dtsy1352': acrel, 'xintai-valve-water': { settleMs: 500 } }),
  );
  const meters = planned.map((each): LineMeter =>
    meter(each.id, each.unitId, {
      profile: profileOf[each.model],
      number: each.model.startsWith('sdm') ? null : each.number,
      pollIntervalMs: 100,
      hasBreaker: !each.model.startsWith('sdm'),
    }),
  );
  const made = rig(config({ kind: transport, host: '127.0.0.1', port }, { ...wire, timeoutMs }), meters, {
    profiles,
    link: { pauseMs: 20, pauseMsMax: 100, connectMs: 2_000 },
  });
  lines.push(made.line);
  made.line.start();
  return { ...made, fleet, meters };
}

describe.each(['rtuTcp', 'tcp'] as const)('the simulated meters over %s', (transport) => {
  it('are all read and switched', async () => {
    const { seen, wanted, line, meters } = await set(transport, {}, 300);
    for (const each of meters) {
      const report = await seen((some) => some.type === 'reading' && some.reading.meterId === each.meterId);
      if (report.type !== 'reading') throw new Error('a reading');
      expect(Math.floor(Number(report.reading.index) / 1_000_000)).toBe(each.unitId);
      expect(report.reading.number).toBe(each.number);
      expect(report.reading.status.switchState).toBe(each.hasBreaker ? 'closed' : null);
    }
    // The simulated valves take their six seconds, so they are switched once only.
    const switchable = meters.filter(
      (each) => each.hasBreaker && (transport === 'rtuTcp' || each.profile.startsWith('acrel')),
    );
    for (const state of ['open', 'closed'] as const) {
      for (const { meterId } of switchable) {
        wanted.set(meterId, { state, mayWrite: true });
        line.differs(meterId);
      }
      for (const { meterId } of switchable) {
        await seen(
          (some) =>
            some.type === 'switched' &&
            some.meterId === meterId &&
            some.wanted === state &&
            some.outcome === 'confirmed',
        );
      }
    }
  });

  it('say which model stands at a unit id, and its number', async () => {
    const { seen, line, meters } = await set(transport, {}, 300);
    await seen((some) => some.type === 'reading');
    for (const unitId of [1, 2, 3, 4, 5, 77])
      line.run({
        ...{ id: `u${unitId}`, target: { unitId }, priority: 'parameters', mayWrite: () => false },
        next: nextProbe,
      });
    for (const { unitId, profile, number } of meters.slice(0, 5)) {
      const report = await seen((some) => some.type === 'task' && some.taskId === `u${unitId}`);
      expect(report).toMatchObject({ outcome: { kind: 'done', result: { profile, number } } });
    }
    const nobody = await seen((some) => some.type === 'task' && some.taskId === 'u77');
    expect(nobody).toMatchObject({ outcome: { kind: 'failed', reason: 'timeout' } });
  });

  it('give no reading to the wrong meter in 500 faulty transactions on real sockets', async () => {
    const each = 0.03;
    const faults = {
      loss: each,
      late: each,
      lateMs: 250,
      crcError: each,
      truncated: each,
      duplicated: each,
      wrongUnit: each,
      exception: each,
      babble: each,
    };
    const { reports, line, seen } = await set(transport, faults, 100);
    await seen(() => line.figures().requests >= 500);
    const readings = reports.filter((report) => report.type === 'reading').map((report) => report.reading);
    expect(readings.length).toBeGreaterThan(200);
    const wrong = readings.filter(
      ({ index, meterId }) => typeof index !== 'number' || Math.floor(index / 1_000_000) !== Number(meterId.slice(1)),
    );
    expect(wrong).toEqual([]);
    const figures = line.figures();
    expect(figures.timeouts + figures.crcErrors).toBeGreaterThan(10);
  });
});
