/** Wallets, meters and rooms as the API shows them. */
import type { MeterView, WalletView } from '../../../protocol/ops.ts';
import { holdOf, isCutForMoney, linkOf, shownWanted } from '../../domain/meter/view.ts';
import { availableMicro, usableOf } from '../../domain/wallet/allowance.ts';
import { acceptsMicro, limitsOf } from '../../domain/wallet/limits.ts';
import { missingMicro } from '../../domain/wallet/levels.ts';
import { reservedMicro } from '../../domain/wallet/refundEvents.ts';
import { heldMicro } from '../../domain/wallet/standing.ts';
import { chargedOf, usedInAny } from '../../domain/wallet/state.ts';
import { monthOf } from '../../domain/wallet/temporary.ts';
import { restoreAbove } from '../../domain/wallet/thresholds.ts';
import { shownOf, usedOn } from '../../domain/wallet/view.ts';
import type { MeterCell } from '../cells.ts';
import type { Core } from '../core.ts';
import { meterMoneyOf } from './charging.ts';

/** null: it has no meter, or one was not read since the start. */
export function oldestReadingMs(core: Core, wallet: string): number | null {
  const read = (core.wallets.get(wallet)?.state.meters ?? []).map(({ id }) => core.meters.get(id)?.live.lastReadingMs);
  const known = read.filter((ms) => typeof ms === 'number');
  return known.length === 0 || known.length < read.length ? null : Math.min(...known);
}

export function walletView(core: Core, id: string): WalletView | null {
  const cell = core.wallets.get(id);
  if (!cell || cell.state.kind === 'owner') return null;
  const { state } = cell;
  const { rules, nowMs } = core.context();
  const day = core.context().localDay(nowMs);
  const month = monthOf(day);
  const granted = core.tenancies.grantsOf(state.account, month);
  const { balanceMicro, level, exhausted, hoursLeft } = shownOf(id, state, nowMs, day);
  const meterMoney = meterMoneyOf(core, id);
  const restoreAboveMicro = restoreAbove(state, rules);
  return {
    id,
    name: state.name ?? '',
    purpose: state.purpose ?? 'use',
    payment: state.payment ?? 'prepaid',
    unbilledMicro: state.unbilledMicro ?? 0,
    account: state.account,
    holder: state.holder,
    balanceMicro,
    overdraftMicro: state.overdraftMicro,
    thresholdsMicro: state.thresholdsMicro,
    level,
    exhausted,
    warnedMs: state.warnedMs,
    hoursLeft,
    missingMicro: missingMicro(
      availableMicro(state, day),
      restoreAboveMicro,
      exhausted || state.temporary !== undefined,
    ),
    restoreAboveMicro,
    ownRestore: state.restoreMicro !== undefined,
    siteRestoreMicro: limitsOf(rules).restoreAboveMicro,
    temporary: state.temporary ?? null,
    temporaryLeft: Math.max(0, rules.temporaryPowerPerMonth - granted),
    acceptsMicro: acceptsMicro(heldMicro(state), rules),
    settled: state.settled !== undefined,
    allowances: allowanceViews(core, id, day),
    ...(meterMoney ? { meterMoney } : {}),
    reservedMicro: reservedMicro(state.reserved),
    readings: { meters: state.meters.length, oldestMs: oldestReadingMs(core, id) },
  };
}

/** Of a wallet: what was granted to it, and is left. */
export function allowanceViews(core: Core, id: string, day: string): WalletView['allowances'] {
  const state = core.wallets.get(id)?.state;
  if (!state || state.settled) return [];
  return core.tenancies.allowancesOf(state.account, id).map((rule) => ({
    ...rule,
    share: core.tenancies.shareOf(state.account, rule.per),
    left: usableOf(state, rule.unit, day),
    granted: state.allowances?.find(({ unit }) => unit === rule.unit)?.granted ?? null,
  }));
}

export function meterView(core: Core, id: string, cell: MeterCell): MeterView | null {
  const { state, live } = cell;
  const { config, place } = state;
  if (!config) return null;
  const context = core.context();
  const wanted = shownWanted(state, live, context);
  const wallet = place.wallet === null ? undefined : core.wallets.get(place.wallet)?.state;
  const charged = chargedOf(wallet, id);
  const others = place.account === null ? [] : core.tenancies.walletsOfAccount(place.account, place.wallet ?? '');
  const counted = (key: string, period: string): number | null =>
    usedInAny(wallet ? [wallet, ...others] : others, key, period);
  const used = charged ? usedOn(charged.openLines) : null;
  const today = used?.day === context.localDay(context.nowMs) ? used : null;
  const link = linkOf(state, live, context.nowMs);
  return {
    id,
    line: config.line,
    unitId: config.unitId,
    profile: config.profile,
    number: config.number ?? null,
    utility: config.utility,
    room: place.room,
    role: config.role,
    ct: config.ct,
    pt: config.pt,
    multiplier: config.ct * config.pt,
    wallet: place.wallet,
    tariff: config.tariff,
    hasBreaker: config.hasBreaker,
    index: state.anchor?.index ?? null,
    lastReadingMs: live.lastReadingMs,
    link,
    volts: link === 'online' ? [...live.volts] : [],
    amps: link === 'online' ? [...live.amps] : [],
    watts: link === 'online' ? live.watts : null,
    flow: link === 'online' ? live.flow : null,
    powerFactor: link === 'online' ? live.powerFactor : null,
    wanted: wanted.state,
    actual: link === 'online' ? live.actual : 'unknown',
    cause: wanted.cause,
    causes: state.causes,
    tags: [...context.tagsOn(place.room, config.line, id)],
    arrearsCut: isCutForMoney(state, context),
    hold: holdOf(state, live, context),
    operatorHold: state.operatorHold,
    mismatchSinceMs: live.mismatchSinceMs,
    attempts: live.attempts,
    quarantine: state.quarantine,
    today: today?.quantity ?? 0,
    todayMicro: today?.amountMicro ?? 0,
    price: core.pricing.now(
      config.tariff,
      { meter: id, room: place.room, account: place.account, used: counted },
      context.nowMs,
    ),
  };
}
