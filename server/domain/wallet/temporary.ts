/**
 * Temporary power (rules.md, "Holds"): an operator lends power to a wallet without money until a time or up to a debt. It
 * ends cause 8 and keeps it away; the debt is the negative balance itself, so the next recharge pays it first.
 */
import { z } from 'zod';
import { accept, refuse, type WalletMessage } from '../messages.ts';
import type { Outcome } from './outcome.ts';
import type { WalletState } from './state.ts';
import { restoreAbove } from './thresholds.ts';

export const temporarySchema = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.int(),
  /** Ends at this instant, or once so much is owed, whichever comes first; at least one of them is set. */
  untilMs: z.int().nullable(),
  debtMicro: z.int().nullable(),
});
export type TemporaryPower = z.infer<typeof temporarySchema>;

/** time, debt: as it was granted; hand: somebody took it back; money: a recharge made it needless. */
export const temporaryEnds = ['time', 'debt', 'hand', 'money'] as const;
type End = (typeof temporaryEnds)[number];

type Message<T extends WalletMessage['type']> = Extract<WalletMessage, { type: T }>;

export const monthOf = (localDay: string): string => localDay.slice(0, 7);
export const grantsIn = ({ granted }: Pick<WalletState, 'granted'>, month: string): number =>
  granted?.month === month ? granted.count : 0;

export function grantTemporary(out: Outcome, { reason, untilMs, debtMicro, request }: Message<'GrantTemporary'>): void {
  const { state, context } = out;
  const { nowMs, rules } = context;
  const no = (refusal: Parameters<typeof refuse>[1], detail: string): void =>
    void out.effects.push(refuse(request, refusal, detail));
  if (state.kind === 'owner' || state.settled || state.purpose === 'fee' || state.payment === 'postpaid')
    return no('accountState', 'no tenant draws on this wallet');
  if (state.charging) return no('onMeter', 'the meter goes by its own money: force its breaker closed instead');
  const without = state.exhausted || state.temporary !== undefined || state.balanceMicro <= -state.overdraftMicro;
  if (!without) return no('moneyLeft', 'the money of this wallet is not used up');
  if (untilMs === null && debtMicro === null) return no('invalid', 'untilMs: an end, or a greatest debt');
  if (untilMs !== null && untilMs <= nowMs) return no('invalid', 'untilMs: the end lies in the past');
  if (debtMicro !== null && debtMicro <= -state.balanceMicro)
    return no('invalid', 'debt: more than what is owed already');
  const month = monthOf(context.localDay(nowMs));
  const before = grantsIn(state, month) + context.grantsOfOthers(month);
  const left = rules.temporaryPowerPerMonth - before;
  if (left <= 0) return no('temporaryUsedUp', `granted ${before} times this month already`);
  const temporary = { by: request.operator, reason, sinceMs: nowMs, untilMs, debtMicro };
  out.emit({ type: 'TemporaryPowerGranted', temporary, month });
  out.note('TemporaryPowerGranted', request.operator, {
    ...{ reason, balanceMicro: state.balanceMicro, untilMs: untilMs ?? 0, debtMicro: debtMicro ?? 0 },
  });
  for (const { id } of state.meters)
    out.sends.push({ to: 'meter', id, message: { type: 'RestoreForMoney', wallet: context.id } });
  const { effect, record } = accept(request, { left: left - 1 }, nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

export function endTemporaryByHand(out: Outcome, { reason, request }: Message<'EndTemporary'>): void {
  if (!out.state.temporary)
    return void out.effects.push(refuse(request, 'noTemporaryPower', 'no temporary power is in force'));
  end(out, 'hand', request.operator, reason);
  const { effect, record } = accept(request, { ok: true }, out.context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

/** After each change of the balance and at its time: what ends it, else when to look again. */
export function followTemporary(out: Outcome): void {
  const { temporary, balanceMicro } = out.state;
  if (!temporary) return;
  const { untilMs, debtMicro } = temporary;
  if (untilMs !== null && untilMs <= out.context.nowMs) return end(out, 'time');
  if (debtMicro !== null && balanceMicro <= -debtMicro) return end(out, 'debt');
  if (balanceMicro > restoreAbove(out.state, out.context.rules)) return end(out, 'money');
  if (untilMs !== null) out.effects.push({ type: 'wake', name: 'temporary', atMs: untilMs });
}

function end(out: Outcome, why: End, by: string | null = null, reason = ''): void {
  out.emit({ type: 'TemporaryPowerEnded', why, by, reason });
  out.note('TemporaryPowerEnded', by, { why, reason, balanceMicro: out.state.balanceMicro });
}
