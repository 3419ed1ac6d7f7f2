/** Answers about takeovers, and the accounts of now as rows of one. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { takeoverColumns, takeoverViewSchema, type TakenRow, type TakeoverRow } from '../../../protocol/takeover.ts';
import type { ConfigValue } from '../../domain/config.ts';
import { formatMicro } from '../../domain/money.ts';
import { formatQuantity } from '../../domain/quantity.ts';
import { takenRows } from '../../domain/takeover/rows.ts';
import { usedInAny } from '../../domain/wallet/state.ts';
import type { Core } from '../core.ts';
import { accountStatus } from './accounts.ts';
import { takeoverPartSchema } from '../takeover/parts.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';

export const takeoverAnswers: Answers<
  'stageTakeover' | 'checkTakeover' | 'getTakeovers' | 'getTakeoverRows' | 'getTakeoverSheet'
> = {
  stageTakeover: ({ core }, params) => core.takeovers.stage(params),
  checkTakeover: ({ core }, params) => durable(core, () => core.takeovers.check(params)),
  getTakeovers: async ({ core }, page) =>
    found<'getTakeovers'>(await pageOf(core, { kind: 'takeover', index: 'all' }, page, takeoverViewSchema)),
  getTakeoverRows: ({ core }, params) => signedRows(core, params),
  getTakeoverSheet: ({ core }, page) => durable(core, () => sheet(core, page)),
};

/** Parts are read only behind a signature: without one they are nobody's. A page ends with a whole account. */
async function signedRows(core: Core, params: OpParams<'getTakeoverRows'>): Promise<OpOutcome> {
  const { takeover, search, limit } = params;
  const { store } = core.options;
  const signed = await store.get('takeover', takeover);
  if (signed == null) return notFound('takeover');
  const { parts, totals } = takeoverViewSchema.parse(signed);
  const names = new Map(totals.map(({ building, name }) => [building, name]));
  const items: TakenRow[] = [];
  const [firstPart = 0, firstAccount = 0] = params.cursor?.split('.').map(Number) ?? [];
  for (let part = firstPart; part < parts; part++) {
    const { accounts } = takeoverPartSchema.parse(await store.get('takeoverPart', `${takeover}/${part}`));
    for (let at = part === firstPart ? firstAccount : 0; at < accounts.length; at++) {
      if (items.length >= limit) return found<'getTakeoverRows'>({ items, cursor: `${part}.${at}` });
      const account = accounts[at];
      if (!account) continue;
      const rows = takenRows(account, names.get(account.building) ?? account.building);
      items.push(...rows.filter((row) => matches(row, search.toLowerCase())));
    }
  }
  return found<'getTakeoverRows'>({ items, cursor: null });
}

const matches = ({ account, name, phone, wallet, room, meter }: TakenRow, search: string): boolean =>
  [account, name, phone, wallet, room, meter].some((text) => text?.toLowerCase().includes(search) === true);

const blank = Object.fromEntries(takeoverColumns.map((column) => [column, ''])) as TakeoverRow;
/** Without the zeros a report leaves out. */
const yuan = (micro: number): string => formatMicro(micro).replace(/0{1,4}$/, '');

function sheet(core: Core, { cursor, limit }: OpParams<'getTakeoverSheet'>): OpOutcome {
  const all = core.directory
    .all('account')
    .filter(({ id }) => accountStatus(core, id) === 'open')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const from = Number(cursor ?? 0);
  const page = all.slice(from, from + limit);
  const meters = new Map<string, string[]>();
  for (const [id, { state }] of core.meters) {
    const { account } = state.place;
    if (account !== null) meters.set(account, [...(meters.get(account) ?? []), id]);
  }
  const next = from + page.length;
  return found<'getTakeoverSheet'>({
    items: page.flatMap((account) => rowsOf(core, account, meters.get(account.id) ?? [])),
    cursor: next < all.length ? String(next) : null,
  });
}

/** What belongs to the account and to each wallet stands in their first rows. */
function rowsOf(core: Core, account: ConfigValue<'account'>, meters: readonly string[]): TakeoverRow[] {
  const { id, name, phone, takenOver } = account;
  const openedMs = core.tenancies.openedMs(id);
  const metered = new Set(meters.map((meter) => core.meters.get(meter)?.state.place.room));
  const rows: TakeoverRow[] = [
    ...meters.map((meter) => ({ ...blank, ...meterCells(core, meter, id) })),
    ...account.rooms.filter((room) => !metered.has(room)).map((room) => ({ ...blank, room })),
  ];
  const seen = new Set<string>();
  return rows.map((row, i) => {
    const own = {
      ...{ name, phone: phone ?? '', since: openedMs === null ? '' : core.directory.time.day(openedMs) },
      deposit: yuan(core.tenancies.state(id).depositMicro),
      purchases: String(takenOver?.what.purchases ?? 0),
    };
    const wallet = row.wallet || (account.wallets.find((one) => !core.wallets.get(one)?.state.settled) ?? '');
    const balanceMicro = core.wallets.get(wallet)?.state.balanceMicro ?? 0;
    const money = seen.has(wallet)
      ? {}
      : { balance: yuan(Math.max(0, balanceMicro)), debt: yuan(Math.max(0, -balanceMicro)) };
    seen.add(wallet);
    return { ...row, account: id, wallet, ...(i === 0 ? own : {}), ...money };
  });
}

function meterCells(core: Core, meter: string, account: string): Partial<TakeoverRow> {
  const state = core.meters.get(meter)?.state;
  const config = state?.config;
  if (!config) return {};
  const { room, wallet } = state.place;
  const times = config.ct * config.pt;
  const counter = core.pricing.counter(config.tariff, { meter, room, account }, core.context().nowMs);
  const used = counter && usedInAny(core.tenancies.walletsOfAccount(account), counter.key, counter.period);
  return {
    ...{ room: room ?? '', meter, wallet: wallet ?? '' },
    index: state.anchor ? formatQuantity(state.anchor.index / times) : '',
    tierUsed: counter ? formatQuantity(used ?? 0) : '',
  };
}
