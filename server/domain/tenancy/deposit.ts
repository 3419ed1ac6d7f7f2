/** Deposits: a ledger account of their own, apart from what a tenant may use. */
import type { Order, Refusal } from '../../../protocol/ops.ts';
import { refuse, type Channel, type TenancyMessage } from '../messages.ts';
import { newOrder, orderRecord, receiptOf } from '../order.ts';
import type { Outcome } from './decide.ts';

type Kind = 'received' | 'refunded' | 'forfeited';
const orderKinds = { received: 'deposit', refunded: 'depositRefund', forfeited: 'depositForfeit' } as const;

type Ordered = {
  readonly order: string;
  readonly amountMicro: number;
  readonly channel: Channel;
  readonly note: string;
  readonly by: string;
};

function valueOf(out: Outcome, kind: Kind, ordered: Ordered): Order {
  const { order, ...rest } = ordered;
  const { context, state } = out;
  return newOrder({
    ...{ id: order, kind: orderKinds[kind], wallet: null, account: context.id, room: state.rooms[0] ?? null },
    ...{ holder: state.holder, balanceAfterMicro: state.depositMicro, atMs: context.nowMs, ...rest },
  });
}

/** Ledger accounts: `deposit:<account>`; what is forfeited is the company's. */
export function depositOrder(out: Outcome, kind: Kind, ordered: Ordered): Order {
  const { channel, amountMicro } = ordered;
  const own = `deposit:${out.context.id}`;
  const cash = `cash:${channel}`;
  const [from, to] =
    kind === 'received' ? [cash, own] : kind === 'refunded' ? [own, cash] : [own, 'revenue:deposit:forfeited'];
  out.emit({
    ...{ type: 'DepositMoved', kind, ...ordered },
    channel: kind === 'forfeited' ? null : channel,
    transfers: [{ from, to, amountMicro }],
  });
  const value = { ...valueOf(out, kind, ordered), receipt: kind === 'received' ? out.context.nextReceipt : null };
  out.records.push(orderRecord(value));
  out.besides.push(...receiptOf(value));
  return value;
}

export function moveDeposit(out: Outcome, message: Extract<TenancyMessage, { type: 'MoveDeposit' }>): void {
  const { kind, order, amountMicro, channel, note, request } = message;
  const { status, depositMicro, settlement } = out.state;
  const ordered = { order, amountMicro, channel, note, by: request.operator };
  const no = (refusal: Refusal, detail: string): void => {
    out.records.push(orderRecord({ ...valueOf(out, kind, ordered), refused: { refusal, detail } }));
    out.effects.push(refuse(request, refusal, detail));
  };
  if (status === 'closed') return no('accountState', 'the account is closed');
  // It has been offered to a wallet, which may have taken it.
  if (kind !== 'received' && settlement !== null) return no('accountState', 'the account is being settled');
  if (kind !== 'received' && amountMicro > depositMicro)
    return no('insufficientBalance', 'more than the deposit holds');
  out.answer(request, depositOrder(out, kind, ordered));
}
