import { describe, expect, it } from 'vitest';
import type { MeterView } from '../../protocol/ops.ts';
import { collapse } from '../../ui/src/alarms/flood.ts';
import { afterRelease, offered } from '../../ui/src/room/switchActions.ts';
import { mayEnd, untilOf } from '../../ui/src/room/until.ts';
import { alarmOf } from './samples.ts';

const entry = { by: 'olga', reason: 'x', sinceMs: 1, untilMs: null };
const facts = (causes: MeterView['causes'], operatorHold: MeterView['operatorHold'] = null) => ({
  causes,
  operatorHold,
  role: 'tenant' as const,
  tags: [],
});

describe('actions on a breaker', () => {
  it('are trip, close, keep power, work tag and hold while nothing is set', () => {
    expect(offered(facts({}))).toEqual(['forceTrip', 'forceClose', 'keepPower', 'workTag', 'hold']);
  });

  it('offer no trip under keep power and no close under a work tag', () => {
    expect(offered(facts({ keepPower: entry }))).not.toContain('forceTrip');
    expect(offered(facts({ workTag: entry }))).not.toContain('forceClose');
    expect(offered(facts({ workTag: entry }))[0]).toBe('liftWorkTag');
    const tag = { id: 'T1', by: 'li', holder: 'Li', phone: '138', reason: 'r', sinceMs: 0 };
    const under = { ...facts({}), tags: [{ ...tag, on: { kind: 'room' as const, id: 'r1' } }] };
    for (const action of ['forceClose', 'keepPower']) expect(offered(under)).not.toContain(action);
    expect(afterRelease(under, null)).toBe('open');
  });

  it('offer to release what is forced, and to lift the hold that is set', () => {
    expect(offered(facts({ forcedTrip: entry }))[0]).toBe('release');
    expect(offered(facts({}, entry))).toContain('liftHold');
    expect(offered(facts({}, entry))).not.toContain('hold');
  });

  it('hold no cuts on public meters, which have none', () => {
    expect(offered({ causes: {}, operatorHold: null, role: 'public', tags: [] })).not.toContain('hold');
  });

  it('tell the state after a release by the first cause that applies', () => {
    expect(afterRelease(facts({ forcedClose: entry, moneyExhausted: entry }), null)).toBe('open');
    expect(afterRelease(facts({ forcedTrip: entry, keepPower: entry, moneyExhausted: entry }), null)).toBe('closed');
    expect(afterRelease(facts({ forcedTrip: entry }), null)).toBe('closed');
  });
});

describe('an end of a cause', () => {
  const nowMs = Date.parse('2025-07-15T14:20:30+08:00');
  const until = (field: string) => untilOf(field, 'Asia/Shanghai', nowMs);

  it('is read in site time and lies in the future', () => {
    expect(until('')).toEqual({ kind: 'never' });
    expect(until('2025-07-15T14:21')).toEqual({ kind: 'at', atMs: Date.parse('2025-07-15T14:21:00+08:00') });
    expect(until('2025-07-15T14:20')).toEqual({ kind: 'past' });
    for (const field of ['2025-07-15', '2025-02-31T10:00', 'tomorrow']) expect(until(field).kind, field).toBe('unread');
  });

  it('is not for a work tag, nor for what lifts something', () => {
    expect([...mayEnd]).toEqual(['forceTrip', 'forceClose', 'keepPower', 'hold']);
  });
});

describe('an alarm flood', () => {
  const silent = (n: number) => alarmOf(n, { kind: 'meterSilent', priority: 2, meter: `m${n}`, sinceMs: 100 + n });
  const worst = alarmOf(50, { kind: 'flowThroughOpen', priority: 1, meter: 'x', sinceMs: 500 });
  const cause = alarmOf(51, { kind: 'lineDead', priority: 2, line: 'l1', sinceMs: 50 });

  it('collapses by kind, keeps priority 1 apart and names what came first', () => {
    const { apart, groups, firstOut } = collapse([worst, silent(3), silent(1), silent(2), cause]);
    expect(apart).toEqual([worst]);
    expect(groups.map(({ kind, alarms, first }) => [kind, alarms.length, first.sinceMs])).toEqual([
      ['meterSilent', 3, 101],
      ['lineDead', 1, 50],
    ]);
    expect(firstOut).toBe(cause);
  });

  it('names no first one when all are over', () => {
    expect(collapse([{ ...cause, active: false }]).firstOut).toBeNull();
  });
});
