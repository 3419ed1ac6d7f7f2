/** What the rules of the second person ask of the site as it is. */
import { orderSchema, orderState } from '../../protocol/orders.ts';
import type { Facts } from '../domain/approval/rules.ts';
import { publishMistakes } from '../domain/tariff/publish.ts';
import type { Core } from './core.ts';
import { chargedUntil } from './queries/tariffs.ts';

export function factsOf(core: Core, switchedWith: Facts['switchedWith']): Facts {
  return {
    held: (meters) => core.interlock.held.filter((meter) => meters?.includes(meter) ?? true).length,
    switchedWith,
    coveredBy: (wallet, amountMicro) => (core.wallets.get(wallet)?.state.balanceMicro ?? 0) >= amountMicro,
    doubtful: (id) => {
      const state = core.meters.get(id)?.state;
      if (!state?.config || !state.quarantine) return null;
      const { index, lastGood } = state.quarantine;
      const { utility, ct, pt } = state.config;
      // A register that went round, or a first index: how much it will be is not known beforehand.
      const quantity = index === null || index < lastGood ? lastGood * ct * pt : index - lastGood;
      return { utility, quantity };
    },
    publishable: ({ tariff, isNew }) => {
      const before = core.directory.get('tariff', tariff.id);
      if (isNew !== (before === undefined)) return false;
      return publishMistakes(before, tariff, chargedUntil(core, tariff.id)).length === 0;
    },
    suspendedMicro: (order) => core.cashbook.state.suspense[order]?.amountMicro ?? null,
    rechargeMicro: async (id) => {
      const value = await core.options.store.get('order', id);
      if (!value) return null;
      const order = orderSchema.parse(value);
      return order.kind === 'recharge' && orderState(order) === 'booked' ? order.amountMicro : null;
    },
  };
}
