/** Amounts in Chinese capitals: the rules of vouchers, and every amount read back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capitalYuan } from '../../protocol/capitals.ts';

const CENT = 10_000;
const of = (yuan: string): string => {
  const [whole = '', cents = ''] = yuan.split('.');
  return capitalYuan((Number(whole) * 100 + Number(cents.padEnd(2, '0'))) * CENT);
};

/** Read back by other means than it was written: units scale what stands before them. */
function read(text: string): number {
  const digit = (sign: string): number => '零壹贰叁肆伍陆柒捌玖'.indexOf(sign);
  const section = (part: string): number =>
    [...part.matchAll(/([壹贰叁肆伍陆柒捌玖])([仟佰拾]?)/gu)].reduce(
      (sum, [, sign = '', unit = '']) => sum + digit(sign) * ({ 仟: 1000, 佰: 100, 拾: 10 }[unit] ?? 1),
      0,
    );
  const match = /^(?:(.+?)亿)?(?:([^亿]+?)万)?(?:([^亿万]*?)元)?零?(?:(.)角)?(?:(.)分)?整?$/u.exec(text);
  if (!match) throw new Error(`${text} is no amount`);
  const [, yi = '', wan = '', rest = '', jiao, fen] = match;
  return (
    (section(yi) * 1e8 + section(wan) * 1e4 + section(rest)) * 100 +
    (jiao === undefined ? 0 : digit(jiao) * 10) +
    (fen === undefined ? 0 : digit(fen))
  );
}

describe('an amount in capitals', () => {
  it.each([
    ...([
      ['1005.30', '壹仟零伍元叁角整'],
      ['1', '壹元整'],
      ['10', '壹拾元整'],
      ['12', '壹拾贰元整'],
      ['100', '壹佰元整'],
      ['110', '壹佰壹拾元整'],
      ['1000', '壹仟元整'],
      ['50.00', '伍拾元整'],
    ] as const),
    ...([
      ['101', '壹佰零壹元整'],
      ['1001', '壹仟零壹元整'],
      ['1010', '壹仟零壹拾元整'],
      ['1409.50', '壹仟肆佰零玖元伍角整'],
      ['6007.14', '陆仟零柒元壹角肆分'],
      ['1680.32', '壹仟陆佰捌拾元叁角贰分'],
      ['325.04', '叁佰贰拾伍元零肆分'],
      ['16409.02', '壹万陆仟肆佰零玖元零贰分'],
    ] as const),
    ...([
      ['10000', '壹万元整'],
      ['10005', '壹万零伍元整'],
      ['10500', '壹万零伍佰元整'],
      ['15000', '壹万伍仟元整'],
      ['100000', '壹拾万元整'],
      ['107000.53', '壹拾万柒仟元伍角叁分'],
      ['1000001', '壹佰万零壹元整'],
      ['1010000', '壹佰零壹万元整'],
      ['10000000', '壹仟万元整'],
      ['9999999.99', '玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
    ] as const),
    ...([
      ['100000000', '壹亿元整'],
      ['100000005', '壹亿零伍元整'],
      ['100050000', '壹亿零伍万元整'],
      ['100005000', '壹亿零伍仟元整'],
      ['101000000', '壹亿零壹佰万元整'],
      ['110000000', '壹亿壹仟万元整'],
      ['1000000000', '壹拾亿元整'],
      ['1234567890.12', '壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分'],
    ] as const),
    ...([
      ['0.30', '叁角整'],
      ['0.05', '伍分'],
      ['0.35', '叁角伍分'],
      ['0', '零元整'],
      ['1.01', '壹元零壹分'],
    ] as const),
  ])('%s is %s', (yuan, text) => expect(of(yuan)).toBe(text));

  it('says the same amount, whatever it is, without two zeros in a row', () => {
    const cents = fc.oneof(
      fc.integer({ min: 1, max: 9_999_999_99 }),
      fc.integer({ min: 1, max: 900_719_925_474 }),
      // Few digits among many zeros.
      fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat(9), fc.nat(99)).map(([a, zeros, b]) => a * 10 ** zeros + b),
    );
    fc.assert(
      fc.property(cents, (amount) => {
        const text = capitalYuan(amount * CENT);
        expect(read(text)).toBe(amount);
        expect(text).not.toMatch(/零零|零[拾佰仟万亿元角分]|^零(?!元整$)/u);
        expect(text.endsWith('整')).toBe(amount % 10 === 0);
      }),
      { seed: 11, numRuns: 2_000 },
    );
  });

  it('of a negative amount says so, and one with parts of a cent is refused', () => {
    expect(capitalYuan(-12_340_000)).toBe('负壹拾贰元叁角肆分');
    expect(() => capitalYuan(12_345)).toThrow(RangeError);
    expect(() => capitalYuan(Number.NaN)).toThrow(RangeError);
  });
});
