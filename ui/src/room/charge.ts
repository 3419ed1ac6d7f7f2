/** Names of a charge's parts in the reader's language; a tariff's own names stay as they are. */
import type { Charge } from '../../../protocol/ops.ts';
import { bands } from '../../../protocol/tariff.ts';
import { t } from '../i18n/locale.svelte.ts';

export function bandName(band: string): string {
  const known = bands.find((each) => each === band);
  return known === undefined ? band : t(`band.${known}`);
}

export function componentName(component: string): string {
  const known = (['energy', 'base', 'fund', 'fee', 'water', 'sewage', 'resource', 'other'] as const).find((each) => each === component);
  return known === undefined ? component : t(`component.${known}`);
}

/** Bands and tiers a charge falls into, each once. */
export function bandText({ lines }: Charge): string {
  return [...new Set(lines.map(({ band, tier }) => `${bandName(band)} · ${t('why.tier', { tier })}`))].join(', ');
}
