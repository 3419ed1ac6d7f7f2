/** Money in, out and back. */
import { nanoid } from 'nanoid';
import { orderSchema, type OpParams } from '../../../protocol/ops.ts';
import { parseYuan } from '../../domain/money.ts';
import type { Request, WalletMessage } from '../../domain/messages.ts';
import type { Core } from '../core.ts';
import { refusal, type Routed, type Routes } from './route.ts';

export const moneyRoutes: Routes<'recharge' | 'refund' | 'reverse' | 'grantTemporaryPower' | 'endTemporaryPower'> = {
  recharge: (core, params, request) => moveCash(core, 'Recharge', params, request),
  refund: (core, params, request) => moveCash(core, 'Refund', params, request),
  reverse,
  grantTemporaryPower: (core, { wallet, reason, untilMs, debt }, request) => {
    const debtMicro = debt === null ? null : parseYuan(debt);
    return forWallet(core, wallet, { type: 'GrantTemporary', reason, untilMs, debtMicro, request });
  },
  endTemporaryPower: (core, { wallet, reason }, request) =>
    forWallet(core, wallet, { type: 'EndTemporary', reason, request }),
};

function forWallet(core: Core, wallet: string, message: WalletMessage): Routed {
  return core.wallets.has(wallet)
    ? { to: 'wallet', id: wallet, message }
    : refusal('notFound', 'there is no such wallet');
}

function moveCash(core: Core, type: 'Recharge' | 'Refund', params: OpParams<'recharge'>, request: Request): Routed {
  const { wallet, channel, note } = params;
  const order = `${type === 'Recharge' ? 'R' : 'F'}-${nanoid(12)}`;
  const amountMicro = parseYuan(params.amount);
  return forWallet(core, wallet, { type, order, amountMicro, channel, note, request });
}

async function reverse(core: Core, { order, note }: OpParams<'reverse'>, request: Request): Promise<Routed> {
  const value = await core.options.store.get('order', order);
  if (!value) return refusal('notFound', 'there is no such order');
  const original = orderSchema.parse(value);
  if (original.reversedBy !== null) return refusal('alreadyReversed', 'this order has been taken back already');
  const { id, kind, wallet, amountMicro, channel } = original;
  if ((kind !== 'recharge' && kind !== 'refund') || wallet === null)
    return refusal('invalid', `a ${kind} is not taken back by this; enter a new order`);
  return {
    to: 'wallet',
    id: wallet,
    message: {
      type: 'Reverse',
      order: `V-${nanoid(12)}`,
      original: { id, kind, amountMicro, channel, value },
      note,
      request,
    },
  };
}
