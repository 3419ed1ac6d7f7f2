/**
 * The alarm of a cut for money that is held too long (rules.md: a crossing "becomes an alarm only when a cut is held or
 * fails"). The interlock's holds have an alarm of their own; a failed opening is `tripFailed`.
 */
import { say } from './alarms.ts';
import { isKeptClosed } from './breaker.ts';
import type { Outcome } from './outcome.ts';
import { holdOf, isCutForMoney, wantedOf } from './view.ts';

/** After whatever a meter was told. Ended by the cut, by money, or by whatever else opens the breaker or keeps it closed. */
export function watchCut(out: Outcome): void {
  const { live, context } = out;
  const { cutSinceMs, causes } = out.state;
  const waits =
    cutSinceMs !== null &&
    !causes.moneyExhausted &&
    isCutForMoney(out.state, context) &&
    wantedOf(out.state, context).state === 'closed' &&
    !isKeptClosed(out);
  if (!waits) {
    // Never said, by this run or an earlier one: then nobody has to be told that it is over.
    if (live.alarms.cutHeld) out.sends.push(...say(context.id, out.state, live, 'cutHeld', false));
    return;
  }
  const alarmAtMs = cutSinceMs + context.rules.cutHeldMs;
  if (context.nowMs < alarmAtMs) return void out.effects.push({ type: 'wake', name: 'cutHeld', atMs: alarmAtMs });
  const hold = holdOf(out.state, live, context);
  // A hold that has ended a moment ago leaves the alarm alone: the cut is not made yet.
  if (hold === null || hold === 'interlock') return;
  const minutes = Math.round((context.nowMs - cutSinceMs) / 60_000);
  out.sends.push(...say(context.id, out.state, live, 'cutHeld', true, { hold, minutes }));
}
