/** What may be written into a meter, and what became of it. Pure. */
import {
  multiplierParameters,
  type ParameterName,
  type ParameterValues,
  type WriteResult,
} from '../../../protocol/parameters.ts';

import { isManager } from '../tag/tags.ts';
import type { Role } from '../../../protocol/site.ts';
import { namesOf, sameValue, type ParametersState } from './state.ts';

/** A write that was asked for and not made within this, site time, is not made any more: who asked has gone. */
export const WRITE_WITHIN_MS = 10 * 60_000;
/** A clock is left alone so close to a band edge or midnight: the meter would count a minute twice or not at all. */
export const BAND_EDGE_MS = 60_000;

export type WriteFacts = {
  readonly role: Role;
  /** Those the model has. */
  readonly known: ReadonlySet<ParameterName>;
  readonly multiplier: { readonly ct: number; readonly pt: number };
  readonly state: ParametersState;
};

/** null: it may be asked; else the field and why not. */
export function writeMistake(values: ParameterValues, facts: WriteFacts): string | null {
  for (const name of namesOf(values)) {
    if (!facts.known.has(name)) return `values.${name}: this model keeps no such parameter`;
    if (facts.state.writing[name]) return `values.${name}: is being written already`;
    if (name === 'clock' && values.clock !== 0) return 'values.clock: 0, the time of the site';
    if (!multiplierParameters.includes(name)) continue;
    if (!isManager(facts.role)) return `values.${name}: a manager writes it, since it is worth money`;
    if (values[name] !== facts.multiplier[name as 'ct' | 'pt'])
      return `values.${name}: change the multiplier of the meter first; the meter then gets the same`;
  }
  return null;
}

/** Band before and after: where they differ, or the day does, an edge is too near. */
export function nearEdge(
  at: (ms: number) => { readonly band: string | null; readonly day: string },
  nowMs: number,
): boolean {
  const [before, after] = [at(nowMs - BAND_EDGE_MS), at(nowMs + BAND_EDGE_MS)];
  return before.band !== after.band || before.day !== after.day;
}

/** How a write ended that did not come to its read-back. */
export function endedWithout(
  reason: string,
  writes: 'none' | 'acknowledged' | 'unknown',
): { readonly result: WriteResult; readonly why: string } {
  if (writes !== 'none') return { result: 'unknown', why: reason };
  return { result: reason === 'exception' ? 'refused' : 'notWritten', why: reason };
}

/** What the read-back says. `read` null: the meter does not give it back. */
export function endedWith(
  name: ParameterName,
  wanted: ParameterValues,
  read: ParameterValues | null,
): { readonly result: WriteResult; readonly why: string } {
  if (read === null || read[name] === undefined) return { result: 'unknown', why: 'notReadBack' };
  return sameValue(name, read[name], wanted[name])
    ? { result: 'verified', why: '' }
    : { result: 'differs', why: 'readBack' };
}
