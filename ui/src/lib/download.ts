/** Hands a table to the browser as a file. */
import { csv, type CsvRow } from './csv.ts';

export function download(name: string, rows: readonly CsvRow[]): void {
  const url = URL.createObjectURL(new Blob([csv(rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
