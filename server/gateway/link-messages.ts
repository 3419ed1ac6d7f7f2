/** Decoders of what the core sends. */
import { z } from 'zod';
import { roles } from '../../protocol/site.ts';
import { sharedSchema } from '../../protocol/explanations.ts';
import { outgoingNoticeSchema } from '../../protocol/notices.ts';
import { refusals } from '../../protocol/ops.ts';
import { alarmSchema, layoutSchema, statusSchema, type Tile } from '../../protocol/wall.ts';
import type { CoreToGateway, InternalAnswer } from '../../protocol/ipc.ts';

/**
 * Of a tile the gateway reads only these two; the rest is handed on as it is, from the core's own typed code over a private
 * channel, so it is not walked again here.
 */
const relayedTile = z.custom<Tile>((value) => {
  if (typeof value !== 'object' || value === null || !('room' in value) || !('building' in value)) return false;
  return typeof value.room === 'string' && typeof value.building === 'string';
}, 'a tile');

const refusalNames = Object.keys(refusals) as (keyof typeof refusals)[];

export const coreToGatewaySchema: z.ZodType<CoreToGateway> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), layout: layoutSchema, alarmSeq: z.int(), alarms: z.array(alarmSchema) }),
  z.object({
    type: z.literal('wall'),
    batch: z.int(),
    tiles: z.array(relayedTile),
    moves: z.array(z.object({ building: z.string(), bytes: z.string() })),
    pulsesMonoMs: z.array(z.number()),
    whole: z.boolean(),
  }),
  z.object({ type: z.literal('alarm'), alarm: alarmSchema }),
  z.object({ type: z.literal('status'), status: statusSchema }),
  z.object({
    type: z.literal('outcome'),
    id: z.int(),
    outcome: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), result: z.unknown() }),
      z.object({
        ok: z.literal(false),
        refusal: z.enum(refusalNames),
        detail: z.string(),
        approval: z.string().optional(),
      }),
    ]),
  }),
  z.object({ type: z.literal('answer'), id: z.int(), answer: z.unknown() }),
  z.object({ type: z.literal('sessionsEnded'), tokenHashes: z.array(z.string()) }),
  z.object({ type: z.literal('deliver'), notice: outgoingNoticeSchema }),
  z.object({ type: z.literal('stop') }),
]);

const personOf = {
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  buildings: z.array(z.string()).nullable(),
};

export const answerSchemas: { readonly [A in keyof InternalAnswer]: z.ZodType<InternalAnswer[A]> } = {
  operatorForLogin: z.object({
    waitMs: z.number(),
    operator: z.object({ ...personOf, passwordHash: z.string() }).nullable(),
  }),
  passwordRight: z.literal(true),
  passwordWrong: z.literal(true),
  passwordSet: z.literal(true),
  invitation: z.object({ name: z.string(), displayName: z.string(), role: z.enum(roles) }).nullable(),
  invitationUse: z.boolean(),
  sessionPut: z.literal(true),
  sessionGet: z
    .object({
      operator: z.string(),
      displayName: z.string(),
      role: z.enum(roles),
      buildings: z.array(z.string()).nullable(),
      csrf: z.string(),
      sinceMs: z.number(),
      seenMs: z.number(),
      expiresMs: z.number(),
      provedMs: z.number(),
      address: z.string(),
      browser: z.string(),
    })
    .nullable(),
  sessionDelete: z.literal(true),
  setupOpen: z.boolean(),
  setupUse: z.boolean(),
  sharedExplanation: sharedSchema.nullable(),
  health: z.object({
    healthy: z.boolean(),
    schedulers: z.boolean(),
    store: z.boolean(),
    ledgerZero: z.boolean(),
    parked: z.array(z.string()),
    silentLines: z.array(z.string()),
    silentMeters: z.array(z.string()),
  }),
  metrics: z.string(),
};
