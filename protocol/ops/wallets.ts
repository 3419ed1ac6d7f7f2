/** Several wallets of one account: more of them, which meter draws on which, money between them. */
import { z } from 'zod';
import { openingPlanSchema, typedReadingSchema, walletName } from '../accounts.ts';
import { orderSchema } from '../orders.ts';
import { amount, desk, id, ok, op } from './op.ts';

export const walletsOps = {
  addWallet: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/wallets',
    who: desk,
    summary: 'An open account gets another wallet; meters are moved to it afterwards',
    params: z.strictObject({
      account: id,
      newWallet: openingPlanSchema.shape.wallets.element.omit({ firstRecharge: true }),
      /** Of an account that pays afterwards. */
      creditLimit: openingPlanSchema.shape.creditLimit,
    }),
    result: z.strictObject({ account: z.string() }),
  }),
  renameWallet: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/name',
    who: desk,
    summary: 'Call a wallet something; an empty name: by its number',
    params: z.strictObject({ wallet: id, name: walletName }),
    result: ok,
  }),
  moveMeters: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/wallets/move',
    who: desk,
    summary:
      'Meters draw on another wallet of the same account, from a reading on; what was used before is paid by the old one',
    params: z.strictObject({
      account: id,
      meters: z
        .array(z.strictObject({ meter: id, wallet: id }))
        .min(1, 'at least one meter')
        .max(500),
      typed: z.array(typedReadingSchema).max(500).default([]),
    }),
    result: z.strictObject({ account: z.string() }),
  }),
  transferMoney: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/transfer',
    who: desk,
    targets: { to: 'wallet' },
    summary: 'Money to another wallet of the same account',
    params: z.strictObject({ wallet: id, to: id, amount, note: z.string().trim().max(200).default('') }),
    result: orderSchema,
  }),
} as const;
