import { describe, expect, it } from 'vitest';
import { RtuReceiver } from '../../simulators/rtuReceiver.ts';
import { mbapFrame, MbapReceiver } from '../../simulators/transports/mbap.ts';
import { bytes, frame, hex } from './bench.ts';
import { steppedClock } from './steppedClock.ts';

function rtu() {
  const clock = steppedClock(0);
  const requests: string[] = [];
  const receiver = new RtuReceiver(clock, (unit, pdu) => requests.push(`${unit}: ${hex(pdu)}`));
  return { clock, requests, push: (text: string) => receiver.push(bytes(text)) };
}

describe('the RTU receiver', () => {
  const read = frame('03 00 00 00 0A');
  const trip = frame('10 00 57 00 02 04 00 01 00 01');

  it('finds a frame whatever pieces it comes in', () => {
    const { requests, push } = rtu();
    for (const byte of `${read} ${trip}`.split(' ')) push(byte);
    expect(requests).toEqual(['1: 03 00 00 00 0A', '1: 10 00 57 00 02 04 00 01 00 01']);
  });

  it('finds two frames in one piece', () => {
    const { requests, push } = rtu();
    push(`${trip} ${read}`);
    expect(requests).toHaveLength(2);
  });

  it('forgets half a frame after a silence', () => {
    const { clock, requests, push } = rtu();
    push('01 03 00');
    clock.step(100);
    push(read);
    expect(requests).toEqual(['1: 03 00 00 00 0A']);
  });

  it('passes over a frame whose CRC does not fit', () => {
    const { clock, requests, push } = rtu();
    push('01 03 00 00 00 0A C5 CE');
    clock.step(100);
    push(read);
    expect(requests).toHaveLength(1);
  });

  it('takes an unknown function code after a silence', () => {
    const { clock, requests, push } = rtu();
    push(frame('2B 0E 01 00'));
    expect(requests).toEqual([]);
    clock.step(100);
    expect(requests).toEqual(['1: 2B 0E 01 00']);
  });
});

describe('the Modbus TCP receiver', () => {
  it('finds requests whatever pieces they come in, and keeps their transaction numbers', () => {
    const found: string[] = [];
    const receiver = new MbapReceiver(
      (transaction, unit, pdu) => found.push(`${transaction} ${unit} ${hex(pdu)}`),
      () => found.push('garbage'),
    );
    const two = `${hex(mbapFrame(0x1234, 7, bytes('03 00 00 00 0A')))} 12 35 00 00 00 06 08 04 00 00 00 02`;
    expect(two.slice(0, 20)).toBe('12 34 00 00 00 06 07');
    for (const byte of two.split(' ')) receiver.push(bytes(byte));
    expect(found).toEqual(['4660 7 03 00 00 00 0A', '4661 8 04 00 00 00 02']);
  });

  it('gives up on what is no Modbus', () => {
    const found: string[] = [];
    const receiver = new MbapReceiver(
      () => found.push('request'),
      () => found.push('garbage'),
    );
    receiver.push(Buffer.from('GET / HTTP/1.1\r\n'));
    expect(found).toEqual(['garbage']);
  });
});
