/** What was paid back to an account lately, and what its end would pay out now. */
import { cashMicro, orderSchema, orderState, type Order } from '../../protocol/orders.ts';
import { askedBackMicro } from '../domain/charging/orders.ts';
import { leftToPayOut } from '../domain/approval/rules.ts';
import { reservedMicro } from '../domain/wallet/refundEvents.ts';
import { standingMicro } from '../domain/wallet/standing.ts';
import { payoutOf } from '../domain/tenancy/payout.ts';
import type { Request } from '../domain/messages.ts';
import type { Core } from './core.ts';
import { accountStatus } from './queries/accounts.ts';

const DAY_MS = 24 * 3_600_000;
const PAGE = 500;

/** What a tenant got or is to get, or lost of a deposit; an order that was taken back does not count. */
function paidOut(order: Order): number {
  const state = orderState(order);
  // It counts once, from when it is reserved.
  if (order.kind === 'refund' && order.payout !== null)
    return state === 'cancelled' || state === 'refused' ? 0 : order.amountMicro;
  if (state !== 'booked' || order.kind === 'payout') return 0;
  return order.kind === 'depositForfeit' ? order.amountMicro : Math.max(0, -cashMicro(order));
}

export async function paidBackMicro(core: Core, account: string | null): Promise<number> {
  if (account === null) return 0;
  const min = core.context().nowMs - DAY_MS;
  let sum = 0;
  let cursor: string | null = null;
  do {
    const ask = { kind: 'order', index: `account:${account}`, newestFirst: true, limit: PAGE, min } as const;
    const page: Awaited<ReturnType<Core['options']['store']['range']>> = await core.options.store.range({
      ...ask,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { value } of page.items) sum += paidOut(orderSchema.parse(value));
    cursor = page.cursor;
  } while (cursor !== null);
  return sum;
}

/** The wallets that an end of the account would settle. */
export function unsettled(core: Core, account: string): string[] {
  const state = core.tenancies.state(account);
  if (state.status === 'settling') return state.settling.map(({ wallet }) => wallet);
  const wallets = core.directory.get('account', account)?.wallets ?? [];
  return wallets.filter((id) => core.wallets.get(id)?.state.settled === undefined);
}

/** What a wallet stands at when it is settled: its balance less what has not been billed. */
export const standingOf = (core: Core, wallet: string): number => {
  const state = core.wallets.get(wallet)?.state;
  return state ? standingMicro(state) : 0;
};

export function payoutNow(core: Core, account: string): number {
  const balances = unsettled(core, account).map((id) => standingOf(core, id));
  return payoutOf(balances, core.tenancies.state(account).depositMicro).payoutMicro;
}

export const metersOfAccount = (core: Core, account: string): string[] =>
  [...core.meters].flatMap(([meter, { state }]) => (state.place.account === account ? [meter] : []));

/** Giving back some of its meters leaves the account open. */
export function closingPays(core: Core, account: string, meters: readonly string[] | undefined): number | null {
  if (!core.directory.get('account', account) || accountStatus(core, account) !== 'open') return null;
  const whole = meters === undefined || new Set(meters).size === metersOfAccount(core, account).length;
  return whole ? payoutNow(core, account) : null;
}

export const settlingPays = (core: Core, account: string): number | null =>
  core.tenancies.state(account).status === 'settling' ? payoutNow(core, account) : null;

/** What one person may still pay out to the account; undefined: the site asks for no second one. */
export async function leftForOne(core: Core, account: string): Promise<number | undefined> {
  const limits = core.directory.site.rules.secondPerson;
  return limits && leftToPayOut(account, limits, { paidBackMicro: (one) => paidBackMicro(core, one) });
}

/** What a settlement may pay out: what was approved, or what needs no approval; undefined: as much as there is. */
export const payoutAtMost = async (core: Core, account: string, request: Request): Promise<number | undefined> =>
  request.approvedMicro ?? (await leftForOne(core, account));

/** Refunds still to be paid out or cancelled, or to come back from a meter. */
export function refundsOf(core: Core, wallets: readonly string[]): { wallet: string; amountMicro: number }[] {
  return wallets.flatMap((wallet) => {
    const state = core.wallets.get(wallet)?.state;
    if (!state) return [];
    const amountMicro = reservedMicro(state.reserved) + (state.charging ? askedBackMicro(state.charging) : 0);
    return amountMicro > 0 ? [{ wallet, amountMicro }] : [];
  });
}
