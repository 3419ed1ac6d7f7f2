/** People's orders on their way into the meter: what their records say, and what is paid out once it has come back. */
import type { Order } from '../../../protocol/orders.ts';
import { assert } from '../assert.ts';
import { orderRecord } from '../order.ts';
import type { Outcome } from '../wallet/outcome.ts';
import { ownMicro } from '../wallet/standing.ts';
import { REFUND_RESERVED } from '../wallet/refundEvents.ts';
import type { Charging, CurrentOrder, MeterOrder } from './state.ts';
import { keepsLitres, litresUpMicro, wholeLitresMicro } from './volume.ts';

type MeterState = NonNullable<Order['meter']>['state'];

export function orderFollows(out: Outcome, { order }: Pick<MeterOrder, 'order'>, state: MeterState): void {
  const { charging } = out.state;
  if (order === null || !charging) return;
  const meter = { id: charging.meter, state, atMs: out.context.nowMs };
  const refused =
    state === 'dropped' ? { refusal: 'insufficientBalance', detail: 'the meter holds less than that by now' } : null;
  const balanceAfterMicro = state === 'done' ? ownMicro(out.state) : order.balanceAfterMicro;
  // It has come back: reserved, and to be paid out.
  const back = order.kind === 'refund' && state === 'done';
  const payout = back && order.payout ? { ...order.payout, step: 'payOut' as const } : order.payout;
  out.records.push(orderRecord({ ...order, payout, meter, refused, balanceAfterMicro }));
}

/** The meter goes before it was set up for this: what was paid has stayed in the wallet, and nothing is to be paid out. */
export function neverWritten(out: Outcome, order: MeterOrder): void {
  if (order.kind === 'down') return orderFollows(out, order, 'dropped');
  if (order.order === null) return;
  const { meter: _never, ...kept } = order.order;
  out.records.push(orderRecord(kept));
}

/** A refund is reserved in the commit in which it has come back into the wallet. */
export function reserveBack(out: Outcome, { kind, order }: CurrentOrder): void {
  if (kind !== 'down') return;
  assert(order?.kind === 'refund', 'what comes back is asked for by a refund');
  // Whole litres may be a little more: the rest stays in the wallet.
  const { id, channel, note, by, amountMicro } = order;
  const transfers = [{ from: `wallet:${out.context.id}`, to: REFUND_RESERVED, amountMicro }];
  out.emit({ type: 'RefundReserved', order: id, amountMicro, channel, by, note, step: 'payOut', transfers });
}

/** What comes in is put on the meter. */
export const keepsMoney = ({ state: { charging } }: Pick<Outcome, 'state'>): boolean =>
  charging !== undefined && charging.phase !== 'ending' && charging.phase !== 'ended';

/** Put in line for the meter; the record says that it is not there yet. */
export function inLine(out: Outcome, kind: 'up' | 'down', order: Order): Order {
  const { charging } = out.state;
  // What comes in while its money comes back stays in the wallet.
  if (!charging || !keepsMoney(out)) return order;
  const meter = { id: charging.meter, state: 'waiting' as const, atMs: out.context.nowMs };
  const waiting: Order = { ...order, meter, balanceAfterMicro: ownMicro(out.state) };
  const { id } = waiting;
  const amountMicro = keepsLitres(charging.settings) ? inLitres(out.state, charging, kind, order) : order.amountMicro;
  // Not enough to be told apart in the meter: it stays in the wallet until there is more.
  if (amountMicro === 0) return order;
  const queued: MeterOrder = { id, kind, amountMicro, order: waiting };
  out.emit({ type: 'MeterOrderQueued', order: queued });
  return waiting;
}

function inLitres(
  { balanceMicro }: Outcome['state'],
  charging: Charging,
  kind: 'up' | 'down',
  { amountMicro }: Order,
): number {
  if (kind === 'down') return litresUpMicro(charging.settings, amountMicro);
  const pending = pendingMicro(charging);
  const inMeter = (charging.last?.remainingMicro ?? 0) + pending + (charging.backMicro ?? 0);
  return wholeLitresMicro(charging.settings, balanceMicro - pending - (charging.backMicro ?? 0), inMeter);
}

/** What a refund may still ask of the meter: what it holds less what is asked for already. */
export function refundableMicro({ state }: Pick<Outcome, 'state'>): number {
  const { charging } = state;
  if (!charging?.last) return 0;
  return charging.last.remainingMicro - askedBackMicro(charging);
}

type Lined = { readonly queue: readonly MeterOrder[]; readonly current: MeterOrder | null };
const sumOf = ({ queue, current }: Lined, wanted: 'up' | 'down'): number =>
  [...queue, ...(current ? [current] : [])]
    .filter(({ kind }) => kind === wanted)
    .reduce((sum, { amountMicro }) => sum + amountMicro, 0);

/** What was paid and is not on the meter yet; what is asked back and has not come. */
export const pendingMicro = (lined: Lined): number => sumOf(lined, 'up');
export const askedBackMicro = (lined: Lined): number => sumOf(lined, 'down');
