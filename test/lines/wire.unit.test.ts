import { describe, expect, it } from 'vitest';
import { crc16, crcHolds, withCrc } from '../../server/lines/crc.ts';
import { BusyTime, CycleTime } from '../../server/lines/figures.ts';
import { expectedReply, judge, misfit, toWire } from '../../server/lines/frame.ts';
import { createLink, reconnectPauseMs } from '../../server/lines/link.ts';
import type { TransportEvents } from '../../server/lines/transport.ts';
import { pollMs, silenceMs } from '../../server/lines/wire.ts';
import { hex, sealed } from './support/slave.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const bytes = (list: readonly number[]): Uint8Array => Uint8Array.from(list);

describe('the wire', () => {
  it('takes 114 ms and two silences for 48 registers at 9600 8N1', () => {
    const wire = { baud: 9600, parity: 'none', stopBits: 1 } as const;
    expect(pollMs(wire, 48, 0)).toBeCloseTo(113.54 + 2 * 3.646, 1);
    expect(pollMs(wire, 48, 50) - pollMs(wire, 48, 0)).toBeCloseTo(50, 9);
    expect(silenceMs({ ...wire, parity: 'even' })).toBeCloseTo(4.01, 2);
  });

  it('keeps a fixed silence above 19200 baud', () => {
    expect(silenceMs({ baud: 19_200, parity: 'none', stopBits: 1 })).toBeCloseTo(1.823, 3);
    expect(silenceMs({ baud: 115_200, parity: 'none', stopBits: 1 })).toBe(1.75);
  });
});

describe('frames', () => {
  const poll = bytes(hex('01 03 00 00 00 02 C4 0B'));
  const reply = sealed([1, 3, 4, 0, 1, 0, 2]);

  it('carry the published checksums', () => {
    expect(withCrc(bytes(hex('01 03 02 00 00 30')))).toEqual(bytes(hex('01 03 02 00 00 30 44 66')));
    expect(crc16(bytes(hex('01 10 00 57 00 02')))).toBe(0x18f0);
    expect(crcHolds(bytes(hex('01 10 00 57 00 02 F0 19')), 0, 8)).toBe(false);
  });

  it('are found behind noise and before a repetition, and not before they are whole', () => {
    const expected = expectedReply(poll, 1);
    expect(judge(bytes(reply.slice(0, -1)), expected, 'rtu').kind).toBe('more');
    expect(judge(bytes([0, 255, ...reply, ...reply]), expected, 'rtu')).toEqual({ kind: 'match', frame: bytes(reply) });
    expect(judge(bytes(sealed([1, 0x83, 2])), expected, 'rtu').kind).toBe('match');
  });

  it.each([
    ['timeout', []],
    ['timeout', sealed([1, 3, 6, 0, 1, 0, 2, 0, 3]).slice(0, 0)],
    ['timeout', sealed([1, 0x83, 1]).length === 5 ? sealed([1, 6, 0, 1, 0, 2]) : []],
    ['truncated', reply.slice(0, 4)],
    ['crc', reply.map((byte, at) => (at === 4 ? byte ^ 4 : byte))],
    ['wrongUnit', sealed([2, 3, 4, 0, 1, 0, 2])],
  ] as const)('that are no reply are called %s (%#)', (name, received) => {
    const expected = expectedReply(poll, 1);
    expect(judge(bytes(received), expected, 'rtu').kind).not.toBe('match');
    expect(misfit(bytes(received), expected, 'rtu')).toBe(name);
  });

  it('of Modbus TCP are told apart by their transaction', () => {
    const expected = expectedReply(poll, 0x0102);
    expect(toWire(poll, 'tcp', 0x0102)).toEqual(bytes(hex('01 02 00 00 00 06 01 03 00 00 00 02')));
    const late = hex('01 01 00 00 00 07 01 03 04 00 09 00 09');
    const right = hex('01 02 00 00 00 07 01 03 04 00 01 00 02');
    expect(judge(bytes(late), expected, 'tcp').kind).toBe('more');
    expect(judge(bytes([...late, ...right]), expected, 'tcp')).toEqual({ kind: 'match', frame: bytes(reply) });
    expect(judge(bytes(hex('01 02 00 00 00 07 02 03 04 00 01 00 02')), expected, 'tcp').kind).toBe('garbled');
  });
});

describe('a lost link', () => {
  it('pauses twice as long after each failure, up to half a minute, half of it random', () => {
    const rules = { pauseMs: 500, pauseMsMax: 30_000, connectMs: 5_000 };
    expect([0, 1, 5, 6, 40].map((failures) => reconnectPauseMs(failures, 1, rules))).toEqual([
      500, 1_000, 16_000, 30_000, 30_000,
    ]);
    expect(reconnectPauseMs(3, 0, rules)).toBe(2_000);
  });

  it('tries again for ever, gives up an attempt that hangs, and starts over after success', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    let events: TransportEvents | null = null;
    let plug: 'refuse' | 'hang' | 'take' = 'refuse';
    const transport = {
      open: (given: TransportEvents) => {
        events = given;
        log.push(`open ${Math.round(clock.mono())}`);
        if (plug === 'refuse') given.closed('ECONNREFUSED');
        if (plug === 'take') given.opened();
      },
      write: () => undefined,
      close: () => events?.closed('closed'),
    };
    const said = { up: () => log.push('up'), down: (reason: string) => log.push(reason), data: () => undefined };
    const link = createLink(transport, { after: clock.after, random: () => 1 }, said);
    link.open();
    clock.runFor(1_500);
    plug = 'hang';
    clock.runFor(7_000);
    plug = 'take';
    clock.runFor(5_000);
    link.recycle('silent');
    plug = 'refuse';
    clock.runFor(500);
    expect(log).toEqual([
      'open 0',
      'ECONNREFUSED',
      'open 500',
      'ECONNREFUSED',
      'open 1500',
      'ECONNREFUSED',
      'open 3500',
      'no answer while connecting',
      'open 12500',
      'up',
      'silent',
      'open 14000',
      'ECONNREFUSED',
    ]);
    await link.close();
  });
});

describe('figures', () => {
  it('give the share of the last minute that was busy', () => {
    const busy = new BusyTime(0);
    for (let second = 0; second < 120; second += 1) busy.add(second * 1000, second * 1000 + (second < 60 ? 1000 : 250));
    expect(busy.share(60_000 + 59_999)).toBeCloseTo(0.25, 1);
    expect(new BusyTime(0).share(0)).toBe(0);
  });

  it('give the time in which each answering meter was read once', () => {
    const cycle = new CycleTime(0);
    cycle.readingOf('A', ['A', 'B'], 100);
    expect(cycle.lastMs).toBeNull();
    cycle.readingOf('A', ['A', 'B'], 200);
    cycle.readingOf('B', ['A', 'B'], 300);
    expect(cycle.lastMs).toBe(300);
  });
});
