/** What the rooms are told of a wallet and its meters. */
import type { MeterInRoom } from '../messages.ts';
import type { Outcome } from './outcome.ts';
import { chargedOf } from './state.ts';
import { shownOf, usedOn } from './view.ts';

/** What changed the wallet: a meter's charge, with how the meter now looks in its room, or something else. */
export type Cause = {
  readonly meter: string | null;
  readonly monoMs: number | null;
  readonly shown: MeterInRoom | null;
};
export const nothing: Cause = { meter: null, monoMs: null, shown: null };

export function showMeter(out: Outcome, { shown, monoMs }: Cause): void {
  if (!shown) return;
  const { room, utility, tile } = shown;
  out.sends.push({ to: 'room', id: room, message: { type: 'MeterShown', utility, tile, monoMs } });
}

export function show(out: Outcome, cause: Cause): void {
  const { context, state } = out;
  const { meter, monoMs, shown } = cause;
  if ((state.kind === 'owner' && meter === null) || state.settled || state.meters.length === 0)
    return showMeter(out, cause);
  // What the owner pays for a vacant room is no tenant's money.
  const wallet =
    state.kind === 'owner' ? null : shownOf(context.id, state, context.nowMs, context.localDay(context.nowMs));
  const charged = meter === null ? undefined : chargedOf(state, meter);
  const today = charged ? usedOn(charged.openLines) : null;
  const metered = meter === null ? undefined : state.meters.find((one) => one.id === meter)?.room;
  const rooms = metered ? [metered] : state.rooms;
  for (const room of rooms)
    out.sends.push({
      to: 'room',
      id: room,
      message: {
        ...{ type: 'WalletShown', wallet, pays: state.meters, meter, today, monoMs },
        shown: shown?.room === room ? shown : null,
      },
    });
  if (shown && !rooms.includes(shown.room)) showMeter(out, cause);
}

/** Rooms know nothing yet: also what each of their meters has used today. */
export function showAtStart(out: Outcome): void {
  const { state } = out;
  const charged = state.meters.filter(({ id, room }) => room !== null && chargedOf(state, id));
  for (const { id } of charged) show(out, { ...nothing, meter: id });
  if (state.rooms.some((room) => charged.every((meter) => meter.room !== room))) show(out, nothing);
}
