/** Wallets, meters and rooms as the API shows them. */
import type { MeterView, WalletView } from '../../../protocol/ops.ts';
import { holdOf, isCutForMoney, linkOf, wantedOf } from '../../domain/meter/view.ts';
import { parseYuan } from '../../domain/money.ts';
import { acceptsMicro } from '../../domain/wallet/limits.ts';
import { missingMicro } from '../../domain/wallet/levels.ts';
import { chargedOf, usedIn } from '../../domain/wallet/state.ts';
import { monthOf } from '../../domain/wallet/temporary.ts';
import { shownOf, usedOn } from '../../domain/wallet/view.ts';
import type { MeterCell } from '../cells.ts';
import type { Core } from '../core.ts';

export function walletView(core: Core, id: string): WalletView | null {
  const cell = core.wallets.get(id);
  if (!cell || cell.state.kind === 'owner') return null;
  const { state } = cell;
  const { rules, nowMs } = core.context();
  const month = monthOf(core.context().localDay(nowMs));
  const granted = core.tenancies.grantsOf(state.account, month);
  const { balanceMicro, level, exhausted, hoursLeft } = shownOf(id, state, nowMs);
  return {
    id,
    account: state.account,
    holder: state.holder,
    balanceMicro,
    overdraftMicro: state.overdraftMicro,
    thresholdsMicro: state.thresholdsMicro,
    level,
    exhausted,
    warnedMs: state.warnedMs,
    hoursLeft,
    missingMicro: missingMicro(balanceMicro, parseYuan(rules.restoreAbove), exhausted || state.temporary !== undefined),
    temporary: state.temporary ?? null,
    temporaryLeft: Math.max(0, rules.temporaryPowerPerMonth - granted),
    acceptsMicro: acceptsMicro(balanceMicro, rules),
  };
}

export function meterView(core: Core, id: string, cell: MeterCell): MeterView | null {
  const { state, live } = cell;
  const { config, place } = state;
  if (!config) return null;
  const context = core.context();
  const wanted = wantedOf(state, context);
  const wallet = place.wallet === null ? undefined : core.wallets.get(place.wallet)?.state;
  const charged = chargedOf(wallet, id);
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
    tags: [...context.tagsOn(place.room, config.line)],
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
      { meter: id, room: place.room, account: place.account, used: (key, period) => usedIn(wallet, key, period) },
      context.nowMs,
    ),
  };
}
