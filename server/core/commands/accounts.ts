/** Opening and closing accounts: everything is checked here before the first meter changes hands. */
import { nanoid } from 'nanoid';
import type { OpeningPlan } from '../../../protocol/accounts.ts';
import type { OpOutcome, OpParams, Refusal } from '../../../protocol/ops.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Channel, Request, Send, TenancyMessage } from '../../domain/messages.ts';
import { parseYuan } from '../../domain/money.ts';
import type { Baseline, HandOver, MovedMeter, NewWallet, Settlement } from '../../domain/tenancy/state.ts';
import { overLimit } from '../../domain/wallet/limits.ts';
import type { Core } from '../core.ts';
import { primaryIndex } from '../approvalFacts.ts';
import { metersOfAccount, payoutAtMost, refundsOf, unsettled } from '../payouts.ts';
import { accountStatus } from '../queries/accounts.ts';
import { ownerWallet } from '../tenancies.ts';
import { inMeterOf, againstOwnMoney } from './charging.ts';
import { configure, refusal, type Routed, type Routes } from './route.ts';

const invalid = (detail: string): OpOutcome => refusal('invalid', detail);
const toTenancy = (id: string, message: TenancyMessage): Send => ({ to: 'tenancy', id, message });

export const accountRoutes: Routes<
  | 'saveAccount'
  | 'openAccount'
  | 'addMeters'
  | 'closeAccount'
  | 'typeBaseline'
  | 'settleAccount'
  | 'receiveDeposit'
  | 'returnDeposit'
> = {
  saveAccount,
  openAccount,
  addMeters,
  closeAccount,
  typeBaseline: (core, { account, meter, reading, reason }, request) =>
    existing(core, account, () => {
      const index = primaryIndex(core, meter, reading);
      if (index === null) return refusal('notFound', 'there is no such meter');
      return toTenancy(account, { type: 'TypeBaseline', meter, index, reason, request });
    }),
  settleAccount: async (core, { account, channel, note }, request) => {
    const settlement = await settlementOf(core, account, { channel, note }, request);
    return existing(core, account, () => toTenancy(account, { type: 'ChooseSettlement', settlement, request }));
  },
  receiveDeposit: (core, { account, amount, channel, note }, request) =>
    existing(core, account, () =>
      toTenancy(account, {
        ...{ type: 'MoveDeposit', kind: 'received', order: `D-${nanoid(12)}` },
        ...{ amountMicro: parseYuan(amount), channel, note, request },
      }),
    ),
  returnDeposit: (core, { account, amount, channel, forfeit, note }, request) =>
    existing(core, account, () =>
      toTenancy(account, {
        ...{ type: 'MoveDeposit', kind: forfeit ? 'forfeited' : 'refunded', order: `D-${nanoid(12)}` },
        ...{ amountMicro: parseYuan(amount), channel, note, request },
      }),
    ),
};

export async function settlementOf(
  core: Core,
  account: string,
  { channel, note }: { readonly channel: Channel; readonly note: string },
  request: Request,
): Promise<Settlement> {
  const atMostMicro = await payoutAtMost(core, account, request);
  const settlement = { order: `S-${nanoid(12)}`, channel, note, by: request.operator };
  return { ...settlement, ...(atMostMicro === undefined ? {} : { atMostMicro }) };
}

function existing(core: Core, account: string, then: () => Routed): Routed {
  return core.directory.get('account', account) ? then() : refusal('notFound', 'there is no such account');
}

function saveAccount(core: Core, params: OpParams<'saveAccount'>, request: Request): Routed {
  const { account: id, isNew, name, phone, details, plan } = params;
  const before = core.directory.get('account', id);
  if (isNew && before) return invalid('account: taken already');
  if (!isNew && !before) return refusal('notFound', 'there is no such account');
  const { contractFromMs, contractUntilMs } = details;
  if (contractFromMs !== null && contractUntilMs !== null && contractUntilMs <= contractFromMs)
    return invalid('details.contractUntilMs: the contract ends before it begins');
  const status = before ? accountStatus(core, id) : 'draft';
  if (plan) {
    if (status !== 'draft' && status !== 'closed')
      return refusal('accountState', `the account is ${status}: a plan is for one that is not open`);
    const wrong = checkEntered(core, plan);
    if (wrong) return invalid(wrong);
  }
  const value = {
    // What other forms set (how the tenant is told of things) stays.
    ...{ rooms: [], wallets: [], ...before },
    ...{ id, name, phone: phone === '' ? null : phone, ...details },
    ...(plan ? { plan } : {}),
  };
  const saved = configure(core, request, [{ kind: 'account', id, value }], { account: id });
  core.tenancies.show(value.rooms);
  return saved;
}

/** It may be entered while the tenant before is still in: vacancy is asked for at opening. */
export const checkEntered = (core: Core, plan: OpeningPlan): string | null =>
  checkWallets(core, plan) ?? checkMeters(core, plan.meters, false);

/** What stands against a plan, naming the field; null when nothing does. */
function checkPlan(core: Core, plan: OpeningPlan, handOverFrom: string | null): string | null {
  return checkWallets(core, plan) ?? checkRooms(core, plan.rooms, handOverFrom) ?? checkMeters(core, plan.meters, true);
}

export const walletTaken = (core: Core, id: string): boolean => core.wallets.has(id) || id.startsWith(ownerWallet(''));

/** From the highest to the lowest. */
export function checkLevels(thresholds: readonly string[]): boolean {
  const levels = thresholds.map(parseYuan);
  return levels.every((level, i) => i === 0 || level < (levels[i - 1] ?? Infinity));
}

function checkWallets(core: Core, { rooms, meters, wallets }: OpeningPlan): string | null {
  const unknown = rooms.findIndex((room) => !core.directory.rooms.has(room));
  if (unknown !== -1) return `plan.rooms.${unknown}: there is no room ${rooms[unknown]}`;
  const walletIds = new Set<string>();
  for (const [i, { id, thresholds, firstRecharge }] of wallets.entries()) {
    if (walletTaken(core, id) || walletIds.has(id)) return `plan.wallets.${i}.id: ${id} is taken already`;
    walletIds.add(id);
    const over = firstRecharge && overLimit(0, parseYuan(firstRecharge.amount), core.directory.site.rules);
    if (over) return `plan.wallets.${i}.firstRecharge: ${over}`;
    if (!checkLevels(thresholds)) return `plan.wallets.${i}.thresholds: levels from the highest to the lowest`;
  }
  const fees = new Set(wallets.flatMap(({ id, purpose }) => (purpose === 'fee' ? [id] : [])));
  if (fees.size === wallets.length) return 'plan.wallets: one at least that meters draw on';
  for (const [i, { wallet }] of meters.entries()) {
    if (!walletIds.has(wallet)) return `plan.meters.${i}.wallet: a wallet of the plan`;
    if (fees.has(wallet)) return `plan.meters.${i}.wallet: no meter draws on a wallet for fees`;
  }
  return null;
}

function checkRooms(core: Core, rooms: readonly string[], allowed: string | null): string | null {
  for (const [i, room] of rooms.entries()) {
    if (!core.directory.rooms.has(room)) return `plan.rooms.${i}: there is no room ${room}`;
    const holder = core.directory.holderOf(room);
    if (holder && holder.id !== allowed) return `plan.rooms.${i}: ${room} is let to ${holder.name}`;
  }
  return null;
}

function checkMeters(core: Core, meters: OpeningPlan['meters'], vacant: boolean): string | null {
  const seen = new Set<string>();
  for (const [i, { meter, tariff }] of meters.entries()) {
    const state = core.meters.get(meter)?.state;
    const at = `plan.meters.${i}.meter`;
    if (!state?.config) return `${at}: there is no meter ${meter}`;
    if (seen.has(meter)) return `${at}: ${meter} stands here twice`;
    seen.add(meter);
    if (state.config.role !== 'tenant') return `${at}: ${meter} is a ${state.config.role} meter`;
    if (vacant && state.place.account !== null) return `${at}: ${meter} belongs to ${state.place.account}`;
    const mover = vacant ? core.tenancies.mover(meter) : null;
    if (mover !== null) return `${at}: ${meter} is changing hands already, with ${mover}`;
    if (tariff === null) continue;
    const wanted = core.directory.get('tariff', tariff);
    if (!wanted) return `plan.meters.${i}.tariff: there is no tariff ${tariff}`;
    if (wanted.utility !== state.config.utility) return `plan.meters.${i}.tariff: a tariff for ${state.config.utility}`;
  }
  return null;
}

export type Typed = OpParams<'openAccount'>['typed'];

export function baselineOf(core: Core, meter: string, typed: Typed, by: string): Baseline {
  const given = typed.find((one) => one.meter === meter);
  const index = given ? primaryIndex(core, meter, given.reading) : null;
  return given && index !== null ? { kind: 'typed', index, reason: given.reason, by } : { kind: 'live' };
}

type Moved = Omit<MovedMeter, 'account' | 'trouble' | 'placed'>;
function taken(core: Core, meters: OpeningPlan['meters'], typed: Typed, by: string): Moved[] {
  return meters.map(({ meter, wallet, tariff }) => {
    const state = core.meters.get(meter)?.state;
    const current = state?.config?.tariff ?? '';
    return {
      ...{ meter, wallet, room: state?.place.room ?? null },
      ...{ tariff: tariff ?? current, baseline: baselineOf(core, meter, typed, by) },
    };
  });
}

/** One wallet for everything unless the plan says otherwise. */
function metersOf(core: Core, plan: OpeningPlan): OpeningPlan['meters'] {
  const wallet = plan.wallets.find(({ purpose }) => purpose === 'use');
  if (plan.meters.length > 0 || !wallet) return plan.meters;
  const found: OpeningPlan['meters'] = [];
  for (const [meter, { state }] of core.meters)
    if (state.config?.role === 'tenant' && state.place.room !== null && plan.rooms.includes(state.place.room))
      found.push({ meter, wallet: wallet.id, tariff: null });
  return found;
}

type Opening = {
  readonly account: ConfigValue<'account'>;
  readonly plan: OpeningPlan;
  readonly meters: OpeningPlan['meters'];
};

type Refused = Extract<OpOutcome, { ok: false }>;
const no = (reason: Refusal, detail: string): Refused => ({ ok: false, refusal: reason, detail });

/** What opening an account comes to now, or why it would be refused; its rooms may be let to `handOverFrom`, which keeps its meters. */
export function openingOf(
  core: Core,
  account: ConfigValue<'account'> | undefined,
  handOverFrom: string | null = null,
): Opening | Refused {
  if (!account) return no('notFound', 'there is no such account');
  const status = accountStatus(core, account.id);
  // One that is being entered with the hand-over has no plan yet in what is known.
  if (core.directory.get('account', account.id) && status !== 'draft' && status !== 'closed')
    return no('accountState', `the account is ${status}`);
  const from = core.tenancies.handingTo(account.id);
  if (from !== null) return no('accountState', `it is taking over from ${from} already`);
  const { plan } = account;
  if (!plan) return no('invalid', 'plan: enter rooms and a wallet first');
  const meters = handOverFrom === null ? metersOf(core, plan) : [];
  const wrong =
    checkPlan(core, { ...plan, meters }, handOverFrom) ??
    (plan.payment === 'inMeter' ? againstOwnMoney(core, plan.wallets, meters) : null);
  return wrong ? no('invalid', wrong) : { account, plan, meters };
}

function openAccount(core: Core, params: OpParams<'openAccount'>, request: Request): Routed {
  const { account: id, typed } = params;
  const opening = openingOf(core, core.directory.get('account', id));
  if ('refusal' in opening) return opening;
  const meters = taken(core, opening.meters, typed, request.operator);
  return toTenancy(id, { type: 'StartOpening', whole: true, ...begunOf(core, opening), meters, request });
}

/** What it begins with; a hand-over opens no meter of its own. */
export function begunOf(core: Core, { account, plan, meters }: Opening): HandOver['opening'] {
  return {
    ...{ holder: account.name, rooms: plan.rooms },
    wallets: plan.wallets.map((wallet) => ({
      ...newWallet(wallet, plan),
      ...(plan.payment === 'inMeter' && wallet.purpose === 'use' && inMeterOf(core, wallet.id, wallet, meters)),
    })),
    deposit: plan.deposit && {
      ...{ order: `D-${nanoid(12)}`, amountMicro: parseYuan(plan.deposit.amount) },
      channel: plan.deposit.channel,
    },
  };
}

export function newWallet(
  planned: OpeningPlan['wallets'][number],
  { payment, creditLimit }: Pick<OpeningPlan, 'payment' | 'creditLimit'>,
): NewWallet {
  const { id, name, purpose, overdraft, thresholds, firstRecharge } = planned;
  const limitMicro = parseYuan(creditLimit);
  const amounts =
    purpose === 'fee'
      ? { overdraftMicro: 0, thresholdsMicro: [], purpose }
      : payment === 'postpaid'
        ? { overdraftMicro: 0, thresholdsMicro: limitMicro === 0 ? [] : [-limitMicro], payment }
        : { overdraftMicro: parseYuan(overdraft), thresholdsMicro: thresholds.map(parseYuan) };
  return {
    ...{ id, ...amounts, ...(name === '' ? {} : { name }) },
    firstRecharge: firstRecharge && {
      ...{ order: `R-${nanoid(12)}`, amountMicro: parseYuan(firstRecharge.amount) },
      channel: firstRecharge.channel,
    },
  };
}

/** One of the account's wallets that meters may draw on: not for fees, nor settled with an earlier tenancy. */
export function mayDrawOn(core: Core, account: string, wallet: string): boolean {
  const state = core.wallets.get(wallet)?.state;
  const own = core.directory.get('account', account)?.wallets.includes(wallet) ?? false;
  return own && state?.settled === undefined && state?.purpose !== 'fee';
}

const keepsMoney = (core: Core, wallet: string, meter: string): boolean =>
  core.wallets.get(wallet)?.state.charging?.meter === meter;

function addMeters(core: Core, params: OpParams<'addMeters'>, request: Request): Routed {
  const { account: id, rooms, meters, typed } = params;
  const account = core.directory.get('account', id);
  if (!account) return refusal('notFound', 'there is no such account');
  if (accountStatus(core, id) !== 'open') return refusal('accountState', 'the account is not open');
  for (const [i, { wallet }] of meters.entries())
    if (!mayDrawOn(core, id, wallet)) return invalid(`meters.${i}.wallet: a wallet of the account`);
    else if (core.wallets.get(wallet)?.state.charging)
      return invalid(`meters.${i}.wallet: its money is kept by another meter`);
  const wrong = checkRooms(core, rooms, id) ?? checkMeters(core, meters, true);
  if (wrong) return invalid(wrong);
  return toTenancy(id, {
    ...{ type: 'StartOpening', whole: false, holder: account.name, request, wallets: [], deposit: null },
    rooms: [...new Set([...account.rooms, ...rooms])],
    meters: taken(core, meters, typed, request.operator),
  });
}

export async function closeAccount(core: Core, params: OpParams<'closeAccount'>, request: Request): Promise<Routed> {
  const { account: id, typed, handOverTo, vacant } = params;
  const settlement = params.settlement && (await settlementOf(core, id, params.settlement, request));
  const account = core.directory.get('account', id);
  if (!account) return refusal('notFound', 'there is no such account');
  const own = metersOfAccount(core, id);
  const leaving = params.meters ? [...new Set(params.meters)] : own;
  const untyped = typed.findIndex(({ meter }) => !leaving.includes(meter));
  if (untyped !== -1) return invalid(`typed.${untyped}.meter: it does not leave`);
  const stranger = leaving.find((meter) => !own.includes(meter));
  if (stranger !== undefined) return invalid(`meters: ${stranger} is no meter of this account`);
  if (handOverTo && !mayDrawOn(core, handOverTo.account, handOverTo.wallet))
    return invalid('handOverTo: an open account and one of its wallets');
  if (handOverTo && accountStatus(core, handOverTo.account) !== 'open')
    return refusal('accountState', 'the account that takes over is not open');
  const whole = leaving.length === own.length;
  const [stop] = whole ? stopsOf(core, id) : [];
  if (stop !== undefined) return refusal('accountState', stop);
  const meters = leaving.map((meter): Leaving => {
    const room = core.meters.get(meter)?.state.place.room ?? null;
    const wallet = handOverTo?.wallet ?? ownerWallet(room ?? meter);
    return {
      ...leavingTo(core, meter, { wallet, account: handOverTo?.account ?? null }),
      baseline: baselineOf(core, meter, typed, request.operator),
      ...(vacant === 'siteRule' ? {} : { vacant }),
    };
  });
  const staying = own
    .filter((meter) => !leaving.includes(meter))
    .map((meter) => core.meters.get(meter)?.state.place.room);
  const emptied = new Set(meters.flatMap(({ room }) => (room !== null && !staying.includes(room) ? [room] : [])));
  return toTenancy(id, {
    ...{ type: 'StartClosing', whole, meters, request },
    rooms: whole ? account.rooms : account.rooms.filter((room) => !emptied.has(room)),
    wallets: unsettled(core, id),
    settlement,
  });
}

type Leaving = Omit<MovedMeter, 'trouble' | 'placed'>;
export function leavingTo(
  core: Core,
  meter: string,
  to: { readonly wallet: string; readonly account: string | null },
): Omit<Leaving, 'baseline' | 'vacant'> {
  const { place, config } = core.meters.get(meter)?.state ?? {};
  return {
    ...{ meter, room: place?.room ?? null, tariff: config?.tariff ?? '', ...to },
    ...(place?.wallet && keepsMoney(core, place.wallet, meter) ? { keeps: place.wallet } : {}),
  };
}

/** What has to be settled before an account can end. */
export function stopsOf(core: Core, account: string): string[] {
  const refunds = refundsOf(core, core.directory.get('account', account)?.wallets ?? []);
  const stops = refunds.map(({ wallet }) => `a refund of ${wallet} is still to be paid out or cancelled`);
  const awaited = core.tenancies.awaited(account);
  if (awaited) stops.push(`${awaited.meter} is on its way to this account, with ${awaited.mover}`);
  const from = core.tenancies.handingTo(account);
  if (from !== null && !awaited) stops.push(`it is taking over from ${from}`);
  return stops;
}
