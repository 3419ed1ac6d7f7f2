/** Parameters to registers and back, against virtual meters that keep their own map, and against words written by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterValues } from '../../protocol/parameters.ts';
import { bands } from '../../protocol/tariff.ts';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { decodeParameter, encodeParameter } from '../../server/lines/parameterCodec.ts';
import { readProgram, writeProgram } from '../../server/lines/parameterTasks.ts';
import { parameterTables } from '../../server/lines/profiles/parameters.ts';
import { runOn, SHANGHAI_MS, virtualMeter } from '../tools/virtualMeter.ts';

const NOW_MS = Date.UTC(2026, 2, 15, 4, 30);
const models = { ddsy1352: 'acrel-ddsy1352', dtsy1352: 'acrel-dtsy1352' } as const;
const tables = parameterTables(profileOptions());
const specOf = (model: keyof typeof models, name: string) => {
  const spec = tables[models[model]]?.find((one) => one.name === name);
  if (!spec) throw new Error(`no ${name}`);
  return spec;
};

const time = fc.integer({ min: 0, max: 1439 }).map((minute) => {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
});
const times = (maxLength: number) => fc.uniqueArray(time, { minLength: 0, maxLength }).map((list) => list.sort());
const dayTable = fc
  .tuple(times(13), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 14, maxLength: 14 }))
  .map(([list, steps]) => {
    let band = 0;
    return ['00:00', ...list.filter((at) => at !== '00:00')].map((at, n) => {
      band = (band + (steps[n] ?? 1)) % 5;
      return { at, band: bands[band] ?? 'flat' };
    });
  });
const slots = times(8).map((list) => list.map((at, n) => ({ at, on: n % 2 === 0 })));
const u16 = fc.integer({ min: 0, max: 65_535 });
const values: fc.Arbitrary<ParameterValues> = fc.oneof(
  fc.record({ pt: fc.integer({ min: 1, max: 9_999 }) }),
  fc.record({ ct: fc.integer({ min: 1, max: 9_999 }) }),
  fc.record({ alarm1: fc.integer({ min: 0, max: 99_999_999 }) }),
  fc.record({ alarm2: fc.integer({ min: 0, max: 99_999_999 }) }),
  fc.record({ overdraft: fc.integer({ min: 0, max: 99_999_999 }) }),
  fc.record({ powerLimit: u16 }),
  fc.record({ relayMode: fc.constantFrom('level' as const, 'pulse' as const) }),
  fc.record({ dayTable1: dayTable }),
  fc.record({ dayTable2: dayTable }),
  fc.record({
    loadLimit: fc.record({
      ...{ on: fc.boolean(), maxWatts: u16, stepWatts: u16, powerFactor: fc.integer({ min: 0, max: 1_000 }) },
      ...{ recoverMinutes: fc.integer({ min: 0, max: 1_440 }), triesMax: fc.integer({ min: 0, max: 100 }) },
    }),
  }),
  fc.record({
    timeControl: fc.record({
      on: fc.boolean(),
      weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
      workday: slots,
      holiday: slots,
    }),
  }),
);

describe.each(['ddsy1352', 'dtsy1352'] as const)('a parameter of a virtual %s', (model) => {
  const localNow = (): number => NOW_MS + SHANGHAI_MS;

  it('is read back as it was written, whatever it is', () => {
    fc.assert(
      fc.property(values, (wanted) => {
        const [name = ''] = Object.keys(wanted);
        const spec = specOf(model, name);
        const meter = virtualMeter(model, NOW_MS);
        const outcome = runOn(meter, { mayWrite: () => true, next: writeProgram(spec, wanted, localNow) });
        expect(outcome).toEqual({ kind: 'done', result: { value: wanted, exception: null } });
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('is the clock: its distance from local time, set to it', () => {
    const meter = virtualMeter(model, NOW_MS);
    const spec = specOf(model, 'clock');
    const early = runOn(meter, { mayWrite: () => false, next: readProgram(spec, () => localNow() - 90_000) });
    expect(early).toEqual({ kind: 'done', result: { value: { clock: 90 }, exception: null } });
    const set = { mayWrite: () => true, next: writeProgram(spec, { clock: 0 }, () => localNow() - 90_000) };
    expect(runOn(meter, set)).toEqual({ kind: 'done', result: { value: { clock: 0 }, exception: null } });
  });

  it('may be lost on its way: the write has arrived or not, and that is said', () => {
    const meter = virtualMeter(model, NOW_MS);
    const next = writeProgram(specOf(model, 'ct'), { ct: 30 }, localNow);
    expect(runOn(meter, { mayWrite: () => true, next }, 0)).toMatchObject({ reason: 'timeout', writes: 'unknown' });
    expect(runOn(meter, { mayWrite: () => true, next }, 1)).toMatchObject({
      reason: 'timeout',
      writes: 'acknowledged',
    });
  });
});

describe('registers', () => {
  const words = (text: string): number[] => text.split(' ').map((word) => parseInt(word, 16));

  it('of a day table hold band, minute and hour, three bytes a slot (EMS4J)', () => {
    const table = [
      { at: '00:00', band: 'valley' as const },
      { at: '08:30', band: 'flat' as const },
      { at: '18:00', band: 'sharp' as const },
    ];
    const expected = [...words('0400 0003 1e08 0100 1200'), ...new Array<number>(16).fill(0)];
    expect(encodeParameter(specOf('ddsy1352', 'dayTable1'), { dayTable1: table }, 0)).toEqual(expected);
    expect(decodeParameter(specOf('ddsy1352', 'dayTable1'), expected, 0)).toEqual({ dayTable1: table });
  });

  it('of a date table have the order that the site says of its model', () => {
    const dateTable = [
      { from: '03-01', table: 2 as const },
      { from: '12-15', table: 1 as const },
    ];
    const ordered = (order: 'monthDayPlan' | 'planDayMonth') => {
      const options = profileOptions({ 'acrel-ddsy1352': { dateTable: order } });
      const spec = parameterTables(options)['acrel-ddsy1352']?.find(({ name }) => name === 'dateTable');
      if (!spec) throw new Error('a date table');
      const encoded = encodeParameter(spec, { dateTable }, 0);
      expect(decodeParameter(spec, encoded, 0)).toEqual({ dateTable });
      return encoded;
    };
    expect(ordered('monthDayPlan')).toEqual(words('0301 020c 0f01 0000 0000 0000'));
    expect(ordered('planDayMonth')).toEqual(words('0201 0301 0f0c 0000 0000 0000'));
  });

  it('that hold no such value give none', () => {
    expect(decodeParameter(specOf('ddsy1352', 'relayMode'), [7], 0)).toEqual({});
    expect(decodeParameter(specOf('ddsy1352', 'clock'), words('3c00 1001 0d1a'), 0)).toEqual({});
    expect(decodeParameter(specOf('ddsy1352', 'dayTable1'), words('0600 0000 0000'), 0)).toEqual({});
    expect(decodeParameter(specOf('ddsy1352', 'ct'), [0], 0)).toEqual({});
  });

  it('stand where the documents say', () => {
    const address = (model: keyof typeof models, name: string): number => specOf(model, name).address;
    expect(['dateTable', 'dayTable1', 'dayTable2'].map((name) => address('ddsy1352', name))).toEqual([
      0x2000, 0x2006, 0x201b,
    ]);
    expect(['dateTable', 'dayTable1', 'dayTable2'].map((name) => address('dtsy1352', name))).toEqual([
      0x0028, 0x2000, 0x2015,
    ]);
    expect(['clock', 'pt', 'ct', 'alarm1', 'alarm2', 'overdraft'].map((name) => address('ddsy1352', name))).toEqual([
      0x003c, 0x0037, 0x0038, 0x0046, 0x0048, 0x004a,
    ]);
  });
});
