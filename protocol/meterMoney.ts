/** Money that a meter keeps itself: how an account is charged, what stands in the meter, what is on its way. */
import { z } from 'zod';

/**
 * prepaid: readings deduct from the wallet here. inMeter: the meter keeps the money and charges itself.
 * postpaid: use is billed afterwards, and nothing is cut for it.
 */
export const payments = ['prepaid', 'inMeter', 'postpaid'] as const;
export type Payment = (typeof payments)[number];

/**
 * Why a meter cannot keep the money. model: it has none, or none that we can write. tiers, bands (a fifth), components: it
 * knows four prices and nothing else. calendar: weekdays, holidays, or more day tables than two. prices: finer than it takes. multiplier: whether its prices hold for the primary
 * side is not known. shared: one wallet, several meters.
 */
export const ownMoneyReasons = [
  ...(['model', 'noBreaker', 'multiplier', 'tiers', 'bands', 'calendar', 'components', 'prices', 'shared'] as const),
] as const;
export type OwnMoneyReason = (typeof ownMoneyReasons)[number];

const standing = z.strictObject({ count: z.int(), remainingMicro: z.int(), atMs: z.number() });

export const meterMoneySchema = z.strictObject({
  meter: z.string(),
  phase: z.enum(['settingUp', 'starting', 'running', 'leaving', 'ending', 'ended']),
  /** Its own money decides over its breaker. */
  released: z.boolean(),
  /** As we have booked it, and as it said last; null: not yet. */
  booked: standing.nullable(),
  seen: standing.nullable(),
  /** Paid, and not yet on the meter. */
  pendingMicro: z.int(),
  /** leaving: what came back, and goes on the next meter; null: not yet, or it stays. */
  backMicro: z.int().nullable(),
  /** The one being written first. */
  orders: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['start', 'up', 'down', 'empty']),
      amountMicro: z.int(),
      /** The purchase count it is written under; null: it waits. */
      count: z.int().nullable(),
    }),
  ),
  held: z.strictObject({ why: z.enum(['count', 'rise', 'fall']), seen: standing, sinceMs: z.number() }).nullable(),
  /** Taken by the meter more than by our price of the same readings. */
  driftMicro: z.int(),
  /** What one litre is, where it keeps litres and has no purchase count of its own; null: it keeps yuan. */
  litreMicro: z.int().nullable(),
  /** Its band tables against its tariff's, as read back. none: it needs none. cannot: the tariff has more than they hold. */
  tables: z.enum(['none', 'writing', 'asTariff', 'differ', 'unknown', 'cannot']),
  /** Why the last task at the meter came to nothing; null: it did not, or none was made since the start. */
  trouble: z.string().nullable(),
});
export type MeterMoney = z.infer<typeof meterMoneySchema>;

/** Meter and platform beside each other on one day. */
export const meterCheckSchema = z.strictObject({
  wallet: z.string(),
  meter: z.string(),
  /** Local day. */
  day: z.string(),
  atMs: z.number(),
  booked: standing.nullable(),
  /** null: it did not answer that day. */
  seen: standing.nullable(),
  /** Seen less booked; null where one is missing. */
  differenceMicro: z.int().nullable(),
  sameCount: z.boolean().nullable(),
  driftMicro: z.int(),
});
export type MeterCheck = z.infer<typeof meterCheckSchema>;
