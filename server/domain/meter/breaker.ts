/** Which state of a meter's breaker or valve is wanted, and how the field follows it. */
import type { SwitchAction } from '../../../protocol/ops.ts';
import { refuse, type Effect, type MeterMessage, type ReadingInput } from '../messages.ts';
import { applyAction, type CauseChange, type CauseEntry, type SettableCause } from '../switching.ts';
import { minutesSinceQuiet, quietMinutesLeft } from '../quiet.ts';
import { say } from './alarms.ts';
import { isItsOwn } from './itself.ts';
import { models } from './models.ts';
import type { MeterContext, Outcome } from './outcome.ts';
import { holdOf, isCutForMoney, wantedOf } from './view.ts';

/** Closing tries after which a paid room without power is an alarm. */
const CLOSE_TRIES_BEFORE_ALARM = 3;
/** Trips that quiet hours held are spread over this long after their end. */
const QUIET_SPREAD_MS = 30 * 60_000;

/** Compares the field with what is wanted. */
export function observeSwitch(out: Outcome, reading: ReadingInput): void {
  const { live, context } = out;
  const config = out.state.config;
  if (!config?.hasBreaker) return;
  live.actual = reading.switchState ?? 'unknown';
  noteOwnLock(out, reading);
  const wanted = wantedOf(out.state, context);
  const own = isItsOwn(out.state, live, context);
  const lost = models[config.profile].forcedMode && reading.forced === own;
  const leftAlone = out.state.itself === undefined && lost && out.state.sequence > 0;
  out.sends.push(...say(context.id, out.state, live, 'forcedModeLost', leftAlone));
  if ((own || live.actual === wanted.state) && !lost) {
    live.mismatchSinceMs = null;
    live.attempts = 0;
    // Also the alarm about the other state: a trip that failed is over once it is not wanted any more.
    out.sends.push(...say(context.id, out.state, live, 'paidNotPowered', false));
    out.sends.push(...say(context.id, out.state, live, 'tripFailed', false));
    return;
  }
  live.mismatchSinceMs ??= context.nowMs;
  out.effects.push({ type: 'differs', meter: context.id });
}

/**
 * A meter that has opened its own breaker for too great a load stays open until a person has looked (rules.md, cause 3): the
 * bits may clear with the load, and a core that closed it would try the same load again. Which bit says so is MED in
 * the sources (`lines/profiles`). Said once: what a person has lifted is not set again by the same bits.
 */
function noteOwnLock(out: Outcome, reading: ReadingInput): void {
  const { live, context, state } = out;
  const locked = reading.overLimit && reading.switchState === 'open';
  const fresh = locked && !live.lockedItself;
  live.lockedItself = locked;
  if (!fresh || state.causes.safetyLock || wantedOf(state, context).state === 'open') return;
  const entry = { by: 'meter', reason: 'overload', sinceMs: context.nowMs, untilMs: null };
  out.emit({ type: 'CauseSet', cause: 'safetyLock', entry });
  out.note('SafetyLocked', null, {});
}

export function noteSwitch(out: Outcome, message: Extract<MeterMessage, { type: 'NoteSwitch' }>): void {
  const { live, context } = out;
  live.attempts = message.attempts;
  if (message.wanted === 'own') return noteReleased(out, message);
  const detail = { wanted: message.wanted, attempts: message.attempts, reason: message.reason ?? '' };
  if (message.outcome === 'confirmed') {
    live.actual = message.wanted;
    live.attempts = 0;
    if (wantedOf(out.state, context).state === message.wanted) live.mismatchSinceMs = null;
    out.note(message.wanted === 'open' ? 'BreakerOpened' : 'BreakerClosed', null, detail);
    out.sends.push(
      ...say(context.id, out.state, live, message.wanted === 'closed' ? 'paidNotPowered' : 'tripFailed', false),
    );
  } else if (message.outcome === 'unconfirmed') {
    out.note('SwitchUnconfirmed', null, detail);
    out.sends.push(...say(context.id, out.state, live, 'tripFailed', true, detail));
  } else if (
    message.outcome === 'retrying' &&
    message.wanted === 'closed' &&
    message.attempts >= CLOSE_TRIES_BEFORE_ALARM
  ) {
    out.sends.push(...say(context.id, out.state, live, 'paidNotPowered', true, detail));
  }
}

/** Forced control ended: from here on its own money decides. */
function noteReleased(out: Outcome, { outcome }: Extract<MeterMessage, { type: 'NoteSwitch' }>): void {
  if (outcome !== 'confirmed') return;
  out.live.attempts = 0;
  out.live.mismatchSinceMs = null;
  out.note('LeftToItself', null, {});
}

/** After any change of the causes: the field may have to follow. */
export function followUp(out: Outcome, before: 'open' | 'closed'): void {
  const { live, context } = out;
  const wanted = wantedOf(out.state, context);
  // What its own money decided stands for nothing: also without another state it is forced, or let go.
  const same = wanted.state === before && out.state.itself === undefined;
  if (same || !out.state.config?.hasBreaker) return;
  live.mismatchSinceMs = live.actual === wanted.state ? null : context.nowMs;
  out.effects.push({ type: 'differs', meter: context.id });
}

export function restore(out: Outcome): void {
  const before = wantedOf(out.state, out.context).state;
  if (out.state.cutSinceMs !== null) {
    out.emit({ type: 'CutWithdrawn' });
    // Also what an earlier run asked for: the interlock remembers it, `live` does not.
    out.sends.push({ to: 'interlock', message: { type: 'Withdraw', meter: out.context.id } });
  }
  if (out.state.causes.moneyExhausted) {
    out.emit({ type: 'CauseEnded', cause: 'moneyExhausted', by: 'wallet' });
    out.note('MoneyCauseEnded', null, {});
  }
  out.live.interlock = 'none';
  followUp(out, before);
}

/** Arrears cut this utility no more: what they opened closes, and what they would open is asked for no more. */
export function endUncut(out: Outcome): void {
  const { state, live, context } = out;
  if (isCutForMoney(state, context)) return;
  if (live.interlock !== 'none') {
    live.interlock = 'none';
    out.sends.push({ to: 'interlock', message: { type: 'Withdraw', meter: context.id } });
  }
  if (!state.causes.moneyExhausted) return;
  const before = wantedOf(state, context).state;
  out.emit({ type: 'CauseEnded', cause: 'moneyExhausted', by: 'rules' });
  out.note('MoneyCauseEnded', null, {});
  followUp(out, before);
}

/** How long quiet hours, and this meter's place in the spread after their end, still hold a cut asked for before that end. */
function quietWaitMs(cutSinceMs: number, { rules, nowMs, localMinute, localDay, spread }: MeterContext): number {
  const [minute, day] = [localMinute(nowMs), localDay(nowMs)];
  const ownMs = Math.floor(spread * QUIET_SPREAD_MS);
  const left = quietMinutesLeft(rules, minute, day);
  if (left !== null) return left * 60_000 + ownMs;
  const since = minutesSinceQuiet(rules, minute, day);
  if (since === null || nowMs - cutSinceMs < since * 60_000) return 0;
  return Math.max(0, ownMs - since * 60_000);
}

/** Asks the interlock for an opening for money, unless a hold stands against it. */
export function tryToOpen(out: Outcome): void {
  const { live, context } = out;
  if (out.state.cutSinceMs === null || out.state.causes.moneyExhausted || !isCutForMoney(out.state, context)) return;
  const hold = holdOf(out.state, { ...live, interlock: 'none' }, context);
  const waitMs = quietWaitMs(out.state.cutSinceMs, context);
  if (waitMs > 0) {
    out.effects.push({ type: 'wake', name: 'quiet', atMs: context.nowMs + waitMs });
    return;
  }
  if (hold !== null || context.moneyOnHold || live.interlock !== 'none') return;
  live.interlock = 'asked';
  out.sends.push({ to: 'interlock', message: { type: 'AskToOpen', meter: context.id } });
}

export function opened(out: Outcome): void {
  const { live, context } = out;
  live.interlock = 'none';
  if (out.state.cutSinceMs === null || out.state.causes.moneyExhausted) return;
  if (!isCutForMoney(out.state, context) || holdOf(out.state, live, context) !== null) return;
  const before = wantedOf(out.state, context).state;
  out.emit({
    type: 'CauseSet',
    cause: 'moneyExhausted',
    entry: { by: 'wallet', reason: 'balance used up', sinceMs: context.nowMs, untilMs: null },
  });
  out.note('MoneyCauseSet', null, {});
  followUp(out, before);
}

export function switchBy(out: Outcome, message: Extract<MeterMessage, { type: 'Switch' }>): void {
  const { context } = out;
  const { request, reason, untilMs, holder, phone, part } = message;
  if (!out.state.config?.hasBreaker)
    return void out.effects.push(refuse(request, 'noBreaker', 'this meter has no breaker or valve'));
  const tagged = context.tagsOn(out.state.place.room, out.state.config.line, context.id).length > 0;
  const change = applyAction(message.action, out.state.causes, request, tagged);
  if (part && typeof change === 'string') return;
  if (typeof change === 'string') return void out.effects.push(refuse(request, change, `${message.action} is refused`));
  if (untilMs !== null && untilMs <= context.nowMs)
    return void out.effects.push(refuse(request, 'invalid', 'the end lies in the past'));
  // Whoever works there is not gone because time is: only a person lifts it.
  if (untilMs !== null && message.action === 'workTag')
    return void out.effects.push(refuse(request, 'invalid', 'untilMs: a work tag has no end'));
  const tag = { ...(holder && { holder }), ...(phone && { phone }) };
  applyChange(out, change, { by: request.operator, reason, sinceMs: context.nowMs, untilMs, ...tag }, message.action);
  if (part) return;
  const wanted = wantedOf(out.state, context);
  out.answer(request, { wanted: wanted.state, cause: wanted.cause });
}

/** What an action changes, with who, why and until when; the field follows. */
export function applyChange(out: Outcome, change: CauseChange, entry: CauseEntry, action: SwitchAction): void {
  const { by, reason, untilMs } = entry;
  const before = wantedOf(out.state, out.context).state;
  for (const cause of change.end) if (out.state.causes[cause]) out.emit({ type: 'CauseEnded', cause, by });
  for (const cause of change.set) out.emit({ type: 'CauseSet', cause, entry });
  if (change.hold === 'set') out.emit({ type: 'HoldSet', entry });
  if (change.hold === 'lift' && out.state.operatorHold) out.emit({ type: 'HoldLifted', by });
  if (untilMs !== null) out.effects.push(wakeAtEnd(untilMs));
  out.note('Switched', by, { action, reason, untilMs: untilMs ?? 0 });
  followUp(out, before);
  tryToOpen(out);
}

/** A work tag was hung on or taken off the room or the line. */
export function followTag(out: Outcome): void {
  const { live, context, state } = out;
  if (!state.config?.hasBreaker) return;
  live.mismatchSinceMs =
    live.actual === wantedOf(state, context).state ? null : (live.mismatchSinceMs ?? context.nowMs);
  out.effects.push({ type: 'differs', meter: context.id });
}

/** Named by its time: a later end of another cause replaces none. */
export const wakeAtEnd = (untilMs: number): Effect => ({ type: 'wake', name: `end:${untilMs}`, atMs: untilMs });

/** Ends what had an end, as durable events. */
export function endExpired(out: Outcome): void {
  const { nowMs } = out.context;
  const over = (entry: { untilMs: number | null } | undefined | null): boolean =>
    entry?.untilMs != null && entry.untilMs <= nowMs;
  const ended = (Object.keys(out.state.causes) as SettableCause[]).filter((cause) => over(out.state.causes[cause]));
  if (ended.length === 0 && !over(out.state.operatorHold)) return;
  for (const cause of ended) {
    out.emit({ type: 'CauseEnded', cause, by: 'time' });
    out.note('CauseEnded', null, { cause });
  }
  if (over(out.state.operatorHold)) out.emit({ type: 'HoldLifted', by: 'time' });
  if (out.state.config?.hasBreaker) out.effects.push({ type: 'differs', meter: out.context.id });
}
