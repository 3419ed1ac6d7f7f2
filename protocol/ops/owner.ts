/** What is measured where no account is open is charged to the owner, a wallet a room or meter. */
import { z } from 'zod';
import { everyone, id, op, page } from './op.ts';

export const ownerRowSchema = z.strictObject({
  wallet: z.string(),
  /** null: of a meter in no room. */
  room: z.string().nullable(),
  roomName: z.string().nullable(),
  building: z.string().nullable(),
  buildingName: z.string().nullable(),
  /** Those that are charged to the owner now; none: a tenant has them. */
  meters: z.array(z.string()),
  /** Of the time asked for: Wh, litres, money. */
  energyWh: z.number(),
  waterLitres: z.number(),
  chargedMicro: z.number(),
  /** false: there is more than was added up; a shorter time gives the whole. */
  whole: z.boolean(),
  /** Since the wallet is there, whatever the time asked for. */
  allMicro: z.number(),
});
export type OwnerRow = z.infer<typeof ownerRowSchema>;

export const ownerOps = {
  getOwnerWallets: op({
    kind: 'query',
    method: 'GET',
    path: '/api/owner',
    who: everyone,
    scope: 'filtered',
    summary:
      "The owner's wallets (vacancy, public meters): what was used and charged over a time, by building and room",
    params: z.strictObject({
      fromMs: z.coerce.number().optional(),
      toMs: z.coerce.number().optional(),
      building: id.optional(),
      ...page,
    }),
    result: z.strictObject({
      items: z.array(ownerRowSchema),
      total: z.int(),
      /** Of all of them, since they are there. */
      allMicro: z.number(),
      cursor: z.string().nullable(),
    }),
  }),
} as const;
