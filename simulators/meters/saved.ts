/** A meter's memory as JSON: what a real one keeps in its EEPROM. */
import { z } from 'zod';

const amount = z.number().nonnegative();
const whole = z.int();
const bytes = z.array(z.int().min(0).max(255));

export const savedAcrelSchema = z.strictObject({
  model: z.enum(['ddsy1352', 'dtsy1352']),
  number: z.string().regex(/^\d{1,12}$/),
  /** Sharp, peak, flat, valley, deep valley; W × ms on the secondary side: whole numbers add up exactly. */
  bandsMilliJoules: z.array(amount).length(5),
  forcedEnabled: z.boolean(),
  forcedTrip: z.boolean(),
  relayClosed: z.boolean(),
  contactsStuck: z.boolean(),
  prepaidOn: z.boolean(),
  balanceMicro: whole,
  /** Energy not yet charged by the meter itself, below one step of 0.01 kWh. */
  unchargedMilliJoules: amount,
  purchaseCount: whole,
  /** The balance that the last purchase set. */
  boughtCents: whole.default(0),
  alarm1Cents: whole,
  alarm2Cents: whole,
  overdraftCents: whole,
  /** Sharp, peak, flat, valley; 0.0001 yuan per kWh. */
  prices: z.array(whole).length(4),
  maxPowerW: whole,
  pt: whole,
  ct: whole,
  password: whole,
  runMode: whole,
  relayPulse: whole,
  clockOffsetMs: z.number(),
  zones: bytes.length(12),
  /** Power limit of the first loop: on, most watts, malignant step in watts, power factor, minutes until it tries again, tries. */
  loadLimit: z.array(whole).length(6).default([0, 0, 0, 0, 0, 0]),
  /** Opened by it: until when on the meter's own clock (null: until somebody closes it), and how often in a row. */
  loadTrip: z.strictObject({ untilLocalMs: z.number().nullable(), count: whole }).nullable().default(null),
  /** Time control: on, mask of workdays, then 8 slots of holidays and 8 of workdays. */
  timeControl: z.array(whole).length(26).default(new Array<number>(26).fill(0)),
  dayTables: z.array(bytes.length(42)).length(2),
});

export const savedEastronSchema = z.strictObject({
  model: z.enum(['sdm120', 'sdm630']),
  importWh: amount,
  exportWh: amount,
  phaseWh: z.array(amount).length(3),
  importVarh: amount,
});

export const savedXintaiSchema = z.strictObject({
  model: z.literal('xintai'),
  number: z.string().regex(/^\d{1,12}$/),
  litres: amount,
  reverseLitres: amount,
  remainingM3: z.number(),
  /** Counts `remainingM3` down: since it was first written. */
  prepaid: z.boolean().default(false),
  valve: z.enum(['open', 'closed']),
  valveStuck: z.boolean(),
  clockOffsetMs: z.number(),
  pulseCoefficient: whole,
  batteryVolts: z.number(),
});

export const savedMeterSchema = z.discriminatedUnion('model', [
  savedAcrelSchema,
  savedEastronSchema,
  savedXintaiSchema,
]);

export type SavedAcrel = z.infer<typeof savedAcrelSchema>;
export type SavedEastron = z.infer<typeof savedEastronSchema>;
export type SavedXintai = z.infer<typeof savedXintaiSchema>;
export type SavedMeter = z.infer<typeof savedMeterSchema>;
