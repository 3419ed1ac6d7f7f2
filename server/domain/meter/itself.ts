/** A meter that charges itself: what it says of its money, and when its own money decides over its breaker. */
import type { MeterMessage, ReadingInput } from '../messages.ts';
import { quietMinutesLeft } from '../quiet.ts';
import { models } from './models.ts';
import type { MeterContext, Outcome } from './outcome.ts';
import type { MeterLive, MeterState } from './state.ts';
import { wantedOf } from './view.ts';

/** Told again after a restart: what it does already is no news. Of a wallet that it draws on no more, it is of no account. */
export function chargeItself(out: Outcome, { wallet, mode }: Extract<MeterMessage, { type: 'ChargeItself' }>): void {
  if (wallet !== out.state.place.wallet || (out.state.itself ?? 'platform') === mode) return;
  out.emit({ type: 'ChargingModeSet', mode });
  out.note('ChargingModeSet', null, { mode });
  // Whoever drives its breaker goes by this.
  if (out.state.config) out.effects.push({ type: 'lineChanged', line: out.state.config.line });
  out.effects.push({ type: 'differs', meter: out.context.id });
}

/** Only with a good reading: a doubtful one moves no money. */
export function showMoney(out: Outcome, { money, index, atMs }: ReadingInput): void {
  const { live, state, context } = out;
  live.money = money ? { ...money, atMs } : null;
  const { wallet } = state.place;
  if (state.itself === undefined || wallet === null || !money || typeof index !== 'number' || context.moneyOnHold)
    return;
  // Behind what is counted: a held jump, of which the money says nothing.
  if (state.quarantine !== null) return;
  out.sends.push({ to: 'wallet', id: wallet, message: { type: 'MeterShows', standing: { ...money, index, atMs } } });
}

/**
 * Its own money decides now: nobody has forced anything, and no quiet hours stand against a cut. These keep closed what
 * is closed; what had cut itself before stays as it is.
 */
export function isItsOwn(
  state: MeterState,
  live: Pick<MeterLive, 'actual' | 'money'>,
  context: Pick<MeterContext, 'rules' | 'nowMs' | 'tagsOn' | 'localMinute' | 'localDay'>,
): boolean {
  if (state.itself !== 'released' || !state.config || wantedOf(state, context).cause !== 'normal') return false;
  // Nothing released it: with something left in it, it is kept open to the water as ours are; used up, it is left shut.
  if (!models[state.config.profile].forcedMode) return live.money === null || (live.money.litres ?? 0) <= 0;
  const quiet =
    quietMinutesLeft(context.rules, context.localMinute(context.nowMs), context.localDay(context.nowMs)) !== null;
  return !(quiet && live.actual === 'closed');
}
