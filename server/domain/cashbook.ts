/** What the counter keeps beside wallets: receipts, numbered over the whole site, and money whose account is not known yet. */
import { z } from 'zod';
import { channels } from '../../protocol/orders.ts';
import { assert, assertNever } from './assert.ts';
import { transferSchema } from './ledger.ts';

const channel = z.enum(channels);
const transfers = z.array(transferSchema);
const ordered = { order: z.string(), amountMicro: z.int(), channel, by: z.string(), note: z.string() };

export const cashbookEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ReceiptIssued'), number: z.int(), order: z.string() }),
  z.strictObject({ type: z.literal('SuspenseReceived'), ...ordered, transfers }),
  z.strictObject({ type: z.literal('SuspenseReturned'), ...ordered, original: z.string(), transfers }),
  /** The wallet's own event, in the same commit, has moved the money. */
  z.strictObject({ type: z.literal('SuspenseAssigned'), order: z.string(), original: z.string(), wallet: z.string() }),
  /** Given to the wrong wallet, which has given it back in the same commit. */
  z.strictObject({
    ...{ type: z.literal('SuspensePutBack'), order: z.string(), original: z.string() },
    ...{ amountMicro: z.int(), channel },
  }),
]);
export type CashbookEvent = z.infer<typeof cashbookEventSchema>;

export const cashbookStateSchema = z.strictObject({
  lastReceipt: z.int(),
  /** What waits for its account, by order. Their sum is the ledger account `suspense`. */
  suspense: z.record(z.string(), z.strictObject({ amountMicro: z.int(), channel })),
});
export type CashbookState = z.infer<typeof cashbookStateSchema>;
export const CASHBOOK_SCHEMA = 1;
export const initialCashbook: CashbookState = { lastReceipt: 0, suspense: {} };

export function evolveCashbook(state: CashbookState, event: CashbookEvent): CashbookState {
  switch (event.type) {
    case 'ReceiptIssued':
      assert(event.number === state.lastReceipt + 1, `receipt ${event.number} follows ${state.lastReceipt}`);
      return { ...state, lastReceipt: event.number };
    case 'SuspenseReceived': {
      const { order, amountMicro, channel: by } = event;
      return { ...state, suspense: { ...state.suspense, [order]: { amountMicro, channel: by } } };
    }
    case 'SuspensePutBack': {
      const { original, amountMicro, channel: by } = event;
      return { ...state, suspense: { ...state.suspense, [original]: { amountMicro, channel: by } } };
    }
    case 'SuspenseReturned':
    case 'SuspenseAssigned': {
      const { [event.original]: item, ...suspense } = state.suspense;
      assert(item !== undefined, `${event.original} is in suspense`);
      return { ...state, suspense };
    }
    default:
      return assertNever(event);
  }
}
