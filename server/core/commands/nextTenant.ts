/** One tenant moves out and the next one in: agreed in one commit, and everything else follows from that. */
import { nanoid } from 'nanoid';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { Request } from '../../domain/messages.ts';
import { plausible } from '../../domain/meter/measure.ts';
import { judge } from '../../domain/meter/reading.ts';
import type { HandOver, MovedMeter } from '../../domain/tenancy/state.ts';
import type { Core } from '../core.ts';
import { metersOfAccount, unsettled } from '../payouts.ts';
import { accountStatus } from '../queries/accounts.ts';
import {
  baselineOf,
  begunOf,
  checkEntered,
  closeAccount,
  leavingTo,
  mayDrawOn,
  openingOf,
  settlementOf,
  stopsOf,
} from './accounts.ts';
import { refusal, type Routed, type Routes } from './route.ts';

type Params = OpParams<'handOver'>;
type Account = ConfigValue<'account'>;

export const handOverRoutes: Routes<'handOver'> = {
  handOver: async (core, params, request) => {
    const { account, next: id, enter } = params;
    const from = core.directory.get('account', account);
    const known = core.directory.get('account', id);
    if (!from || (!known && !enter)) return refusal('notFound', 'there is no such account');
    if (known && enter) return refusal('invalid', 'next: taken already');
    if (account === id) return refusal('invalid', 'next: another account');
    const stops = stopping(core, params);
    if (stops.length > 0) return refusal('accountState', stops.join('; '));
    return known && accountStatus(core, id) === 'open'
      ? toOpen(core, known, params, request)
      : agree(core, params, request);
  },
};

/** Everything at once, so that nobody has to find it out one by one. */
function stopping(core: Core, { account, typed }: Params): string[] {
  const status = accountStatus(core, account);
  const { move } = core.tenancies.state(account);
  if (status !== 'open') return [`the account is ${status}`];
  if (move) return ['meters of the account are changing hands already'];
  const { nowMs } = core.context();
  const own = metersOfAccount(core, account);
  const unclear = own.flatMap((meter): string[] => {
    const state = core.meters.get(meter)?.state;
    if (!state) return [];
    if (state.quarantine !== null) return [`a reading of ${meter} is unclear`];
    const baseline = baselineOf(core, meter, typed, '');
    if (baseline.kind !== 'typed' || state.anchor === null || baseline.index === state.anchor.index) return [];
    if (baseline.index < state.anchor.index) return [`the reading typed in of ${meter} is below its last one`];
    const doubtful = judge(baseline.index, nowMs, state.anchor, plausible(state)).kind === 'doubtful';
    return doubtful ? [`the reading typed in of ${meter} is not plausible`] : [];
  });
  const strangers = typed.filter(({ meter }) => !own.includes(meter));
  return [
    ...stopsOf(core, account),
    ...unclear,
    ...strangers.map(({ meter }) => `${meter} is no meter of this account`),
  ];
}

/** Nothing is left to open. */
function toOpen(
  core: Core,
  next: Account,
  { account, typed, settlement }: Params,
  request: Request,
): Promise<Routed> | OpOutcome {
  const wallet = next.wallets.find((one) => mayDrawOn(core, next.id, one));
  if (wallet === undefined) return refusal('invalid', 'next: a wallet that meters draw on is missing');
  const handOverTo = { account: next.id, wallet };
  return closeAccount(core, { account, typed, settlement, handOverTo, vacant: 'siteRule' }, request);
}

async function agree(core: Core, params: Params, request: Request): Promise<Routed> {
  const { account, next, enter, typed } = params;
  const settlement = params.settlement && (await settlementOf(core, account, params.settlement, request));
  const from = core.directory.get('account', account);
  const entered = enter && enteredOf(next, enter);
  const opening = openingOf(core, entered ?? core.directory.get('account', next), account);
  if ('refusal' in opening) return opening;
  if (!from) return refusal('notFound', 'there is no such account');
  const { plan } = opening;
  const wrong = checkEntered(core, plan) ?? sameRooms(from, plan.rooms) ?? ownMeters(core, account, plan);
  if (wrong !== null) return refusal('invalid', wrong);
  const { nowMs } = core.context();
  const own = metersOfAccount(core, account);
  const handOver: HandOver = {
    ...{ id: `H-${nanoid(12)}`, next, by: request.operator, sinceMs: nowMs },
    opening: begunOf(core, opening),
    closing: {
      ...{ rooms: from.rooms, wallets: unsettled(core, account), settlement },
      meters: own.map((meter): MovedMeter => {
        const planned = plan.meters.find((one) => one.meter === meter);
        const wallet = planned?.wallet ?? plan.wallets.find(({ purpose }) => purpose === 'use')?.id ?? '';
        const leaving = leavingTo(core, meter, { wallet, account: next });
        const baseline = baselineOf(core, meter, typed, request.operator);
        return { ...leaving, tariff: planned?.tariff ?? leaving.tariff, baseline, trouble: null, placed: null };
      }),
    },
  };
  return { to: 'tenancy', id: account, message: { type: 'HandOver', handOver, entered, request } };
}

const enteredOf = (id: string, { name, phone, details, plan }: NonNullable<Params['enter']>): Account => ({
  ...{ id, name, phone: phone === '' ? null : phone, ...details, rooms: [], wallets: [], plan },
});

/** All of its meters go, so whoever takes over has all of its rooms. */
function sameRooms({ rooms }: Account, planned: readonly string[]): string | null {
  const other = planned.findIndex((room) => !rooms.includes(room));
  if (other !== -1) return `plan.rooms.${other}: ${planned[other]} is no room of the account that hands over`;
  const missing = rooms.find((room) => !planned.includes(room));
  return missing === undefined ? null : `plan.rooms: ${missing} is handed over too`;
}

function ownMeters(core: Core, account: string, { meters }: NonNullable<Account['plan']>): string | null {
  const other = meters.findIndex(({ meter }) => core.meters.get(meter)?.state.place.account !== account);
  return other === -1 ? null : `plan.meters.${other}.meter: no meter of the account that hands over`;
}
