/** What a new text of a tariff may change: nothing that has been charged (rules.md, "Tariffs": that is a correction). */
import { sameJson } from '../sameJson.ts';
import type { Tariff } from '../../../protocol/tariff.ts';

export type PublishMistake = { readonly path: string; readonly message: string };

/** `chargedUntil`: local minute ("YYYY-MM-DDTHH:MM") up to which use has been charged under it; null: none yet. */
export function publishMistakes(
  before: Tariff | undefined,
  after: Tariff,
  chargedUntil: string | null,
): PublishMistake[] {
  if (!before) return [];
  const mistakes: PublishMistake[] = [];
  if (before.utility !== after.utility) mistakes.push({ path: 'utility', message: `stays ${before.utility}` });
  if (chargedUntil === null) return mistakes;
  for (const [i, old] of before.versions.entries()) {
    if (old.from > chargedUntil) break;
    if (!sameJson(old, after.versions[i]))
      mistakes.push({
        path: `versions.${i}`,
        message: `has been charged by; add a version from later than ${chargedUntil}`,
      });
  }
  for (const [i, version] of after.versions.entries()) {
    const known = before.versions.some((old) => old.from === version.from);
    if (!known && version.from <= chargedUntil)
      mistakes.push({
        path: `versions.${i}.from`,
        message: `later than ${chargedUntil}: use up to then has been charged`,
      });
  }
  const today = chargedUntil.slice(0, 10);
  for (const date of new Set([...Object.keys(before.holidays), ...Object.keys(after.holidays)])) {
    if (date <= today && before.holidays[date] !== after.holidays[date])
      mistakes.push({ path: `holidays.${date}`, message: 'a day that has been charged stays as it was' });
  }
  return mistakes;
}
