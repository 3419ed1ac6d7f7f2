/** Meters that keep the money themselves: whether they can, with what they start, and what a person says of an order. */
import type { OpeningPlan } from '../../../protocol/accounts.ts';
import { type OwnMoneyReason } from '../../../protocol/meterMoney.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import { assert } from '../../domain/assert.ts';
import { ownPrices, reasonsAgainst } from '../../domain/charging/fits.ts';
import type { InMeter } from '../../domain/charging/state.ts';
import type { Send, WalletMessage } from '../../domain/messages.ts';
import { parseYuan } from '../../domain/money.ts';
import type { Core } from '../core.ts';
import { refusal, type Routes } from './route.ts';

const toWallet = (id: string, message: WalletMessage): Send => ({ to: 'wallet', id, message });

export const chargingRoutes: Routes<'resolveMeterMoney' | 'prepareMeterSwap'> = {
  prepareMeterSwap: (core, { wallet, action, reason }, request) => {
    const charging = core.wallets.get(wallet)?.state.charging;
    if (!charging) return refusal('notFound', 'there is no such wallet, or its money is with us');
    const pricesMicro = pricesNow(core, charging.meter);
    return toWallet(wallet, { type: 'PrepareSwap', action, pricesMicro, reason, request });
  },
  resolveMeterMoney: (core, { wallet, action, count, reason }, request) => {
    const charging = core.wallets.get(wallet)?.state.charging;
    if (!charging) return refusal('notFound', 'there is no such wallet, or its money is with us');
    const { money, lastReadingMs } = core.meters.get(charging.meter)?.live ?? {};
    const index = core.meters.get(charging.meter)?.state.anchor?.index;
    // What it shows now; without an answer since the start, what it showed when it was held.
    const now = money && lastReadingMs && index !== undefined ? { ...money, index } : charging.held?.seen;
    if (action === 'gone' && charging.last)
      return toWallet(wallet, { type: 'ResolveMeter', action, standing: charging.last, count, reason, request });
    if (!now) return refusal('nothingHeld', 'nothing of this meter is held');
    return toWallet(wallet, { type: 'ResolveMeter', action, standing: now, count, reason, request });
  },
};

/** Why this meter cannot keep its money, under a tariff; none: it can. */
export function ownMoneyReasonsOf(core: Core, meter: string, tariff: string | null): OwnMoneyReason[] {
  const config = core.meters.get(meter)?.state.config;
  assert(config != null, `meter ${meter} is registered`);
  return ownMoneyReasonsFor(core, config, tariff ?? config.tariff);
}

/** The same of a meter that is to be there. */
export function ownMoneyReasonsFor(core: Core, config: MeterConfig, tariff: string): OwnMoneyReason[] {
  const version = core.pricing.versionAt(tariff, core.context().nowMs);
  const holidays = core.directory.get('tariff', tariff)?.holidays ?? {};
  return reasonsAgainst(config, version, holidays, core.charging.specFor(config.profile));
}

/** What a meter that can keep the money is set up with now. */
export function ownPricesAt(core: Core, { profile, tariff }: Pick<MeterConfig, 'profile' | 'tariff'>): number[] {
  const [component] = core.pricing.versionAt(tariff, core.context().nowMs).components;
  assert(component !== undefined, 'a version has a component');
  const prices = ownPrices(component);
  return core.charging.specFor(profile)?.keeps === 'litres' ? prices.slice(0, 1) : prices;
}

/** What stands against a plan, naming the field and the reason. */
export function againstOwnMoney(
  core: Core,
  wallets: OpeningPlan['wallets'],
  meters: OpeningPlan['meters'],
): string | null {
  for (const { id, purpose } of wallets) {
    if (purpose === 'fee') continue;
    const own = meters.filter(({ wallet }) => wallet === id);
    if (own.length !== 1) return `plan.payment: shared: ${own.length} meters draw on ${id}, and one keeps its money`;
  }
  for (const { meter, tariff } of meters) {
    const [reason] = ownMoneyReasonsOf(core, meter, tariff);
    if (reason) return `plan.payment: ${reason}: ${meter} cannot keep the money itself`;
  }
  return null;
}

/** What the meter of a wallet is set up with. */
export function inMeterOf(
  core: Core,
  wallet: string,
  { overdraft, thresholds }: Pick<OpeningPlan['wallets'][number], 'overdraft' | 'thresholds'>,
  meters: OpeningPlan['meters'],
): { readonly inMeter: InMeter } {
  const own = meters.find((one) => one.wallet === wallet);
  const config = own && core.meters.get(own.meter)?.state.config;
  assert(own !== undefined && config != null, 'a plan was checked before it is followed');
  const tariff = own.tariff ?? config.tariff;
  const [component] = core.pricing.versionAt(tariff, core.context().nowMs).components;
  assert(component !== undefined, 'a version has a component');
  const [first = 0, second = 0] = thresholds.map(parseYuan).filter((level) => level > 0);
  const settings = {
    ...{ alarm1Micro: wholeCents(first), alarm2Micro: wholeCents(second) },
    ...{ overdraftMicro: parseYuan(overdraft), pricesMicro: ownPricesAt(core, { ...config, tariff }) },
    ...(core.charging.specFor(config.profile)?.keeps === 'litres' ? { unit: 'litres' as const } : {}),
  };
  return {
    inMeter: { meter: own.meter, settings, revenue: `revenue:${core.pricing.utilityOf(tariff)}:${component.name}` },
  };
}

const CENT_MICRO = 10_000;
/** The meter warns a little earlier rather than later. */
const wholeCents = (micro: number): number => Math.ceil(micro / CENT_MICRO) * CENT_MICRO;

/** The prices its tariff has now, where a meter can hold them; null: it cannot, and its drift will show. */
export function pricesNow(core: Core, meter: string): readonly number[] | null {
  const config = core.meters.get(meter)?.state.config;
  // Its prices follow also where its tables cannot.
  if (!config || ownMoneyReasonsOf(core, meter, null).some((reason) => reason !== 'calendar')) return null;
  return ownPricesAt(core, config);
}
