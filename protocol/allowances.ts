/** Allowances: a base quota or a subsidy of an account, granted anew each period, used before its money, and never paid out. */
import { z } from 'zod';

export const allowanceUnits = ['kWh', 'm3', 'yuan'] as const;
export type AllowanceUnit = (typeof allowanceUnits)[number];
export const allowancePer = ['account', 'room', 'head'] as const;

export const allowanceRuleFields = {
  unit: z.enum(allowanceUnits),
  /** Decimal kWh, m³ or yuan. */
  amount: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,3})?$/, 'a number such as "30" or "12.5"')
    .refine((text) => Number(text) > 0, 'more than 0'),
  /** What the amount is multiplied by: rooms and persons as they are when it is granted. */
  per: z.enum(allowancePer).default('account'),
  period: z.enum(['month', 'year']).default('month'),
  /** What becomes of the rest at the end of a period. */
  unused: z.enum(['expires', 'carriesOver']).default('expires'),
  /** Whether use that it pays counts towards tiers. */
  tiers: z.enum(['counted', 'notCounted']).default('counted'),
};

/** As it is kept with the account: one of each unit. */
export const allowanceRuleSchema = z.strictObject({
  ...allowanceRuleFields,
  /** Whose use it pays. */
  wallet: z.string(),
  /** The first period granted: YYYY-MM or YYYY. */
  from: z.string(),
});
export type AllowanceRule = z.infer<typeof allowanceRuleSchema>;

/** What of a charge was paid by an allowance. Wh, litres or micro-yuan; and what that is worth. */
export const drawSchema = z.strictObject({
  unit: z.enum(allowanceUnits),
  period: z.string(),
  quantity: z.int(),
  amountMicro: z.int(),
});
export type Draw = z.infer<typeof drawSchema>;

/** As a wallet shows it. Wh, litres or micro-yuan. */
export const allowanceViewSchema = z.strictObject({
  ...allowanceRuleSchema.shape,
  /** Accounts, rooms or persons it would be granted for now; 0: it waits until some are known. */
  share: z.int(),
  /** What may be used now. */
  left: z.number(),
  /** The last period granted; null: none yet. */
  granted: z.string().nullable(),
});
export type AllowanceView = z.infer<typeof allowanceViewSchema>;
