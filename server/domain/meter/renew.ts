/**
 * Another meter in the same place, or another multiplier on the same one: everything up to the last reading is charged
 * as before, counting goes on from the first reading after. Money, tier use and causes go on.
 */
import { assert } from '../assert.ts';
import { swapOut, type SwapEvent } from '../charging/swap.ts';
import type { Refusal } from '../../../protocol/ops.ts';
import { refuse, type MeterMessage } from '../messages.ts';
import { say } from './alarms.ts';
import { charge, plausible } from './measure.ts';
import type { Outcome } from './outcome.ts';
import { judge } from './reading.ts';

export function renew(out: Outcome, message: Extract<MeterMessage, { type: 'Renew' }>): void {
  const { state, context, live } = out;
  const { request, why, last, first, reason } = message;
  const before = state.config;
  assert(before !== null, 'the meter is registered');
  // A tariff that was taken up since this was asked stays.
  const config = { ...message.config, tariff: before.tariff };
  if (state.quarantine !== null)
    return void out.effects.push(
      refuse(request, 'invalid', 'a doubtful reading of this meter is held: decide on it first'),
    );
  const anchor = state.anchor;
  if (anchor && last < anchor.index)
    return void out.effects.push(refuse(request, 'invalid', 'last: below the last reading of this meter'));
  const grown = anchor !== null && last > anchor.index;
  if (grown && judge(last, context.nowMs, anchor, plausible(state)).kind === 'doubtful')
    return void out.effects.push(
      refuse(request, 'invalid', 'last: more than this meter can have passed since its last reading'),
    );
  const money = moneyOf(out, message);
  if (money !== null && !('type' in money)) return void out.effects.push(refuse(request, money[0], money[1]));
  if (grown)
    charge(out, last, last - anchor.index, anchor.atMs, Math.max(anchor.atMs, context.nowMs), null, context.nowMs);
  const about = ({
    number,
    profile,
    ct,
    pt,
  }: typeof before): { number: string; profile: string; ct: number; pt: number } => ({
    ...{ number: number ?? '', profile, ct, pt },
  });
  out.emit({
    ...{ type: 'MeterRenewed', why, config, by: request.operator, reason },
    before: { ...about(before), index: last },
    anchor: { index: first, atMs: context.nowMs, bands: null },
  });
  // What was seen of the meter before says nothing of this one.
  Object.assign(live, {
    lastSeenMs: null,
    lastReadingMs: null,
    doubtsInARow: 0,
    actual: 'unknown',
    openIndex: null,
    money: null,
  });
  for (const kind of ['clockDrift', 'reverseEnergy', 'lostPhase'] as const)
    out.sends.push(...say(context.id, out.state, live, kind, false));
  out.note(why === 'swap' ? 'MeterSwapped' : 'MultiplierChanged', request.operator, {
    ...{ from: before.number ?? '', to: config.number ?? '', last, first, reason },
    multiplier: config.ct * config.pt,
    ...(money && { backMicro: money.backMicro, driftMicro: money.driftMicro }),
  });
  if (money && state.place.wallet !== null) {
    out.across = { wallet: state.place.wallet, event: money };
    out.sends.push({ to: 'wallet', id: state.place.wallet, message: { type: 'Wake', name: 'money' } });
    out.effects.push({ type: 'differs', meter: context.id });
  }
  out.effects.push({ type: 'lineChanged', line: config.line }, { type: 'readNow', meter: context.id });
  out.answer(request, { ok: true });
}

/** What becomes of money that the meter keeps, in the commit of its change; null: it keeps none. */
function moneyOf(
  { state, context }: Outcome,
  { why, config, last, money, reason, request }: Extract<MeterMessage, { type: 'Renew' }>,
): SwapEvent | readonly [Refusal, string] | null {
  const { wallet } = state.place;
  const charging = wallet === null ? null : context.charging(wallet);
  if (charging === 'parked') return ['parked', 'its wallet has stopped after an error'];
  if (wallet === null || charging?.meter !== context.id || charging.phase === 'ended') return null;
  // Whether its prices hold for what is behind transformers is not known (facts, section 1.3): it keeps no money there.
  if (why === 'multiplier')
    return config.ct * config.pt === 1
      ? null
      : [
          'keptByMeter',
          'its own prices may not hold behind transformers: close the account, then open one with money in the platform',
        ];
  if (money === null) return ['keptByMeter', 'the meter keeps its own money: say what becomes of it'];
  return swapOut(charging, {
    ...{ wallet, money, index: last, atMs: context.nowMs, by: request.operator, reason },
  });
}
