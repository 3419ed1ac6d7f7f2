/** What needs a second person: proposed by one, approved by another, done once. */
import { z } from 'zod';
import { roles } from './site.ts';

export const approvalRules = [
  'releaseInterlock',
  'switchMeters',
  'refund',
  'publishTariff',
  'releaseQuarantine',
  'changeRules',
] as const;
export type ApprovalRule = (typeof approvalRules)[number];

/** pending → approved → done or failed; or rejected, withdrawn, expired. */
export const approvalStates = ['pending', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'] as const;

export const approvalSchema = z.strictObject({
  id: z.string(),
  /** The frozen content: an operation and its parameters, and the hash an approver confirms. */
  op: z.string(),
  params: z.record(z.string(), z.json()),
  hash: z.string(),
  rule: z.enum(approvalRules),
  /** What was asked for and what needs no second person, in the unit of the rule: meters, micro-yuan, Wh or litres. */
  amount: z.number().nullable(),
  limit: z.number().nullable(),
  proposer: z.string(),
  role: z.enum(roles),
  reason: z.string(),
  atMs: z.int(),
  expiresMs: z.int(),
  state: z.enum(approvalStates),
  /** Who approved, rejected or withdrew it. */
  decidedBy: z.string().nullable(),
  decidedMs: z.int().nullable(),
  /** Why it was rejected, or why it failed. */
  note: z.string().nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** Whom and what it concerns, as it is now; the frozen content has ids alone. */
export const approvalAboutSchema = z.strictObject({
  tenant: z.string().nullable(),
  rooms: z.array(z.string()),
  /** Of the wallet whose money it moves. */
  balanceMicro: z.int().nullable(),
});
export type ApprovalAbout = z.infer<typeof approvalAboutSchema>;
