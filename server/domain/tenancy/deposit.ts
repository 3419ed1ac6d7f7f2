/** Deposits: a ledger account of their own, apart from what a tenant may use. */
import type { Order } from '../../../protocol/ops.ts';
import { refuse, type Channel, type TenancyMessage } from '../messages.ts';
import { newOrder, orderRecord, receiptOf } from '../order.ts';
import type { Outcome } from './decide.ts';

type Kind = 'received' | 'refunded' | 'forfeited';
const orderKinds = { received: 'deposit', refunded: 'depositRefund', forfeited: 'depositForfeit' } as const;

/** Ledger accounts: `deposit:<account>`; what is forfeited is the company's. */
export function depositOrder(
  out: Outcome,
  kind: Kind,
  {
    order,
    amountMicro,
    channel,
    note,
    by,
  }: { order: string; amountMicro: number; channel: Channel; note: string; by: string },
): Order {
  const { id, nowMs } = out.context;
  const own = `deposit:${id}`;
  const cash = `cash:${channel}`;
  const [from, to] =
    kind === 'received' ? [cash, own] : kind === 'refunded' ? [own, cash] : [own, 'revenue:deposit:forfeited'];
  out.emit({
    ...{ type: 'DepositMoved', kind, order, amountMicro, by, note },
    channel: kind === 'forfeited' ? null : channel,
    transfers: [{ from, to, amountMicro }],
  });
  const value = newOrder({
    ...{ id: order, kind: orderKinds[kind], wallet: null, account: id, room: out.state.rooms[0] ?? null },
    ...{ holder: out.state.holder, receipt: kind === 'received' ? out.context.nextReceipt : null },
    ...{ amountMicro, channel, balanceAfterMicro: out.state.depositMicro, atMs: nowMs, by, note },
  });
  out.records.push(orderRecord(value));
  out.besides.push(...receiptOf(value));
  return value;
}

export function moveDeposit(out: Outcome, message: Extract<TenancyMessage, { type: 'MoveDeposit' }>): void {
  const { kind, order, amountMicro, channel, note, request } = message;
  const { status, depositMicro, settlement } = out.state;
  if (status === 'closed') return void out.effects.push(refuse(request, 'accountState', 'the account is closed'));
  // It has been offered to a wallet, which may have taken it.
  if (kind !== 'received' && status === 'settling' && settlement !== null)
    return void out.effects.push(refuse(request, 'accountState', 'the account is being settled'));
  if (kind !== 'received' && amountMicro > depositMicro)
    return void out.effects.push(refuse(request, 'insufficientBalance', 'more than the deposit holds'));
  out.answer(request, depositOrder(out, kind, { order, amountMicro, channel, note, by: request.operator }));
}
