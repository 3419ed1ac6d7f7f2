/** Opening a list of accounts that were entered beforehand. */
import { z } from 'zod';
import { accountStatuses } from './accounts.ts';

/** Accounts of one list: so many results fit into one snapshot. */
export const OPENINGS_MAX = 1_000;

/** started: its own opening is under way or done. */
export const openingStates = ['waiting', 'started', 'refused', 'cancelled'] as const;

const refused = z.strictObject({ refusal: z.string(), detail: z.string() });

export const openingItemSchema = z.strictObject({
  account: z.string(),
  state: z.enum(openingStates),
  /** Why it was refused. */
  why: refused.nullable(),
});
export type OpeningItem = z.infer<typeof openingItemSchema>;

export const openingsSchema = z.strictObject({
  id: z.string(),
  by: z.string(),
  atMs: z.int(),
  endedMs: z.int().nullable(),
  items: z.array(openingItemSchema),
});

/** With what the accounts have come to since. */
export const openingsViewSchema = z.strictObject({
  ...openingsSchema.shape,
  items: z.array(
    z.strictObject({
      ...openingItemSchema.shape,
      name: z.string(),
      status: z.enum(accountStatuses),
      /** Meters whose reading is waited for, and those a person has to look at. */
      waitingFor: z.array(z.string()),
      troubled: z.array(z.string()),
    }),
  ),
});
export type OpeningsView = z.infer<typeof openingsViewSchema>;

/** What opening an account would do. */
export const openingPreviewSchema = z.strictObject({
  account: z.string(),
  name: z.string(),
  rooms: z.array(z.string()),
  meters: z.array(z.strictObject({ meter: z.string(), online: z.boolean(), index: z.number().nullable() })),
  depositMicro: z.number(),
  rechargeMicro: z.number(),
  /** It would be refused. */
  why: refused.nullable(),
});
export type OpeningPreview = z.infer<typeof openingPreviewSchema>;
