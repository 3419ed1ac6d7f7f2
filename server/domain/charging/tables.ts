/** The band tables that a meter keeps for a tariff: two day tables, and from which day of the year which one holds (facts, section 1). */
import type { ParameterValues } from '../../../protocol/parameters.ts';
import type { Band, Tariff, TariffVersion } from '../../../protocol/tariff.ts';
import { daysListed, matches } from '../../../protocol/tariffCalendar.ts';
import { sameJson } from '../sameJson.ts';

const SLOTS_MAX = 14;
const ZONES_MAX = 4;
type Slot = { readonly at: string; readonly band: Band };

/** null: one price at all times, so that its tables do not matter. 'calendar': more than they can hold. */
export function tablesOf(version: TariffVersion, holidays: Tariff['holidays']): ParameterValues | 'calendar' | null {
  const { calendar } = version;
  if (!calendar || version.components.every(({ price }) => price !== undefined)) return null;
  const days: Slot[][] = [];
  const zones: { from: string; table: 1 | 2 }[] = [];
  for (let month = 1; month <= 12; month += 1) {
    const kinds = daysListed(holidays).filter(([one]) => one === month);
    const tables = kinds.map(([, day]) => slotsOf(calendar.find(matches(month, day))?.starts ?? []));
    const [first] = tables;
    // It knows no weekdays and no holidays.
    if (!first || first.length > SLOTS_MAX || tables.some((table) => !sameJson(table, first))) return 'calendar';
    let at = days.findIndex((table) => sameJson(table, first));
    if (at === -1) at = days.push(first) - 1;
    const table = at === 0 ? 1 : 2;
    if (at > 1) return 'calendar';
    if (zones.at(-1)?.table !== table) zones.push({ from: `${String(month).padStart(2, '0')}-01`, table });
  }
  if (zones.length > ZONES_MAX) return 'calendar';
  const [dayTable1 = [], dayTable2] = days;
  return { dateTable: zones, dayTable1, ...(dayTable2 && { dayTable2 }) };
}

/** From midnight, each band where it changes. */
function slotsOf(starts: readonly (readonly [string, Band])[]): Slot[] {
  const slots = starts.map(([at, band]) => ({ at, band }));
  const last = slots.at(-1);
  if (!last) return [];
  // The last one wraps over midnight.
  const whole = slots[0]?.at === '00:00' ? slots : [{ at: '00:00', band: last.band }, ...slots];
  return whole.filter(({ band }, n) => whole[n - 1]?.band !== band);
}
