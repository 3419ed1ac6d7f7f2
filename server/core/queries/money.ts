/** Answers about wallets: charges, orders, who is low on money. */
import { chargeSchema, orderSchema, type Charge, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import { chargeValue } from '../../domain/wallet/decide.ts';
import { chargedOf } from '../../domain/wallet/state.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';
import { walletView } from './views.ts';

export const moneyAnswers: Answers<'getCharges' | 'getOrders' | 'getLowMoney'> = {
  getCharges: ({ core }, params) => charges(core, params),
  getOrders: async ({ core }, { wallet, ...page }) =>
    found<'getOrders'>(await pageOf(core, { kind: 'order', index: `wallet:${wallet}` }, page, orderSchema)),
  getLowMoney: ({ core }) => durable(core, () => lowMoney(core)),
};

/** Finished quarter hours from records, and on the first page the ones still open from the wallet itself. */
async function charges(core: Core, { wallet, ...page }: OpParams<'getCharges'>): Promise<OpOutcome> {
  const cell = core.wallets.get(wallet);
  if (!cell) return notFound('wallet');
  const open = page.cursor === undefined ? openCharges(core, wallet) : [];
  const stored = await pageOf(core, { kind: 'charge', index: `wallet:${wallet}` }, page, chargeSchema);
  const known = new Set(stored.items.map((item) => item.id));
  const items = [...open.filter((item) => !known.has(item.id)), ...stored.items].sort((a, b) => b.toMs - a.toMs);
  return durable(core, () => found<'getCharges'>({ items, cursor: stored.cursor }));
}

export function openCharges(core: Core, wallet: string): Charge[] {
  const state = core.wallets.get(wallet)?.state;
  if (!state) return [];
  return state.meters.flatMap(({ id, tariff }) => {
    const chunk = chargedOf(state, id)?.chunk;
    return chunk
      ? [chargeSchema.parse(chargeValue({ id: wallet, utilityOf: core.pricing.utilityOf }, state, id, tariff, chunk))]
      : [];
  });
}

function lowMoney(core: Core): OpOutcome {
  const items = [];
  for (const [id, { state }] of core.wallets) {
    if (state.level === 0) continue;
    const wallet = walletView(core, id);
    const room = state.rooms[0] ?? null;
    if (wallet)
      items.push({ wallet, room, roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? null) });
  }
  items.sort((a, b) => a.wallet.balanceMicro - b.wallet.balanceMicro);
  return found<'getLowMoney'>({ items });
}
