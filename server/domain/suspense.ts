/** Money that no account is known for: taken in under the ledger account `suspense`, and paid back from it. */
import type { Refusal } from '../../protocol/ops.ts';
import type { Order } from '../../protocol/orders.ts';
import type { CashbookEvent, CashbookState } from './cashbook.ts';
import { accept, refuse, type Channel, type Decision, type Request } from './messages.ts';
import { newOrder, orderRecord, receiptOf } from './order.ts';

export const SUSPENSE = 'suspense';

export type SuspenseMessage =
  | {
      readonly type: 'ReceiveSuspense';
      readonly order: string;
      readonly amountMicro: number;
      readonly channel: Channel;
      readonly note: string;
    }
  | { readonly type: 'ReturnSuspense'; readonly order: string; readonly original: Order; readonly note: string };

/** What stands against using an item of suspense; null: it is there. */
export function notInSuspense({ suspense }: CashbookState, order: string): readonly [Refusal, string] | null {
  return suspense[order] ? null : ['notInSuspense', 'it has been given to a wallet or paid back already'];
}

type Context = { readonly nowMs: number; readonly nextReceipt: number };
export function decideSuspense(
  state: CashbookState,
  message: SuspenseMessage,
  request: Request,
  { nowMs, nextReceipt }: Context,
): Decision<never> {
  const { order: id, note } = message;
  const by = request.operator;
  const common = { ...{ id, wallet: null, account: null, room: null, atMs: nowMs, by, note, balanceAfterMicro: 0 } };
  if (message.type === 'ReceiveSuspense') {
    const { amountMicro, channel } = message;
    const order = newOrder({ ...common, kind: 'suspense', amountMicro, channel, receipt: nextReceipt });
    const transfers = [{ from: `cash:${channel}`, to: SUSPENSE, amountMicro }];
    return done(
      order,
      request,
      [],
      [{ type: 'SuspenseReceived', order: id, amountMicro, channel, by, note, transfers }, ...receiptOf(order)],
    );
  }
  const { original } = message;
  const { amountMicro, channel } = original;
  const order = newOrder({ ...common, kind: 'suspenseReturn', amountMicro, channel, settles: original.id });
  const gone = notInSuspense(state, original.id);
  if (gone) {
    const [refusal, detail] = gone;
    const records = [orderRecord({ ...order, refused: { refusal, detail } })];
    return { events: [], sends: [], records, effects: [refuse(request, refusal, detail)] };
  }
  const transfers = [{ from: SUSPENSE, to: `cash:${channel}`, amountMicro }];
  const given = { order: id, original: original.id, amountMicro, channel, by, note, transfers };
  return done(order, request, [{ ...original, settledBy: id }], [{ type: 'SuspenseReturned', ...given }]);
}

function done(
  order: Order,
  request: Request,
  others: readonly Order[],
  besides: readonly CashbookEvent[],
): Decision<never> {
  const { effect, record } = accept(request, order, order.atMs);
  return {
    events: [],
    sends: [],
    effects: [effect],
    records: [record, ...[order, ...others].map(orderRecord)],
    besides,
  };
}
