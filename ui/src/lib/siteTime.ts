/** What a date field says ("2025-07-15T14:20", wall time at the site) as an instant. Pure. */

/** Minutes the zone is ahead of UTC at an instant. */
function offsetMinutes(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(atMs);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
  if (match === null) throw new Error(`no offset in "${name}"`);
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** null for an empty or a broken field. A time that a clock change skips becomes the one after it. */
export function instantOf(field: string, zone: string): number | null {
  const asUtc = Date.parse(`${field}Z`);
  if (field === '' || Number.isNaN(asUtc)) return null;
  const first = asUtc - offsetMinutes(zone, asUtc) * 60_000;
  return asUtc - offsetMinutes(zone, first) * 60_000;
}

/** The clock at the site, as a date whose UTC fields show it. */
export const wallClockOf = (atMs: number, zone: string): Date => new Date(atMs + offsetMinutes(zone, atMs) * 60_000);

/** An instant as a field of date and time takes it, to the minute at the site. */
export const timeFieldOf = (atMs: number, zone: string): string => wallClockOf(atMs, zone).toISOString().slice(0, 16);

/** An instant as a date field takes it, the day at the site; empty for none. */
export function dateFieldOf(atMs: number | null, zone: string): string {
  if (atMs === null) return '';
  return wallClockOf(atMs, zone).toISOString().slice(0, 10);
}
