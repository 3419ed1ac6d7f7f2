import { afterEach, describe, expect, it } from 'vitest';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import type { Line } from '../../server/lines/types.ts';
import { config, meter, rig } from './support/rig.ts';
import { ddsyUnit, type Unit } from './support/slave.ts';
import { tcpSlave, type TcpSlave } from './support/tcp-slave.ts';

const lines: Line[] = [];
const slaves: TcpSlave[] = [];
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
  await Promise.all(slaves.splice(0).map((slave) => slave.close()));
});

const quickRelay = {
  profiles: createProfiles(profileOptions({ 'acrel-ddsy1352': { settleMs: 20 }, 'acrel-dtsy1352': { settleMs: 20 } })),
};

async function setUp(
  units: ReadonlyMap<number, Unit>,
  kind: 'rtuTcp' | 'tcp',
  meters = [meter('M1', 1, { number: '220301000017' })],
) {
  const slave = await tcpSlave(units, kind === 'rtuTcp' ? 'rtu' : 'tcp');
  slaves.push(slave);
  const made = rig(config({ kind, host: '127.0.0.1', port: slave.port }, { baud: 115_200, timeoutMs: 200 }), meters, {
    ...quickRelay,
    link: { pauseMs: 20, pauseMsMax: 100, connectMs: 2_000 },
  });
  lines.push(made.line);
  made.line.start();
  return { ...made, slave };
}

describe.each(['rtuTcp', 'tcp'] as const)('a line over %s', (kind) => {
  it('reads the number and the poll block of a DDSY1352 before anything else', async () => {
    const { seen, slave } = await setUp(new Map([[1, ddsyUnit('220301000017', 123_456)]]), kind);
    const report = await seen((each) => each.type === 'reading');
    expect(report).toMatchObject({
      reading: {
        meterId: 'M1',
        utility: 'electricity',
        index: 1_234_560,
        number: '220301000017',
        live: { volts: [230.1], amps: [5.12], watts: 1177 },
        status: { switchState: 'closed', forced: true },
        clockMs: Date.UTC(2026, 2, 15, 12, 34, 56),
      },
    });
    expect(slave.requests.slice(0, 2).map((frame) => frame.slice(1, 4))).toEqual([
      [3, 0x00, 0x43],
      [3, 0x02, 0x00],
    ]);
  });

  it('trips, confirms by reading back, and closes again', async () => {
    const { line, seen, wanted, reports, slave } = await setUp(new Map([[1, ddsyUnit('220301000017', 5)]]), kind);
    await seen((each) => each.type === 'reading');
    wanted.set('M1', { state: 'open', mayWrite: true });
    line.differs('M1');
    await seen((each) => each.type === 'switched' && each.wanted === 'open' && each.outcome === 'confirmed');
    wanted.set('M1', { state: 'closed', mayWrite: true });
    line.differs('M1');
    await seen((each) => each.type === 'switched' && each.wanted === 'closed' && each.outcome === 'confirmed');
    expect(slave.requests.filter((frame) => frame[1] === 16).map((frame) => frame.slice(2, 11))).toEqual([
      [0x00, 0x57, 0, 2, 4, 0, 1, 0, 1],
      [0x00, 0x57, 0, 2, 4, 0, 1, 0, 0],
    ]);
    expect(reports.filter((each) => each.type === 'switched')).toHaveLength(2);
  });
});

describe('a lost connection', () => {
  it('is reported once, takes its meters with it, and is made anew', async () => {
    const { seen, reports, slave, line } = await setUp(new Map([[1, ddsyUnit('220301000017', 5)]]), 'rtuTcp');
    await seen((each) => each.type === 'reading');
    const before = reports.length;
    slave.cut();
    await seen(
      (each) =>
        each.type === 'reading' &&
        reports.slice(before).some((later) => later.type === 'line' && later.up) &&
        reports.indexOf(each) > before,
    );
    const after = reports.slice(before).filter((each) => each.type === 'line' || each.type === 'link');
    expect(after).toEqual([
      { type: 'line', lineId: 'L1', up: false, reason: expect.any(String) },
      { type: 'link', meterId: 'M1', online: false },
      { type: 'line', lineId: 'L1', up: true, reason: null },
      { type: 'link', meterId: 'M1', online: true },
    ]);
    expect(line.figures().reconnects).toBe(1);
  });
});
