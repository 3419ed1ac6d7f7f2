/** Taking a running site over from another system: its table, what is wrong with a row, and what is signed. */
import { z } from 'zod';
import { yuan } from './site.ts';

/**
 * A row for each meter of an account, or for a room of it without one. What belongs to the account stands in its first
 * row, what belongs to a wallet in the first row of the wallet; further rows leave it out or repeat it.
 */
export const takeoverColumns = [
  ...(['account', 'name', 'phone', 'since', 'deposit', 'purchases'] as const),
  ...(['wallet', 'balance', 'debt', 'room', 'meter', 'index', 'tierUsed'] as const),
] as const;
export type TakeoverColumn = (typeof takeoverColumns)[number];

export const takeoverRowSchema = z.strictObject(
  Object.fromEntries(takeoverColumns.map((column) => [column, z.string().max(120).default('')])) as Record<
    TakeoverColumn,
    z.ZodDefault<z.ZodString>
  >,
);
export type TakeoverRow = z.infer<typeof takeoverRowSchema>;

/** What can be wrong with a cell; the control room has the words. */
export const takeoverMistakes = [
  ...(['missing', 'id', 'amount', 'cents', 'date', 'whole', 'register', 'tooLong'] as const),
  /** Differs from the first row of the account or the wallet, or of the counter. */
  ...(['differs', 'balanceAndDebt', 'meterTwice', 'roomTwice'] as const),
  /** `about` is who has it, or what it is. */
  ...(['accountExists', 'walletTaken', 'noRoom', 'roomLet', 'noMeter', 'notInRoom', 'notTenantMeter'] as const),
  ...(['meterTaken', 'changingHands', 'heldReading', 'alreadyCharged', 'implausible', 'meterLeftOut'] as const),
  ...(['noTiers', 'tariffLater', 'futureDate'] as const),
] as const;
export type TakeoverMistake = (typeof takeoverMistakes)[number];

export const takeoverErrorSchema = z.strictObject({
  /** From 0, without the head. */
  row: z.int(),
  column: z.enum(takeoverColumns),
  mistake: z.enum(takeoverMistakes),
  about: z.string().optional(),
});
export type TakeoverError = z.infer<typeof takeoverErrorSchema>;

export const buildingTotalsSchema = z.strictObject({
  building: z.string(),
  name: z.string(),
  accounts: z.int(),
  /** Whole cents, in micro-yuan. */
  balanceMicro: z.int(),
  debtMicro: z.int(),
  depositMicro: z.int(),
});
export type BuildingTotals = z.infer<typeof buildingTotalsSchema>;

/** As the report of the system before says them, typed by who signs. */
export const attestedTotalsSchema = z.strictObject({
  building: z.string(),
  accounts: z.int().min(0),
  balance: yuan,
  debt: yuan,
  deposit: yuan,
});
export type AttestedTotals = z.infer<typeof attestedTotalsSchema>;

/** What was taken over of an account, kept with it. */
export const takenAccountSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  /** When the tenant moved in; null: before any record of it. */
  sinceMs: z.int().nullable(),
  building: z.string(),
  rooms: z.array(z.string()),
  wallets: z.array(z.strictObject({ id: z.string(), balanceMicro: z.int() })),
  depositMicro: z.int(),
  /** How often was bought before. */
  purchases: z.int(),
  meters: z.array(
    z.strictObject({
      meter: z.string(),
      wallet: z.string(),
      room: z.string(),
      /** Primary side, Wh or litres. */
      index: z.int(),
      /** Wh or litres in the tier period of the day; null: not counted. */
      tierUsed: z.int().nullable(),
    }),
  ),
});
export type TakenAccount = z.infer<typeof takenAccountSchema>;

/** A meter of what was signed, or a room without one. What belongs to the account or to a wallet stands in its first row only. */
export const takenRowSchema = z.strictObject({
  /** Within its takeover. */
  id: z.string(),
  account: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  sinceMs: z.int().nullable(),
  building: z.string(),
  depositMicro: z.int().nullable(),
  purchases: z.int().nullable(),
  wallet: z.string(),
  /** Below 0: a debt. */
  balanceMicro: z.int().nullable(),
  room: z.string(),
  meter: z.string().nullable(),
  /** Primary side, Wh or litres. */
  index: z.int().nullable(),
  tierUsed: z.int().nullable(),
});
export type TakenRow = z.infer<typeof takenRowSchema>;

export const takeoverSchema = z.strictObject({
  id: z.string(),
  /** The state of the system before was taken at. */
  asOfMs: z.int(),
  /** Its name, and which report was signed. */
  source: z.string(),
  by: z.string(),
  atMs: z.int(),
  /** Of all that is posted, canonical JSON. */
  hash: z.string(),
  accounts: z.int(),
  meters: z.int(),
  parts: z.int(),
  totals: z.array(buildingTotalsSchema),
});
export type Takeover = z.infer<typeof takeoverSchema>;

export const takeoverViewSchema = z.strictObject({
  ...takeoverSchema.shape,
  /** Accounts posted so far. */
  posted: z.int(),
  doneMs: z.int().nullable(),
});
export type TakeoverView = z.infer<typeof takeoverViewSchema>;
