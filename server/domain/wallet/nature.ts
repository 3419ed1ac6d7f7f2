/** What a wallet is, besides money for use that is paid in advance: what is absent is just that. */
import { z } from 'zod';

export const walletNatureSchema = {
  /** As people call it; absent: by its number. */
  name: z.string().optional(),
  /** Money for fees: no meter draws on it, so nothing is ever cut for it. */
  purpose: z.literal('fee').optional(),
  /** postpaid: use accrues to the ledger account `unbilled:<account>`; nothing is cut for it. */
  payment: z.literal('postpaid').optional(),
};
