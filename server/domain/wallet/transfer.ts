/**
 * Money from one wallet of an account to another. Both events stand in one commit, so that the money is in one of the two
 * at any moment; the wallet that gains is woken to follow its balance, and looks again by itself after a restart.
 */
import type { Refusal } from '../../../protocol/ops.ts';
import type { Order } from '../../../protocol/orders.ts';
import type { Transfer } from '../ledger.ts';
import { accept, refuse, type WalletMessage } from '../messages.ts';
import { newOrder, orderRecord } from '../order.ts';
import { evolveWallet } from './evolve.ts';
import { overLimit } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { standingMicro } from './standing.ts';
import type { WalletEvent, WalletState } from './state.ts';

type Message = Extract<WalletMessage, { type: 'Transfer' }>;
type Side = { readonly id: string; readonly order: string };

/** What stands against it; null: nothing. */
function against(out: Outcome, { to, amountMicro }: Message): readonly [Refusal, string] | null {
  const { state, context } = out;
  if (to === context.id) return ['invalid', 'to: another wallet than the one it comes from'];
  const target = context.wallet(to);
  if (!target || state.kind === 'owner' || target.account !== state.account)
    return ['invalid', 'to: a wallet of the same account'];
  if (state.settled || target.settled) return ['accountState', 'the wallet has been settled'];
  if (state.charging || target.charging) return ['keptByMeter', 'a meter keeps the money of one of the two wallets'];
  if (amountMicro > standingMicro(state)) return ['insufficientBalance', 'more than the wallet holds'];
  const over = overLimit(target.balanceMicro, amountMicro, context.rules);
  return over === null ? null : ['balanceLimit', over];
}

export function transfer(out: Outcome, message: Message): void {
  const { to, amountMicro, note, request } = message;
  const { context } = out;
  const by = request.operator;
  const here: Side = { id: context.id, order: message.order };
  const there: Side = { id: to, order: `${message.order}-in` };
  const no = against(out, message);
  if (no) {
    const [refusal, detail] = no;
    const order = orderOf(out, out.state, here, there, -amountMicro, message);
    out.records.push(orderRecord({ ...order, refused: { refusal, detail } }));
    return void out.effects.push(refuse(request, refusal, detail));
  }
  const transfers = [transferBetween(here, there, -amountMicro)];
  const eventOf = (own: Side, other: Side, signedMicro: number): WalletEvent => ({
    ...{ type: 'MoneyTransferred', order: own.order, other: { wallet: other.id, order: other.order } },
    ...{ amountMicro: signedMicro, by, note, transfers: own === here ? transfers : [] },
  });
  out.emit(eventOf(here, there, -amountMicro));
  const gained = eventOf(there, here, amountMicro);
  out.across = { wallet: to, event: gained };
  const target = context.wallet(to);
  const order = orderOf(out, out.state, here, there, -amountMicro, message);
  out.records.push(orderRecord(order));
  if (target)
    out.records.push(orderRecord(orderOf(out, evolveWallet(target, gained), there, here, amountMicro, message)));
  out.note('Transferred', by, { order: order.id, other: to, amountMicro, balanceMicro: order.balanceAfterMicro });
  out.sends.push({ to: 'wallet', id: to, message: { type: 'Wake', name: 'money' } });
  const { effect, record } = accept(request, order, context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

/** `signedMicro`: what the first one gains. */
function transferBetween(own: Side, other: Side, signedMicro: number): Transfer {
  const [from, to] = signedMicro < 0 ? [own, other] : [other, own];
  return { from: `wallet:${from.id}`, to: `wallet:${to.id}`, amountMicro: Math.abs(signedMicro) };
}

/** No channel brought it: it says the one that shows least. */
function orderOf(
  out: Outcome,
  state: WalletState,
  own: Side,
  other: Side,
  amountMicro: number,
  { note, request }: Message,
): Order {
  return newOrder({
    ...{ id: own.order, kind: 'transfer', wallet: own.id, account: state.account, holder: state.holder },
    ...{ room: state.rooms[0] ?? null, amountMicro, channel: 'transfer', balanceAfterMicro: standingMicro(state) },
    ...{ atMs: out.context.nowMs, by: request.operator, note, other: { wallet: other.id, order: other.order } },
    transfers: [transferBetween(own, other, amountMicro)],
  });
}
