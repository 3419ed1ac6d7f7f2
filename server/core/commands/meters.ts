/** The life of a meter. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import type { Charging } from '../../domain/charging/state.ts';
import { keepsLitres, litreMicro } from '../../domain/charging/volume.ts';
import type { MoneyAtSwap } from '../../domain/charging/swap.ts';
import type { Request } from '../../domain/messages.ts';
import { parseYuan } from '../../domain/money.ts';
import { parseQuantity } from '../../domain/quantity.ts';
import type { Core } from '../core.ts';
import { ownMoneyReasonsFor, ownPricesAt } from './charging.ts';
import { refusal, type Routed, type Routes } from './route.ts';
import { meterWrong } from './setup.ts';

export const meterRoutes: Routes<'swapMeter' | 'changeMultiplier'> = { swapMeter, changeMultiplier };

function swapMeter(core: Core, params: OpParams<'swapMeter'>, request: Request): Routed {
  const { meter, last, first, number, unitId, profile, ct, pt, reason } = params;
  const { config: before, place } = core.meters.get(meter)?.state ?? {};
  if (!before) return refusal('notFound', 'there is no such meter');
  const { number: _old, ...rest } = before;
  const config: MeterConfig = { ...rest, unitId, profile, ct, pt, ...(number === undefined ? {} : { number }) };
  const wrong = meterWrong(core, config);
  if (wrong) return wrong;
  const charging = place?.wallet ? core.wallets.get(place.wallet)?.state.charging : undefined;
  const keeps = charging?.meter === meter && charging.phase !== 'ended';
  const money = keeps ? moneyAtSwap(core, config, params, charging) : null;
  if (money && 'ok' in money) return money;
  return renewed(before, config, { why: 'swap', last, first, money, reason }, request);
}

function changeMultiplier(core: Core, params: OpParams<'changeMultiplier'>, request: Request): Routed {
  const { meter, reading, ct, pt, reason } = params;
  const before = core.meters.get(meter)?.state.config;
  if (!before) return refusal('notFound', 'there is no such meter');
  return renewed(
    before,
    { ...before, ct, pt },
    { why: 'multiplier', last: reading, first: reading, money: null, reason },
    request,
  );
}

/** The new one must be able to keep it, by the tariff as it is now. */
function moneyAtSwap(
  core: Core,
  config: MeterConfig,
  params: OpParams<'swapMeter'>,
  { settings }: Charging,
): MoneyAtSwap | OpOutcome {
  const { remaining, hasOrder = false } = params;
  // What the old one could not hold either is no reason against the new one.
  const reason = ownMoneyReasonsFor(core, config, config.tariff).find((one) => one !== 'calendar');
  const field = reason === 'multiplier' ? 'ct' : 'profile';
  if (reason !== undefined) return refusal('invalid', `${field}: ${reason}: a meter that cannot keep the money itself`);
  const litres = keepsLitres(settings);
  if (!litres && /\.\d{3}$/.test(remaining ?? ''))
    return refusal('invalid', 'remaining: yuan and at most two decimals');
  // Thousandths of a m³ are litres.
  const remainingMicro =
    remaining === undefined
      ? null
      : litres
        ? Math.round(Number(remaining) * 1000) * litreMicro(settings)
        : parseYuan(remaining);
  return { remainingMicro, hasOrder, pricesMicro: ownPricesAt(core, config) };
}

type Change = {
  readonly why: 'swap' | 'multiplier';
  readonly last: string;
  readonly first: string;
  readonly money: MoneyAtSwap | null;
  readonly reason: string;
};

function renewed(before: MeterConfig, config: MeterConfig, change: Change, request: Request): Routed {
  const { why, last, first, money, reason } = change;
  return {
    to: 'meter',
    id: config.id,
    message: {
      ...{ type: 'Renew', why, config, money, reason, request },
      last: parseQuantity(last) * before.ct * before.pt,
      first: parseQuantity(first) * config.ct * config.pt,
    },
  };
}
