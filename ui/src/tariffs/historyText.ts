/** What a change of a tariff was, line by line. */
import type { TariffChange } from '../../../protocol/tariffHistory.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { listed } from '../lib/listText.ts';

export function changeLines({ what, versions, meters }: TariffChange): string[] {
  if (what === 'assigned') {
    if (meters === null) return [t('tariff.notKept')];
    const more = meters.count - meters.meters.length;
    const names = listed(meters.meters);
    const count = t('tariff.assignedMeters', { count: locale.write.number(meters.count) });
    return [count, more > 0 ? t('tariff.andMore', { names, count: locale.write.number(more) }) : names];
  }
  if (versions === null) return [t('tariff.notKept')];
  const { added, changed, removed, holidays, name } = versions;
  const list = (from: readonly string[]): string => listed(from.map((one) => one.replace('T', ' ')));
  return [
    ...(name === '' ? [] : [t('tariff.named', { name })]),
    ...(added.length === 0 ? [] : [t('tariff.versionsAdded', { list: list(added) })]),
    ...(changed.length === 0 ? [] : [t('tariff.versionsChanged', { list: list(changed) })]),
    ...(removed.length === 0 ? [] : [t('tariff.versionsRemoved', { list: list(removed) })]),
    ...(holidays === 0 ? [] : [t('tariff.holidaysChanged', { count: holidays })]),
  ];
}
