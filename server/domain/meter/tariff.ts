/** A meter's tariff: chosen at once and durably, taken up at a reading, when all that was measured before is charged. */
import type { MeterMessage } from '../messages.ts';
import type { Outcome } from './outcome.ts';
import { attach, detach } from './place.ts';

/** Set by a reading alone: a wake-up for another reason takes nothing up. */
const WAKE = 'tariff';
export const isTariffWake = (name: string): boolean => name === WAKE;

export function chooseTariff(out: Outcome, { tariff, by }: Extract<MeterMessage, { type: 'ChooseTariff' }>): void {
  const { config, nextTariff, sequence } = out.state;
  if ((nextTariff ?? config?.tariff) === tariff) return;
  out.emit({ type: 'TariffChosen', tariff, by });
  out.note('TariffChosen', by, { tariff });
  // Nothing has been measured yet that the tariff before would have to price.
  if (sequence === 0 && out.state.anchor === null) change(out, tariff);
}

/** After a reading, or as soon as the wallet has charged it: the next increment is the first under the new tariff. */
export function takeTariffUp(out: Outcome): void {
  const { nextTariff, place, sequence, quarantine } = out.state;
  if (nextTariff === undefined || out.context.moneyOnHold || quarantine !== null) return;
  if (place.wallet !== null && sequence > out.context.charged)
    out.effects.push({ type: 'wake', name: WAKE, atMs: out.context.nowMs });
  else change(out, nextTariff);
}

function change(out: Outcome, tariff: string): void {
  const { id } = out.context;
  out.emit({ type: 'TariffTakenUp', tariff });
  out.note('TariffTakenUp', null, { tariff });
  const { wallet, room } = out.state.place;
  if (wallet === null) return;
  out.sends.push(detach(wallet, id), attach(wallet, { id, tariff, room }, out.state.sequence));
}
