/** Hands a table or a text to the browser as a file. */
import { csv } from './csv.ts';
import { excel } from './excel.ts';
import type { TableRow } from './table.ts';

export type Format = 'csv' | 'xlsx';

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export const saveText = (name: string, text: string, type: string): void => save(name, new Blob([text], { type }));

/** name: without its ending. zone: in which instants are written. */
export async function saveTable(name: string, rows: readonly TableRow[], format: Format, zone: string): Promise<void> {
  if (format === 'csv') saveText(`${name}.csv`, csv(rows, zone), 'text/csv;charset=utf-8');
  else save(`${name}.xlsx`, await excel(rows, zone));
}
