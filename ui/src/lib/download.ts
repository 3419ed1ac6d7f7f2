/** Hands a table or a text to the browser as a file. */
import { csv, type CsvRow } from './csv.ts';

export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export const download = (name: string, rows: readonly CsvRow[]): void =>
  saveText(name, csv(rows), 'text/csv;charset=utf-8');
