import { describe, expect, it } from 'vitest';
import { LocalTime } from '../../server/domain/localTime.ts';

it('the wall time before a change of the clock is right also when the change itself was asked for first', () => {
  const time = new LocalTime('Europe/Berlin');
  const at = (text: string): string => new Date(time.localMs(Date.parse(text))).toISOString().slice(0, 16);
  expect(at('2026-10-25T02:00:00+01:00')).toBe('2026-10-25T02:00');
  expect(at('2026-10-25T02:30:00+02:00')).toBe('2026-10-25T02:30');
  expect(at('2026-03-29T03:00:00+02:00')).toBe('2026-03-29T03:00');
  expect(at('2026-03-29T01:30:00+01:00')).toBe('2026-03-29T01:30');
});

describe('the latest wall time shown', () => {
  const berlin = new LocalTime('Europe/Berlin');
  const latest = (time: LocalTime, text: string): string =>
    new Date(time.latestLocalMs(Date.parse(text))).toISOString().slice(0, 16);

  it('is that before the clock went back, until the clock has passed it again', () => {
    expect(latest(berlin, '2026-10-25T02:30:00+02:00')).toBe('2026-10-25T02:30');
    expect(latest(berlin, '2026-10-25T02:00:00+01:00')).toBe('2026-10-25T02:59');
    expect(latest(berlin, '2026-10-25T02:30:00+01:00')).toBe('2026-10-25T02:59');
    expect(latest(berlin, '2026-10-25T03:01:00+01:00')).toBe('2026-10-25T03:01');
  });

  it('is the local time elsewhere', () => {
    expect(latest(berlin, '2026-03-29T03:30:00+02:00')).toBe('2026-03-29T03:30');
    expect(latest(new LocalTime('Asia/Shanghai'), '2026-10-25T02:30:00+08:00')).toBe('2026-10-25T02:30');
    expect(latest(new LocalTime('UTC'), '2026-10-25T02:30:00Z')).toBe('2026-10-25T02:30');
  });
});
