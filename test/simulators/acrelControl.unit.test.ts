/** What a virtual Acrel meter does by itself with its power limit and its time control. */
import { describe, expect, it } from 'vitest';
import { virtualMeter } from '../tools/virtualMeter.ts';

const MINUTE = 60_000;
/** Local time of a Monday in Shanghai. */
const at = (time: string): number => Date.parse(`2026-06-01T${time}:00+08:00`);
const words = (text: string): number[] => text.split(' ').map((word) => parseInt(word, 16));

function meterAt(time: string, load: { watts: number }) {
  const meter = virtualMeter('ddsy1352', at(time), () => load.watts);
  const conductsAt = (later: number): boolean => {
    meter.advance({ siteMs: later, monoMs: later });
    return meter.look().conducting;
  };
  return { meter, conductsAt };
}
const overLimit = (meter: ReturnType<typeof virtualMeter>): boolean => {
  const read = meter.read(3, 0x0224, 1);
  return read.ok && ((read.words[0] ?? 0) & 0x0010) !== 0;
};

describe('a power limit in a virtual meter', () => {
  it('opens it, tries again after its minutes, and after its tries waits for somebody to close it', () => {
    const load = { watts: 900 };
    const { meter, conductsAt } = meterAt('12:00', load);
    // On, 1000 W, recovers after 5 minutes, one try more.
    expect(meter.write(16, 0x0400, [1, 1000, 0, 0, 5, 1])).toBeNull();
    expect(conductsAt(at('12:01'))).toBe(true);
    load.watts = 1_500;
    expect(conductsAt(at('12:02'))).toBe(false);
    expect(overLimit(meter)).toBe(true);
    load.watts = 900;
    expect(conductsAt(at('12:06'))).toBe(false);
    expect(conductsAt(at('12:07'))).toBe(true);
    load.watts = 1_500;
    expect(conductsAt(at('12:08'))).toBe(false);
    load.watts = 900;
    expect(conductsAt(at('12:08') + 600 * MINUTE)).toBe(false);
    expect(meter.write(16, 0x0057, [1, 0])).toBeNull();
    expect(meter.look().conducting).toBe(true);
    expect(overLimit(meter)).toBe(false);
  });
});

describe('a time control in a virtual meter', () => {
  it('cuts by its slots on workdays, and by the others on other days', () => {
    const { meter, conductsAt } = meterAt('11:00', { watts: 100 });
    const off = 2;
    const slot = (state: number, hour: number, minute: number): number[] => [state, minute, hour];
    const slots = [
      ...[...slot(1, 0, 0), ...new Array<number>(21).fill(0)],
      ...[...slot(1, 0, 0), ...slot(off, 12, 0), ...slot(1, 13, 30), ...new Array<number>(15).fill(0)],
    ];
    const packed = Array.from({ length: 24 }, (_, n) => ((slots[2 * n] ?? 0) << 8) | (slots[2 * n + 1] ?? 0));
    expect(meter.write(16, 0x0300, [1, ...words('003e'), ...packed])).toBeNull();
    expect(conductsAt(at('11:59'))).toBe(true);
    expect(conductsAt(at('12:00'))).toBe(false);
    expect(conductsAt(at('13:29'))).toBe(false);
    expect(conductsAt(at('13:30'))).toBe(true);
    expect(conductsAt(at('12:30') + 5 * 24 * 60 * MINUTE)).toBe(true); // Saturday
  });
});
