import { describe, expect, it } from 'vitest';
import { createLine, lineOptions } from '../../server/lines/line.ts';
import type { LineMeter, LineReport, SwitchState, WantedNow } from '../../server/lines/types.ts';
import { pollMs, silenceMs } from '../../server/lines/wire.ts';
import type { LineConfig } from '../../protocol/site.ts';
import { FaultyLine, modelOf } from './support/faulty-line.ts';
import { config, meter } from './support/rig.ts';
import { seeded, VirtualClock } from './support/virtual-clock.ts';

const profiles = { ddsy: 'acrel-ddsy1352', sdm: 'eastron-sdm120', xintai: 'xintai-valve-water' } as const;
const of = (unitId: number, more: Partial<LineMeter> = {}): LineMeter =>
  meter(`M${unitId}`, unitId, {
    profile: profiles[modelOf(unitId)],
    number: String(4000 + unitId),
    pollIntervalMs: 5_000,
    ...more,
  });

/** Unit 1, 4, 7… are DDSY1352, 2, 5… SDM120, 3, 6… water meters. */
function bench(meters: readonly LineMeter[], more: Partial<LineConfig> = {}) {
  const clock = new VirtualClock();
  const lineConfig = config({ kind: 'rtuTcp', host: 'none', port: 1 }, { timeoutMs: 200, ...more });
  const field = new FaultyLine(clock, seeded(1), 40, lineConfig.baud);
  const reports: LineReport[] = [];
  const wanted = new Map<string, WantedNow>();
  const deps = {
    mono: clock.mono,
    after: clock.after,
    site: clock.mono,
    report: (report: LineReport) => void reports.push(report),
    wantedNow: (meterId: string) => wanted.get(meterId) ?? null,
  };
  const line = createLine(lineConfig, meters, deps, { ...lineOptions(), random: () => 0.5, transport: () => field });
  const want = (meterId: string, state: SwitchState, mayWrite = true): void => {
    wanted.set(meterId, { state, mayWrite });
    line.differs(meterId);
  };
  const unit = (unitId: number) => {
    const found = field.meters.get(unitId);
    if (found === undefined) throw new Error('no such unit');
    return found;
  };
  const switched = () => reports.filter((report) => report.type === 'switched');
  const readings = () => reports.filter((report) => report.type === 'reading').map((report) => report.reading);
  line.start();
  return { clock, field, line, reports, wanted, want, unit, switched, readings, lineConfig };
}

const ddsyPoll = /^1: 3 512 4[4-8]$/;
const ddsyNumber = /^1: 3 67 [34]$/;
const tripWrite = '1: 16 87 2';

describe('a meter that comes online', () => {
  it('is read, number first, before anything is written to it', () => {
    const { clock, field, want } = bench([of(1)]);
    want('M1', 'open');
    clock.runFor(3_000);
    expect(field.log[0]).toMatch(ddsyNumber);
    expect(field.log[1]).toMatch(ddsyPoll);
    expect(field.log[2]).toMatch(ddsyNumber);
    expect(field.log[3]).toBe(tripWrite);
    expect(field.log[4]).toMatch(ddsyPoll);
  });

  it('is read again before anything is written after the line was away', () => {
    const { clock, field, want, line } = bench([of(1)]);
    clock.runFor(2_000);
    field.close();
    want('M1', 'open');
    field.log.length = 0;
    clock.runFor(5_000);
    expect(field.log[0]).toMatch(ddsyNumber);
    expect(field.log[1]).toMatch(ddsyPoll);
    expect(field.log.filter((entry) => entry === tripWrite)).toHaveLength(1);
    expect(line.figures()).toMatchObject({ up: true, reconnects: 1 });
  });
});

describe('switching', () => {
  it('writes to a meter out of forced mode even when its relay stands as wanted', () => {
    const { clock, unit, want, readings, switched } = bench([of(1)]);
    unit(1).forced = false;
    clock.runFor(2_000);
    expect(readings()[0]?.status).toMatchObject({ forced: false, switchState: 'closed' });
    want('M1', 'closed');
    clock.runFor(3_000);
    expect(unit(1).writes).toEqual([[0x57, 1, 0]]);
    expect(readings().at(-1)?.status).toMatchObject({ forced: true, switchState: 'closed' });
    expect(switched()).toEqual([
      { type: 'switched', meterId: 'M1', wanted: 'closed', outcome: 'confirmed', attempts: 0, reason: null },
    ]);
  });

  it('confirms without writing what already is as wanted', () => {
    const { clock, unit, want, switched } = bench([of(1)]);
    clock.runFor(2_000);
    want('M1', 'closed');
    clock.runFor(2_000);
    expect(unit(1).writes).toEqual([]);
    expect(switched()).toMatchObject([{ outcome: 'confirmed' }]);
  });

  it.each(['stuck', 'welded'] as const)(
    'gives up tripping a %s breaker after three tries and says it is not confirmed',
    (fault) => {
      const { clock, unit, want, switched } = bench([of(1)]);
      unit(1)[fault] = true;
      clock.runFor(2_000);
      want('M1', 'open');
      clock.runFor(60_000);
      expect(unit(1).writes).toHaveLength(3);
      expect(switched().map((each) => each.outcome)).toEqual(['retrying', 'retrying', 'unconfirmed']);
      expect(switched().at(-1)).toMatchObject({ reason: 'notFollowed', attempts: 3 });
    },
  );

  it('never gives up closing', () => {
    const { clock, unit, want, switched } = bench([of(1)]);
    Object.assign(unit(1), { stuck: true, closed: false });
    clock.runFor(2_000);
    want('M1', 'closed');
    clock.runFor(3_600_000);
    expect(unit(1).writes.length).toBeGreaterThan(50);
    unit(1).stuck = false;
    clock.runFor(70_000);
    expect(switched().at(-1)).toMatchObject({ outcome: 'confirmed', wanted: 'closed' });
  });

  it('leaves a tenant alone whose money came while the trip was waiting', () => {
    const { clock, unit, want, wanted, field } = bench([of(1)]);
    clock.runFor(2_000);
    want('M1', 'open');
    while (!ddsyNumber.test(field.log.at(-1) ?? '')) clock.step();
    wanted.set('M1', { state: 'closed', mayWrite: true });
    clock.runFor(5_000);
    expect(unit(1).writes).toEqual([]);
  });

  it('withdraws a write that is not wanted any more when the wire falls silent', () => {
    const { clock, unit, want, wanted, readings } = bench([of(1, { number: null })], { turnaroundMs: 500 });
    while (readings().length === 0) clock.step();
    want('M1', 'open');
    clock.runFor(300);
    expect(unit(1).writes).toEqual([]);
    wanted.set('M1', { state: 'closed', mayWrite: true });
    clock.runFor(5_000);
    expect(unit(1).writes).toEqual([]);
  });

  it('turns round when the wish turns right after a write', () => {
    const { clock, unit, want, switched } = bench([of(1)]);
    unit(1).closed = false;
    clock.runFor(2_000);
    want('M1', 'closed');
    while (unit(1).writes.length === 0) clock.step();
    want('M1', 'open');
    clock.runFor(5_000);
    expect(unit(1).writes).toEqual([
      [0x57, 1, 0],
      [0x57, 1, 1],
    ]);
    expect(unit(1).closed).toBe(false);
    expect(switched().at(-1)).toMatchObject({ wanted: 'open', outcome: 'confirmed' });
  });

  it('takes a lost acknowledgement for nothing: the read-back confirms', () => {
    const { clock, unit, want, field, switched } = bench([of(1)]);
    clock.runFor(2_000);
    field.onWrite = () => {
      field.faults = { ...field.faults, loss: 1 };
      clock.after(100, () => (field.faults = { ...field.faults, loss: 0 }));
    };
    want('M1', 'open');
    clock.runFor(5_000);
    expect(unit(1).writes).toHaveLength(1);
    expect(switched()).toMatchObject([{ outcome: 'confirmed', attempts: 0 }]);
  });

  it('never trips another meter than the one that is meant, and its readings say whose they are', () => {
    const { clock, unit, want, switched, readings } = bench([of(1)]);
    clock.runFor(2_000);
    unit(1).number = '5555';
    want('M1', 'open');
    clock.runFor(60_000);
    expect(unit(1).writes).toEqual([]);
    expect(switched()).toMatchObject([{ outcome: 'refused', reason: 'wrongNumber' }]);
    expect(readings().at(-1)?.number).toBe('5555');
  });

  it('does not write what may not be written', () => {
    const { clock, unit, want, switched } = bench([of(1)]);
    clock.runFor(2_000);
    want('M1', 'open', false);
    clock.runFor(10_000);
    expect(unit(1).writes).toEqual([]);
    expect(switched()).toMatchObject([{ outcome: 'refused', reason: 'mayNotWrite' }]);
  });

  it('shuts a valve, lets it move, and confirms by its bits', () => {
    const { clock, unit, want, switched, field } = bench([of(3)]);
    clock.runFor(2_000);
    want('M3', 'open');
    clock.runFor(7_500);
    expect(field.log.filter((entry) => entry === '3: 6 28 2')).toHaveLength(1);
    expect(switched()).toEqual([]);
    clock.runFor(3_000);
    expect(switched()).toMatchObject([{ wanted: 'open', outcome: 'confirmed' }]);
    expect(unit(3).closed).toBe(false);
  });

  it('does nothing for a meter without a breaker', () => {
    const { clock, field, want } = bench([of(2, { number: null }), of(1, { hasBreaker: false })]);
    clock.runFor(2_000);
    want('M2', 'open');
    want('M1', 'open');
    clock.runFor(5_000);
    expect(field.log.filter((entry) => / (6|16) /.test(entry.slice(0, 6)))).toEqual([]);
  });

  it('waits for one running exchange at most before a command on a full line', () => {
    const meters = [1, 4, 7, 10, 13].map((unitId) => of(unitId, { pollIntervalMs: 100, number: null }));
    const { clock, want, unit, lineConfig } = bench(meters);
    clock.runFor(10_000);
    const longest = pollMs(lineConfig, 48, 20);
    for (const unitId of [1, 4, 7]) {
      want(`M${unitId}`, 'open');
      const asked = clock.mono();
      while (unit(unitId).writes.length === 0) clock.step();
      expect(clock.mono() - asked).toBeLessThan(1.1 * longest);
      clock.runFor(3_000);
    }
  });
});

describe('a meter that does not answer', () => {
  it('is reported, goes offline after three failures, is probed at a growing pause, and comes back', () => {
    const { clock, field, reports } = bench([of(1), of(4)]);
    clock.runFor(6_000);
    field.dead.add(1);
    clock.runFor(120_000);
    const failed = reports.filter((report) => report.type === 'readFailed');
    expect(failed.length).toBeGreaterThan(5);
    expect(failed.length).toBeLessThan(12);
    expect(failed.every((report) => report.meterId === 'M1' && report.reason === 'timeout')).toBe(true);
    expect(failed.at(-1)?.silentForMs).toBeGreaterThan(60_000);
    field.dead.clear();
    clock.runFor(70_000);
    const links = reports.filter((report) => report.type === 'link' && report.meterId === 'M1');
    expect(links.map((report) => report.type === 'link' && report.online)).toEqual([true, false, true]);
  });

  it('is asked at once when something is to be switched', () => {
    const { clock, field, want, unit } = bench([of(1), of(4)]);
    field.dead.add(1);
    clock.runFor(200_000);
    field.dead.clear();
    unit(1).closed = false;
    want('M1', 'closed');
    clock.runFor(1_500);
    expect(unit(1).closed).toBe(true);
  });

  it('costs the others less than a fifth of the wire when one in ten is dead', () => {
    const meters = Array.from({ length: 20 }, (_, at) =>
      of(1 + 3 * (at % 13), { meterId: `M${at}`, unitId: 1 + 3 * at, number: null, pollIntervalMs: 500 }),
    ).filter((each) => each.unitId <= 40);
    const { clock, field, readings, lineConfig } = bench(meters);
    field.turnaroundMs = 0;
    field.dead.add(1);
    clock.runFor(60_000);
    const before = readings().length;
    clock.runFor(60_000);
    const possible = 60_000 / pollMs(lineConfig, 46, 0);
    expect((readings().length - before) / possible).toBeGreaterThan(0.8);
  });
});

describe('a line', () => {
  it('stays within a twentieth of what the wire allows and keeps the silence', () => {
    const meters = Array.from({ length: 12 }, (_, at) => of(1 + 3 * at, { number: null, pollIntervalMs: 500 }));
    const { clock, field, readings, lineConfig, line } = bench(meters);
    field.turnaroundMs = 0;
    clock.runFor(10_000);
    const before = readings().length;
    clock.runFor(60_000);
    // The lengths go round from 44 to 48; the slave here answers without the second silence.
    const possible = 60_000 / (pollMs(lineConfig, 46, 0) - silenceMs(lineConfig));
    expect((readings().length - before) / possible).toBeGreaterThan(0.95);
    expect(field.silenceMsMin).toBeGreaterThanOrEqual(silenceMs(lineConfig) - 1e-6);
    expect(line.figures().utilisation).toBeGreaterThan(0.95);
    expect(line.figures().cycleMs).toBeGreaterThan(0);
  });

  it('leaves out a length the firmware refuses', () => {
    const { clock, field, unit, readings } = bench([of(1, { number: null, pollIntervalMs: 500 })]);
    unit(1).registers.delete(0x022f);
    clock.runFor(60_000);
    const refused = field.log.filter((entry) => entry === '1: 3 512 48').length;
    expect(refused).toBeLessThan(5);
    expect(readings().length).toBeGreaterThan(100);
  });

  it('makes a connection anew on which nothing is heard, and reports it down once until a meter answers', () => {
    const { clock, field, reports, line } = bench([of(1), of(4)]);
    clock.runFor(5_000);
    [1, 4].forEach((unitId) => field.dead.add(unitId));
    clock.runFor(600_000);
    expect(line.figures().reconnects).toBeGreaterThanOrEqual(1);
    expect(reports.filter((report) => report.type === 'line')).toEqual([
      { type: 'line', lineId: 'L1', up: true, reason: null },
      { type: 'line', lineId: 'L1', up: false, reason: 'silent' },
    ]);
    field.dead.clear();
    clock.runFor(120_000);
    expect(reports.filter((report) => report.type === 'line').at(-1)).toMatchObject({ up: true });
  });

  it('takes new meters and drops old ones while it runs', () => {
    const { clock, line, readings } = bench([of(1), of(4)]);
    clock.runFor(3_000);
    line.setMeters([of(4), of(7)]);
    const before = readings().length;
    clock.runFor(20_000);
    expect(
      new Set(
        readings()
          .slice(before)
          .map((reading) => reading.meterId),
      ),
    ).toEqual(new Set(['M4', 'M7']));
    expect(line.figures().meters.map((each) => each.meterId)).toEqual(['M4', 'M7']);
  });

  it('takes wishes from whoever hears its reports, one request at a time', () => {
    const { clock, line, reports, wanted, unit } = bench([of(1), of(4)]);
    const push = reports.push.bind(reports);
    reports.push = (report) => {
      for (const meterId of ['M1', 'M4']) {
        wanted.set(meterId, { state: reports.length % 8 < 4 ? 'open' : 'closed', mayWrite: true });
        line.differs(meterId);
        line.readNow(meterId);
      }
      return push(report);
    };
    clock.runFor(60_000);
    expect(reports.filter((report) => report.type === 'readFailed')).toEqual([]);
    expect(unit(1).writes.length).toBeGreaterThan(5);
  });

  it('reads a meter now when asked, without shifting its beat', () => {
    const { clock, line, readings } = bench([of(1, { pollIntervalMs: 60_000, number: null })]);
    clock.runFor(10_000);
    const first = readings()[0]?.atMs ?? 0;
    line.readNow('M1');
    clock.runFor(1_000);
    expect(readings()).toHaveLength(2);
    clock.runFor(60_000);
    expect(readings()).toHaveLength(3);
    expect((readings()[2]?.atMs ?? 0) - first).toBeCloseTo(60_000, -3);
  });
});

describe('the timer', () => {
  it('may fire a part of a millisecond early without a silence being cut short', () => {
    const clock = new VirtualClock();
    const lineConfig = config({ kind: 'rtuTcp', host: 'none', port: 1 });
    const field = new FaultyLine(clock, seeded(1), 4, lineConfig.baud);
    const deps = {
      mono: clock.mono,
      after: (ms: number, call: () => void) => clock.after(Math.max(0.25, Math.floor(ms)), call),
      site: clock.mono,
      report: () => undefined,
      wantedNow: () => null,
    };
    const meters = [of(1, { pollIntervalMs: 100 }), of(4, { pollIntervalMs: 100 })];
    const line = createLine(lineConfig, meters, deps, { ...lineOptions(), random: () => 0.5, transport: () => field });
    line.start();
    clock.runFor(10_000);
    expect(field.requests).toBeGreaterThan(50);
    expect(field.silenceMsMin).toBeGreaterThanOrEqual(silenceMs(lineConfig));
  });
});
