/** A wallet as tiles and the drawer show it. */
import { pendingMicro } from '../charging/orders.ts';
import type { WalletShown } from '../messages.ts';
import type { OpenLines } from '../tariff/state.ts';
import { usableOf } from './allowance.ts';
import { hoursLeft } from './pace.ts';
import { ownMicro } from './standing.ts';
import type { WalletState } from './state.ts';

const shown = [
  ['kWh', 'allowanceWh', 100],
  ['m3', 'allowanceLitres', 100],
  ['yuan', 'allowanceMicro', 10_000],
] as const;

/** Rounded down to what is shown, so that not each pulse moves it. */
function allowancesOf(state: WalletState, day: string): Partial<WalletShown> {
  const found: { -readonly [K in keyof WalletShown]?: WalletShown[K] } = {};
  for (const [unit, key, step] of shown)
    if (state.allowances?.some((one) => one.unit === unit && !one.ended))
      found[key] = Math.floor(usableOf(state, unit, day) / step) * step;
  return found;
}

export function shownOf(id: string, state: WalletState, nowMs: number, day: string): WalletShown {
  const balanceMicro = ownMicro(state);
  const waiting = state.charging ? pendingMicro(state.charging) : 0;
  return {
    wallet: id,
    balanceMicro,
    ...(waiting > 0 ? { pendingMicro: waiting } : {}),
    level: state.level,
    levels: state.thresholdsMicro.length,
    hoursLeft:
      state.kind === 'owner' || state.payment === 'postpaid'
        ? null
        : hoursLeft(state.pace, nowMs, balanceMicro, -state.overdraftMicro),
    exhausted: state.exhausted,
    temporary: state.temporary !== undefined,
    ...(state.payment ? { payment: state.payment } : {}),
    ...(state.allowances ? allowancesOf(state, day) : {}),
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
