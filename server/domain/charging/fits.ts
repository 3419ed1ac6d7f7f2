/** Whether a meter can charge by a tariff itself (rules.md: refused are tiers, a fifth band, components). */
import type { OwnMoneyReason } from '../../../protocol/meterMoney.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import type { Component, Tariff, TariffVersion } from '../../../protocol/tariff.ts';
import { parseYuan } from '../money.ts';
import { tablesOf } from './tables.ts';

/** The meter knows four bands. */
const ownBands = ['sharp', 'peak', 'flat', 'valley'] as const;

export function reasonsAgainst(
  config: Pick<MeterConfig, 'ct' | 'pt' | 'hasBreaker'>,
  version: TariffVersion,
  holidays: Tariff['holidays'],
  /** Smallest step of a price, micro-yuan, and whether it keeps m³; null: it keeps nothing that we can write. */
  own: { readonly priceUnitMicro: number; readonly keeps: 'yuan' | 'litres' } | null,
): OwnMoneyReason[] {
  const reasons: OwnMoneyReason[] = [];
  if (own === null) reasons.push('model');
  if (!config.hasBreaker) reasons.push('noBreaker');
  if (config.ct * config.pt !== 1) reasons.push('multiplier');
  const [component, ...others] = version.components;
  if (version.tiers || component?.byTier) reasons.push('tiers');
  // A meter of m³ has one price.
  if (own?.keeps === 'litres' && component?.prices !== undefined) reasons.push('bands');
  else if (version.calendar?.some((rule) => rule.starts.some(([, band]) => band === 'deep'))) reasons.push('bands');
  else if (own?.keeps !== 'litres' && tablesOf(version, holidays) === 'calendar') reasons.push('calendar');
  if (others.length > 0) reasons.push('components');
  const unit = own?.priceUnitMicro ?? 1;
  if (component && !component.byTier && ownPrices(component).some((micro) => micro % unit !== 0))
    reasons.push('prices');
  return reasons;
}

/** Sharp, peak, flat, valley; a band that the tariff does not use has the price of flat, or of the first it uses. */
export function ownPrices({ price, prices }: Component): number[] {
  if (price !== undefined) return ownBands.map(() => parseYuan(price));
  const spare = prices?.flat ?? Object.values(prices ?? {})[0] ?? '0';
  return ownBands.map((band) => parseYuan(prices?.[band] ?? spare));
}
