/** Orders of a wallet: money in, out, and back. */
import type { TimelineKind } from '../../../protocol/timeline.ts';
import type { Refusal } from '../../../protocol/ops.ts';
import type { Order } from '../../../protocol/orders.ts';
import { assert } from '../assert.ts';
import { inLine } from '../charging/orders.ts';
import { accept, refuse, type Channel, type Request, type WalletMessage } from '../messages.ts';
import { newOrder, orderRecord, receiptOf } from '../order.ts';
import { SUSPENSE } from '../suspense.ts';
import { overLimit } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { heldMicro, ownMicro } from './standing.ts';

export type Ordered = { readonly order: string; readonly channel: Channel; readonly note: string; readonly by: string };
type More = Partial<Pick<Order, 'reverses' | 'settles' | 'receipt' | 'debtMicro' | 'transfers' | 'payout'>>;

export function orderOf(
  out: Outcome,
  kind: Order['kind'],
  ordered: Ordered,
  amountMicro: number,
  more: More = {},
): Order {
  const { context, state } = out;
  const { order: id, channel, note, by } = ordered;
  return newOrder({
    ...{ id, kind, wallet: context.id, account: state.account, holder: state.holder, room: state.rooms[0] ?? null },
    ...{ amountMicro, channel, balanceAfterMicro: ownMicro(state), atMs: context.nowMs, by, note },
    ...more,
  });
}

export function answer(out: Outcome, order: Order, request: Request): void {
  const { effect, record } = accept(request, order, out.context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

/** Kept with its reason: who asks later what became of it finds it. */
export function turnDown(
  out: Outcome,
  order: Omit<Order, 'refused'>,
  request: Request,
  [refusal, detail]: readonly [Refusal, string],
): void {
  out.records.push(orderRecord({ ...order, refused: { refusal, detail } }));
  out.effects.push(refuse(request, refusal, detail));
}
export const SETTLED = ['accountState', 'the wallet has been settled'] as const;

/** What a timeline calls it. */
const noted: Partial<Record<Order['kind'], TimelineKind>> = {
  ...{ recharge: 'Recharged', assignment: 'Recharged' },
  ...{ refund: 'RefundReserved', payout: 'RefundPaid', refundRelease: 'RefundReleased' },
};

export function keep(out: Outcome, order: Order): void {
  out.records.push(orderRecord(order));
  out.movement = order.id;
  out.besides.push(...receiptOf(order));
  out.note(noted[order.kind] ?? 'Reversed', order.by, {
    order: order.id,
    amountMicro: order.amountMicro,
    balanceMicro: order.balanceAfterMicro,
  });
}

/** What of the amount pays a debt first. */
const debtIn = (out: Outcome, amountMicro: number): number => Math.min(amountMicro, Math.max(0, -ownMicro(out.state)));

export function receive(out: Outcome, cash: Ordered & { readonly amountMicro: number }): Order {
  const { amountMicro, channel } = cash;
  const debtMicro = debtIn(out, amountMicro);
  const transfers = [{ from: `cash:${channel}`, to: `wallet:${out.context.id}`, amountMicro }];
  out.emit({ type: 'MoneyReceived', ...cash, transfers });
  const order = inLine(
    out,
    'up',
    orderOf(out, 'recharge', cash, amountMicro, { receipt: out.context.nextReceipt, debtMicro, transfers }),
  );
  keep(out, order);
  return order;
}

export function recharge(out: Outcome, message: Extract<WalletMessage, { type: 'Recharge' }>): void {
  const { amountMicro, channel, note, order, request } = message;
  const ordered: Ordered = { order, channel, note, by: request.operator };
  assert(amountMicro > 0, 'an order has an amount');
  const no = (why: readonly [Refusal, string]): void =>
    turnDown(out, orderOf(out, 'recharge', ordered, amountMicro), request, why);
  if (out.state.settled) return no(SETTLED);
  const over = overLimit(heldMicro(out.state), amountMicro, out.context.rules);
  if (over !== null) return no(['balanceLimit', over]);
  answer(out, receive(out, { ...ordered, amountMicro }), request);
}

/** Out of suspense into the wallet, both in one commit: the receipt was given when the money came in. */
export function takeSuspense(out: Outcome, message: Extract<WalletMessage, { type: 'TakeSuspense' }>): void {
  const { original, order, note, request } = message;
  const { amountMicro, channel } = original;
  const ordered: Ordered = { order, channel, note, by: request.operator };
  const more = { settles: original.id, debtMicro: debtIn(out, amountMicro) };
  const no = (why: readonly [Refusal, string]): void =>
    turnDown(out, orderOf(out, 'assignment', ordered, amountMicro, more), request, why);
  if (out.state.settled) return no(SETTLED);
  const gone = out.context.notInSuspense(original.id);
  if (gone) return no(gone);
  const over = overLimit(heldMicro(out.state), amountMicro, out.context.rules);
  if (over !== null) return no(['balanceLimit', over]);
  const transfers = [{ from: SUSPENSE, to: `wallet:${out.context.id}`, amountMicro }];
  out.emit({ type: 'MoneyAssigned', ...ordered, original: original.id, amountMicro, transfers });
  out.besides.push({ type: 'SuspenseAssigned', order, original: original.id, wallet: out.context.id });
  const assignment = inLine(out, 'up', orderOf(out, 'assignment', ordered, amountMicro, { ...more, transfers }));
  answer(out, assignment, request);
  keep(out, assignment);
  out.records.push(orderRecord({ ...original, settledBy: order }));
}

export function reverse(out: Outcome, message: Extract<WalletMessage, { type: 'Reverse' }>): void {
  const { original, suspense, order, note, request } = message;
  const wallet = `wallet:${out.context.id}`;
  const cash = suspense ? SUSPENSE : `cash:${original.channel}`;
  const back = original.kind !== 'refund';
  const amountMicro = back ? -original.amountMicro : original.amountMicro;
  const transfer = { from: back ? wallet : cash, to: back ? cash : wallet, amountMicro: original.amountMicro };
  const ordered: Ordered = { order, note, channel: original.channel, by: request.operator };
  const more = { reverses: original.id, settles: suspense?.id ?? null };
  const no = (why: readonly [Refusal, string]): void =>
    turnDown(out, orderOf(out, 'reversal', ordered, amountMicro, more), request, why);
  if (out.state.settled) return no(SETTLED);
  if (out.state.reversed.includes(original.id))
    return no(['alreadyReversed', 'this order has been taken back already']);
  const { charging } = out.state;
  const waits = charging?.queue.some(({ id }) => id === original.id) ?? false;
  if (charging && charging.phase !== 'ended' && !waits)
    return no(['onMeter', 'the money is on the meter, or on its way: ask it back by a refund']);
  if (waits) out.emit({ type: 'MeterOrderDropped', order: original.id, why: 'reversed' });
  out.emit({ type: 'OrderReversed', ...ordered, original: original.id, amountMicro, transfers: [transfer] });
  const reversal = orderOf(out, 'reversal', ordered, amountMicro, { ...more, transfers: [transfer] });
  answer(out, reversal, request);
  keep(out, reversal);
  out.records.push(orderRecord({ ...original, reversedBy: order }));
  if (!suspense) return;
  const { id, amountMicro: heldMicro, channel } = suspense;
  out.besides.push({ type: 'SuspensePutBack', order, original: id, amountMicro: heldMicro, channel });
  out.records.push(orderRecord({ ...suspense, settledBy: null }));
}
