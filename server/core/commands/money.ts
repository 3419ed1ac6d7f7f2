/** Money in, out and back. */
import { nanoid } from 'nanoid';
import { orderSchema, type OpOutcome, type OpParams, type Order } from '../../../protocol/ops.ts';
import { parseYuan } from '../../domain/money.ts';
import type { Request, WalletMessage } from '../../domain/messages.ts';
import { limitsOf } from '../../domain/wallet/limits.ts';
import type { Core } from '../core.ts';
import { accountStatus } from '../queries/accounts.ts';
import { oldestReadingMs } from '../queries/views.ts';
import { configure, refusal, type Routed, type Routes } from './route.ts';

export const moneyRoutes: Routes<
  | 'recharge'
  | 'refund'
  | 'reverse'
  | 'payOutRefund'
  | 'cancelRefund'
  | 'readWallet'
  | 'printReceipt'
  | 'setSellingRules'
  | 'receiveSuspense'
  | 'assignSuspense'
  | 'returnSuspense'
  | 'grantTemporaryPower'
  | 'endTemporaryPower'
  | 'setThresholds'
  | 'setCreditLimit'
> = {
  recharge: (core, { wallet, amount, channel, note }, request) => {
    const order = `R-${nanoid(12)}`;
    return forWallet(core, wallet, { type: 'Recharge', order, amountMicro: parseYuan(amount), channel, note, request });
  },
  refund,
  payOutRefund: async (core, { order, reference }, request) => {
    const original = await refundOf(core, order);
    if (!original) return refusal('notFound', 'there is no such refund');
    if (original.channel !== 'cash' && reference === '')
      return refusal('invalid', 'reference: what proves that the money was sent');
    return forRefund(core, original, { type: 'PayOut', order: `P-${nanoid(12)}`, original, reference, request });
  },
  cancelRefund: async (core, { order, note }, request) => {
    const original = await refundOf(core, order);
    if (!original) return refusal('notFound', 'there is no such refund');
    return forRefund(core, original, { type: 'ReleaseRefund', order: `X-${nanoid(12)}`, original, note, request });
  },
  readWallet,
  reverse,
  setSellingRules: (core, { balanceMax }, request) => {
    const { site } = core.directory;
    const value = { ...site, rules: { ...site.rules, balanceMax } };
    return configure(core, request, [{ kind: 'site', id: 'site', value }], { ok: true });
  },
  receiveSuspense: (core, { amount, channel, note }, request) => {
    const order = `U-${nanoid(12)}`;
    return core.cashbook.decide(
      { type: 'ReceiveSuspense', order, amountMicro: parseYuan(amount), channel, note },
      request,
    );
  },
  assignSuspense,
  returnSuspense: async (core, { order, note }, request) => {
    const original = await suspended(core, order);
    if (!original) return refusal('notFound', 'there is no such money in suspense');
    return core.cashbook.decide({ type: 'ReturnSuspense', order: `B-${nanoid(12)}`, original, note }, request);
  },
  printReceipt: (core, { order }, request) => core.receipts.print(order, request),
  grantTemporaryPower: (core, { wallet, reason, untilMs, debt }, request) => {
    const debtMicro = debt === null ? null : parseYuan(debt);
    return forWallet(core, wallet, { type: 'GrantTemporary', reason, untilMs, debtMicro, request });
  },
  endTemporaryPower: (core, { wallet, reason }, request) =>
    forWallet(core, wallet, { type: 'EndTemporary', reason, request }),
  setThresholds,
  setCreditLimit: (core, { wallet, limit }, request) => {
    const limitMicro = parseYuan(limit);
    const thresholdsMicro = limitMicro === 0 ? [] : [-limitMicro];
    const levels = { payment: 'postpaid', thresholdsMicro, overdraftMicro: 0, restoreMicro: null } as const;
    return forWallet(core, wallet, { type: 'SetThresholds', ...levels, request });
  },
};

function forWallet(core: Core, wallet: string, message: WalletMessage): Routed {
  return core.wallets.has(wallet)
    ? { to: 'wallet', id: wallet, message }
    : refusal('notFound', 'there is no such wallet');
}

/** While an account is being closed its settlement pays out what is left: two payments of the same money never meet. */
function refund(core: Core, { wallet, amount, channel, note }: OpParams<'refund'>, request: Request): Routed {
  const account = core.wallets.get(wallet)?.state.account;
  const status = account === undefined ? 'open' : accountStatus(core, account);
  if (status === 'closing' || status === 'settling')
    return refusal('accountState', 'the account is being closed: its settlement pays out what is left');
  const readMs = oldestReadingMs(core, wallet);
  const order = `F-${nanoid(12)}`;
  return forWallet(core, wallet, {
    ...{ type: 'Refund', order, amountMicro: parseYuan(amount), channel, note, readMs, request },
  });
}

/** Reserved before, whatever became of it. */
async function refundOf(core: Core, id: string): Promise<Order | null> {
  const value = await core.options.store.get('order', id);
  const order = value && orderSchema.parse(value);
  return order?.kind === 'refund' && order.refused === null && order.payout !== null ? order : null;
}

const forRefund = (core: Core, { wallet }: Order, message: WalletMessage): Routed =>
  forWallet(core, wallet ?? '', message);

async function readWallet(core: Core, { wallet }: OpParams<'readWallet'>, request: Request): Promise<OpOutcome> {
  const state = core.wallets.get(wallet)?.state;
  if (!state) return refusal('notFound', 'there is no such wallet');
  const answered = await configure(core, request, [], { meters: state.meters.length });
  for (const { id } of state.meters) core.lines?.readNow(id);
  return answered;
}

/** Its settlement has been decided on: that alone pays out, and not more than may be. */
function ending(core: Core, wallet: string): boolean {
  const account = core.wallets.get(wallet)?.state.account;
  return account !== undefined && core.tenancies.state(account).settlement !== null;
}
const endingRefusal = refusal('accountState', 'the account is being closed: its settlement pays out what is left');

function setThresholds(core: Core, params: OpParams<'setThresholds'>, request: Request): Routed {
  const { wallet, restore } = params;
  const thresholdsMicro = params.thresholds.map(parseYuan);
  const overdraftMicro = parseYuan(params.overdraft);
  const restoreMicro = restore === null ? null : parseYuan(restore);
  const rising = thresholdsMicro.findIndex((level, i) => i > 0 && level >= (thresholdsMicro[i - 1] ?? Infinity));
  if (rising !== -1) return refusal('invalid', `thresholds.${rising}: levels from the highest to the lowest`);
  // Below it the cut would wait for a warning that nothing gives.
  if ((thresholdsMicro.at(-1) ?? 0) < -overdraftMicro)
    return refusal('invalid', 'thresholds: the lowest lies beyond the overdraft, after the cut');
  if ((restoreMicro ?? limitsOf(core.directory.site.rules).restoreAboveMicro) < -overdraftMicro)
    return refusal('invalid', 'restore: below the balance at which it is cut');
  const levels = { payment: 'prepaid', thresholdsMicro, overdraftMicro, restoreMicro } as const;
  return forWallet(core, wallet, { type: 'SetThresholds', ...levels, request });
}

async function reverse(core: Core, { order, note }: OpParams<'reverse'>, request: Request): Promise<Routed> {
  const value = await core.options.store.get('order', order);
  if (!value) return refusal('notFound', 'there is no such order');
  const original = orderSchema.parse(value);
  if (original.reversedBy !== null) return refusal('alreadyReversed', 'this order has been taken back already');
  const { kind, wallet } = original;
  if (original.payout !== null && original.payout.step !== 'paid')
    return refusal('payoutOver', 'the refund is not paid out: cancel it instead');
  if (original.refused) return refusal('notFound', 'the order was refused: nothing is to be taken back');
  if ((kind !== 'recharge' && kind !== 'refund' && kind !== 'assignment') || wallet === null)
    return refusal('invalid', `a ${kind} is not taken back by this; enter a new order`);
  if (kind !== 'refund' && ending(core, wallet)) return endingRefusal;
  const suspense = original.settles === null ? null : await suspended(core, original.settles);
  return {
    to: 'wallet',
    id: wallet,
    message: { type: 'Reverse', order: `V-${nanoid(12)}`, original, suspense, note, request },
  };
}

async function suspended(core: Core, order: string): Promise<Order | null> {
  const value = await core.options.store.get('order', order);
  const original = value && orderSchema.parse(value);
  return original?.kind === 'suspense' ? original : null;
}

async function assignSuspense(core: Core, params: OpParams<'assignSuspense'>, request: Request): Promise<Routed> {
  const { wallet, note } = params;
  const original = await suspended(core, params.order);
  if (!original) return refusal('notFound', 'there is no such money in suspense');
  if (!core.wallets.has(wallet)) return refusal('invalid', 'wallet: there is no such wallet');
  if (parseYuan(params.amount) !== original.amountMicro)
    return refusal('invalid', 'amount: it is not the amount that came in');
  const order = `A-${nanoid(12)}`;
  return { to: 'wallet', id: wallet, message: { type: 'TakeSuspense', order, original, note, request } };
}
