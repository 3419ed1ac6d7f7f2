/** Which meters an emergency cut of a place opens, and which it leaves out. */
import type { Emergency, EmergencyPreview } from '../../../protocol/emergency.ts';

/** A meter in the place. */
export type Candidate = {
  readonly meter: string;
  readonly utility: 'electricity' | 'water';
  readonly hasBreaker: boolean;
  readonly keepPower: boolean;
  readonly wanted: 'open' | 'closed';
  readonly answers: boolean;
};
export type Selection = {
  readonly meters: readonly string[];
  readonly kept: readonly string[];
  readonly preview: EmergencyPreview;
};

/** In the order given: that of the wall, so that a restore goes room by room. */
export function select(candidates: readonly Candidate[], what: Emergency['what']): Selection {
  const meters: string[] = [];
  const kept: string[] = [];
  const preview = { opens: 0, open: 0, kept: 0, none: 0, silent: 0 };
  for (const { meter, utility, hasBreaker, keepPower, wanted, answers } of candidates) {
    if (what !== 'both' && utility !== what) continue;
    if (!hasBreaker) {
      preview.none += 1;
      continue;
    }
    if (keepPower) {
      preview.kept += 1;
      kept.push(meter);
      continue;
    }
    meters.push(meter);
    preview[wanted === 'open' ? 'open' : 'opens'] += 1;
    if (!answers) preview.silent += 1;
  }
  return { meters, kept, preview };
}
