/** Allowances: who gets what each period. */
import { z } from 'zod';
import { allowanceRuleFields, allowanceUnits, allowanceViewSchema } from '../allowances.ts';
import { everyone, id, managers, op } from './op.ts';

/** An account is a configuration of its own: so many of them fit into one commit. */
export const ALLOWANCES_MAX = 200;
const accounts = z.array(id).min(1, 'at least one account').max(ALLOWANCES_MAX);

export const allowancesOps = {
  getAllowances: op({
    kind: 'query',
    method: 'GET',
    path: '/api/allowances',
    who: everyone,
    scope: 'filtered',
    summary: 'The allowances of open accounts, and what is left of them',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(
        z.strictObject({
          account: z.string(),
          name: z.string(),
          rooms: z.array(z.string()),
          allowance: allowanceViewSchema,
        }),
      ),
    }),
  }),
  giveAllowance: op({
    kind: 'command',
    method: 'POST',
    path: '/api/allowances',
    who: managers,
    summary: 'Give an allowance to accounts, or change theirs of the same unit: what was granted stays as it was',
    params: z.strictObject({
      accounts,
      ...allowanceRuleFields,
      /** now: the period that runs is granted at once, and whole. */
      begins: z.enum(['now', 'next']).default('now'),
      /** Whose use it pays; absent: of each account the first wallet that meters of this kind draw on. */
      wallet: id.optional(),
    }),
    result: z.strictObject({ given: z.int() }),
  }),
  endAllowance: op({
    kind: 'command',
    method: 'POST',
    path: '/api/allowances/end',
    who: managers,
    summary: 'Take an allowance back from accounts: what is left of it goes at once',
    params: z.strictObject({ accounts, unit: z.enum(allowanceUnits) }),
    result: z.strictObject({ ended: z.int() }),
  }),
} as const;
