import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmKinds } from '../../protocol/wall.ts';
import { refusals } from '../../protocol/ops.ts';
import { requestProblems } from '../../protocol/session.ts';
import { alarmTexts } from '../../ui/src/i18n/alarms.ts';
import { problemsEn, problemsZh } from '../../ui/src/i18n/problems.ts';
import { dictionaries, fill, translate, type Key } from '../../ui/src/i18n/translate.ts';
import { coveringMicro, readAmount } from '../../ui/src/lib/amount.ts';
import { csv } from '../../ui/src/lib/csv.ts';
import { decimal, UNKNOWN, Writer } from '../../ui/src/lib/format.ts';
import { readDate } from '../../ui/src/lib/dateText.ts';
import { instantOf } from '../../ui/src/lib/siteTime.ts';

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
const keys = Object.keys(dictionaries.en) as Key[];

describe('texts', () => {
  it('know one from more', () => {
    expect(translate('en', 'wall.rooms', { count: 1 })).toBe('1 room');
    expect(translate('en', 'wall.rooms', { count: '1,024' })).toBe('1,024 rooms');
    expect(translate('zh', 'wall.rooms', { count: 1 })).toBe('1 间');
  });

  it('exist in both languages, with the same places to fill', () => {
    expect(Object.keys(dictionaries.zh).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(dictionaries.zh[key], key).not.toBe('');
      expect(places(dictionaries.zh[key]), key).toEqual(places(dictionaries.en[key]));
    }
  });

  it('are Chinese in the Chinese dictionary, but for signs and names', () => {
    const same = new Set<Key>([
      'app.name',
      'language.other',
      'header.speed',
      'header.store',
      'header.storeUnknown',
      'why.times',
      'system.of',
      'wall.matches',
      'chart.bar',
    ]);
    const latin = keys.filter((key) => !/\p{Script=Han}/u.test(dictionaries.zh[key]) && !same.has(key));
    expect(latin).toEqual([]);
  });

  it('say what to do for every alarm and every refusal', () => {
    for (const kind of alarmKinds) {
      expect(alarmTexts.en[kind].todo.length).toBeGreaterThan(10);
      expect(alarmTexts.zh[kind].todo.length).toBeGreaterThan(5);
    }
    for (const code of [...Object.keys(refusals), ...Object.keys(requestProblems)]) {
      expect(Object.hasOwn(problemsEn, code) && Object.hasOwn(problemsZh, code), code).toBe(true);
    }
  });

  it('refuse a place without a value', () => {
    expect(fill('a {b} c', { b: 1 })).toBe('a 1 c');
    expect(() => fill('a {b}', {})).toThrow('no value for {b}');
  });
});

describe('numbers', () => {
  const en = new Writer('en', 'Asia/Shanghai');
  const zh = new Writer('zh', 'Asia/Shanghai');

  it('keep every digit of an integer', () => {
    expect([decimal(18_420_000, 6), decimal(-1, 6), decimal(5, 0), decimal(-1_234_567, 3)]).toEqual([
      '18.420000',
      '-0.000001',
      '5',
      '-1234.567',
    ]);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(6), (value, count) => {
        expect(BigInt(decimal(value, count).replace('.', ''))).toBe(BigInt(value));
      }),
      { seed: 5 },
    );
  });

  it('never show money that is not there', () => {
    expect([en.money(18_429_999), en.money(-1), en.money(9_007_199_254_740_991)]).toEqual([
      '¥18.42',
      '−¥0.01',
      '¥9,007,199,254.74',
    ]);
    expect([999_999_999, 1_000_000_000, 1_599_999_999, 12_345_000_000].map((micro) => en.moneyShort(micro))).toEqual([
      ...[null, '¥1.0k', '¥1.5k', '¥12k'],
    ]);
    expect([en.money(null), en.money(171_100, 4)]).toEqual([UNKNOWN, '¥0.1711']);
  });

  it('show what is unknown as unknown', () => {
    expect([en.number(null), en.quantity(null, 2), en.time(null), en.duration(null), en.percent(null)]).toEqual(
      Array(5).fill(UNKNOWN),
    );
  });

  it('are written in the time zone of the site and the language of the reader', () => {
    const at = Date.parse('2025-07-15T22:05:09Z');
    expect([en.time(at), zh.time(at)]).toEqual(['06:05:09', '06:05:09']);
    expect(en.dateTime(at)).toContain('16 Jul');
    expect(zh.dateTime(at)).toContain('7月16日');
    expect([en.duration(94_000), zh.duration(3 * 3_600_000)]).toEqual(['1 min', '3小时']);
  });
});

describe('an amount someone typed', () => {
  it('is read to the cent, also as an input method writes it', () => {
    expect(['50', '0.01', '50.5', ' ¥20.00 ', '５０．００', '12,34'].map((text) => readAmount(text)?.micro)).toEqual([
      50_000_000, 10_000, 50_500_000, 20_000_000, 50_000_000, 12_340_000,
    ]);
  });

  it('is refused when it is none', () => {
    for (const text of ['', '0', '0.00', '-5', '1.005', '1e3', 'abc', '12345678', '1,000.00'])
      expect(readAmount(text), text).toBeNull();
  });

  it('that is missing is rounded up to the cent', () => {
    expect([coveringMicro(1), coveringMicro(10_000), coveringMicro(430_001)]).toEqual([10_000, 10_000, 440_000]);
  });
});

describe('a table for spreadsheets', () => {
  it('quotes what must be quoted and runs nothing', () => {
    expect(
      csv([
        ['a,b', 'say "x"', null, 5],
        ['=1+1', '-0.42', '@x', '李记'],
      ]),
    ).toBe('\uFEFF"a,b","say ""x""",,5\r\n\'=1+1,-0.42,\'@x,李记\r\n');
  });
});

describe('a time typed at the site', () => {
  it('is an instant in its zone, over clock changes too', () => {
    expect(instantOf('2025-07-15T14:20', 'Asia/Shanghai')).toBe(Date.parse('2025-07-15T14:20:00+08:00'));
    expect(instantOf('2025-01-15T12:00', 'Europe/Berlin')).toBe(Date.parse('2025-01-15T12:00:00+01:00'));
    expect(instantOf('2025-07-15T12:00', 'Europe/Berlin')).toBe(Date.parse('2025-07-15T12:00:00+02:00'));
    expect(instantOf('', 'Asia/Shanghai')).toBeNull();
  });
});

describe('a typed date', () => {
  it('is read year first, however it is punctuated', () => {
    for (const typed of ['2025-07-05', '2025/7/5', '2025.7.5', '2025年7月5日', ' ２０２５-07-05 '])
      expect(readDate(typed, 'date'), typed).toBe('2025-07-05');
    for (const typed of ['2025-07-05 9:05', '2025-07-05T09:05', '2025年7月5日 9时05分', '2025/7/5 9：05'])
      expect(readDate(typed, 'dateTime'), typed).toBe('2025-07-05T09:05');
    for (const typed of ['7:30', '07:30', '7时30分']) expect(readDate(typed, 'time'), typed).toBe('07:30');
  });

  it('is none when no calendar has it, when it could be read two ways, or when a part is missing', () => {
    for (const typed of ['2025-02-29', '2025-13-01', '05/07/2025', '2025-07', '', '2025-07-05 10:00'])
      expect(readDate(typed, 'date'), typed).toBeNull();
    for (const typed of ['2025-07-05', '2025-07-05 24:00', '2025-07-05 10:60', '2025-07-0510:00'])
      expect(readDate(typed, 'dateTime'), typed).toBeNull();
    expect(readDate('25:00', 'time')).toBeNull();
  });
});
