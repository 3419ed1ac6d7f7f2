/** A wallet as tiles and the drawer show it. */
import { ownMicro, pendingMicro } from '../charging/orders.ts';
import type { WalletShown } from '../messages.ts';
import type { OpenLines } from '../tariff/state.ts';
import { hoursLeft } from './pace.ts';
import type { WalletState } from './state.ts';

export function shownOf(id: string, state: WalletState, nowMs: number): WalletShown {
  const balanceMicro = ownMicro({ state });
  const waiting = state.charging ? pendingMicro(state.charging) : 0;
  return {
    wallet: id,
    balanceMicro,
    ...(waiting > 0 ? { pendingMicro: waiting } : {}),
    level: state.level,
    levels: state.thresholdsMicro.length,
    hoursLeft: state.kind === 'owner' ? null : hoursLeft(state.pace, nowMs, balanceMicro, -state.overdraftMicro),
    exhausted: state.exhausted,
    temporary: state.temporary !== undefined,
  };
}

/** What a meter used on the local day of its last charge: each unit once, whatever it is made up of. */
export function usedOn(openLines: OpenLines): { day: string; quantity: number; amountMicro: number } {
  const first = openLines.lines[0]?.component;
  let quantity = 0;
  let amountMicro = 0;
  for (const line of openLines.lines) {
    if (line.component === first) quantity += line.quantity;
    amountMicro += line.amountMicro;
  }
  return { day: openLines.day, quantity, amountMicro };
}
