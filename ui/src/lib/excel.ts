/** A table as an Excel file: numbers are numbers, instants are dates, everything else is text and never a formula. */
import type { SheetData } from 'write-excel-file/browser';
import { cellText, type TableCell, type TableRow } from './table.ts';
import { wallClockOf } from './siteTime.ts';

const WIDTH_MOST = 60;

function cellOf(cell: TableCell, zone: string): SheetData[number][number] {
  if (cell === null || cell === '') return null;
  if (typeof cell === 'string') return { value: cell, type: String };
  if (typeof cell === 'number') return { value: cell, type: Number };
  if ('atMs' in cell) return { value: wallClockOf(cell.atMs, zone), type: Date, format: 'yyyy-mm-dd hh:mm:ss' };
  return { value: Number(cellText(cell, zone)), type: Number, format: `#,##0.${'0'.repeat(cell.places)}` };
}

/** A Chinese character is as wide as two digits. */
const widthOf = (text: string): number => [...text].reduce((sum, one) => sum + (one > '\u2e80' ? 2 : 1), 0);

export function excelSheet(rows: readonly TableRow[], zone: string): { data: SheetData; widths: number[] } {
  const [head = [], ...rest] = rows;
  const data = [
    head.map((cell) => ({ value: cellText(cell, zone), type: String, fontWeight: 'bold' as const })),
    ...rest.map((row) => row.map((cell) => cellOf(cell, zone))),
  ];
  const widths = head.map((_, column) => {
    const widest = rows.reduce((most, row) => Math.max(most, widthOf(cellText(row[column] ?? null, zone))), 0);
    return Math.min(WIDTH_MOST, widest + 2);
  });
  return { data, widths };
}

/** The writer is loaded when somebody asks for a file. */
export async function excel(rows: readonly TableRow[], zone: string): Promise<Blob> {
  const { default: writeExcel } = await import('write-excel-file/browser');
  const { data, widths } = excelSheet(rows, zone);
  return await writeExcel(data, { columns: widths.map((width) => ({ width })), stickyRowsCount: 1 }).toBlob();
}
