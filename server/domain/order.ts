/** Orders as records, and the receipt that goes with money that comes in. */
import type { Order } from '../../protocol/orders.ts';
import type { CashbookEvent } from './cashbook.ts';
import type { RecordChange } from './messages.ts';

type Extra = 'holder' | 'debtMicro' | 'receipt' | 'reverses' | 'reversedBy';
export const newOrder = (parts: Omit<Order, Extra> & Partial<Pick<Order, Extra>>): Order => ({
  ...{ holder: '', debtMicro: 0, receipt: null, reverses: null, reversedBy: null },
  ...parts,
});

export function orderRecord(order: Order): RecordChange {
  const { id, wallet, account, receipt, atMs } = order;
  const index = {
    ...{ all: atMs, [`account:${account}`]: atMs },
    ...(wallet === null ? {} : { [`wallet:${wallet}`]: atMs }),
    ...(receipt === null ? {} : { receipt }),
  };
  return { kind: 'order', id, value: order, index };
}

/** Into the commit of the order: no number is used for one that is not kept, and none twice. */
export const receiptOf = ({ id, receipt }: Order): CashbookEvent[] =>
  receipt === null ? [] : [{ type: 'ReceiptIssued', number: receipt, order: id }];
