/**
 * The levels of an open wallet change. Whoever has been warned of an amount is warned of none above it again; what the
 * balance is below and nobody was warned of makes its one notice, as if it had been crossed.
 */
import { accept, refuse, type WalletMessage } from '../messages.ts';
import { limitsOf } from './limits.ts';
import { availableMicro } from './allowance.ts';
import type { Outcome } from './outcome.ts';
import type { WalletState } from './state.ts';

type Levels = Pick<WalletState, 'balanceMicro' | 'thresholdsMicro' | 'level' | 'warnedMs' | 'toldMicro'>;

/** The least amount that whoever is below it has been told of. */
const toldOf = ({ level, thresholdsMicro, toldMicro }: Levels): number =>
  level === 0 ? Infinity : (toldMicro ?? thresholdsMicro[level - 1] ?? Infinity);

/** How many of the new levels (highest first) count as crossed and told of. */
export function toldLevel(before: Levels, thresholdsMicro: readonly number[], hysteresisMicro: number): number {
  const { balanceMicro, warnedMs } = before;
  const toldMicro = toldOf(before);
  let told = 0;
  for (const threshold of thresholdsMicro) {
    if (threshold < toldMicro || balanceMicro > threshold + hysteresisMicro) break;
    told += 1;
  }
  if (told === 0) return 0;
  // A cut needs a warning at the last level, and a warning at what was no last level is none.
  return told === thresholdsMicro.length && warnedMs === null ? told - 1 : told;
}

export function setThresholds(out: Outcome, message: Extract<WalletMessage, { type: 'SetThresholds' }>): void {
  const { state, context } = out;
  const { thresholdsMicro, overdraftMicro, restoreMicro, request } = message;
  const no = (refusal: Parameters<typeof refuse>[1], detail: string): void =>
    void out.effects.push(refuse(request, refusal, detail));
  if (state.kind === 'owner' || state.settled) return no('accountState', 'no tenant draws on this wallet');
  if (state.purpose === 'fee') return no('accountState', 'nothing is cut for this wallet');
  if ((state.payment === 'postpaid') !== (message.payment === 'postpaid'))
    return no('accountState', `what it warns of is not that of a ${message.payment} wallet`);
  if (state.charging) return no('accountState', 'its meter keeps the money, and the amounts it was opened with');
  const balanceMicro = availableMicro(state, context.localDay(context.nowMs));
  const level = toldLevel({ ...state, balanceMicro }, thresholdsMicro, limitsOf(context.rules).hysteresisMicro);
  out.emit({
    ...{ type: 'ThresholdsSet', thresholdsMicro: [...thresholdsMicro], overdraftMicro, restoreMicro, level },
    // Of another, higher amount now: the least one is told of once all the same.
    toldMicro: level > 0 ? toldOf(state) : null,
    ...{ warnedMs: level > 0 && level === thresholdsMicro.length ? state.warnedMs : null, by: request.operator },
  });
  if (message.payment === 'postpaid')
    out.note('CreditLimitSet', request.operator, { limitMicro: -(thresholdsMicro[0] ?? 0) });
  else out.note('ThresholdsSet', request.operator, { levels: thresholdsMicro.length, overdraftMicro });
  const { effect, record } = accept(request, { ok: true }, context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

/** Power returns above this: the wallet's own amount, or the site's. */
export const restoreAbove = (state: Pick<WalletState, 'restoreMicro'>, rules: Parameters<typeof limitsOf>[0]): number =>
  state.restoreMicro ?? limitsOf(rules).restoreAboveMicro;

/** A greater overdraft ends the cut at once: what it was for is there no more. */
export function powerReturnsAbove({ state, context, events }: Outcome): number {
  const above = restoreAbove(state, context.rules);
  return events.some(({ type }) => type === 'ThresholdsSet') ? Math.min(above, -state.overdraftMicro) : above;
}
