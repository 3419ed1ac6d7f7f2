import { describe, expect, it } from 'vitest';
import { Bench, HOUR_MS } from './bench.ts';

const RELAY_CLOSED = 0x20;
const RELAYS_CLOSED = 0xe0;
const FORCED_ON = 0x08;
const FORCED_TRIP = 0x09;
const ARREARS = 0x20;

/** High and low byte of the status word. */
function status(bench: Bench): [number, number] {
  const [high = '', low = ''] = bench.read(0x0200, 48).split(' ').slice(72, 74);
  return [Number.parseInt(high, 16), Number.parseInt(low, 16)];
}

const TRIP = '10 00 57 00 02 04 00 01 00 01';
const CLOSE = '10 00 57 00 02 04 00 01 00 00';
const RELEASE = '10 00 57 00 02 04 00 00 00 00';
const ACKNOWLEDGED = '10 00 57 00 02';

describe('DDSY1352 energies', () => {
  it('counts total and four bands as 32 bit of 0.01 kWh, high word first', () => {
    const bench = new Bench('ddsy1352', { load: () => 6000 });
    bench.pass(HOUR_MS); // 09:30 to 10:30 in April: flat; 6 kWh = 600 = 0x258
    expect(bench.read(0x0000, 10)).toBe('00 00 02 58 00 00 00 00 00 00 00 00 00 00 02 58 00 00 00 00');
  });

  it('counts each band by the day table: valley from 11:00 in spring, peak from 16:00', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    bench.pass(8.5 * HOUR_MS); // 09:30:15 to 18:00:15
    // Flat 09:30:15-11:00 and 14-16: 3.4958 kWh; valley 11-14: 3 kWh; peak 16-18:00:15: 2.0041 kWh.
    expect(bench.read(0x0000, 10)).toBe('00 00 03 52 00 00 00 00 00 00 00 C8 00 00 01 5D 00 00 01 2C');
  });

  it('keeps the high word', () => {
    const bench = new Bench('ddsy1352', { startIndex: 12_345_670 });
    expect(bench.read(0x0000, 2)).toBe('00 12 D6 86'); // 1 234 566 or 7, by the rounding of the bands
  });

  it('counts on the secondary side of its transformers', () => {
    const bench = new Bench('dtsy1352', { load: () => 40_000, ct: 20 });
    bench.pass(HOUR_MS);
    expect(bench.read(0x0000, 2)).toBe('00 00 00 C8'); // 40 kWh / 20 = 2.00 kWh
    expect(bench.read(0x0037, 2)).toBe('00 01 00 14');
  });

  it('has deep valley at 0x5030', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    // The whole day deep valley: rate 5 from 00:00.
    const table = ['05', ...new Array<string>(41).fill('00')].join(' ');
    expect(bench.ask(`10 20 06 00 15 2A ${table}`)).toBe('10 20 06 00 15');
    expect(bench.ask(`10 20 1B 00 15 2A ${table}`)).toBe('10 20 1B 00 15');
    bench.pass(HOUR_MS);
    expect(bench.read(0x5030, 2)).toBe('00 00 00 64');
    expect(bench.read(0x0000, 10)).toBe('00 00 00 64 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00');
  });
});

describe('DDSY1352 registers', () => {
  it('gives voltage, current, powers, power factor and frequency at 0x000B', () => {
    const bench = new Bench('ddsy1352', { load: () => 2000 });
    const words = bench.read(0x000b, 7).split(' ');
    const word = (i: number): number => Number.parseInt(`${words[2 * i]}${words[2 * i + 1]}`, 16);
    const [volts, amps, watts, , va, factor, hertz] = [0, 1, 2, 3, 4, 5, 6].map(word) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    expect(volts / 10).toBeGreaterThan(219.9);
    expect(volts / 10).toBeLessThan(236.1);
    expect(watts).toBeGreaterThan(1960);
    expect(watts).toBeLessThan(2040);
    expect(((volts / 10) * (amps / 100) * factor) / 1000 / watts).toBeCloseTo(1, 1);
    expect(va).toBeCloseTo((watts * 1000) / factor, -1);
    expect(hertz).toBeGreaterThanOrEqual(4997);
    expect(hertz).toBeLessThanOrEqual(5003);
  });

  it('gives its number as twelve decimal digits at 0x0043', () => {
    expect(new Bench('ddsy1352', { number: '202604150001' }).read(0x0043, 3)).toBe('20 26 04 15 00 01');
    expect(new Bench('ddsy1352', { number: '77' }).read(0x0043, 3)).toBe('00 00 00 00 00 77');
  });

  it('shows its clock in the poll block: yy mm dd weekday hh mi ss', () => {
    const clock = new Bench('ddsy1352').read(0x0200, 48).split(' ').slice(80, 87);
    expect(clock.join(' ')).toBe('1A 04 0F 03 09 1E 0F'); // 26-04-15, Wednesday, 09:30:15
  });

  it('lays the poll block out as published', () => {
    const bench = new Bench('ddsy1352', { load: () => 6000, startIndex: 0 });
    bench.pass(HOUR_MS);
    bench.ask('10 00 4E 00 03 06 00 01 00 00 27 10'); // count 1, balance 100.00
    const block = bench.read(0x0200, 48).split(' ');
    const at = (from: number, to: number): string => block.slice(from, to).join(' ');
    expect(block).toHaveLength(96);
    expect(at(0, 2)).toBe('00 07');
    expect(at(4, 8)).toBe('00 00 00 00'); // no phases b and c
    expect(at(14, 16)).toBe(at(20, 22)); // phase a is the total
    expect(at(38, 42)).toBe('00 01 00 01');
    expect(at(42, 62)).toBe('00 00 02 58 00 00 00 00 00 00 00 00 00 00 02 58 00 00 00 00');
    expect(at(62, 68)).toBe('00 00 27 10 00 01');
    expect(at(72, 74)).toBe('20 08'); // relay closed, forced control on
  });

  it('calls itself type 5 with three phases, all three relays and a third of the load on each', () => {
    const bench = new Bench('dtsy1352', { load: () => 9000 });
    const block = bench.read(0x0200, 48).split(' ');
    const word = (byte: number): number => Number.parseInt(`${block[byte]}${block[byte + 1]}`, 16);
    expect(word(0)).toBe(5);
    for (const byte of [2, 4, 6]) expect(word(byte)).toBeGreaterThan(2199);
    for (const byte of [14, 16, 18]) expect(word(byte)).toBeGreaterThan(2000);
    expect(Math.abs(word(14) + word(16) + word(18) - word(20))).toBeLessThanOrEqual(2);
    expect(status(bench)[0]).toBe(RELAYS_CLOSED);
  });

  it('reads the prepaid block of 28 registers at once', () => {
    const bench = new Bench('ddsy1352');
    expect(bench.ask('10 00 46 00 06 0C 00 00 07 D0 00 00 03 E8 00 00 01 F4')).toBe('10 00 46 00 06');
    expect(bench.ask('10 00 59 00 02 04 00 00 27 10')).toBe('10 00 59 00 02');
    const zeros = (words: number): string => new Array<string>(words * 2).fill('00').join(' ');
    // Alarms 20 and 10 yuan, overdraft 5 yuan, prepaid on, forced closed, price of sharp 1 yuan.
    const head = `00 00 07 D0 00 00 03 E8 00 00 01 F4 ${zeros(9)} 01 00 00 00 00 01 00 00 00 00 27 10`;
    expect(bench.read(0x0046, 28)).toBe(`${head} ${zeros(7)}`);
  });

  it('refuses unknown registers with exception 2 and unknown functions with 1', () => {
    const bench = new Bench('ddsy1352');
    expect(bench.read(0x0012, 1)).toBe('exception 2');
    expect(bench.read(0x0000, 20)).toBe('exception 2'); // runs over the end of the instants
    expect(bench.read(0x0200, 49)).toBe('exception 2');
    expect(bench.ask('04 00 00 00 02')).toBe('84 01');
    expect(bench.ask('06 00 57 00 01')).toBe('86 01');
    expect(bench.ask('2B 0E 01 00')).toBe('AB 01');
    expect(bench.ask('10 00 00 00 02 04 00 00 00 00')).toBe('90 02'); // energies are read only
  });

  it('refuses impossible counts and values with exception 3', () => {
    const bench = new Bench('ddsy1352');
    expect(bench.read(0x0000, 0)).toBe('exception 3');
    expect(bench.read(0x0000, 126)).toBe('exception 3');
    expect(bench.ask('10 00 57 00 02 04 00 02 00 01')).toBe('90 03');
    expect(bench.ask('10 00 57 00 02 03 00 01 00 01')).toBe('90 03');
  });
});

describe('DDSY1352 forced control', () => {
  it('trips on 0001 0001: relay bit gone, no current, no energy', () => {
    const bench = new Bench('ddsy1352');
    bench.pass(HOUR_MS);
    expect(bench.ask(TRIP)).toBe(ACKNOWLEDGED);
    expect(status(bench)).toEqual([0, FORCED_TRIP | ARREARS]);
    expect(bench.read(0x000c, 2)).toBe('00 00 00 00');
    const before = bench.read(0x0000, 10);
    bench.pass(5 * HOUR_MS);
    expect(bench.read(0x0000, 10)).toBe(before);
    expect(bench.read(0x0057, 2)).toBe('00 01 00 01');
  });

  it('closes on 0001 0000 and counts again', () => {
    const bench = new Bench('ddsy1352');
    bench.ask(TRIP);
    expect(bench.ask(CLOSE)).toBe(ACKNOWLEDGED);
    expect(status(bench)).toEqual([RELAY_CLOSED, FORCED_ON | ARREARS]);
    bench.pass(HOUR_MS);
    expect(bench.read(0x0000, 2)).toBe('00 00 00 64');
  });

  it('blacks out a platform-charged room when released, since its own balance is 0', () => {
    const bench = new Bench('ddsy1352');
    expect(bench.ask(RELEASE)).toBe(ACKNOWLEDGED);
    expect(status(bench)).toEqual([0, ARREARS]);
    expect(bench.meter.look().conducting).toBe(false);
  });

  it('stays closed when released with money of its own, and cuts when that is used up', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    bench.ask('10 00 4E 00 03 06 00 01 00 00 00 64'); // 1.00 yuan
    bench.ask('10 00 5D 00 02 04 00 00 13 88'); // flat: 0.5000 yuan a kWh
    bench.ask(RELEASE);
    bench.pass(HOUR_MS); // 0.50 yuan used
    expect(status(bench)).toEqual([RELAY_CLOSED, 0]);
    expect(bench.read(0x004f, 2)).toBe('00 00 00 32');
    bench.ask('10 00 5F 00 02 04 00 00 27 10'); // valley, from 11:00: 1.0000 yuan a kWh
    bench.pass(2 * HOUR_MS);
    expect(status(bench)[0]).toBe(0);
    // Energy stops where the money stops: 1 kWh, then 0.4958 kWh to 11:00, then what 0.2521 yuan buy.
    // The minute in which it ends is used to its end: 1.7479 kWh and up to 0.0167 more.
    const kwh = Number.parseInt(bench.read(0x0000, 2).replaceAll(' ', ''), 16) / 100;
    expect(kwh).toBeGreaterThanOrEqual(1.74);
    expect(kwh).toBeLessThanOrEqual(1.76);
    bench.ask('10 00 4E 00 03 06 00 02 00 00 03 E8'); // count 2, balance 10.00
    expect(status(bench)[0]).toBe(RELAY_CLOSED);
  });

  it('does not cut at zero within its overdraft', () => {
    const bench = new Bench('ddsy1352');
    bench.ask('10 00 4A 00 02 04 00 00 01 F4');
    bench.ask(RELEASE);
    expect(status(bench)[0]).toBe(RELAY_CLOSED);
  });

  it('goes on passing current through welded contacts though the status says open', () => {
    const bench = new Bench('ddsy1352', { faults: { stuckRelay: 1 } });
    bench.ask(TRIP);
    expect(status(bench)[0]).toBe(0);
    bench.pass(HOUR_MS);
    expect(bench.read(0x0000, 2)).toBe('00 00 00 64');
    expect(bench.read(0x000c, 1)).not.toBe('00 00');
    bench.faults.stuckRelay = 0;
    bench.ask(CLOSE);
    bench.ask(TRIP);
    expect(bench.read(0x000c, 1)).toBe('00 00');
  });

  it('acknowledges an ignored write and does nothing', () => {
    const bench = new Bench('ddsy1352', { faults: { ignoredWrite: 1 } });
    expect(bench.ask(TRIP)).toBe(ACKNOWLEDGED);
    expect(status(bench)[0]).toBe(RELAY_CLOSED);
  });
});

describe('DDSY1352 purchases', () => {
  const buy = (bench: Bench, count: string, cents: string): string => bench.ask(`10 00 4E 00 03 06 ${count} ${cents}`);
  const TAKEN = '10 00 4E 00 03';
  const REFUSED = '90 03';
  const standing = (bench: Bench): string => bench.read(0x004e, 3);

  it('takes the next count alone: an earlier, a later one or another balance under the same count is refused', () => {
    const bench = new Bench('ddsy1352', { load: () => 0 });
    expect(buy(bench, '00 02', '00 00 27 10')).toBe(REFUSED);
    expect(buy(bench, '00 01', '00 00 27 10')).toBe(TAKEN);
    expect(buy(bench, '00 01', '00 00 4E 20')).toBe(REFUSED);
    expect(buy(bench, '00 00', '00 00 00 00')).toBe(REFUSED);
    expect(buy(bench, '00 03', '00 00 4E 20')).toBe(REFUSED);
    expect(standing(bench)).toBe('00 01 00 00 27 10');
    expect(buy(bench, '00 02', '00 00 4E 20')).toBe(TAKEN);
    expect(standing(bench)).toBe('00 02 00 00 4E 20');
  });

  it('takes the last purchase once more without giving back what has been used since', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    bench.ask('10 00 5D 00 02 04 00 00 27 10'); // flat: 1 yuan a kWh
    buy(bench, '00 01', '00 00 27 10');
    bench.pass(HOUR_MS);
    expect(standing(bench)).toBe('00 01 00 00 26 AC');
    expect(buy(bench, '00 01', '00 00 27 10')).toBe(TAKEN);
    expect(standing(bench)).toBe('00 01 00 00 26 AC');
  });

  it('takes count and balance in one request only', () => {
    const bench = new Bench('ddsy1352', { load: () => 0 });
    expect(bench.ask('10 00 4E 00 01 02 00 01')).toBe(REFUSED);
    expect(bench.ask('10 00 4F 00 02 04 00 00 27 10')).toBe(REFUSED);
    expect(standing(bench)).toBe('00 00 00 00 00 00');
  });

  it('keeps its money, its count and what it has not charged yet over a restart', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    bench.ask('10 00 5D 00 02 04 00 00 27 10');
    buy(bench, '00 01', '00 00 27 10');
    bench.pass(HOUR_MS / 2);
    const again = new Bench('ddsy1352', { load: () => 1000, saved: bench.meter.save() });
    expect(standing(again)).toBe('00 01 00 00 26 DE');
    expect(buy(again, '00 01', '00 00 27 10')).toBe(TAKEN);
    expect(buy(again, '00 01', '00 00 27 11')).toBe(REFUSED);
    expect(standing(again)).toBe('00 01 00 00 26 DE');
  });

  it('raises its two alarm bits on the way down and takes them back with money', () => {
    const bench = new Bench('ddsy1352', { load: () => 1000 });
    bench.ask('10 00 5D 00 02 04 00 00 27 10');
    bench.ask('10 00 46 00 04 08 00 00 01 2C 00 00 00 C8'); // 3.00 and 2.00 yuan
    buy(bench, '00 01', '00 00 01 90'); // 4.00
    bench.ask('10 00 57 00 02 04 00 00 00 00');
    const bits: number[] = [];
    for (let hour = 0; hour < 4; hour += 1) {
      bits.push(status(bench)[1] & 0xe0);
      bench.pass(0.35 * HOUR_MS);
      bench.ask('10 00 5D 00 04 08 00 00 75 30 00 00 75 30'); // 3 yuan a kWh, in valley too
    }
    expect(bits).toEqual([0, 0, 0x40, 0xc0]);
    bench.pass(HOUR_MS);
    expect(status(bench)).toEqual([0, 0xe0]);
    buy(bench, '00 02', '00 00 27 10');
    expect(status(bench)).toEqual([RELAY_CLOSED, 0]);
  });
});

describe('DDSY1352 clock', () => {
  it('drifts by the fault and is set at 0x003C', () => {
    const bench = new Bench('ddsy1352', { faults: { clockDriftMsPerHour: 60_000 } });
    bench.pass(10 * HOUR_MS);
    expect(bench.read(0x003c, 3)).toBe('0F 28 13 0F 04 1A'); // 19:40:15, ten minutes ahead
    expect(bench.ask('10 00 3C 00 03 06 00 1E 13 0F 04 1A')).toBe('10 00 3C 00 03');
    expect(bench.read(0x003c, 3)).toBe('00 1E 13 0F 04 1A');
    expect(bench.ask('10 00 3C 00 03 06 00 3C 13 0F 04 1A')).toBe('90 03'); // minute 60
  });
});

describe('DTSY1352 schedule', () => {
  it('has its date table at 0x0028 and its day tables at 0x2000 and 0x2015', () => {
    const bench = new Bench('dtsy1352');
    expect(bench.read(0x0028, 6)).toBe('03 01 02 07 01 01 09 01 02 0C 01 01');
    expect(bench.read(0x2000, 21).slice(0, 53)).toBe('04 00 00 03 00 08 04 00 0B 02 00 0D 01 00 12 03 00 16');
    expect(bench.read(0x2015, 3)).toBe('04 00 00 03 00 07');
    expect(new Bench('ddsy1352').read(0x2000, 6)).toBe('03 01 02 07 01 01 09 01 02 0C 01 01');
    expect(new Bench('ddsy1352').read(0x2006, 3)).toBe('04 00 00 03 00 08');
  });
});
