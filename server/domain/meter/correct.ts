/** A doubtful reading is put right with what a person has read: charged once up to there, and never backwards (law 2). */
import { refuse, type MeterMessage } from '../messages.ts';
import { charge, plausible } from './measure.ts';
import type { Outcome } from './outcome.ts';
import { judge } from './reading.ts';

type Correct = Extract<MeterMessage, { type: 'CorrectReading' }>;

/** True: the value holds from now on, and the meter is to be read again. */
export function correct(out: Outcome, { index, reason, request }: Correct): boolean {
  const { state, live, context } = out;
  const { anchor, quarantine } = state;
  const no = (...why: [Parameters<typeof refuse>[1], string]): false => {
    out.effects.push(refuse(request, ...why));
    return false;
  };
  if (quarantine === null) return no('nothingHeld', 'no reading of this meter is held');
  const verdict = judge(index, context.nowMs, anchor, plausible(state));
  if (verdict.kind === 'doubtful')
    return no(
      'invalid',
      verdict.why === 'jump'
        ? 'reading: more than this meter can have passed since its last good reading'
        : 'reading: below the last good reading: that has been charged already',
    );
  if (verdict.kind === 'forward' && anchor)
    charge(out, index, verdict.quantity, anchor.atMs, Math.max(anchor.atMs, context.nowMs), null, context.nowMs);
  else if (verdict.kind === 'first')
    out.emit({ type: 'IndexAnchored', anchor: { index, atMs: context.nowMs, bands: null } });
  // Last: what is counted says what to believe, and the doubtful value is not to be.
  out.emit({ type: 'QuarantineCorrected', index, by: request.operator, reason });
  live.doubtsInARow = 0;
  live.lastSeenMs = null;
  out.note('QuarantineResolved', request.operator, { action: 'correct', index, reason });
  out.effects.push({ type: 'readNow', meter: context.id });
  out.answer(request, { ok: true });
  return true;
}
