/** What a statement adds up to. */
import { z } from 'zod';
import { everyone, id, op } from './op.ts';

export const statementsOps = {
  getStatementTotals: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/statement/totals',
    who: everyone,
    summary: 'Opening balance, what came in, what went out, closing balance of a wallet over a time',
    params: z.strictObject({
      wallet: id,
      fromMs: z.coerce.number().optional(),
      toMs: z.coerce.number().optional(),
    }),
    result: z.strictObject({
      openingMicro: z.number(),
      inMicro: z.number(),
      /** Charges, and what else left the wallet. */
      chargedMicro: z.number(),
      outMicro: z.number(),
      closingMicro: z.number(),
      count: z.int(),
      /** false: there is more than was added up; a shorter time gives the whole. */
      whole: z.boolean(),
    }),
  }),
} as const;
