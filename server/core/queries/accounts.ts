/** Answers about accounts: the list, the page of one. */
import {
  accountStatuses,
  masked,
  seesPersonalData,
  type AccountRow,
  type AccountSort,
  type AccountStatus,
  type AccountView,
} from '../../../protocol/accounts.ts';
import { orderSchema, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import type { Who } from '../../../protocol/ipc.ts';
import type { Role } from '../../../protocol/site.ts';
import type { Payment } from '../../../protocol/meterMoney.ts';
import { ownMicro } from '../../domain/wallet/standing.ts';
import type { ConfigValue } from '../../domain/config.ts';
import { endsSoon } from '../../domain/notice/contract.ts';
import type { Core } from '../core.ts';
import { buildingsOfAccount } from '../scope.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';
import { walletView } from './views.ts';

export const accountAnswers: Answers<'getAccounts' | 'getAccount' | 'getAccountOrders'> = {
  getAccounts: ({ core, who }, params) => durable(core, () => accounts(core, who, params)),
  getAccount: ({ core, who }, { account }) => durable(core, () => account_(core, who.role, account)),
  getAccountOrders: async ({ core }, { account, ...page }) =>
    found<'getAccountOrders'>(await pageOf(core, { kind: 'order', index: `account:${account}` }, page, orderSchema)),
};

/** An account of the site file has no life of its own yet: it is open. */
export function accountStatus(core: Core, id: string): AccountStatus {
  const { status } = core.tenancies.state(id);
  if (status !== 'none') return status;
  return core.directory.get('account', id)?.plan ? 'draft' : 'open';
}

const standingOf = (core: Core, wallet: string): number => {
  const state = core.wallets.get(wallet)?.state;
  return state ? ownMicro(state) : 0;
};

/** Of one that is open or was, as its wallets are; else as it is planned. */
export function paymentOf(core: Core, id: string): Payment {
  const account = core.directory.get('account', id);
  if (account?.plan) return account.plan.payment;
  const isPostpaid = account?.wallets.some((wallet) => core.wallets.get(wallet)?.state.payment === 'postpaid');
  return isPostpaid ? 'postpaid' : (account?.payment ?? 'prepaid');
}

function rowOf(core: Core, role: Role, account: ConfigValue<'account'>): AccountRow {
  const { id, name, kind, phone, rooms, wallets, plan, contractUntilMs } = account;
  const status = accountStatus(core, id);
  let balanceMicro = 0;
  let level = 0;
  for (const wallet of wallets) {
    const state = core.wallets.get(wallet)?.state;
    balanceMicro += standingOf(core, wallet);
    level = Math.max(level, state?.level ?? 0);
  }
  const shown = rooms.length > 0 ? rooms : status === 'draft' ? (plan?.rooms ?? []) : core.tenancies.state(id).rooms;
  return {
    ...{ id, name, kind: kind ?? 'person', status, balanceMicro, level },
    phone: phone === null || seesPersonalData(role) ? phone : masked(phone),
    rooms: shown.map((room) => ({ id: room, name: core.directory.rooms.get(room)?.name ?? room })),
    depositMicro: core.tenancies.state(id).depositMicro,
    contractUntilMs: contractUntilMs ?? null,
  };
}

const byName = new Intl.Collator('zh', { numeric: true });

/** What is not known comes last, whichever way; equals stay in the order of their ids, so that pages do not overlap. */
function inOrder(sort: AccountSort, descending: boolean): (a: AccountRow, b: AccountRow) => number {
  const way = descending ? -1 : 1;
  const valueOf = (row: AccountRow): string | number | null => {
    switch (sort) {
      case 'name':
      case 'id':
      case 'phone':
        return row[sort];
      case 'status':
        return accountStatuses.indexOf(row.status);
      case 'rooms':
        return row.rooms[0]?.name ?? null;
      case 'balance':
        return row.balanceMicro;
      case 'deposit':
        return row.depositMicro;
      case 'contractUntil':
        return row.contractUntilMs;
    }
  };
  return (a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || (a.id < b.id ? -1 : 1);
    const compared = typeof x === 'number' && typeof y === 'number' ? x - y : byName.compare(String(x), String(y));
    return way * compared || (a.id < b.id ? -1 : 1);
  };
}

function accounts(core: Core, { role, buildings }: Who, params: OpParams<'getAccounts'>): OpOutcome {
  const wanted = params.text?.trim().toLowerCase();
  const { nowMs } = core.context();
  const { contractDays } = core.notices.settings.rules;
  const rows = core.directory
    .all('account')
    .filter(({ contractUntilMs }) => params.ending === 'false' || endsSoon(contractUntilMs, nowMs, contractDays))
    .filter(
      ({ id }) => buildings === undefined || buildingsOfAccount(core, id)?.some((each) => buildings.includes(each)),
    )
    .map((account) => rowOf(core, role, account))
    .filter(({ status, rooms, id, name, phone }) => {
      if (params.status !== undefined && status !== params.status) return false;
      if (params.ending === 'true' && status !== 'open') return false;
      if (
        params.building !== undefined &&
        !rooms.some((room) => core.directory.rooms.get(room.id)?.building === params.building)
      )
        return false;
      if (!wanted) return true;
      return [id, name, phone ?? '', ...rooms.map((room) => room.name)].some((text) =>
        text.toLowerCase().includes(wanted),
      );
    })
    .sort(inOrder(params.sort, params.descending === 'true'));
  const from = Number(params.cursor ?? 0);
  const items = rows.slice(from, from + params.limit);
  const next = from + items.length;
  return found<'getAccounts'>({
    ...{ items, total: rows.length, cursor: next < rows.length ? String(next) : null },
    balanceMicro: rows.reduce((sum, { balanceMicro }) => sum + balanceMicro, 0),
    depositMicro: rows.reduce((sum, { depositMicro }) => sum + depositMicro, 0),
  });
}

function nameOf(core: Core, id: string | undefined): AccountView['successor'] {
  const account = id === undefined ? undefined : core.directory.get('account', id);
  return account ? { id: account.id, name: account.name } : null;
}

function account_(core: Core, role: Role, id: string): OpOutcome {
  const account = core.directory.get('account', id);
  if (!account) return notFound('account');
  const tenancy = core.tenancies.state(id);
  const sees = (text: string): string => (seesPersonalData(role) ? text : masked(text));
  const view: AccountView = {
    ...rowOf(core, role, account),
    details: {
      ...{ kind: account.kind ?? 'person', contact: account.contact ?? '', email: sees(account.email ?? '') },
      ...{ language: account.language ?? 'zh', idNumber: sees(account.idNumber ?? '') },
      ...{ invoiceTitle: account.invoiceTitle ?? '', note: account.note ?? '' },
      ...{ contractFromMs: account.contractFromMs ?? null, contractUntilMs: account.contractUntilMs ?? null },
    },
    payment: paymentOf(core, id),
    wallets: account.wallets.flatMap((wallet) => walletView(core, wallet) ?? []),
    meters: [...core.meters].flatMap(([meter, { state }]) => {
      const { config, place, anchor } = state;
      if (place.account !== id || !config || place.wallet === null) return [];
      const { utility, tariff } = config;
      return [{ id: meter, utility, room: place.room, wallet: place.wallet, tariff, index: anchor?.index ?? null }];
    }),
    arrearsCut: account.arrearsCut ?? null,
    plan: account.plan ?? null,
    move: tenancy.move && {
      ...{ kind: tenancy.move.kind, whole: tenancy.move.whole, sinceMs: tenancy.move.sinceMs },
      meters: tenancy.move.meters.map(({ meter, wallet, baseline, trouble, placed, keeps }) => ({
        ...{ meter, wallet, typed: baseline.kind === 'typed', trouble, placed, keepsMoney: keeps !== undefined },
      })),
    },
    settling: tenancy.settling.map(({ wallet, dueMicro }) => ({
      ...{ wallet, dueMicro, balanceMicro: standingOf(core, wallet) },
    })),
    settlementHeld: tenancy.held === true,
    successor: nameOf(core, account.successor),
    predecessor: nameOf(core, account.predecessor),
    openedMs: tenancy.openedMs,
    closedMs: tenancy.closedMs,
    ...(account.takenOver && { takenOver: takenOverOf(account.takenOver) }),
  };
  return found<'getAccount'>(view);
}

function takenOverOf({
  takeover,
  atMs,
  what,
}: NonNullable<ConfigValue<'account'>['takenOver']>): AccountView['takenOver'] {
  const { wallets, depositMicro, purchases, meters } = what;
  return { takeover, atMs, wallets, depositMicro, purchases, meters };
}
