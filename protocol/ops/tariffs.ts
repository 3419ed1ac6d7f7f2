/** Tariffs: their versions, which meters have which, and what a draft would have cost. */
import { z } from 'zod';
import { tariffSchema } from '../tariff.ts';
import { tariffChangeSchema } from '../tariffHistory.ts';
import { auditors, everyone, id, managers, op, page } from './op.ts';

const difference = z.strictObject({
  account: z.string(),
  holder: z.string(),
  meter: z.string(),
  quantity: z.number(),
  paidMicro: z.number(),
  draftMicro: z.number(),
});
export type WhatIfLine = z.infer<typeof difference>;

export const tariffsOps = {
  getTariffs: op({
    kind: 'query',
    method: 'GET',
    path: '/api/tariffs',
    who: everyone,
    scope: 'open',
    summary: 'Tariffs with all their versions and how many meters have them',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(
        z.strictObject({
          tariff: tariffSchema,
          meters: z.int(),
          /** Chosen, and taken up at each meter's next reading. */
          waiting: z.int(),
          /** Local minute up to which use has been charged by it; null: none yet. */
          chargedUntil: z.string().nullable(),
        }),
      ),
    }),
  }),
  getTariffMeters: op({
    kind: 'query',
    method: 'GET',
    path: '/api/tariffs/{tariff}/meters',
    who: everyone,
    scope: 'filtered',
    summary: 'Meters that have, or could have, a tariff',
    params: z.strictObject({ tariff: id }),
    result: z.strictObject({
      items: z.array(
        z.strictObject({
          meter: z.string(),
          room: z.string().nullable(),
          roomName: z.string().nullable(),
          building: z.string().nullable(),
          tenant: z.string().nullable(),
          /** Of its room. */
          tags: z.array(z.string()),
          tariff: z.string(),
          next: z.string().nullable(),
        }),
      ),
    }),
  }),
  getTariffHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/tariffs/{tariff}/history',
    who: auditors,
    scope: 'site',
    summary: 'Who published versions of a tariff or assigned it to meters, who approved it, and when; newest first',
    params: z.strictObject({ tariff: id, ...page }),
    result: z.strictObject({ items: z.array(tariffChangeSchema), cursor: z.string().nullable() }),
  }),
  saveTariff: op({
    kind: 'command',
    method: 'POST',
    path: '/api/tariffs',
    who: managers,
    summary: 'Add a tariff, or a version to one; what has been charged stays as it was',
    params: z.strictObject({ tariff: tariffSchema, isNew: z.boolean() }),
    result: z.strictObject({ tariff: z.string() }),
  }),
  assignTariff: op({
    kind: 'command',
    method: 'POST',
    path: '/api/tariffs/{tariff}/assign',
    who: managers,
    summary: 'Give meters a tariff, from the next reading of each on',
    params: z.strictObject({ tariff: id, meters: z.array(id).min(1).max(10_000) }),
    result: z.strictObject({ chosen: z.int() }),
  }),
  whatIf: op({
    kind: 'query',
    method: 'POST',
    path: '/api/tariffs/what-if',
    who: managers,
    summary: 'What past use of the meters of a tariff would have cost under a draft; some meters a page',
    params: z.strictObject({
      draft: tariffSchema,
      fromMs: z.number(),
      toMs: z.number(),
      cursor: z.int().min(0).default(0),
    }),
    result: z.strictObject({
      items: z.array(difference),
      /** Meters looked at so far, and in all. */
      done: z.int(),
      total: z.int(),
      cursor: z.int().nullable(),
    }),
  }),
} as const;
