import { describe, expect, it } from 'vitest';
import { localTimeOf, realClock, siteTimeAfter } from '../../simulators/clock.ts';

describe('the clock of a simulation', () => {
  it('holds site time until it is released, then runs it at its speed', async () => {
    const clock = realClock({ startMs: 1_000, speed: 1_000, precise: false, held: true });
    const before = clock.monoMs();
    await new Promise<void>((resolve) => clock.at(before + 2, resolve));
    expect(clock.siteMs()).toBe(1_000);
    clock.release();
    const released = clock.monoMs();
    await new Promise<void>((resolve) => clock.at(released + 5, resolve));
    const passed = clock.monoMs() - released;
    expect(clock.siteMs() - 1_000).toBeGreaterThanOrEqual(5_000);
    expect(clock.siteMs() - 1_000).toBeLessThan((passed + 50) * 1_000);
  });

  it('waits at half speed for the wall clock it is ahead of, without a jump', () => {
    const at = (elapsedMs: number): number => siteTimeAfter(elapsedMs, { startMs: 10_000, speed: 1, leadMs: 1_000 });
    expect([0, 1_000, 2_000, 3_000].map(at)).toEqual([10_000, 10_500, 11_000, 12_000]);
    expect(siteTimeAfter(1_000, { startMs: 10_000, speed: 60, leadMs: 1_000 })).toBe(70_000);
    expect(siteTimeAfter(1_000, { startMs: 10_000, speed: 1 })).toBe(11_000);
  });

  it.each([true, false])('never calls back early (precise: %s), and not at all once cancelled', async (precise) => {
    const clock = realClock({ startMs: 0, speed: 1, precise });
    const calls: string[] = [];
    clock.at(clock.monoMs() + 1.2, () => calls.push('cancelled'))();
    for (const ms of [0.3, 1.7, 3.1]) {
      const dueMs = clock.monoMs() + ms;
      await new Promise<void>((resolve) => clock.at(dueMs, resolve));
      expect(clock.monoMs()).toBeGreaterThanOrEqual(dueMs);
    }
    expect(calls).toEqual([]);
  });
});

describe('local time', () => {
  it('follows the zone, over a change to summer time too', () => {
    const at = (text: string): number => Date.parse(text);
    expect(localTimeOf('Asia/Shanghai')(at('2026-04-15T01:30:00Z'))).toBe(at('2026-04-15T09:30:00Z'));
    const berlin = localTimeOf('Europe/Berlin');
    expect(berlin(at('2026-03-29T00:59:59Z'))).toBe(at('2026-03-29T01:59:59Z'));
    expect(berlin(at('2026-03-29T01:00:00Z'))).toBe(at('2026-03-29T03:00:00Z'));
    expect(localTimeOf('America/St_Johns')(at('2026-01-01T12:00:00Z'))).toBe(at('2026-01-01T08:30:00Z'));
    expect(localTimeOf('UTC')(at('2026-01-01T12:00:00Z'))).toBe(at('2026-01-01T12:00:00Z'));
  });
});
