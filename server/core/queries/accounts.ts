/** Answers about accounts: the list, the page of one, statements. */
import {
  accountStatuses,
  masked,
  seesPersonalData,
  type AccountRow,
  type AccountSort,
  type AccountStatus,
  type AccountView,
  type StatementLine,
} from '../../../protocol/accounts.ts';
import {
  chargeSchema,
  orderSchema,
  type Charge,
  type OpOutcome,
  type OpParams,
  type Order,
} from '../../../protocol/ops.ts';
import type { Who } from '../../../protocol/ipc.ts';
import type { Role } from '../../../protocol/site.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Core } from '../core.ts';
import { buildingsOfAccount } from '../scope.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';
import { openCharges } from './money.ts';
import { walletView } from './views.ts';

export const accountAnswers: Answers<'getAccounts' | 'getAccount' | 'getStatement' | 'getAccountOrders'> = {
  getAccounts: ({ core, who }, params) => durable(core, () => accounts(core, who, params)),
  getAccount: ({ core, who }, { account }) => durable(core, () => account_(core, who.role, account)),
  getStatement: ({ core }, params) => statement(core, params),
  getAccountOrders: async ({ core }, { account, ...page }) =>
    found<'getAccountOrders'>(await pageOf(core, { kind: 'order', index: `account:${account}` }, page, orderSchema)),
};

/** An account of the site file has no life of its own yet: it is open. */
export function accountStatus(core: Core, id: string): AccountStatus {
  const { status } = core.tenancies.state(id);
  if (status !== 'none') return status;
  return core.directory.get('account', id)?.plan ? 'draft' : 'open';
}

function rowOf(core: Core, role: Role, account: ConfigValue<'account'>): AccountRow {
  const { id, name, kind, phone, rooms, wallets, plan, contractUntilMs } = account;
  const status = accountStatus(core, id);
  let balanceMicro = 0;
  let level = 0;
  for (const wallet of wallets) {
    const state = core.wallets.get(wallet)?.state;
    balanceMicro += state?.balanceMicro ?? 0;
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
  const rows = core.directory
    .all('account')
    .filter(
      ({ id }) => buildings === undefined || buildingsOfAccount(core, id)?.some((each) => buildings.includes(each)),
    )
    .map((account) => rowOf(core, role, account))
    .filter(({ status, rooms, id, name, phone }) => {
      if (params.status !== undefined && status !== params.status) return false;
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
      meters: tenancy.move.meters.map(({ meter, wallet, baseline, trouble, placed }) => ({
        ...{ meter, wallet, typed: baseline.kind === 'typed', trouble, placed },
      })),
    },
    settling: tenancy.settling.map(({ wallet, dueMicro }) => ({
      ...{ wallet, dueMicro, balanceMicro: core.wallets.get(wallet)?.state.balanceMicro ?? 0 },
    })),
    openedMs: tenancy.openedMs,
    closedMs: tenancy.closedMs,
  };
  return found<'getAccount'>(view);
}

const lineOfCharge = (charge: Charge): StatementLine => ({
  ...{ id: charge.id, atMs: charge.toMs, kind: 'charge', amountMicro: -charge.amountMicro },
  ...{ balanceAfterMicro: charge.balanceAfterMicro, meter: charge.meter },
  ...{ quantity: charge.toIndex - charge.fromIndex, estimated: charge.estimated, note: charge.tariff },
});

/** A reversal's amount says its direction already; what is paid out leaves the wallet. */
const lineOfOrder = ({ id, atMs, kind, amountMicro, balanceAfterMicro, note }: Order): StatementLine => ({
  ...{ id, atMs, kind, balanceAfterMicro, note, meter: null, quantity: null, estimated: false },
  amountMicro: kind === 'refund' || kind === 'settlement' ? -amountMicro : amountMicro,
});

const newerFirst = (a: StatementLine, b: StatementLine): number => b.atMs - a.atMs || (a.id < b.id ? 1 : -1);

/** Charges and orders of one wallet merged by time; the cursor names the last line given. */
async function statement(core: Core, params: OpParams<'getStatement'>): Promise<OpOutcome> {
  const { wallet, fromMs, toMs, cursor, limit } = params;
  if (!core.wallets.has(wallet)) return notFound('wallet');
  const [, ms = null, last = ''] = cursor === undefined ? [] : (/^(\d+):(.+)$/.exec(cursor) ?? []);
  const max = ms === null ? toMs : Number(ms);
  const bounds = { ...(fromMs === undefined ? {} : { min: fromMs }), ...(max === undefined ? {} : { max }) };
  const index = `wallet:${wallet}`;
  const ask = { index, newestFirst: true, limit: limit + 50, ...bounds } as const;
  const [charges, orders] = await Promise.all([
    core.options.store.range({ kind: 'charge', ...ask }),
    core.options.store.range({ kind: 'order', ...ask }),
  ]);
  const byId = new Map<string, StatementLine>();
  for (const charge of openCharges(core, wallet)) byId.set(charge.id, lineOfCharge(charge));
  for (const { value } of charges.items) byId.set(String(value.id), lineOfCharge(chargeSchema.parse(value)));
  for (const { value } of orders.items) byId.set(String(value.id), lineOfOrder(orderSchema.parse(value)));
  const after = ms === null ? null : { atMs: Number(ms), id: last };
  const lines = [...byId.values()]
    .filter(({ atMs, id }) => {
      if ((toMs !== undefined && atMs > toMs) || (fromMs !== undefined && atMs < fromMs)) return false;
      return after === null || atMs < after.atMs || (atMs === after.atMs && id < after.id);
    })
    .sort(newerFirst);
  const items = lines.slice(0, limit);
  const end = items.at(-1);
  const more = lines.length > limit || charges.cursor !== null || orders.cursor !== null;
  return durable(core, () => found<'getStatement'>({ items, cursor: more && end ? `${end.atMs}:${end.id}` : null }));
}
