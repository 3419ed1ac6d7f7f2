/** `0000 xxxx` at 0x0057 hands a breaker to the meter's own balance: it reaches meters that charge themselves, and no other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLine, lineOptions } from '../../server/lines/line.ts';
import type { LineMeter, LineReport, WantedNow, WantedState } from '../../server/lines/types.ts';
import { allFaults, FaultyLine } from './support/faulty-line.ts';
import { config, meter } from './support/rig.ts';
import { seeded, VirtualClock } from './support/virtual-clock.ts';

const ddsy = (unitId: number, more: Partial<LineMeter> = {}): LineMeter =>
  meter(`M${unitId}`, unitId, {
    ...{ profile: 'acrel-ddsy1352', number: String(4000 + unitId), pollIntervalMs: 2_000 },
    ...more,
  });

function bench(meters: readonly LineMeter[], seed = 1) {
  const clock = new VirtualClock();
  const lineConfig = config({ kind: 'rtuTcp', host: 'none', port: 1 }, { timeoutMs: 200 });
  const field = new FaultyLine(clock, seeded(seed), 10, lineConfig.baud);
  const reports: LineReport[] = [];
  const wanted = new Map<string, WantedNow>();
  const deps = {
    ...{ mono: clock.mono, after: clock.after, site: clock.mono },
    report: (report: LineReport) => void reports.push(report),
    wantedNow: (meterId: string) => wanted.get(meterId) ?? null,
  };
  const line = createLine(lineConfig, meters, deps, { ...lineOptions(), random: () => 0.5, transport: () => field });
  line.start();
  const want = (meterId: string, state: WantedState, mayWrite = true): void => {
    wanted.set(meterId, { state, mayWrite });
    line.differs(meterId);
  };
  const releases = (unitId: number): number[][] =>
    (field.meters.get(unitId)?.writes ?? []).filter(([address, enable]) => address === 0x57 && enable === 0);
  return { clock, field, line, reports, want, releases };
}

describe('the release from forced control', () => {
  it('goes to a meter that charges itself, once, after its number was read, and is confirmed by reading back', () => {
    const { clock, field, want, releases, reports } = bench([ddsy(1, { chargesItself: true })]);
    want('M1', 'own');
    clock.runFor(5_000);
    expect(releases(1)).toEqual([[0x57, 0, 0]]);
    const write = field.log.indexOf('1: 16 87 2');
    expect(field.log[write - 1]).toMatch(/^1: 3 67 [34]$/);
    expect(reports).toContainEqual(expect.objectContaining({ type: 'switched', wanted: 'own', outcome: 'confirmed' }));
    want('M1', 'own');
    clock.runFor(5_000);
    expect(releases(1)).toHaveLength(1);
  });

  it('goes to no other meter, whoever asks: the line stops instead', () => {
    const { clock, want, releases } = bench([ddsy(1)]);
    clock.runFor(1_000);
    want('M1', 'own');
    expect(() => clock.runFor(5_000)).toThrow('a release of a meter that does not charge itself');
    expect(releases(1)).toEqual([]);
  });

  it('does not go out while another meter stands at the unit', () => {
    const { clock, field, want, releases } = bench([ddsy(1, { chargesItself: true, number: '77' })]);
    want('M1', 'own');
    clock.runFor(10_000);
    expect(releases(1)).toEqual([]);
    expect(field.log.filter((entry) => entry === '1: 16 87 2')).toEqual([]);
  });

  it('reaches none but those, on a line with every fault, while people trip, close and release', () => {
    const step = fc.record({
      unit: fc.integer({ min: 1, max: 4 }),
      state: fc.constantFrom('open', 'closed', 'own') as fc.Arbitrary<WantedState>,
      ms: fc.integer({ min: 50, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { minLength: 5, maxLength: 25 }), (seed, steps) => {
        const own = new Set([1, 4]);
        // Units 1 and 4 are meters of that model on the line; 7 is one too, and charged by the platform.
        const meters = [...own].map((unit) => ddsy(unit, { chargesItself: true }));
        const { clock, field, want, releases } = bench([...meters, ddsy(7)], seed);
        field.faults = allFaults;
        for (const { unit, state, ms } of steps) {
          const target = own.has(unit) ? unit : 7;
          want(`M${target}`, target === 7 && state === 'own' ? 'closed' : state);
          clock.runFor(ms);
        }
        expect(releases(7)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
