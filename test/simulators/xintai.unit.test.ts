import { describe, expect, it } from 'vitest';
import { fromF32Little } from '../../simulators/meters/registers.ts';
import { VALVE_MOVING_MS } from '../../simulators/meters/xintai.ts';
import { Bench, HOUR_MS } from './bench.ts';

const OPEN = '06 00 1C 00 01';
const CLOSE = '06 00 1C 00 02';

describe('the Xintai valve water meter', () => {
  it('has fully little-endian floats: the published 1E 85 0B 3F is 0.545', () => {
    expect(fromF32Little(0x1e85, 0x0b3f)).toBeCloseTo(0.545, 7);
    // The nearest float is one unit above the published bytes, which are cut, not rounded.
    expect(new Bench('xintai', { startIndex: 545 }).read(0x0001, 2)).toBe('1F 85 0B 3F');
  });

  it('counts cubic metres forward and shows the flow', () => {
    const bench = new Bench('xintai', { load: () => 250 });
    bench.pass(2 * HOUR_MS);
    expect(bench.read(0x0001, 2)).toBe('00 00 00 3F'); // 0.5 m³
    expect(bench.read(0x0005, 2)).toBe('00 00 80 3E'); // 0.25 m³/h
    expect(bench.read(0x0007, 1)).toBe('00 AA');
  });

  it('answers the published read of 28 registers, and one for each of its 30', () => {
    expect(new Bench('xintai').read(0x0001, 28).split(' ')).toHaveLength(56);
    expect(new Bench('xintai').read(0x0001, 30).split(' ')).toHaveLength(60);
    expect(new Bench('xintai').read(0x0000, 1)).toBe('exception 2');
    expect(new Bench('xintai').read(0x001f, 1)).toBe('exception 2');
  });

  it('gives its number as sixteen decimal digits', () => {
    expect(new Bench('xintai', { number: '240000001234' }).read(0x0012, 4)).toBe('00 00 24 00 00 00 12 34');
  });

  it('closes on 2: neither end while the motor turns, then closed, and no more water', () => {
    const bench = new Bench('xintai', { load: () => 3600 });
    expect(bench.read(0x001c, 1)).toBe('00 01');
    expect(bench.ask(CLOSE)).toBe(CLOSE);
    expect(bench.read(0x001c, 1)).toBe('00 00');
    bench.pass(VALVE_MOVING_MS - 1);
    expect(bench.read(0x001c, 1)).toBe('00 00');
    bench.pass(1);
    expect(bench.read(0x001c, 1)).toBe('00 02');
    const before = bench.read(0x0001, 2);
    bench.pass(HOUR_MS);
    expect(bench.read(0x0001, 2)).toBe(before);
    expect(bench.read(0x0005, 2)).toBe('00 00 00 00');
  });

  it('opens again on 1', () => {
    const bench = new Bench('xintai');
    bench.ask(CLOSE);
    bench.pass(VALVE_MOVING_MS);
    expect(bench.ask(OPEN)).toBe(OPEN);
    bench.pass(VALVE_MOVING_MS);
    expect(bench.read(0x001c, 1)).toBe('00 01');
  });

  it('leaks on when the valve jams though its bits say closed', () => {
    const bench = new Bench('xintai', { load: () => 1000, faults: { stuckRelay: 1 } });
    bench.ask(CLOSE);
    bench.pass(VALVE_MOVING_MS);
    expect(bench.read(0x001c, 1)).toBe('00 02');
    bench.pass(HOUR_MS);
    expect(bench.meter.look().index).toBeGreaterThan(1000);
  });

  it('refuses other functions with exception 1 and other valve values with 3', () => {
    const bench = new Bench('xintai');
    expect(bench.ask('04 00 01 00 02')).toBe('84 01');
    expect(bench.ask('10 00 1C 00 01 02 00 01')).toBe('90 01');
    expect(bench.ask('06 00 1C 00 03')).toBe('86 03');
    expect(bench.ask('06 00 05 00 03')).toBe('86 02');
  });

  it('counts nothing down before something was written', () => {
    const bench = new Bench('xintai', { load: () => 1000 });
    bench.pass(HOUR_MS);
    expect(bench.read(0x0008, 2)).toBe('00 00 00 00');
    expect(bench.read(0x001c, 1)).toBe('00 01');
  });

  it('counts what remains down, shuts at its end and opens when there is some again', () => {
    const bench = new Bench('xintai', { load: () => 1000 });
    const remains = (): number => {
      const words = bench
        .read(0x0008, 2)
        .split(' ')
        .map((byte) => Number.parseInt(byte, 16));
      return fromF32Little(((words[0] ?? 0) << 8) | (words[1] ?? 0), ((words[2] ?? 0) << 8) | (words[3] ?? 0));
    };
    // 2.0 m³: two registers, one write each, first 00 00 and then 00 40.
    expect(bench.ask('06 00 08 00 00')).toBe('06 00 08 00 00');
    expect(bench.ask('06 00 09 00 40')).toBe('06 00 09 00 40');
    bench.pass(HOUR_MS / 2);
    expect(remains()).toBeCloseTo(1.5, 5);
    const again = new Bench('xintai', { load: () => 1000, saved: bench.meter.save() });
    expect(again.read(0x0008, 2)).toBe(bench.read(0x0008, 2));
    bench.pass(2 * HOUR_MS);
    expect(remains()).toBeLessThanOrEqual(0);
    expect(remains()).toBeGreaterThan(-0.02);
    expect(bench.read(0x001c, 1)).toBe('00 02');
    bench.ask('06 00 08 00 00');
    bench.ask('06 00 09 00 40');
    bench.pass(VALVE_MOVING_MS);
    expect(bench.read(0x001c, 1)).toBe('00 01');
  });
});
