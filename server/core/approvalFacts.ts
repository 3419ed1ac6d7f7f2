/** What the rules of the second person ask of the site as it is. */
import { orderSchema, orderState } from '../../protocol/orders.ts';
import type { Facts } from '../domain/approval/rules.ts';
import { refundableMicro } from '../domain/charging/orders.ts';
import { parseQuantity } from '../domain/quantity.ts';
import { publishMistakes } from '../domain/tariff/publish.ts';
import type { Core } from './core.ts';
import { closingPays, paidBackMicro, settlingPays } from './payouts.ts';
import { chargedUntil } from './queries/tariffs.ts';

/** A register reading as the meter shows it, on the primary side; null: there is no such meter. */
export function primaryIndex(core: Core, meter: string, reading: string): number | null {
  const config = core.meters.get(meter)?.state.config;
  return config ? parseQuantity(reading) * config.ct * config.pt : null;
}

export const metersOfPlan = (core: Core, plan: string): string[] =>
  [...core.meters].flatMap(([id, { state }]) => (state.controlPlan === plan ? id : []));

export const breakersIn = (core: Core, room: string): string[] =>
  [...core.meters].flatMap(([id, { state }]) => (state.place.room === room && state.config?.hasBreaker ? id : []));

export function factsOf(core: Core, switchedWith: Facts['switchedWith']): Facts {
  return {
    held: (meters) => core.interlock.held.filter((meter) => meters?.includes(meter) ?? true).length,
    switchedWith,
    accountOf: (wallet) => core.wallets.get(wallet)?.state.account ?? null,
    paidBackMicro: (account) => paidBackMicro(core, account),
    closingPays: (account, meters) => closingPays(core, account, meters),
    settlingPays: (account) => settlingPays(core, account),
    coveredBy: (wallet, amountMicro) => {
      const state = core.wallets.get(wallet)?.state;
      // Where its meter keeps the money, that is asked for it.
      return state !== undefined && Math.max(state.balanceMicro, refundableMicro({ state })) >= amountMicro;
    },
    doubtful: (id) => {
      const state = core.meters.get(id)?.state;
      if (!state?.config || !state.quarantine) return null;
      const { index, lastGood } = state.quarantine;
      const { utility, ct, pt } = state.config;
      // A register that went round, or a first index: how much it will be is not known beforehand.
      const quantity = index === null || index < lastGood ? lastGood * ct * pt : index - lastGood;
      return { utility, quantity };
    },
    corrected: (id, reading) => {
      const state = core.meters.get(id)?.state;
      const index = primaryIndex(core, id, reading);
      if (!state?.config || !state.quarantine || index === null) return null;
      return { utility: state.config.utility, quantity: Math.max(0, index - (state.anchor?.index ?? index)) };
    },
    publishable: ({ tariff, isNew }) => {
      const before = core.directory.get('tariff', tariff.id);
      if (isNew !== (before === undefined)) return false;
      return publishMistakes(before, tariff, chargedUntil(core, tariff.id)).length === 0;
    },
    metersOfPlan: (plan) => metersOfPlan(core, plan),
    breakersIn: (room) => breakersIn(core, room),
    suspendedMicro: (order) => core.cashbook.state.suspense[order]?.amountMicro ?? null,
    rechargeOf: async (id) => {
      const value = await core.options.store.get('order', id);
      if (!value) return null;
      const order = orderSchema.parse(value);
      return order.kind === 'recharge' && orderState(order) === 'booked' ? order : null;
    },
  };
}
