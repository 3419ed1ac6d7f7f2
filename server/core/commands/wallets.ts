/** Several wallets of one account: more of them, which meter draws on which, money between them. */
import { nanoid } from 'nanoid';
import type { OpParams } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import { parseYuan } from '../../domain/money.ts';
import type { Core } from '../core.ts';
import { accountStatus, paymentOf } from '../queries/accounts.ts';
import { baselineOf, checkLevels, mayDrawOn, newWallet, walletTaken } from './accounts.ts';
import { refusal, type Routed, type Routes } from './route.ts';

export const walletRoutes: Routes<'addWallet' | 'renameWallet' | 'moveMeters' | 'transferMoney'> = {
  addWallet,
  moveMeters,
  renameWallet: (core, { wallet, name }, request) =>
    core.wallets.get(wallet)?.state.kind === 'tenant'
      ? { to: 'wallet', id: wallet, message: { type: 'Rename', name, request } }
      : refusal('notFound', 'there is no such wallet'),
  transferMoney: (core, { wallet, to, amount, note }, request) => {
    if (!core.wallets.has(wallet)) return refusal('notFound', 'there is no such wallet');
    if (core.actors.isParked(`wallet:${to}`)) return refusal('parked', `wallet:${to} has stopped after an error`);
    const order = `T-${nanoid(12)}`;
    const amountMicro = parseYuan(amount);
    return { to: 'wallet', id: wallet, message: { type: 'Transfer', to, amountMicro, order, note, request } };
  },
};

const WALLETS_MAX = 20;

function addWallet(core: Core, params: OpParams<'addWallet'>, request: Request): Routed {
  const { account: id, newWallet: planned, creditLimit } = params;
  const payment = paymentOf(core, id);
  const account = core.directory.get('account', id);
  if (!account) return refusal('notFound', 'there is no such account');
  if (accountStatus(core, id) !== 'open') return refusal('accountState', 'the account is not open');
  if (walletTaken(core, planned.id)) return refusal('invalid', `newWallet.id: ${planned.id} is taken already`);
  if (!checkLevels(planned.thresholds))
    return refusal('invalid', 'newWallet.thresholds: levels from the highest to the lowest');
  const live = account.wallets.filter((wallet) => !core.wallets.get(wallet)?.state.settled);
  if (live.length >= WALLETS_MAX) return refusal('invalid', `newWallet.id: ${WALLETS_MAX} wallets at most`);
  return {
    to: 'tenancy',
    id,
    message: {
      ...{ type: 'StartOpening', whole: false, holder: account.name, rooms: account.rooms, request },
      ...{ wallets: [newWallet({ ...planned, firstRecharge: null }, { payment, creditLimit })] },
      ...{ meters: [], deposit: null },
    },
  };
}

const charges = (core: Core, wallet: string | null): boolean =>
  wallet !== null && core.wallets.get(wallet)?.state.charging !== undefined;

function moveMeters(core: Core, params: OpParams<'moveMeters'>, request: Request): Routed {
  const { account: id, meters, typed } = params;
  const account = core.directory.get('account', id);
  if (!account) return refusal('notFound', 'there is no such account');
  if (accountStatus(core, id) !== 'open') return refusal('accountState', 'the account is not open');
  const seen = new Set<string>();
  for (const [i, { meter, wallet }] of meters.entries()) {
    const place = core.meters.get(meter)?.state.place;
    if (place?.account !== id) return refusal('invalid', `meters.${i}.meter: ${meter} is no meter of this account`);
    if (seen.has(meter)) return refusal('invalid', `meters.${i}.meter: ${meter} stands here twice`);
    seen.add(meter);
    const mover = core.tenancies.mover(meter);
    if (mover !== null)
      return refusal('invalid', `meters.${i}.meter: ${meter} is changing hands already, with ${mover}`);
    if (!mayDrawOn(core, id, wallet))
      return refusal('invalid', `meters.${i}.wallet: a wallet of the account that is not for fees`);
    if (charges(core, place.wallet) || charges(core, wallet))
      return refusal('keptByMeter', `meters.${i}.wallet: a meter keeps the money of one of the two wallets`);
    if (place.wallet === wallet) return refusal('invalid', `meters.${i}.wallet: ${meter} draws on ${wallet} already`);
  }
  return {
    to: 'tenancy',
    id,
    message: {
      ...{ type: 'StartOpening', whole: false, holder: account.name, rooms: account.rooms, request },
      ...{ wallets: [], deposit: null },
      meters: meters.map(({ meter, wallet }) => {
        const state = core.meters.get(meter)?.state;
        return {
          ...{ meter, wallet, room: state?.place.room ?? null, tariff: state?.config?.tariff ?? '' },
          baseline: baselineOf(core, meter, typed, request.operator),
        };
      }),
    },
  };
}
