/**
 * A meter changes hands: to a tenant's wallet at opening, back to the owner's at closing. Up to the index at which it
 * does everything is charged to the wallet before, from there on to the wallet after (law 2).
 */
import type { MeterMessage, Send } from '../messages.ts';
import { followUp, restore } from './breaker.ts';
import { charge, plausible } from './measure.ts';
import { startOf } from '../takeover/check.ts';
import type { PlaceTrouble } from '../tenancy/state.ts';
import type { Outcome } from './outcome.ts';
import { judge } from './reading.ts';
import { wantedOf } from './view.ts';

export type Place = Extract<MeterMessage, { type: 'Place' }>;

/** Takes the order; what has to wait (a live reading, charges on their way) is tried again at each reading and wake-up. */
export function place(out: Outcome, message: Place): void {
  const { state, live } = out;
  if (state.place.wallet === message.place.wallet && state.place.account === message.place.account) {
    // Told again after a restart: it has been done.
    tell(out, message, { type: 'MeterPlaced', meter: out.context.id, index: state.anchor?.index ?? null });
    return;
  }
  live.placing = message;
  tryToPlace(out);
}

export function tryToPlace(out: Outcome): void {
  const { state, live, context } = out;
  const message = live.placing;
  if (!message) return;
  const { baseline } = message;
  if (state.quarantine !== null) return refused(out, message, 'quarantined');
  if (context.moneyOnHold) return again(out);
  if (baseline.kind === 'live') {
    // A reading that was taken while money was on hold has not been counted: it is no baseline.
    if (live.lastSeenMs === null || live.lastSeenMs < message.sinceMs) {
      out.effects.push({ type: 'readNow', meter: context.id });
      return;
    }
  } else if (baseline.kind === 'taken') {
    const start = startOf(baseline.index, baseline.atMs, state.anchor, state.sequence > 0, plausible(state));
    if (start !== 'fits') return refused(out, message, start === 'implausible' ? start : 'belowLastReading');
    beginAt(out, baseline.index, baseline.atMs);
  } else if (state.anchor === null || baseline.index > state.anchor.index) {
    if (judge(baseline.index, context.nowMs, state.anchor, plausible(state)).kind === 'doubtful')
      return refused(out, message, 'implausible');
    beginAt(out, baseline.index, context.nowMs);
  } else if (baseline.index < state.anchor.index) return refused(out, message, 'belowLastReading');
  // What was measured is charged to the wallet before; its actor answers within this turn or the next.
  if (out.state.place.wallet !== null && out.state.sequence > context.charged) return again(out);
  change(out, message);
}

/** Charging goes on from `index`; what was used up to it since the last reading is the wallet's before. */
function beginAt(out: Outcome, index: number, atMs: number): void {
  const { anchor, place } = out.state;
  if (index === anchor?.index) return;
  if (anchor !== null && place.wallet !== null && index > anchor.index)
    charge(out, index, index - anchor.index, anchor.atMs, Math.max(anchor.atMs, atMs), null, out.context.nowMs);
  else out.emit({ type: 'IndexAnchored', anchor: { index, atMs, bands: null } });
  out.live.lastSeenMs = null;
}

function again(out: Outcome): void {
  out.effects.push({ type: 'wake', name: 'place', atMs: out.context.nowMs });
}

function change(out: Outcome, message: Place): void {
  const { id } = out.context;
  const before = out.state.place;
  restore(out);
  const wanted = wantedOf(out.state, out.context).state;
  const { place, tariff, tenancy, vacant } = message;
  const chosen = place.account === null && vacant !== undefined ? { vacant } : {};
  out.emit({ type: 'MeterPlaced', place, tariff, tenancy, ...chosen });
  // An empty room's breaker is the site's or the closer's to say, a tenant's follows the money.
  followUp(out, wanted);
  out.live.placing = null;
  const { sequence, place: after, anchor } = out.state;
  if (before.wallet !== null) out.sends.push(detach(before.wallet, id));
  if (after.wallet !== null)
    out.sends.push(attach(after.wallet, { id, tariff: message.tariff, room: after.room }, sequence));
  const stays = after.account !== null && after.account === before.account;
  const kind = stays ? 'MeterOnOtherWallet' : after.account === null ? 'MeterReturned' : 'MeterTaken';
  out.note(kind, message.by, {
    index: anchor?.index ?? 0,
    reason: message.baseline.kind === 'typed' ? message.baseline.reason : '',
  });
  tell(out, message, { type: 'MeterPlaced', meter: id, index: anchor?.index ?? null });
}

export const detach = (wallet: string, meter: string): Send => ({
  to: 'wallet',
  id: wallet,
  message: { type: 'DetachMeter', meter },
});
export const attach = (
  wallet: string,
  meter: { readonly id: string; readonly tariff: string; readonly room: string | null },
  sequence: number,
): Send => ({ to: 'wallet', id: wallet, message: { type: 'AttachMeter', meter, sequence } });

function refused(out: Outcome, message: Place, why: PlaceTrouble): void {
  out.live.placing = null;
  tell(out, message, { type: 'PlaceRefused', meter: out.context.id, why });
}

function tell(out: Outcome, { tenancy }: Place, message: Extract<Send, { to: 'tenancy' }>['message']): void {
  out.sends.push({ to: 'tenancy', id: tenancy, message });
}
