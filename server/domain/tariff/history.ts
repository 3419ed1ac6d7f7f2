/** What a new text of a tariff changes, in a few words: the audit log keeps it where the whole text is too long for it. */
import type { TariffVersions } from '../../../protocol/tariffHistory.ts';
import type { Tariff } from '../../../protocol/tariff.ts';
import { sameJson } from '../sameJson.ts';

export function versionChanges(before: Tariff | undefined, after: Tariff): TariffVersions {
  const was = new Map(before?.versions.map((version) => [version.from, version]));
  const is = new Map(after.versions.map((version) => [version.from, version]));
  const days = new Set([...Object.keys(before?.holidays ?? {}), ...Object.keys(after.holidays)]);
  return {
    added: [...is.keys()].filter((from) => !was.has(from)),
    changed: [...is].flatMap(([from, version]) => {
      const old = was.get(from);
      return old && !sameJson(old, version) ? [from] : [];
    }),
    removed: [...was.keys()].filter((from) => !is.has(from)),
    holidays: [...days].filter((day) => before?.holidays[day] !== after.holidays[day]).length,
    name: before?.name === after.name ? '' : after.name,
  };
}
