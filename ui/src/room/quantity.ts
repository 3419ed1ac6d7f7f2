/** Wh and litres as kWh and m³. */
import type { Utility } from '../../../protocol/site.ts';
import { locale } from '../i18n/locale.svelte.ts';
import { UNKNOWN } from '../lib/format.ts';

export const unitOf = (utility: Utility): string => (utility === 'electricity' ? 'kWh' : 'm³');

export function quantityText(utility: Utility, value: number | null, places: number): string {
  return value === null ? UNKNOWN : `${locale.write.quantity(value, places)} ${unitOf(utility)}`;
}
