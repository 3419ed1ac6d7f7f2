/** What is durable of a refund on its way. */
import { z } from 'zod';
import { channels, refundSteps } from '../../../protocol/orders.ts';
import { transferSchema } from '../ledger.ts';

/** Ledger account of what is on its way from wallets to tenants. */
export const REFUND_RESERVED = 'refundReserved';

const money = {
  /** The refund's own order. */
  order: z.string(),
  amountMicro: z.int(),
  channel: z.enum(channels),
  by: z.string(),
  transfers: z.array(transferSchema),
};
export const refundEvents = [
  z.strictObject({ type: z.literal('RefundReserved'), ...money, note: z.string(), step: z.enum(refundSteps) }),
  z.strictObject({ type: z.literal('RefundPaid'), ...money, payout: z.string(), reference: z.string() }),
  z.strictObject({ type: z.literal('RefundReleased'), ...money, release: z.string(), note: z.string() }),
] as const;
/** Reserved and neither paid out nor released, by the refund's order. */
export const reservedSchema = z.record(z.string(), z.strictObject({ amountMicro: z.int(), step: z.enum(refundSteps) }));

export const reservedMicro = (reserved: z.infer<typeof reservedSchema> | undefined): number =>
  Object.values(reserved ?? {}).reduce((sum, { amountMicro }) => sum + amountMicro, 0);
