import { describe, expect, it } from 'vitest';
import { powerOf, profileNames, profiles, waterOf } from '../../simulators/loads.ts';
import { Bench, HOUR_MS } from './bench.ts';

const MINUTE_MS = 60_000;
/** A Wednesday, 00:00 local. */
const MIDNIGHT = Date.UTC(2026, 3, 15);

function meanW(load: (localMs: number) => number, fromHour: number, toHour: number, day = MIDNIGHT): number {
  let sum = 0;
  let minutes = 0;
  for (let at = day + fromHour * HOUR_MS; at < day + toHour * HOUR_MS; at += MINUTE_MS, minutes += 1) sum += load(at);
  return sum / minutes;
}

describe('load profiles', () => {
  it.each(profileNames)('%s has 24 hours a day, and never a negative or fractional watt', (name) => {
    expect(profiles[name].workday).toHaveLength(24);
    expect(profiles[name].dayOff).toHaveLength(24);
    const load = powerOf({ profile: name, seed: 3, factor: 1 });
    for (let minute = 0; minute < 1440; minute += 1) {
      const watts = load(MIDNIGHT + minute * MINUTE_MS);
      expect(watts >= 0 && Number.isInteger(watts), `${name} at minute ${minute}: ${watts}`).toBe(true);
    }
  });

  it('look like what they are', () => {
    const of = (profile: (typeof profileNames)[number]) => powerOf({ profile, seed: 3, factor: 1 });
    expect(meanW(of('shop'), 11, 20)).toBeGreaterThan(5 * meanW(of('shop'), 1, 5));
    expect(meanW(of('flat'), 19, 22)).toBeGreaterThan(2 * meanW(of('flat'), 10, 15));
    const sunday = MIDNIGHT + 4 * 24 * HOUR_MS;
    expect(meanW(of('office'), 9, 17)).toBeGreaterThan(3 * meanW(of('office'), 9, 17, sunday));
    expect(meanW(of('empty'), 0, 24)).toBeLessThan(10);
    expect(meanW(of('steady'), 0, 24)).toBe(1000);
    expect(meanW(of('nightShop'), 1, 5)).toBeGreaterThan(2000);
  });

  it('differ between rooms and are the same for the same room', () => {
    const at = MIDNIGHT + 12 * HOUR_MS;
    const values = Array.from({ length: 50 }, (_, seed) => powerOf({ profile: 'shop', seed, factor: 1 })(at));
    expect(new Set(values).size).toBeGreaterThan(45);
    expect(Array.from({ length: 50 }, (_, seed) => powerOf({ profile: 'shop', seed, factor: 1 })(at))).toEqual(values);
  });

  it('grow with the factor', () => {
    const one = meanW(powerOf({ profile: 'shop', seed: 3, factor: 1 }), 0, 24);
    expect(meanW(powerOf({ profile: 'shop', seed: 3, factor: 4 }), 0, 24) / one).toBeCloseTo(4, 2);
  });

  it('draw water in few minutes, and none in an empty room', () => {
    const load = waterOf({ profile: 'flat', seed: 3, factor: 1 });
    const draws = Array.from({ length: 1440 }, (_, minute) => load(MIDNIGHT + minute * MINUTE_MS));
    const open = draws.filter((litres) => litres > 0).length;
    expect(open).toBeGreaterThan(100);
    expect(open).toBeLessThan(400);
    const litresADay = draws.reduce((sum, litres) => sum + litres / 60, 0);
    expect(litresADay).toBeGreaterThan(50);
    expect(litresADay).toBeLessThan(800);
    expect(meanW(waterOf({ profile: 'empty', seed: 3, factor: 1 }), 0, 24)).toBe(0);
  });
});

describe('a meter behind a load', () => {
  it('counts the same whether it is read once or every few seconds', () => {
    const load = powerOf({ profile: 'flat', seed: 9, factor: 1 });
    const once = new Bench('ddsy1352', { load });
    const often = new Bench('ddsy1352', { load });
    once.pass(6 * HOUR_MS);
    for (let passed = 0; passed < 6 * HOUR_MS; passed += 7_500) often.pass(7_500);
    expect(often.meter.save()).toEqual(once.meter.save());
    expect(once.meter.look().index).toBeGreaterThan(500);
  });
});
