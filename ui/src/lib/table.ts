/** A table that leaves as a file: what its cells mean, so that CSV and Excel can say it each in its way. */
import { decimal } from './format.ts';
import { wallClockOf } from './siteTime.ts';

/** A text; a count; an integer of 10^-places; an instant, epoch ms; nothing. */
export type TableCell =
  string | number | null | { readonly exact: number; readonly places: number } | { readonly atMs: number };
export type TableRow = readonly TableCell[];

export const exact = (value: number | null, places: number): TableCell =>
  value === null ? null : { exact: value, places };
export const instant = (atMs: number | null | undefined): TableCell => (atMs == null ? null : { atMs });

/** "2026-11-25 09:01:28", the time at the site: what a spreadsheet takes for a date. */
export function cellText(cell: TableCell, zone: string): string {
  if (cell === null) return '';
  if (typeof cell !== 'object') return String(cell);
  if ('atMs' in cell) return wallClockOf(cell.atMs, zone).toISOString().slice(0, 19).replace('T', ' ');
  return decimal(cell.exact, cell.places);
}
