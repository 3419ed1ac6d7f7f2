/** A person says what became of an order that the meter's count does not tell, or that its money is as it shows. */
import { assert } from '../assert.ts';
import { accept, refuse, type WalletMessage } from '../messages.ts';
import type { Outcome } from '../wallet/outcome.ts';
import { litreMicro } from './volume.ts';
import { booked, boughtBy, written } from './decide.ts';

/**
 * Our book takes over what stands in the meter. What is gone from it is use as far as our price of the same readings
 * explains it; the rest, and what it holds too much, is `meterDrift`: on record, and nobody's yet.
 */
export function resolveMeter(out: Outcome, message: Extract<WalletMessage, { type: 'ResolveMeter' }>): void {
  const { action, count, reason, request } = message;
  const { charging } = out.state;
  if (action === 'gone') return giveUp(out, message);
  if (!charging?.held || !charging.last)
    return void out.effects.push(refuse(request, 'nothingHeld', 'nothing of this meter is held'));
  const { current, last, usedMicro: usedBefore, shadowMicro } = charging;
  if ((current === null) !== (action === 'adopt'))
    return void out.effects.push(
      refuse(request, 'invalid', current ? 'action: has the meter this order?' : 'action: no order is open'),
    );
  const { litres, ...shown } = message.standing;
  if (shown.count !== count)
    return void out.effects.push(refuse(request, 'meterChanged', 'the meter shows another count by now'));
  // Without a count of its own it has the one that the person says.
  const standing =
    litres === undefined
      ? shown
      : {
          ...shown,
          ...{ count: action === 'has' && current ? current.count : last.count },
          remainingMicro: litres * litreMicro(charging.settings),
        };
  const boughtMicro = action === 'has' && current ? boughtBy(current, last, null) : 0;
  const goneMicro = last.remainingMicro + boughtMicro - standing.remainingMicro;
  const usedMicro = Math.min(Math.max(0, goneMicro), Math.max(0, shadowMicro - usedBefore));
  const by = request.operator;
  out.emit({
    ...{ type: 'MeterResolved', action, order: current?.id ?? null, boughtMicro, by, reason, standing },
    ...booked(out, charging, boughtMicro, usedMicro, goneMicro - usedMicro),
  });
  if (action === 'has') {
    assert(current !== null, 'an order is open');
    written(out, current);
  }
  out.note('MeterMoneyResolved', by, {
    ...{ action, reason, count: standing.count, remainingMicro: standing.remainingMicro },
    driftMicro: goneMicro - usedMicro,
  });
  const { effect, record } = accept(request, { ok: true }, out.context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

/** The account ends and the meter is broken or stolen: the tenant gets back what it held when it was last read. */
function giveUp(out: Outcome, message: Extract<WalletMessage, { type: 'ResolveMeter' }>): void {
  const { reason, request } = message;
  const { charging } = out.state;
  const by = request.operator;
  if (charging?.phase !== 'ending' || !charging.last)
    return void out.effects.push(refuse(request, 'accountState', 'only while its account closes'));
  const { last, current } = charging;
  const boughtMicro = -last.remainingMicro;
  const standing = { ...last, remainingMicro: 0, atMs: out.context.nowMs };
  out.emit({
    ...{ type: 'MeterResolved', action: 'gone', order: current?.id ?? null, boughtMicro, by, reason, standing },
    ...booked(out, charging, boughtMicro, 0),
  });
  out.note('MeterMoneyResolved', by, { action: 'gone', reason, count: last.count, remainingMicro: 0, driftMicro: 0 });
  const { effect, record } = accept(request, { ok: true }, out.context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}
