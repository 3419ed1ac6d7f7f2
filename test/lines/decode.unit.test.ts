import { describe, expect, it } from 'vitest';
import { decodeReading, rawValue, type Image } from '../../server/lines/decode.ts';
import { expectedReply, judge } from '../../server/lines/frame.ts';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import type { Profile } from '../../server/lines/profiles/profile.ts';
import { hex, sealed } from './support/slave.ts';

const profiles = createProfiles();

/** Takes raw reply frames the way the port does, and gives the registers of each block. */
function imageOf(profile: Profile, replies: Readonly<Record<string, readonly number[]>>): Image {
  return new Map(
    Object.entries(replies).map(([name, reply]) => {
      const block = profile.blocks.find((each) => each.name === name);
      if (block === undefined) throw new Error(`no block ${name}`);
      const [, , bytes = 0] = reply;
      const request = Uint8Array.from(sealed([1, block.fn, block.address >> 8, block.address & 0xff, 0, bytes / 2]));
      const verdict = judge(Uint8Array.from(reply), expectedReply(request, 1), 'rtu');
      if (verdict.kind !== 'match') throw new Error('not a reply');
      const words = Array.from(
        { length: bytes / 2 },
        (_, at) => (verdict.frame[3 + 2 * at]! << 8) | verdict.frame[4 + 2 * at]!,
      );
      return [name, { address: block.address, values: words }];
    }),
  );
}

const reply = (fn: number, bytes: string): number[] => {
  const data = hex(bytes.trim());
  return sealed([1, fn, data.length, ...data]);
};

const acrelBlock = (head: string, energies: string, status: string): string => `${head} 00 01 00 01 ${energies}
  00 00 00 00 00 00 00 00 00 00 ${status} 00 00 00 00 00 00
  1A 03 0F 00 0C 22 38 00 00 00 00 00 00 00 00 00`;

/** 230.1 V, 5.12 A, 1177 W, PF 0.998; 123 456.78 kWh = 12.34 + 34 567.89 + 45 678.90 + 43 197.65. */
const ddsyBytes = acrelBlock(
  `00 07 08 FD 00 00 00 00 02 00 00 00 00 00 04 99 00 00 00 00 04 99 00 00 00 00 00 00 00 00 03 E6 00 00 00 00 03 E6`,
  `00 BC 61 4E 00 00 04 D2 00 34 BF 15 00 45 B3 52 00 41 EA 15`,
  `20 08`,
);

describe('golden readings', () => {
  it('decodes the poll block and the number of a DDSY1352', () => {
    const image = imageOf(profiles['acrel-ddsy1352'], {
      poll: reply(3, ddsyBytes),
      number: reply(3, '22 03 01 00 00 17'),
    });
    expect(decodeReading(profiles['acrel-ddsy1352'], 'M1', image, 5)).toEqual({
      meterId: 'M1',
      utility: 'electricity',
      atMs: 5,
      index: 123_456_780,
      bands: [12_340, 34_567_890, 45_678_900, 43_197_650],
      reverse: null,
      live: { volts: [230.1], amps: [5.12], watts: 1177, powerFactor: 0.998 },
      status: { switchState: 'closed', forced: true, fault: false, overLimit: false, batteryLow: false },
      clockMs: Date.UTC(2026, 2, 15, 12, 34, 56),
      number: '220301000017',
      money: { count: 0, remainingMicro: 0 },
    });
  });

  it('decodes what a DDSY1352 says of its own money, a debt too', () => {
    const bytes = ddsyBytes.replace('00 00 00 00 00 00 00 00 00 00 20 08', 'FF FF FF 38 00 05 00 00 00 00 20 08');
    const image = imageOf(profiles['acrel-ddsy1352'], { poll: reply(3, bytes) });
    expect(decodeReading(profiles['acrel-ddsy1352'], 'M1', image, 0).money).toEqual({
      count: 5,
      remainingMicro: -2_000_000,
    });
  });

  it('decodes three phases, a reverse load and a tripped relay of a DTSY1352', () => {
    const bytes = acrelBlock(
      `00 05 08 FC 08 FD 08 FE 00 00 00 00 00 00 00 00 00 00 00 00 FF 9C 00 00 00 00 00 00 00 00 00 00 00 00 00 00 FC 18`,
      `00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00`,
      `01 18`,
    );
    const reading = decodeReading(
      profiles['acrel-dtsy1352'],
      'M2',
      imageOf(profiles['acrel-dtsy1352'], { poll: reply(3, bytes) }),
      0,
    );
    expect(reading).toMatchObject({
      index: 10,
      bands: [0, 0, 10, 0],
      live: { volts: [230, 230.1, 230.2], amps: [0, 0, 0], watts: -100, powerFactor: -1 },
      status: { switchState: 'open', forced: true, fault: true, overLimit: true },
      number: null,
    });
  });

  it('calls a DTSY1352 with one relay apart from the others neither open nor closed', () => {
    const mixed = reply(3, ddsyBytes.replace('20 08', '60 08'));
    expect(
      decodeReading(profiles['acrel-dtsy1352'], 'M', imageOf(profiles['acrel-dtsy1352'], { poll: mixed }), 0).status
        .switchState,
    ).toBeNull();
  });

  it('takes the relay bits from the other byte of 0x0224 when the option says so', () => {
    const swapped = createProfiles(profileOptions({ 'acrel-ddsy1352': { relayByte: 'low' } }))['acrel-ddsy1352'];
    const image = imageOf(swapped, { poll: reply(3, ddsyBytes.replace('20 08', '08 20')) });
    expect(decodeReading(swapped, 'M', image, 0).status).toMatchObject({ switchState: 'closed', forced: true });
  });

  it('adds deep valley as the fifth band where the firmware has it', () => {
    const deep = createProfiles(profileOptions({ 'acrel-ddsy1352': { deepValley: true } }))['acrel-ddsy1352'];
    const image = imageOf(deep, { poll: reply(3, ddsyBytes), deepValley: reply(3, '00 00 00 2A') });
    expect(decodeReading(deep, 'M', image, 0).bands).toEqual([12_340, 34_567_890, 45_678_900, 43_197_650, 420]);
  });

  it('decodes import, export and live values of an SDM120', () => {
    const live = `43 66 1A 00 ${'00 00 00 00 '.repeat(2)}40 A3 D7 0A ${'00 00 00 00 '.repeat(2)}44 93 20 00 ${'00 00 00 00 '.repeat(8)}3F 7F 7C EE`;
    const image = imageOf(profiles['eastron-sdm120'], {
      energy: reply(4, '42 48 00 00 44 9A 52 2B 3F A0 00 00'),
      live: reply(4, live),
    });
    expect(decodeReading(profiles['eastron-sdm120'], 'M', image, 0)).toMatchObject({
      index: 1_234_568,
      reverse: 1_250,
      bands: null,
      live: {
        volts: [expect.closeTo(230.1, 2)],
        amps: [expect.closeTo(5.12, 4)],
        watts: 1177,
        powerFactor: expect.closeTo(0.998, 5),
        hertz: 50,
      },
      status: { switchState: null, forced: null },
      clockMs: null,
      number: null,
    });
  });

  it('decodes three phases of an SDM630', () => {
    const live = `43 66 00 00 43 67 00 00 43 68 00 00 3F 80 00 00 40 00 00 00 40 40 00 00 ${'00 00 00 00 '.repeat(20)}45 9C 40 00`;
    const energy = `3F 80 00 00 ${'00 00 00 00 '.repeat(3)}42 48 00 00 3F 80 00 00 00 00 00 00`;
    const image = imageOf(profiles['eastron-sdm630'], { energy: reply(4, energy), live: reply(4, live) });
    expect(decodeReading(profiles['eastron-sdm630'], 'M', image, 0)).toMatchObject({
      index: 1_000,
      reverse: 0,
      live: { volts: [230, 231, 232], amps: [1, 2, 3], watts: 5000, powerFactor: 1, hertz: 50 },
    });
  });

  it('decodes the little-endian floats, valve and battery of a Xintai water meter', () => {
    const bytes = `1E 85 0B 3F 00 00 00 00 00 00 80 3E 00 AA ${'00 00 '.repeat(10)}00 00 00 00 00 12 34 56 ${'00 00 '.repeat(4)}66 66 66 40 00 0A`;
    const image = imageOf(profiles['xintai-valve-water'], {
      poll: reply(3, bytes),
      number: reply(3, '00 00 00 00 00 12 34 56'),
    });
    expect(decodeReading(profiles['xintai-valve-water'], 'W', image, 0)).toMatchObject({
      utility: 'water',
      index: 545,
      reverse: 0,
      live: { flow: 0.25, batteryVolts: expect.closeTo(3.6, 5) },
      status: { switchState: 'open', forced: null, fault: false, batteryLow: true },
      number: '123456',
    });
  });

  it('calls a valve that is neither open nor shut unknown, and an abnormal one a fault', () => {
    const bytes = `${'00 00 '.repeat(27)}00 04`;
    const image = imageOf(profiles['xintai-valve-water'], { poll: reply(3, bytes) });
    expect(decodeReading(profiles['xintai-valve-water'], 'W', image, 0).status).toMatchObject({
      switchState: null,
      fault: true,
    });
  });
});

describe('registers that hold no number', () => {
  it.each([
    ['index', 'FF FF FF FF', '00 00 04 D2'],
    ['a band', '00 BC 61 4E', 'FF FF FF FF'],
  ])('makes the reading doubtful when %s is all ones', (_, index, sharp) => {
    const bytes = ddsyBytes.replace('00 BC 61 4E', index).replace('00 00 04 D2', sharp);
    const image = imageOf(profiles['acrel-ddsy1352'], { poll: reply(3, bytes) });
    expect(decodeReading(profiles['acrel-ddsy1352'], 'M', image, 0)).toMatchObject({ index: 'allOnes' });
  });

  it.each([
    ['notANumber', '7F C0 00 00'],
    ['notANumber', 'FF 80 00 00'],
    ['allOnes', 'FF FF FF FF'],
  ])('says %s for the float %s', (said, bytes) => {
    const image = imageOf(profiles['eastron-sdm120'], {
      energy: reply(4, `00 00 00 00 ${bytes} 00 00 00 00`),
      live: reply(4, '00 '.repeat(64)),
    });
    expect(decodeReading(profiles['eastron-sdm120'], 'M', image, 0).index).toBe(said);
  });

  it('leaves a live value out that is no number, and a clock that shows no time', () => {
    const image = imageOf(profiles['eastron-sdm120'], {
      energy: reply(4, '7F C0 00 00 00 00 00 00 00 00 00 00'),
      live: reply(4, '00 '.repeat(64)),
    });
    expect(decodeReading(profiles['eastron-sdm120'], 'M', image, 0).live).not.toHaveProperty('hertz');
    const clockless = imageOf(profiles['acrel-ddsy1352'], {
      poll: reply(3, ddsyBytes.replace('1A 03 0F', '1A 0D 0F')),
    });
    expect(decodeReading(profiles['acrel-ddsy1352'], 'M', clockless, 0).clockMs).toBeNull();
  });

  it('says so when the number register holds no digits', () => {
    const image = imageOf(profiles['acrel-ddsy1352'], {
      poll: reply(3, ddsyBytes),
      number: reply(3, 'FF FF FF FF FF FF'),
    });
    expect(decodeReading(profiles['acrel-ddsy1352'], 'M', image, 0).number).toBe('unreadable');
  });
});

describe('word orders', () => {
  it.each([
    ['ABCD', [0xc148, 0x0000]],
    ['CDAB', [0x0000, 0xc148]],
    ['BADC', [0x48c1, 0x0000]],
    ['DCBA', [0x0000, 0x48c1]],
  ] as const)('reads −12.5 in %s', (order, words) => {
    expect(rawValue(words, 'f32', order)).toBe(-12.5);
  });

  it.each([
    ['ABCD', [0x0102, 0x0304]],
    ['CDAB', [0x0304, 0x0102]],
    ['BADC', [0x0201, 0x0403]],
    ['DCBA', [0x0403, 0x0201]],
  ] as const)('reads 0x01020304 in %s', (order, words) => {
    expect(rawValue(words, 'u32', order)).toBe(0x01020304);
    expect(rawValue(words, 'i32', order)).toBe(0x01020304);
  });

  it('reads the published bytes 1E 85 0B 3F as 0.545 in DCBA', () => {
    expect(rawValue([0x1e85, 0x0b3f], 'f32', 'DCBA')).toBeCloseTo(0.545, 6);
  });

  it('keeps signs', () => {
    expect(rawValue([0xfffe], 'i16', 'ABCD')).toBe(-2);
    expect(rawValue([0xfffe], 'u16', 'ABCD')).toBe(65_534);
    expect(rawValue([0xffff, 0xfffe], 'i32', 'ABCD')).toBe(-2);
  });
});
