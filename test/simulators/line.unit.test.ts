import { describe, expect, it } from 'vitest';
import { crcFits } from '../../simulators/crc.ts';
import { WAITING_MAX } from '../../simulators/line.ts';
import { bytes } from './bench.ts';
import { LineBench } from './lineBench.ts';

const READ_10 = '03 00 00 00 0A';
const READ_48 = '03 02 00 00 30';

describe('the time a line takes', () => {
  // Request 8 + reply 5 + 2N characters, silence between them; the silence after the reply holds the next request.
  const cases = [
    { name: '10 registers at 9600 8N1', pdu: READ_10, wire: {}, ms: ((8 + 25) * 10 * 1000) / 9600 + 3.6458 },
    { name: '48 registers at 9600 8N1', pdu: READ_48, wire: {}, ms: ((8 + 101) * 10 * 1000) / 9600 + 3.6458 },
    {
      name: '48 registers at 9600 8E1',
      pdu: READ_48,
      wire: { parity: 'even' },
      ms: ((8 + 101) * 11 * 1000) / 9600 + 4.0104,
    },
    {
      name: '48 registers at 2400 8E1',
      pdu: READ_48,
      wire: { baud: 2400, parity: 'even' },
      ms: ((8 + 101) * 11 * 1000) / 2400 + 16.0417,
    },
    {
      name: '48 registers at 115 200 8N1',
      pdu: READ_48,
      wire: { baud: 115_200 },
      ms: ((8 + 101) * 10 * 1000) / 115_200 + 1.75,
    },
    {
      name: '48 registers at 9600 8N1 with 50 ms of thinking',
      pdu: READ_48,
      wire: { turnaroundMs: 50 },
      ms: ((8 + 101) * 10 * 1000) / 9600 + 3.6458 + 50,
    },
  ] as const;

  it.each(cases)('is that of $name', ({ pdu, wire, ms }) => {
    const bench = new LineBench(wire);
    bench.send(1, pdu);
    bench.clock.step(ms - 0.01);
    expect(bench.heard).toHaveLength(0);
    bench.clock.step(0.02);
    expect(bench.heard).toHaveLength(1);
    expect(bench.heard[0]?.atMs).toBeCloseTo(ms, 3);
  });

  it('is spent one transaction after the other, with a silence in between', () => {
    const bench = new LineBench();
    for (let i = 0; i < 3; i += 1) bench.send(1, READ_10);
    bench.clock.step(1_000);
    const each = ((8 + 25) * 10 * 1000) / 9600 + 2 * 3.6458;
    expect(bench.heard.map(({ atMs }) => atMs)).toEqual(
      [0, 1, 2].map((i) => expect.closeTo(i * each + each - 3.6458, 2)),
    );
    expect(bench.line.figures).toMatchObject({ requests: 3, replies: 3, overlaps: 2 });
    expect(bench.line.figures.busyMs).toBeCloseTo(3 * each, 2);
  });

  it('ends soon where no such unit is', () => {
    const bench = new LineBench();
    bench.send(9, READ_10);
    bench.send(1, READ_10);
    bench.clock.step(1_000);
    const alone = ((8 + 25) * 10 * 1000) / 9600 + 3.6458;
    expect(bench.heard.map(({ atMs }) => atMs)).toEqual([expect.closeTo(8.3333 + 3.6458 + alone, 2)]);
  });

  it('does not queue without bound', () => {
    const bench = new LineBench();
    for (let i = 0; i < 40; i += 1) bench.send(1, READ_10);
    bench.clock.step(10_000);
    expect(bench.heard).toHaveLength(WAITING_MAX + 1);
    expect(bench.line.figures.refused).toBe(40 - WAITING_MAX - 1);
  });
});

describe('a healthy line', () => {
  it('answers each unit for itself', () => {
    const bench = new LineBench({ models: ['ddsy1352', 'ddsy1352'] });
    expect(bench.ask(1, '03 00 43 00 03')[0]).toMatch(/^01 03 06 00 00 00 00 10 00 /);
    expect(bench.ask(2, '03 00 43 00 03')[0]).toMatch(/^02 03 06 00 00 00 00 10 01 /);
  });

  it('carries out a broadcast at every unit and answers none', () => {
    const bench = new LineBench({ models: ['ddsy1352', 'ddsy1352'] });
    expect(bench.ask(0, '10 00 57 00 02 04 00 01 00 01')).toEqual([]);
    for (const unit of [1, 2]) expect(bench.ask(unit, '03 00 57 00 02')[0]?.slice(9, 20)).toBe('00 01 00 01');
  });

  it('refuses two meters under one unit id', () => {
    const bench = new LineBench();
    const [attached] = bench.line.meters();
    expect(attached && (() => bench.line.attach(attached))).toThrow('unit 1 twice');
  });
});

const TIMES = 2_000;

/** How many of `TIMES` transactions are so. */
function count(bench: LineBench, isSo: (chunks: string[]) => boolean): number {
  let found = 0;
  for (let i = 0; i < TIMES; i += 1) if (isSo(bench.ask(1, READ_10))) found += 1;
  return found;
}

const fits = (chunk: string | undefined): boolean => chunk !== undefined && crcFits(bytes(chunk));

describe('faults of a line, each at 10 %, seed 1', () => {
  // 200 expected of 2000; four standard deviations are 54.
  const about = { low: 146, high: 254 };
  const whole = 25;
  const length = (chunk: string | undefined): number => (chunk === undefined ? 0 : chunk.split(' ').length);
  const kinds = [
    ['loss', (chunks: string[]) => chunks.length === 0],
    ['dead', (chunks: string[]) => chunks.length === 0],
    ['reconnect', (chunks: string[]) => chunks.length === 0],
    ['crcError', (chunks: string[]) => length(chunks[0]) === whole && !fits(chunks[0])],
    ['truncated', (chunks: string[]) => length(chunks[0]) < whole],
    ['duplicated', (chunks: string[]) => chunks.length === 2 && chunks[0] === chunks[1] && fits(chunks[0])],
    ['wrongUnit', (chunks: string[]) => chunks[0]?.startsWith('02 03') === true && fits(chunks[0])],
    ['exception', (chunks: string[]) => chunks[0]?.startsWith('01 83 04') === true && fits(chunks[0])],
    ['babble', (chunks: string[]) => chunks.length === 2 && fits(chunks[1]) && length(chunks[0]) <= 8],
  ] as const;

  it.each(kinds)('%s occurs at its rate', (name, isSo) => {
    const found = count(new LineBench({ faults: { [name]: 0.1 } }), isSo);
    expect(found).toBeGreaterThan(about.low);
    expect(found).toBeLessThan(about.high);
    expect(count(new LineBench({ faults: { [name]: 0 } }), isSo)).toBe(0);
  });

  it('drops connections with reconnect', () => {
    const bench = new LineBench({ faults: { reconnect: 0.1 } });
    const missing = count(bench, (chunks) => chunks.length === 0);
    expect(bench.drops).toBe(missing);
  });

  it('repeats exactly with the same seed, and not with another', () => {
    const run = (seed: number): string[][] => {
      const bench = new LineBench({ seed, faults: { crcError: 0.3, loss: 0.2, babble: 0.2 } });
      return Array.from({ length: 50 }, () => bench.ask(1, '03 00 38 00 01'));
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it('can be changed while running', () => {
    const bench = new LineBench();
    expect(bench.ask(1, READ_10)).toHaveLength(1);
    bench.faults.dead = 1;
    expect(bench.ask(1, READ_10)).toHaveLength(0);
    bench.faults.dead = 0;
    expect(bench.ask(1, READ_10)).toHaveLength(1);
  });
});

describe('late and delayed answers', () => {
  const normalMs = ((8 + 25) * 10 * 1000) / 9600 + 3.6458;

  it('a delayed one holds the line meanwhile', () => {
    const bench = new LineBench({ faults: { delay: 1, delayMs: 300 } });
    bench.send(1, READ_10);
    bench.send(1, READ_10);
    bench.clock.step(2_000);
    const [first = 0, second = 0] = bench.heard.map(({ atMs }) => atMs);
    expect(first).toBeCloseTo(normalMs + 300, 2);
    expect(second - first).toBeCloseTo(normalMs + 3.6458 + 300, 2);
  });

  it('a late one comes after the answer to the next request', () => {
    const bench = new LineBench({ models: ['ddsy1352', 'ddsy1352'], faults: { late: 1, lateMs: 500 } });
    bench.send(1, READ_10);
    bench.clock.step(100);
    bench.faults.late = 0;
    bench.send(2, READ_10);
    bench.clock.step(2_000);
    expect(bench.heard.map(({ chunks }) => chunks[0]?.slice(0, 2))).toEqual(['02', '01']);
    expect(bench.heard[1]?.atMs).toBeCloseTo(normalMs + 500, 2);
  });
});

describe('a lost transaction', () => {
  it('was carried out about every other time: silence proves nothing', () => {
    let tripped = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const bench = new LineBench({ seed, faults: { loss: 1 } });
      expect(bench.ask(1, '10 00 57 00 02 04 00 01 00 01')).toEqual([]);
      bench.faults.loss = 0;
      if (bench.ask(1, '03 00 57 00 02')[0]?.slice(9, 20) === '00 01 00 01') tripped += 1;
    }
    expect(tripped).toBeGreaterThan(70);
    expect(tripped).toBeLessThan(130);
  });
});

describe('a register reset', () => {
  it('sets the index back to zero', () => {
    const bench = new LineBench();
    bench.clock.step(3_600_000 * 5);
    expect(bench.ask(1, '03 00 00 00 02')[0]?.slice(9, 20)).toBe('00 00 01 F4');
    bench.faults.registerReset = 1;
    expect(bench.ask(1, '03 00 00 00 02')[0]?.slice(9, 20)).toBe('00 00 00 00');
  });
});
