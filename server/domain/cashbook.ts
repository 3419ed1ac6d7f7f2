/** What the counter keeps beside wallets: the receipts, numbered one after the other over the whole site. */
import { z } from 'zod';
import { assert } from './assert.ts';

export const cashbookEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ReceiptIssued'), number: z.int(), order: z.string() }),
]);
export type CashbookEvent = z.infer<typeof cashbookEventSchema>;

export const cashbookStateSchema = z.strictObject({ lastReceipt: z.int() });
export type CashbookState = z.infer<typeof cashbookStateSchema>;
export const CASHBOOK_SCHEMA = 1;
export const initialCashbook: CashbookState = { lastReceipt: 0 };

export function evolveCashbook(state: CashbookState, event: CashbookEvent): CashbookState {
  assert(event.number === state.lastReceipt + 1, `receipt ${event.number} follows ${state.lastReceipt}`);
  return { ...state, lastReceipt: event.number };
}
