/** Why an amount is what it is: one movement of money with all that made it and what followed; and links to it for a tenant. */
import { z } from 'zod';
import { noticeKinds, noticeLanguages } from './notices.ts';
import { orderSchema } from './orders.ts';
import { chargeSchema } from './views.ts';

/** What can be asked about; `balance` is explained by the newest movement that made it. */
export const explainedKinds = ['balance', 'charge', 'order', 'notice'] as const;
export type ExplainedKind = (typeof explainedKinds)[number];

/** What money led to: warned, used up, back; the cut wanted and confirmed, and the same for power that returns. */
export const decisionKinds = ['warned', 'exhausted', 'restored', 'cutWanted', 'cut', 'closeWanted', 'closed'] as const;
export const decisionSchema = z.strictObject({
  kind: z.enum(decisionKinds),
  atMs: z.number(),
  /** Number of the meter where the site knows it, else its id; null: of the wallet. */
  meter: z.string().nullable(),
  balanceMicro: z.number().nullable(),
  /** The warning level that was crossed. */
  thresholdMicro: z.number().nullable(),
});
export type MoneyDecision = z.infer<typeof decisionSchema>;

const movementSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('charge'),
    charge: chargeSchema,
    meterNumber: z.string().nullable(),
    tariffName: z.string(),
    /** null: of before it was kept. */
    beforeMicro: z.number().nullable(),
    /** What other movements of the wallet changed meanwhile: a quarter hour holds many readings. */
    betweenMicro: z.number(),
  }),
  /** Without who was at the counter, and without the note, which is meant for the office. */
  z.strictObject({
    kind: z.literal('order'),
    id: z.string(),
    order: orderSchema.shape.kind,
    channel: orderSchema.shape.channel,
    atMs: z.number(),
    /** What it did to the wallet. */
    effectMicro: z.number(),
    debtMicro: z.number(),
    receipt: z.int().nullable(),
    beforeMicro: z.number(),
    afterMicro: z.number(),
    /** Empty: of before they were kept with the order. */
    transfers: chargeSchema.shape.transfers,
    reverses: z.string().nullable(),
    reversedBy: z.string().nullable(),
  }),
]);
export type Movement = z.infer<typeof movementSchema>;

export const explanationSchema = z.strictObject({
  site: z.string(),
  timeZone: z.string(),
  wallet: z.string(),
  holder: z.string(),
  /** By name. */
  rooms: z.array(z.string()),
  /** When this was put together, site time. */
  atMs: z.number(),
  notice: z.strictObject({ kind: z.enum(noticeKinds), atMs: z.number(), text: z.string().nullable() }).nullable(),
  /** null: nothing has moved yet, or what moved then is not known. */
  movement: movementSchema.nullable(),
  decisions: z.array(decisionSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;

/** Site days. */
export const LINK_DAYS = { least: 1, usual: 14, most: 90 } as const;

export const explanationLinkSchema = z.strictObject({
  id: z.string(),
  /** Given to the tenant behind the # of `SHARED_SCREEN`; null once it opens nothing any more. */
  token: z.string().nullable(),
  kind: z.enum(['charge', 'order', 'notice', 'moment']),
  subject: z.string(),
  language: z.enum(noticeLanguages),
  /** null: made for a notice. */
  by: z.string().nullable(),
  madeMs: z.number(),
  expiresMs: z.number(),
  revokedBy: z.string().nullable(),
  revokedMs: z.number().nullable(),
});
export type ExplanationLink = z.infer<typeof explanationLinkSchema>;

/** What the holder of a link gets. */
export const sharedSchema = z.strictObject({
  explanation: explanationSchema,
  language: z.enum(noticeLanguages),
  expiresMs: z.number(),
});
export type Shared = z.infer<typeof sharedSchema>;

/** The tenant's page; the token stands behind the #, so that it is in no log of a server and in no Referer. */
export const SHARED_SCREEN = '/why';
/** POST {token}: the explanation, or the same 404 for whatever is wrong with the link. */
export const SHARED_PATH = '/api/shared-explanation';
export const shareRequestSchema = z.strictObject({ token: z.string().max(200) });
