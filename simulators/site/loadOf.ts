import type { LoadSpec } from '../loads.ts';
import type { Draft } from './meters.ts';

/** What hangs behind a meter alone; a main meter has what no other meter of its building counts. */
export function loadProfileOf(draft: Pick<Draft, 'id' | 'role' | 'room' | 'utility'>, seed: number): LoadSpec {
  if (draft.role === 'main') return { profile: 'empty', seed, factor: 50 };
  if (draft.room === null) return { profile: 'nightShop', seed, factor: 0.35 };
  return { profile: draft.room.load, seed, factor: draft.utility === 'water' ? 1 : draft.room.factor };
}
