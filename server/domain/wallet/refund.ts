/**
 * Money back, step by step: reserved (it leaves the balance, so nothing else can spend it), written down in a meter that
 * charges itself, paid out by a person who says so. A step that fails, or a person, releases what was reserved.
 */
import type { Refusal } from '../../../protocol/ops.ts';
import type { Order, Payout } from '../../../protocol/orders.ts';
import { assert } from '../assert.ts';
import { inLine, keepsMoney, refundableMicro } from '../charging/orders.ts';
import type { WalletMessage } from '../messages.ts';
import { orderRecord } from '../order.ts';
import { answer, keep, orderOf, SETTLED, turnDown, type Ordered } from './orders.ts';
import type { Outcome } from './outcome.ts';
import { REFUND_RESERVED } from './refundEvents.ts';
import { standingMicro } from './standing.ts';

type Message<T extends WalletMessage['type']> = Extract<WalletMessage, { type: T }>;
/** Of a wallet of the platform; where the meter holds the money itself, `writeDown` comes first. */
const FIRST_STEP = 'payOut';

export function reserveRefund(out: Outcome, message: Message<'Refund'>): void {
  const { amountMicro, channel, note, order, readMs, request } = message;
  const ordered: Ordered = { order, channel, note, by: request.operator };
  assert(amountMicro > 0, 'an order has an amount');
  const no = (why: readonly [Refusal, string]): void =>
    turnDown(out, orderOf(out, 'refund', ordered, amountMicro), request, why);
  if (out.state.settled) return no(SETTLED);
  if (keepsMoney(out)) return askBack(out, message, ordered);
  if (amountMicro > standingMicro(out.state))
    return no(['insufficientBalance', 'the refund is greater than the unused balance']);
  const transfers = [{ from: `wallet:${out.context.id}`, to: REFUND_RESERVED, amountMicro }];
  out.emit({ type: 'RefundReserved', ...ordered, amountMicro, step: FIRST_STEP, transfers });
  const payout: Payout = { step: FIRST_STEP, by: null, atMs: null, reference: '', readMs };
  const refund = orderOf(out, 'refund', ordered, amountMicro, { transfers, payout });
  answer(out, refund, request);
  keep(out, refund);
}

/** Out of the meter first: what it holds is known once it was written down there, and reserved only then. */
function askBack(out: Outcome, message: Message<'Refund'>, ordered: Ordered): void {
  const { amountMicro, readMs, request } = message;
  const payout: Payout = { step: 'writeDown', by: null, atMs: null, reference: '', readMs };
  const refund = orderOf(out, 'refund', ordered, amountMicro, { payout });
  if (!out.state.charging?.released)
    return turnDown(out, refund, request, ['accountState', 'the meter is not left to its own money']);
  if (amountMicro > refundableMicro(out))
    return turnDown(out, refund, request, [
      'insufficientBalance',
      'the refund is greater than what the meter holds, less what is asked back already',
    ]);
  const waiting = inLine(out, 'down', refund);
  answer(out, waiting, request);
  keep(out, waiting);
}

/** What is reserved under the refund's order, or why nothing can be done with it. */
function reserved(out: Outcome, { id }: Order): number | readonly [Refusal, string] {
  const held = out.state.reserved?.[id];
  if (!held) return ['payoutOver', 'the refund has been paid out or cancelled already'];
  return held.step === 'payOut' ? held.amountMicro : ['payoutOver', 'the meter has not given the money back yet'];
}

/** A person says that the money is handed over or sent: the till has it no more. */
export function payOut(out: Outcome, message: Message<'PayOut'>): void {
  const { order: payout, original, reference, request } = message;
  const { id, channel } = original;
  const ordered: Ordered = { order: payout, channel, note: reference, by: request.operator };
  const amountMicro = reserved(out, original);
  if (typeof amountMicro !== 'number')
    return turnDown(out, orderOf(out, 'payout', ordered, original.amountMicro), request, amountMicro);
  const transfers = [{ from: REFUND_RESERVED, to: `cash:${channel}`, amountMicro }];
  const { operator: by } = request;
  out.emit({ type: 'RefundPaid', order: id, amountMicro, channel, by, payout, reference, transfers });
  const paid = orderOf(out, 'payout', ordered, amountMicro, { transfers, settles: id });
  answer(out, paid, request);
  keep(out, paid);
  close(out, original, { step: 'paid', by, reference }, { settledBy: payout });
}

export function releaseRefund(out: Outcome, message: Message<'ReleaseRefund'>): void {
  const { order: release, original, note, request } = message;
  const { id, channel } = original;
  const ordered: Ordered = { order: release, channel, note, by: request.operator };
  if (out.state.charging?.queue.some((one) => one.id === id)) return takeOutOfLine(out, message, ordered);
  const amountMicro = out.state.settled ? SETTLED : reserved(out, original);
  if (typeof amountMicro !== 'number')
    return turnDown(out, orderOf(out, 'refundRelease', ordered, original.amountMicro), request, amountMicro);
  const transfers = [{ from: REFUND_RESERVED, to: `wallet:${out.context.id}`, amountMicro }];
  const { operator: by } = request;
  out.emit({ type: 'RefundReleased', order: id, amountMicro, channel, by, release, note, transfers });
  // What has come back from the meter goes there again.
  const back = inLine(out, 'up', orderOf(out, 'refundRelease', ordered, amountMicro, { transfers, reverses: id }));
  answer(out, back, request);
  keep(out, back);
  close(out, original, { step: 'released', by, reference: note }, { reversedBy: release });
}

/** Not written down yet: nothing was moved, and nothing is. */
function takeOutOfLine(out: Outcome, { original, request }: Message<'ReleaseRefund'>, ordered: Ordered): void {
  out.emit({ type: 'MeterOrderDropped', order: original.id, why: 'reversed' });
  const back = orderOf(out, 'refundRelease', ordered, original.amountMicro, { reverses: original.id });
  answer(out, back, request);
  keep(out, back);
  const { order: reversedBy, by, note } = ordered;
  close(out, original, { step: 'released', by, reference: note }, { reversedBy });
}

/** The refund's own record says what became of it. */
function close(
  out: Outcome,
  original: Order,
  end: Pick<Payout, 'step' | 'by' | 'reference'>,
  link: Partial<Order>,
): void {
  const payout = { readMs: original.payout?.readMs ?? null, ...end, atMs: out.context.nowMs };
  out.records.push(orderRecord({ ...original, ...link, payout }));
}
