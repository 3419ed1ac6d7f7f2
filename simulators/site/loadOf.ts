import type { LoadSpec } from '../loads.ts';
import type { Draft } from './meters.ts';

/** What hangs behind a meter. Sums need not agree: a demo main meter follows its building roughly. */
export function loadProfileOf(draft: Pick<Draft, 'id' | 'role' | 'room' | 'utility'>, seed: number): LoadSpec {
  if (draft.role === 'main') return { profile: 'main', seed, factor: 1.6 };
  if (draft.room === null) return { profile: 'nightShop', seed, factor: 0.35 };
  return { profile: draft.room.load, seed, factor: draft.utility === 'water' ? 1 : draft.room.factor };
}
