/** Energy in Wh, water in litres: whole numbers, split by largest remainder. */
import Big from 'big.js';
import { assert } from './assert.ts';

/** Decimal kWh or m³ → Wh or litres. Throws InvariantError for more than three places. */
export function parseQuantity(text: string): number {
  const units = new Big(text).times(1000);
  assert(units.eq(units.round()), `${text} has more than three decimals`);
  const value = units.toNumber();
  assert(Number.isSafeInteger(value), `${text} is too great`);
  return value;
}

/** Wh or litres → decimal kWh or m³, without trailing zeros. */
export function formatQuantity(units: number): string {
  return new Big(units).div(1000).toFixed();
}

/**
 * Splits a whole, non-negative total in proportion to whole, non-negative weights: parts sum to the total, the largest
 * remainders get the units left over, ties go to the earlier. All weights 0: everything to the first.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  assert(
    Number.isSafeInteger(total) && total >= 0 && weights.length > 0,
    'a split has a whole total and someone to get it',
  );
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map((_, i) => (i === 0 ? total : 0));
  if (weights.length === 1) return [total];
  const whole = BigInt(total);
  const all = BigInt(sum);
  const parts = weights.map((weight, i) => {
    const product = whole * BigInt(weight);
    return { i, part: Number(product / all), rest: product % all };
  });
  let left = total - parts.reduce((given, { part }) => given + part, 0);
  const order = [...parts].sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  for (const entry of order) {
    if (left === 0) break;
    entry.part += 1;
    left -= 1;
  }
  return parts.map(({ part }) => part);
}
