/** Meters that keep the money themselves. */
import { z } from 'zod';
import { meterCheckSchema, meterMoneySchema, ownMoneyReasons } from '../meterMoney.ts';
import { admins, controllers, everyone, id, ok, op, reason } from './op.ts';

export const chargingOps = {
  getMeterMoney: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meter-money',
    who: everyone,
    scope: 'filtered',
    summary: 'Meters that keep the money themselves: what stands in them, what is on its way, what a person has to say',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(
        z.strictObject({
          wallet: z.string(),
          account: z.string(),
          holder: z.string(),
          room: z.string().nullable(),
          roomName: z.string().nullable(),
          money: meterMoneySchema,
          /** The last daily comparison; null: none yet. */
          check: meterCheckSchema.nullable(),
        }),
      ),
    }),
  }),
  checkOwnMoney: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meter-money/check',
    who: everyone,
    summary: 'Which meters of a room can keep the money themselves, and why others cannot',
    params: z.strictObject({ room: id }),
    result: z.strictObject({
      meters: z.array(z.strictObject({ meter: z.string(), reasons: z.array(z.enum(ownMoneyReasons)) })),
    }),
  }),
  prepareMeterSwap: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/meter-money/swap',
    who: admins,
    summary: 'Before another meter takes its place: all money of a meter comes back while it answers, or goes in again',
    params: z.strictObject({ wallet: id, action: z.enum(['takeBack', 'putBack']), reason }),
    result: ok,
  }),
  resolveMeterMoney: op({
    kind: 'command',
    method: 'POST',
    path: '/api/wallets/{wallet}/meter-money/resolve',
    who: controllers,
    reauth: true,
    summary: 'Say whether the meter has an order or not, or that its money is as it shows; the book takes that over',
    params: z.strictObject({
      wallet: id,
      /** gone: it will never answer again (only while its account closes); what it held by our book comes back. */
      action: z.enum(['has', 'hasNot', 'adopt', 'gone']),
      /** The purchase count that was looked at: another one by now is refused. */
      count: z.int().min(0).max(0xffff),
      reason,
    }),
    result: ok,
  }),
} as const;
