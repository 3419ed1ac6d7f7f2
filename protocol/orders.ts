/** Orders: every movement of money that a person ordered, with its receipt where money came in. */
import { z } from 'zod';

export const channels = ['cash', 'card', 'transfer'] as const;

export const orderKinds = [
  ...(['recharge', 'refund', 'reversal', 'settlement'] as const),
  ...(['deposit', 'depositRefund', 'depositForfeit'] as const),
] as const;
export type OrderKind = (typeof orderKinds)[number];

export const orderSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(orderKinds),
  /** null: of the account itself, such as its deposit. */
  wallet: z.string().nullable(),
  account: z.string(),
  /** Name of the account's holder when it was booked; empty where it was not kept. */
  holder: z.string().default(''),
  room: z.string().nullable(),
  amountMicro: z.number(),
  channel: z.enum(channels),
  balanceAfterMicro: z.number(),
  /** What of the amount paid a debt first. */
  debtMicro: z.number().default(0),
  /** Consecutive over the site, from 1; null where no money came in, and of orders from before there were receipts. */
  receipt: z.int().nullable().default(null),
  atMs: z.number(),
  by: z.string(),
  note: z.string(),
  /** The order this one takes back, or the one that took this back. */
  reverses: z.string().nullable(),
  reversedBy: z.string().nullable(),
});
export type Order = z.infer<typeof orderSchema>;

/** A receipt as it is printed. */
export const receiptSchema = z.strictObject({
  order: orderSchema,
  site: z.string(),
  holder: z.string(),
  room: z.string().nullable(),
  building: z.string().nullable(),
  cashier: z.string(),
  /** How often it was printed; after the first time each is a copy. */
  prints: z.int(),
  /** What made it void. */
  reversal: z.strictObject({ id: z.string(), atMs: z.number(), by: z.string(), note: z.string() }).nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;
