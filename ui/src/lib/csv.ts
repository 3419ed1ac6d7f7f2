/** CSV as spreadsheets read it (RFC 4180, with a byte order mark so that Chinese stays Chinese). */
import { cellText, type TableRow } from './table.ts';

const quoted = /[",\r\n]/;

function cell(text: string, isText: boolean): string {
  // A text that begins like a formula would run in a spreadsheet; numbers are left alone.
  const safe = isText && /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** zone: in which instants are written. */
export function csv(rows: readonly TableRow[], zone = 'UTC'): string {
  const line = (row: TableRow): string =>
    row.map((value) => cell(cellText(value, zone), typeof value === 'string')).join(',');
  return `\uFEFF${rows.map(line).join('\r\n')}\r\n`;
}
