/**
 * Dates and times as people type and read them, the same on every machine: browsers write native date fields in the
 * machine's language, mm/dd under a Chinese page. Year first is read one way only, and is the order of both the Chinese
 * and the international standard (GB/T 7408, ISO 8601). Pure.
 */
export const dateKinds = ['date', 'dateTime', 'time'] as const;
export type DateKind = (typeof dateKinds)[number];

const day = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?/;
const hour = /^(\d{1,2})\s*[:时]\s*(\d{2})\s*分?$/;
const two = (text: string | undefined): string => (text ?? '').padStart(2, '0');

function readTime(text: string): string | null {
  const match = hour.exec(text);
  if (match === null || Number(match[1]) > 23 || Number(match[2]) > 59) return null;
  return `${two(match[1])}:${two(match[2])}`;
}

/** "2025-07-15", "2025-07-15T14:20" or "14:20" from what was typed; null when it is none, such as 31 February. */
export function readDate(typed: string, kind: DateKind): string | null {
  const text = typed.normalize('NFKC').trim();
  if (kind === 'time') return readTime(text);
  const match = day.exec(text);
  if (match === null) return null;
  const date = `${match[1] ?? ''}-${two(match[2])}-${two(match[3])}`;
  const atMs = Date.parse(`${date}T00:00Z`);
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== date) return null;
  const rest = text.slice(match[0].length);
  if (kind === 'date') return rest === '' ? date : null;
  if (!/^[T\s]/.test(rest)) return null;
  const time = readTime(rest.slice(1).trim());
  return time === null ? null : `${date}T${time}`;
}

/** What a field shows of a value; what is no date stays as it was typed. */
export const showDate = (value: string): string => value.replace('T', ' ');
