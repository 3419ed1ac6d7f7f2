/** Orders as records, and the receipt that goes with money that comes in. */
import type { Order } from '../../protocol/orders.ts';
import type { CashbookEvent } from './cashbook.ts';
import { storable } from './json.ts';
import type { RecordChange } from './messages.ts';

type Extra =
  | 'other'
  | 'holder'
  | 'debtMicro'
  | 'receipt'
  | 'reverses'
  | 'reversedBy'
  | 'settles'
  | 'settledBy'
  | 'refused'
  | 'transfers'
  | 'payout';
export const newOrder = (parts: Omit<Order, Extra> & Partial<Pick<Order, Extra>>): Order => ({
  ...{ holder: '', debtMicro: 0, receipt: null, reverses: null, reversedBy: null, refused: null },
  ...{ settles: null, settledBy: null, transfers: null, payout: null, other: null },
  ...parts,
});

export function orderRecord(order: Order): RecordChange {
  const { id, kind, wallet, account, receipt, atMs } = order;
  // What was not done is no part of a wallet's or an account's own history.
  const value = storable(order);
  if (order.refused) return { kind: 'order', id, value, index: { all: atMs } };
  const index = {
    all: atMs,
    ...(account === null ? {} : { [`account:${account}`]: atMs }),
    // A payout moves what has left the wallet before.
    ...(wallet === null || kind === 'payout' ? {} : { [`wallet:${wallet}`]: atMs }),
    ...(receipt === null ? {} : { receipt }),
  };
  return { kind: 'order', id, value, index };
}

/** Into the commit of the order: no number is used for one that is not kept, and none twice. */
export const receiptOf = ({ id, receipt }: Order): CashbookEvent[] =>
  receipt === null ? [] : [{ type: 'ReceiptIssued', number: receipt, order: id }];

/** Ledger accounts of what was used and has not been billed, one of each account. */
export const UNBILLED = 'unbilled:';

/** Its transfers say what it did to the wallet; of before these were kept, the kind does. */
export function walletEffectMicro({ kind, amountMicro, wallet, transfers }: Order): number {
  if (transfers === null) return kind === 'refund' || kind === 'settlement' ? -amountMicro : amountMicro;
  const own = `wallet:${wallet}`;
  // What had not been billed is counted since it was used: settling it changes nothing.
  const moving = transfers.filter(({ to }) => !to.startsWith(UNBILLED));
  return moving.reduce(
    (sum, { from, to, amountMicro: micro }) => sum + (to === own ? micro : 0) - (from === own ? micro : 0),
    0,
  );
}
