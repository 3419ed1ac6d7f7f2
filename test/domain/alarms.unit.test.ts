/** Alarms: active or not × acknowledged or not, shelved for a time, carried by a dead line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteRulesSchema } from '../../protocol/site.ts';
import type { Alarm, AlarmKind } from '../../protocol/wall.ts';
import { decideAlarms, evolveAlarms, initialAlarms, type AlarmsState } from '../../server/domain/alarm/alarms.ts';
import { isFlood } from '../../server/domain/alarm/kinds.ts';
import { Flapping, FLAP_WINDOW_MS } from '../../server/domain/flapping.ts';
import type { AlarmMessage, Effect, RecordChange, Request, Send } from '../../server/domain/messages.ts';

const MINUTE = 60_000;
const request: Request = { id: 1, operator: 'op', role: 'operator', key: 'op:k', bodyHash: 'h' };
const of = (meter: string): { room: string; meter: string; line: null } => ({
  room: `room-${meter}`,
  meter,
  line: null,
});
const line = { room: null, meter: null, line: 'l1' };

/** The alarm actor without its shell. */
class Desk {
  state: AlarmsState = initialAlarms;
  nowMs = 0;
  pushed: Alarm[] = [];
  markers = new Map<string, number>();
  records: RecordChange[] = [];
  effects: Effect[] = [];
  tell(message: AlarmMessage): number {
    const context = {
      ...{ nowMs: this.nowMs, rules: siteRulesSchema.parse({}), moneyOnHold: false, epochAgeMs: 0 },
      ...{
        localMinute: () => 720,
        tagsOn: () => [],
        localDay: () => '2026-06-01',
        nextReceipt: 1,
        notInSuspense: () => null,
        cutsForMoney: () => true,
        lineOfMeter: () => 'l1',
      },
    };
    const { events, effects, sends, records } = decideAlarms(this.state, message, context);
    for (const event of events) this.state = evolveAlarms(this.state, event);
    this.effects.push(...effects);
    this.records.push(...records);
    for (const effect of effects) if (effect.type === 'alarm') this.pushed.push(effect.alarm);
    for (const send of sends) this.#mark(send);
    return events.length;
  }
  #mark(send: Send): void {
    if (send.to === 'room' && send.message.type === 'AlarmShown') this.markers.set(send.id, send.message.priority);
  }
  raise(kind: AlarmKind, subject: Extract<AlarmMessage, { type: 'Raise' }>['subject'], carries = 0): number {
    return this.tell({ type: 'Raise', kind, subject, detail: {}, carries });
  }
  clear(kind: AlarmKind, subject: Extract<AlarmMessage, { type: 'Raise' }>['subject']): number {
    return this.tell({ type: 'Clear', kind, subject });
  }
  acknowledge(...ids: string[]): number {
    return this.tell({ type: 'Acknowledge', ids, request });
  }
  get(id: string): Alarm | undefined {
    return this.state.alarms[id];
  }
}

describe('an alarm', () => {
  it('is raised once, however often it is said, and cleared once', () => {
    const desk = new Desk();
    expect(desk.raise('batteryLow', of('m1'))).toBe(1);
    expect(desk.raise('batteryLow', of('m1'))).toBe(0);
    expect(desk.clear('batteryLow', of('m1'))).toBe(1);
    expect(desk.clear('batteryLow', of('m1'))).toBe(0);
    expect(desk.clear('batteryLow', of('m2'))).toBe(0);
  });

  it.each([
    ['clear, then acknowledge', ['clear', 'acknowledge']],
    ['acknowledge, then clear', ['acknowledge', 'clear']],
  ])('leaves the list after %s, and not before', (_title, order) => {
    const desk = new Desk();
    desk.raise('batteryLow', of('m1'));
    for (const [i, step] of order.entries()) {
      if (step === 'clear') desk.clear('batteryLow', of('m1'));
      else desk.acknowledge('batteryLow:m1');
      expect(desk.get('batteryLow:m1') === undefined).toBe(i === 1);
    }
    expect(desk.pushed.at(-1)).toMatchObject({ active: false, acknowledged: { by: 'op' } });
  });

  it('that comes back is a new one, not acknowledged', () => {
    const desk = new Desk();
    desk.raise('batteryLow', of('m1'));
    desk.acknowledge('batteryLow:m1');
    desk.clear('batteryLow', of('m1'));
    desk.nowMs = MINUTE;
    desk.raise('batteryLow', of('m1'));
    expect(desk.get('batteryLow:m1')).toMatchObject({ acknowledged: null, sinceMs: MINUTE, active: true });
  });

  it('marks its room while it is active, and not while it is shelved', () => {
    const desk = new Desk();
    desk.raise('quarantine', of('m1'));
    expect(desk.markers.get('room-m1')).toBe(2);
    desk.tell({ type: 'Shelve', id: 'quarantine:m1', reason: 'known', minutes: 30, request });
    expect(desk.markers.get('room-m1')).toBe(0);
    expect(desk.effects).toContainEqual({ type: 'wake', name: 'shelf:quarantine:m1', atMs: 30 * MINUTE });
    desk.nowMs = 30 * MINUTE - 1;
    desk.tell({ type: 'Wake', name: 'x' });
    expect(desk.markers.get('room-m1')).toBe(0);
    desk.nowMs += 1;
    desk.tell({ type: 'Wake', name: 'x' });
    expect(desk.get('quarantine:m1')?.shelved).toBeNull();
    expect(desk.markers.get('room-m1')).toBe(2);
    desk.clear('quarantine', of('m1'));
    expect(desk.markers.get('room-m1')).toBe(0);
  });

  it('that chatters stays on its shelf until the time is up, and is then gone', () => {
    const desk = new Desk();
    desk.raise('lostPhase', of('m1'));
    desk.acknowledge('lostPhase:m1');
    desk.tell({ type: 'Shelve', id: 'lostPhase:m1', reason: 'electrician ordered', minutes: 60, request });
    for (let i = 1; i < 10; i++) {
      desk.nowMs = i * MINUTE;
      desk.clear('lostPhase', of('m1'));
      desk.raise('lostPhase', of('m1'));
      expect(desk.get('lostPhase:m1')?.shelved).toMatchObject({ untilMs: 60 * MINUTE });
      expect(desk.markers.get('room-m1')).toBe(0);
    }
    desk.acknowledge('lostPhase:m1');
    desk.clear('lostPhase', of('m1'));
    desk.nowMs = 60 * MINUTE;
    desk.tell({ type: 'Wake', name: 'x' });
    expect(desk.get('lostPhase:m1')).toBeUndefined();
  });
});

describe('a dead line', () => {
  it('carries the silent meters that were there and those that come, and shows them again when it is back', () => {
    const desk = new Desk();
    desk.raise('meterSilent', of('m1'));
    desk.raise('lineDead', line, 12);
    desk.raise('meterSilent', of('m2'));
    desk.raise('batteryLow', of('m3'));
    expect(['m1', 'm2'].map((meter) => desk.get(`meterSilent:${meter}`)?.suppressedBy)).toEqual([
      'lineDead:l1',
      'lineDead:l1',
    ]);
    expect([...desk.markers]).toEqual([
      ['room-m1', 0],
      ['room-m2', 0],
      ['room-m3', 3],
    ]);
    expect(desk.get('lineDead:l1')?.carries).toBe(12);
    desk.clear('meterSilent', of('m1'));
    expect(desk.get('meterSilent:m1')).toBeUndefined(); // nobody was shown it: nobody has to acknowledge it
    desk.clear('lineDead', line);
    expect(desk.get('meterSilent:m2')?.suppressedBy).toBeNull();
    expect(desk.markers.get('room-m2')).toBe(2);
  });
});

describe('under random use', () => {
  const message = fc.record({
    what: fc.constantFrom('raise', 'clear', 'acknowledge', 'shelve', 'unshelve', 'wake'),
    kind: fc.constantFrom<AlarmKind>('meterSilent', 'lineDead', 'batteryLow'),
    n: fc.integer({ min: 1, max: 2 }),
  });
  it('numbers go up by one, what is over is gone, what is active is there, and markers follow', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
        const desk = new Desk();
        const active = new Set<string>();
        for (const { what, kind, n } of messages) {
          desk.nowMs += MINUTE;
          const subject = kind === 'lineDead' ? line : of(`m${n}`);
          const id = kind === 'lineDead' ? 'lineDead:l1' : `${kind}:m${n}`;
          if (what === 'raise') {
            desk.raise(kind, subject);
            active.add(id);
          } else if (what === 'clear') {
            desk.clear(kind, subject);
            active.delete(id);
          } else if (what === 'acknowledge') desk.acknowledge(id);
          else if (what === 'shelve') desk.tell({ type: 'Shelve', id, reason: 'r', minutes: 3, request });
          else if (what === 'unshelve') desk.tell({ type: 'Unshelve', id, request });
          else desk.tell({ type: 'Wake', name: 'x' });
        }
        expect(desk.pushed.map(({ seq }) => seq)).toEqual(desk.pushed.map((_, i) => i + 1));
        const alarms = Object.values(desk.state.alarms);
        expect(new Set(alarms.filter((alarm) => alarm.active).map(({ id }) => id))).toEqual(active);
        for (const alarm of alarms) if (!alarm.active) expect(alarm.acknowledged && !alarm.shelved).toBeFalsy();
        const dead = active.has('lineDead:l1') ? 'lineDead:l1' : null;
        for (const alarm of alarms)
          if (alarm.active && alarm.kind === 'meterSilent') expect(alarm.suppressedBy).toBe(dead);
        // An audit: the last record of each alarm is the alarm.
        for (const alarm of alarms) {
          const record = desk.records.findLast((one) => one.id === `${alarm.id}@${alarm.sinceMs}`);
          expect(record?.value).toEqual(alarm);
        }
      }),
    );
  });
});

describe('many at once', () => {
  it('ten new alarms in ten minutes are a flood, those a dead line carries are not counted', () => {
    const desk = new Desk();
    for (let n = 0; n < 9; n++) desk.raise('batteryLow', of(`m${n}`));
    expect(isFlood(Object.values(desk.state.alarms), desk.nowMs)).toBe(false);
    desk.raise('batteryLow', of('m9'));
    expect(isFlood(Object.values(desk.state.alarms), desk.nowMs)).toBe(true);
    expect(isFlood(Object.values(desk.state.alarms), 10 * MINUTE)).toBe(false);
    const other = new Desk();
    other.raise('lineDead', line);
    for (let n = 0; n < 40; n++) other.raise('meterSilent', of(`m${n}`));
    expect(isFlood(Object.values(other.state.alarms), other.nowMs)).toBe(false);
  });

  it('a link that goes down three times in ten minutes flaps, and says so once', () => {
    const flapping = new Flapping();
    expect([0, 1, 2, 3].map((at) => flapping.note('l1', at * MINUTE, false))).toEqual([null, null, true, null]);
    expect(flapping.note('l1', 4 * MINUTE, true)).toBeNull();
    expect(flapping.note('l1', 3 * MINUTE + FLAP_WINDOW_MS, true)).toBe(false);
    // One that stays up is told of by nobody else.
    for (const at of [20, 21, 22]) flapping.note('l2', at * MINUTE, false);
    expect(flapping.calmed(20 * MINUTE + FLAP_WINDOW_MS - 1)).toEqual([]);
    expect(flapping.calmed(20 * MINUTE + FLAP_WINDOW_MS)).toEqual(['l2']);
    expect(flapping.calmed(20 * MINUTE + FLAP_WINDOW_MS)).toEqual([]);
  });
});
