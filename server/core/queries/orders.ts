/** Answers about all orders of the site: the list, its totals, one receipt. Read from records, a page at a time. */
import type { Who } from '../../../protocol/ipc.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import {
  cashMicro,
  channels,
  orderKinds,
  orderSchema,
  orderState,
  type Order,
  type OrderRow,
} from '../../../protocol/orders.ts';
import type { Core } from '../core.ts';
import { buildingOfRoom, buildingsOfAccount } from '../scope.ts';
import { durable, found, notFound, type Answers } from './answer.ts';

/** Read at once: a few milliseconds of the core's time. */
const PAGE = 250;
/** Looked at for one answer of a list: a rare search goes on from its cursor. */
const LOOKED_MAX = 10_000;
/** Looked at for totals, and to sort by amount. */
const WHOLE_MAX = 100_000;

export const orderAnswers: Answers<'getSiteOrders' | 'getOrderTotals' | 'getReceipt' | 'getSellingRules'> = {
  getSiteOrders: async ({ core, who }, params) => {
    await recorded(core);
    const one = params.cursor === undefined ? await named(core, params.text?.trim() ?? '') : null;
    if (one) {
      const fits = new Search(core, who, { ...params, text: undefined }).fits(one);
      return found<'getSiteOrders'>({ items: fits ? [rowOf(core, one)] : [], cursor: null, searchedMs: null });
    }
    return params.sort === 'time' ? byTime(core, who, params) : byAmount(core, who, params);
  },
  getOrderTotals: async ({ core, who }, params) => {
    await recorded(core);
    return totals(core, who, params);
  },
  getSellingRules: ({ core }) =>
    durable(core, () => found<'getSellingRules'>({ balanceMax: core.directory.site.rules.balanceMax })),
  getReceipt: async ({ core }, { order }) => {
    const receipt = await core.receipts.view(order);
    return receipt ? found<'getReceipt'>(receipt) : notFound('receipt');
  },
};

const recorded = (core: Core): Promise<void> => new Promise((resolve) => core.committer.whenDurable(resolve));

/** An order's whole id, or a receipt's number as it is printed, names one order. */
async function named(core: Core, text: string): Promise<Order | null> {
  const { store } = core.options;
  const value = text === '' ? null : await store.get('order', text);
  if (value) return orderSchema.parse(value);
  if (!/^\d{8}$/.test(text)) return null;
  const number = Number(text);
  const page = await store.range({ kind: 'order', index: 'receipt', min: number, max: number, limit: 1 });
  return page.items[0] ? orderSchema.parse(page.items[0].value) : null;
}

function rowOf(core: Core, order: Order): OrderRow {
  const account = order.account === null ? undefined : core.directory.get('account', order.account);
  const room = order.room ?? account?.rooms[0] ?? null;
  return {
    ...order,
    holder: order.holder === '' ? (account?.name ?? '') : order.holder,
    room,
    walletName: core.wallets.get(order.wallet ?? '')?.state.name ?? '',
    roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? room),
  };
}

type Filter = OpParams<'getOrderTotals'>;

class Search {
  readonly #core: Core;
  readonly #buildings: readonly string[] | undefined;
  readonly #filter: Filter;
  readonly #text: string;

  constructor(core: Core, { buildings }: Who, filter: Filter) {
    this.#core = core;
    this.#buildings = buildings;
    this.#filter = filter;
    this.#text = filter.text?.trim().toLowerCase() ?? '';
  }

  fits(order: Order): boolean {
    const { kind, state, channel, operator, fromMs, toMs } = this.#filter;
    return (
      (kind === undefined || order.kind === kind) &&
      // A transfer came and went by no channel.
      (channel === undefined || (order.channel === channel && order.kind !== 'transfer')) &&
      (operator === undefined || order.by === operator) &&
      (state === undefined || orderState(order) === state) &&
      (fromMs === undefined || order.atMs >= fromMs) &&
      (toMs === undefined || order.atMs <= toMs) &&
      this.#within(order) &&
      this.#says(order)
    );
  }

  /** People limited to buildings see what was paid in them. */
  #within({ room, account }: Order): boolean {
    if (this.#buildings === undefined) return true;
    const building = buildingOfRoom(this.#core, room);
    const ofAccount = account === null ? [] : (buildingsOfAccount(this.#core, account) ?? []);
    const all = building === undefined ? ofAccount : [building];
    return all.some((each) => this.#buildings?.includes(each));
  }

  #says(order: Order): boolean {
    const text = this.#text;
    if (text === '') return true;
    if (order.receipt !== null && String(order.receipt) === text) return true;
    const { id, account, holder, roomName, note } = rowOf(this.#core, order);
    return [id, account ?? '', holder, roomName ?? '', note].some((each) => each.toLowerCase().includes(text));
  }
}

type Page = { readonly orders: Order[]; readonly next: string | null };

async function pageFrom(core: Core, { fromMs, toMs }: Filter, newestFirst: boolean, from: string): Promise<Page> {
  const { items, cursor } = await core.options.store.range({
    ...{ kind: 'order', index: 'all', newestFirst, limit: PAGE },
    ...(fromMs === undefined ? {} : { min: fromMs }),
    ...(toMs === undefined ? {} : { max: toMs }),
    ...(from === '' ? {} : { cursor: from }),
  });
  return { orders: items.map(({ value }) => orderSchema.parse(value)), next: cursor };
}

/** The cursor says how many of a stored page have been looked at, and where that page begins. */
async function byTime(core: Core, who: Who, params: OpParams<'getSiteOrders'>): Promise<OpOutcome> {
  const search = new Search(core, who, params);
  const [, skip = '0', start = ''] = /^(\d+)@(.*)$/.exec(params.cursor ?? '') ?? [];
  const items: OrderRow[] = [];
  let from = start;
  let at = Number(skip);
  let searchedMs: number | null = null;
  for (let looked = 0; looked < LOOKED_MAX; looked += PAGE) {
    const { orders, next } = await pageFrom(core, params, params.descending === 'true', from);
    for (const order of orders.slice(at)) {
      if (items.length === params.limit)
        return found<'getSiteOrders'>({ items, cursor: `${at}@${from}`, searchedMs: null });
      at += 1;
      searchedMs = order.atMs;
      if (search.fits(order)) items.push(rowOf(core, order));
    }
    if (next === null) return found<'getSiteOrders'>({ items, cursor: null, searchedMs: null });
    [from, at] = [next, 0];
  }
  return found<'getSiteOrders'>({ items, cursor: `${at}@${from}`, searchedMs });
}

/** All that fit, as far as they are looked at. */
async function all(core: Core, who: Who, filter: Filter): Promise<{ orders: Order[]; whole: boolean }> {
  const search = new Search(core, who, filter);
  const fitting: Order[] = [];
  let from: string | null = '';
  for (let looked = 0; looked < WHOLE_MAX && from !== null; looked += PAGE) {
    const { orders, next }: Page = await pageFrom(core, filter, true, from);
    for (const order of orders) if (search.fits(order)) fitting.push(order);
    from = next;
  }
  return { orders: fitting, whole: from === null };
}

async function byAmount(core: Core, who: Who, params: OpParams<'getSiteOrders'>): Promise<OpOutcome> {
  const { orders } = await all(core, who, params);
  const way = params.descending === 'true' ? -1 : 1;
  orders.sort((a, b) => way * (a.amountMicro - b.amountMicro) || b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
  const from = Number(params.cursor ?? 0);
  const items = orders.slice(from, from + params.limit).map((order) => rowOf(core, order));
  const next = from + items.length;
  return found<'getSiteOrders'>({ items, cursor: next < orders.length ? String(next) : null, searchedMs: null });
}

async function totals(core: Core, who: Who, filter: Filter): Promise<OpOutcome> {
  const { orders, whole } = await all(core, who, filter);
  const sum = (some: readonly Order[], part: (micro: number) => number = (micro) => micro): number =>
    some.reduce((micro, order) => micro + part(cashMicro(order)), 0);
  const kinds = orderKinds.flatMap((kind) => {
    const some = orders.filter((order) => order.kind === kind && !order.refused);
    return some.length === 0 ? [] : [{ kind, count: some.length, cashMicro: sum(some) }];
  });
  const byChannel = channels.map((channel) => {
    const some = orders.filter((order) => order.channel === channel);
    return {
      ...{ channel, inMicro: sum(some, (micro) => Math.max(0, micro)) },
      outMicro: sum(some, (micro) => Math.max(0, -micro)),
    };
  });
  return found<'getOrderTotals'>({ count: orders.length, kinds, channels: byChannel, whole });
}
