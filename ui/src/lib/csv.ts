/** CSV as spreadsheets read it (RFC 4180, with a byte order mark so that Chinese stays Chinese). */
const quoted = /[",\r\n]/;

/** A text that begins like a formula would run in a spreadsheet; numbers are left alone. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export type CsvRow = readonly (string | number | null)[];

export function csv(rows: readonly CsvRow[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
