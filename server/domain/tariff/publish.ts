/** What a new text of a tariff may change: nothing that has been charged (rules.md, "Tariffs": that is a correction). */
import { sameJson } from '../sameJson.ts';
import type { Tariff } from '../../../protocol/tariff.ts';
import { calendarFaults, type CalendarFault } from '../../../protocol/tariffCalendar.ts';

export type PublishMistake = { readonly path: string; readonly message: string };

/** `chargedUntil`: local minute ("YYYY-MM-DDTHH:MM") up to which use has been charged under it; null: none yet. */
export function publishMistakes(
  before: Tariff | undefined,
  after: Tariff,
  chargedUntil: string | null,
): PublishMistake[] {
  const mistakes: PublishMistake[] = [...calendarMistakes(before, after)];
  if (!before) return mistakes;
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

/** Of what is new: a version that holds already stays as it is, whatever its calendar. */
function calendarMistakes(before: Tariff | undefined, after: Tariff): PublishMistake[] {
  return after.versions.flatMap((version, i) =>
    before?.versions.some((old) => sameJson(old, version))
      ? []
      : calendarFaults(version.calendar ?? [], after.holidays).map((fault) => ({
          path: `versions.${i}.calendar.${fault.rule}`,
          message: faultText(fault),
        })),
  );
}

function faultText({ fault, month, day, by }: CalendarFault): string {
  if (fault === 'gap') return `a rule for every day: none matches ${day} in month ${month}`;
  const earlier = `rule ${(by ?? 0) + 1} has ${day} in month ${month}`;
  return fault === 'shadowed' ? `never applies: ${earlier} and all its other days are taken` : `overlaps: ${earlier}`;
}
