/** Seeded randomness: the same seed gives the same run. */

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number;

/** mulberry32 by Tommy Ettinger: 32 bits of state, good enough for loads and faults, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state);
  };
}

function mix(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** A number from 0 to 1 that depends only on the seed and the place: noise that can be asked for in any order. */
export function noiseAt(seed: number, place: number): number {
  const high = Math.floor(place / 2 ** 32);
  return mix(
    (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(place ^ Math.imul(high, 0x27d4eb2f), 0xc2b2ae35)) >>> 0,
  );
}

/** FNV-1a, 32 bits: a seed from a name. */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
