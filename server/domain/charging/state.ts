/**
 * A wallet whose money is in its meter (rules.md, "Where the money is kept"): what the meter held when it was last
 * believed, the orders on their way to it, and the one that is being written.
 */
import { z } from 'zod';
import { orderSchema } from '../../../protocol/orders.ts';
import { transferSchema } from '../ledger.ts';

const transfers = z.array(transferSchema);

/** What stands in a meter at one moment. `index`: Wh or litres, primary side; `remainingMicro` below 0 is a debt. */
export const standingSchema = z.strictObject({
  count: z.int(),
  remainingMicro: z.int(),
  index: z.int(),
  atMs: z.int(),
});
export type Standing = z.infer<typeof standingSchema>;

/** What the meter goes by: sharp, peak, flat, valley per kWh; one price per m³ of water. */
export const meterSettingsSchema = z.strictObject({
  alarm1Micro: z.int(),
  alarm2Micro: z.int(),
  overdraftMicro: z.int(),
  pricesMicro: z.array(z.int()).min(1).max(4),
  /** It keeps litres at the one price, and no limits; absent: yuan. */
  unit: z.literal('litres').optional(),
});
export type MeterSettings = z.infer<typeof meterSettingsSchema>;

export const inMeterSchema = z.strictObject({
  meter: z.string(),
  settings: meterSettingsSchema,
  /** Ledger account of the one component of its tariff. */
  revenue: z.string(),
});
export type InMeter = z.infer<typeof inMeterSchema>;

/**
 * start: the meter's money becomes ours, from nothing. up, down: an order of so much. empty: all of it comes back,
 * whatever it is by then.
 */
export const writeKinds = ['start', 'up', 'down', 'empty'] as const;
export const meterOrderSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(writeKinds),
  amountMicro: z.int(),
  /** As it is kept for people, where it is one of theirs. */
  order: orderSchema.nullable(),
});
export type MeterOrder = z.infer<typeof meterOrderSchema>;
/** `count`: the purchase count it is written under, so that it is written once (facts, section 5). */
export const currentOrderSchema = z.strictObject({ ...meterOrderSchema.shape, count: z.int() });
export type CurrentOrder = z.infer<typeof currentOrderSchema>;

/** count: not ours. rise: more than we put in. fall: less than use can explain. */
export const heldReasons = ['count', 'rise', 'fall'] as const;
export const heldSchema = z.strictObject({ why: z.enum(heldReasons), seen: standingSchema, sinceMs: z.int() });
export type Held = z.infer<typeof heldSchema>;

/**
 * settingUp: prices and limits are written. starting: its money is set to nothing. running. leaving: it comes back, since
 * another meter takes this one's place. ending: it comes back for good.
 */
export const chargingPhases = ['settingUp', 'starting', 'running', 'leaving', 'ending', 'ended'] as const;
export const chargingSchema = z.strictObject({
  ...inMeterSchema.shape,
  phase: z.enum(chargingPhases),
  /** The meter acts by its own money; before that it is kept closed. */
  released: z.boolean(),
  /** Its settings are others than stand in it. */
  repriced: z.boolean().optional(),
  /** Our book of the meter: the ledger account `onMeter:<meter>` holds `remainingMicro`. Null before `starting`. */
  last: standingSchema.nullable(),
  queue: z.array(meterOrderSchema),
  current: currentOrderSchema.nullable(),
  held: heldSchema.nullable(),
  /** Taken by the meter, and by our price for the same readings, since the start. */
  usedMicro: z.int(),
  shadowMicro: z.int(),
  /** They differ by more than the site allows. */
  drifts: z.boolean().optional(),
  /** leaving: what has come back, and goes on the next meter; absent: not yet. */
  backMicro: z.int().optional(),
  /** Told when it has ended. */
  tenancy: z.string().nullable(),
});
export type Charging = z.infer<typeof chargingSchema>;

export const newCharging = (inMeter: InMeter): Charging => ({
  ...inMeter,
  ...{ phase: 'settingUp', released: false, last: null, queue: [], current: null, held: null },
  ...{ usedMicro: 0, shadowMicro: 0, tenancy: null },
});

/** How the meter's use is booked: `usedMicro` from `onMeter` to revenue, negative where it gave some back. */
const moved = { standing: standingSchema, usedMicro: z.int(), transfers };

export const chargingEvents = [
  /** Prices and limits stand in the meter as wanted; `found` is what it held before. */
  z.strictObject({ type: z.literal('MeterSetUp'), found: standingSchema }),
  z.strictObject({ type: z.literal('MeterOrderQueued'), order: meterOrderSchema }),
  /** From here on it may be in the meter; nothing else is begun before that is known. */
  z.strictObject({ type: z.literal('MeterWriteStarted'), order: z.string(), count: z.int() }),
  /** `boughtMicro` went from the wallet to the meter; negative: it came back. */
  z.strictObject({ type: z.literal('MeterWritten'), order: z.string(), boughtMicro: z.int(), ...moved }),
  z.strictObject({ type: z.literal('MeterUsed'), ...moved }),
  /** The meter does not hold so much any more; nothing was written. */
  z.strictObject({
    type: z.literal('MeterOrderDropped'),
    order: z.string(),
    why: z.enum(['insufficient', 'reversed']),
  }),
  z.strictObject({ type: z.literal('MeterHeld'), held: heldSchema }),
  /** What it shows fits our book again. */
  z.strictObject({ type: z.literal('MeterFits'), standing: standingSchema }),
  /** A person says what became of the order; what use does not explain goes to or comes from `meterDrift`. */
  z.strictObject({
    type: z.literal('MeterResolved'),
    /** gone: the meter will never answer again; what it held by our book comes back. */
    action: z.enum(['has', 'hasNot', 'adopt', 'gone']),
    order: z.string().nullable(),
    boughtMicro: z.int(),
    by: z.string(),
    reason: z.string(),
    ...moved,
  }),
  /** Its tariff has other prices now: they are written before the next order. */
  z.strictObject({ type: z.literal('MeterPricesChosen'), pricesMicro: z.array(z.int()).min(1).max(4) }),
  z.strictObject({ type: z.literal('MeterDrifted'), on: z.boolean(), driftMicro: z.int() }),
  z.strictObject({ type: z.literal('MeterReleased') }),
  /** Its money is to come back before it is taken away; `order` brings it. */
  z.strictObject({
    type: z.literal('MeterSwapPrepared'),
    ...{ order: meterOrderSchema, by: z.string(), reason: z.string() },
  }),
  /** It stays: what had come back goes into it again. */
  z.strictObject({
    type: z.literal('MeterSwapCalledOff'),
    ...{ order: meterOrderSchema.nullable(), by: z.string(), reason: z.string() },
    /** Of a meter that keeps litres: what they cost from now on, and what it holds at that. */
    repriced: z.strictObject({ pricesMicro: z.array(z.int()).length(1), remainingMicro: z.int() }).optional(),
    transfers,
  }),
  /**
   * Another meter hangs in its place. What the one before held came back (`backMicro`, below 0: a debt), what use does not
   * explain went to `meterDrift`; the new one is set up and gets it by the orders of `queue`.
   */
  z.strictObject({
    type: z.literal('MeterSwapped'),
    ...{ backMicro: z.int(), usedMicro: z.int(), driftMicro: z.int(), transfers },
    ...{ queue: z.array(meterOrderSchema), pricesMicro: z.array(z.int()).min(1).max(4) },
    ...{ by: z.string(), reason: z.string() },
  }),
  z.strictObject({ type: z.literal('MeterEnding'), tenancy: z.string() }),
  /** What was used since its money came back is nobody's: `meterDrift`, so that the meter's next account starts at nothing. */
  z.strictObject({ type: z.literal('MeterEnded'), transfers }),
] as const;
export type ChargingEvent = z.infer<(typeof chargingEvents)[number]>;
