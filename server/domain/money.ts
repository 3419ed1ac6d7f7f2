/** Money: whole micro-yuan (1e-6 yuan). Decimals are parsed, multiplied and formatted by big.js; no float touches money. */
import Big from 'big.js';
import { assert } from './assert.ts';

const MICRO = 1_000_000;
/** One cent (分), in micro-yuan. */
export const CENT = 10_000;

/** "12.34" → 12 340 000. Throws InvariantError for more than six places or what is no decimal. */
export function parseYuan(text: string): number {
  const micro = new Big(text).times(MICRO);
  assert(micro.eq(micro.round()), `${text} has more than six decimals`);
  return safe(micro.toNumber());
}

/** 12 340 000 → "12.340000": exact. */
export function formatMicro(micro: number): string {
  return new Big(safe(micro)).div(MICRO).toFixed(6);
}

/** Yuan and cents, half away from zero. */
export function formatCents(micro: number): string {
  return new Big(safe(micro)).div(MICRO).round(2, Big.roundHalfUp).toFixed(2);
}

/** micro-yuan per kWh or m³ × Wh or litres → micro-yuan, half away from zero. */
export function priceOf(priceMicro: number, quantity: number): number {
  const product = priceMicro * quantity;
  if (Number.isSafeInteger(product) && product >= 0) {
    const rest = product % 1000;
    return (product - rest) / 1000 + (rest >= 500 ? 1 : 0);
  }
  return safe(new Big(priceMicro).times(quantity).div(1000).round(0, Big.roundHalfUp).toNumber());
}

function safe(micro: number): number {
  assert(Number.isSafeInteger(micro), `${micro} is no whole, safe amount`);
  return micro;
}
