/** Why an amount: the explanation of a balance, charge, order or notice, and links to it for the tenant. */
import { z } from 'zod';
import { explainedKinds, explanationLinkSchema, explanationSchema, LINK_DAYS } from '../explanations.ts';
import { desk, everyone, id, ok, op } from './op.ts';

/** `subject`: id of the charge, order or notice; none for the balance. */
const what = { wallet: id, kind: z.enum(explainedKinds), subject: z.string().min(1).max(120).optional() };

export const explanationsOps = {
  getExplanation: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/explanation',
    who: everyone,
    summary: 'Why an amount: registers, tariff, transfers, balances, and what followed at the breaker',
    params: z.strictObject(what),
    result: explanationSchema,
  }),
  getExplanationLinks: op({
    kind: 'query',
    method: 'GET',
    path: '/api/wallets/{wallet}/explanation-links',
    // They hold what opens them.
    who: desk,
    summary: 'Links to explanations of a wallet, newest first',
    params: z.strictObject({ wallet: id }),
    result: z.strictObject({ items: z.array(explanationLinkSchema) }),
  }),
  giveExplanationLink: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/explanation-links',
    who: desk,
    summary: 'Make a link to one explanation, for the tenant: read without a login until it expires or is revoked',
    params: z.strictObject({
      ...what,
      days: z.int().min(LINK_DAYS.least).max(LINK_DAYS.most).default(LINK_DAYS.usual),
    }),
    result: z.strictObject({ link: z.string() }),
  }),
  revokeExplanationLink: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/explanation-links/{link}/revoke',
    who: desk,
    summary: 'Make a link open nothing any more',
    params: z.strictObject({ wallet: id, link: id }),
    result: ok,
  }),
} as const;
