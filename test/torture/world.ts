/**
 * What is true outside the core: registers that only rise, and what each wallet must hold. Written without the
 * production code: exact integers of its own, one flat price of six decimals, everything within one local day.
 */

export const START_MS = Date.parse('2026-06-01T09:00:00+08:00');
export const STEP_MS = 60_000;
export const STEPS_MAX = 800;
/** yuan per kWh, in millionths: 0.456789 + 0.123457. */
export const PRICES = [456_789n, 123_457n] as const;
export const OPENING_YUAN = 500n;

/** A small generator with a printed seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Register of meter m (from 1) at each step, Wh, in steps of 10 as on the wire. */
export function registers(seed: number, meter: number, steps: number): number[] {
  const random = randomOf(seed * 1_000 + meter);
  const values = [Math.floor(random() * 100_000) * 10];
  for (let step = 1; step <= steps; step++) values.push((values[step - 1] ?? 0) + Math.floor(random() * 20) * 10);
  return values;
}

/** Millionths of a yuan for Wh at a price per kWh, half up. */
export function costMicro(wattHours: number): bigint {
  let sum = 0n;
  for (const price of PRICES) sum += (BigInt(wattHours) * price + 500n) / 1000n;
  return sum;
}

export type Booked = {
  readonly key: string;
  readonly wallet: number;
  readonly yuan: bigint;
  readonly kind: 'recharge' | 'refund';
};

/** What a wallet must hold: opening + booked − the cost of what its meter has used since its first reading. */
export function balanceMicro(booked: readonly Booked[], wallet: number, usedWattHours: number): bigint {
  let micro = OPENING_YUAN * 1_000_000n;
  for (const order of booked)
    if (order.wallet === wallet) micro += (order.kind === 'recharge' ? order.yuan : -order.yuan) * 1_000_000n;
  return micro - costMicro(usedWattHours);
}
