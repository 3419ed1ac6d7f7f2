import { describe, expect, it } from 'vitest';
import { Bench, bytes, HOUR_MS } from './bench.ts';

/** Floats, high word first. */
function floats(text: string): number[] {
  const view = new DataView(bytes(text).buffer);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i));
}

describe('SDM120', () => {
  it('gives import energy in kWh at 0x0048 and the total at 0x0156 as big-endian floats', () => {
    const bench = new Bench('sdm120', { load: () => 1500 });
    bench.pass(HOUR_MS);
    expect(bench.read(0x0048, 2, 4)).toBe('3F C0 00 00'); // 1.5
    expect(bench.read(0x004a, 2, 4)).toBe('00 00 00 00');
    expect(bench.read(0x0156, 2, 4)).toBe('3F C0 00 00');
  });

  it('gives volts, amperes, watts, VA, var, factor and hertz at their addresses', () => {
    const bench = new Bench('sdm120', { load: () => 1500 });
    const low = floats(bench.read(0x0000, 0x20, 4));
    const [volts = 0, amps = 0, watts = 0, va = 0, reactive = 0, factor = 0] = [0, 6, 12, 18, 24, 30].map(
      (at) => low[at / 2],
    );
    expect(volts).toBeGreaterThan(219);
    expect(volts).toBeLessThan(237);
    expect(watts).toBeGreaterThan(1470);
    expect(watts).toBeLessThan(1530);
    expect(va).toBeCloseTo(volts * amps, 0);
    expect(watts / va).toBeCloseTo(factor, 4);
    expect(Math.hypot(watts, reactive)).toBeCloseTo(va, 1);
    expect(floats(bench.read(0x0046, 2, 4))[0]).toBeCloseTo(50, 0);
  });

  it('is not written, and does not cut a float in half', () => {
    const bench = new Bench('sdm120');
    expect(bench.read(0x0001, 2, 4)).toBe('exception 2');
    expect(bench.read(0x0000, 3, 4)).toBe('exception 2');
    expect(bench.read(0x0000, 62, 4)).toBe('exception 3');
    expect(bench.read(0x005a, 2, 4)).toBe('exception 2');
    expect(bench.read(0x015a, 2, 4)).toBe('exception 2');
    expect(bench.ask('06 00 00 00 01')).toBe('86 01');
    expect(bench.ask('10 00 00 00 02 04 00 00 00 00')).toBe('90 02');
  });

  it('tells its address with FC03 at 0x0014', () => {
    expect(new Bench('sdm120').read(0x0014, 2)).toBe('3F 80 00 00');
  });
});

describe('SDM630', () => {
  it('splits the load over three phases whose parts make the total', () => {
    const bench = new Bench('sdm630', { load: () => 30_000 });
    bench.pass(HOUR_MS);
    const parts = floats(bench.read(0x000c, 6, 4));
    const [total = 0] = floats(bench.read(0x0034, 2, 4));
    expect(parts.every((part) => part > 6_000)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 0);
    expect(bench.read(0x0048, 2, 4)).toBe('41 F0 00 00'); // 30 kWh
    const phases = floats(bench.read(0x015a, 6, 4));
    expect(phases.reduce((sum, part) => sum + part, 0)).toBeCloseTo(30, 4);
  });
});
