import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import { billReadings } from '../../server/domain/tariff/bill.ts';
import { parseQuantity } from '../../server/domain/quantity.ts';
import { workedBills } from './workedBills.ts';

describe('the worked bills, to the micro-yuan', () => {
  it.each(workedBills().map((bill) => [bill.id, bill] as const))('%s', (_id, bill) => {
    const result = billReadings(bill.tariff, bill.timeZone, bill.readings, {
      multiplier: Number(bill.multiplier ?? '1'),
      tierUseBefore: parseQuantity(bill.tierUseBefore ?? '0'),
    });
    const key = (line: {
      day: string;
      meter: string;
      version: string;
      band: string;
      tier: number;
      component: string;
    }): string => [line.day, line.meter, line.version, line.band, line.tier, line.component].join('|');
    const rows = (
      lines: readonly (Parameters<typeof key>[0] & { price: string; quantity: string; amount: string })[],
    ): string[] =>
      lines
        .map((line) => [key(line), new Big(line.price), new Big(line.quantity), new Big(line.amount)].join(' '))
        .sort();
    expect(rows(result.lines)).toEqual(rows(bill.expect.lines));
    expect(new Big(result.total).eq(bill.expect.total)).toBe(true);
  });
});
