/** Tables that people bring as CSV or Excel files, by the names of their columns. The parsers are loaded when a file is chosen. */
export type TableMistake = { readonly missing: readonly string[]; readonly unknown: readonly string[] };
export type ReadTable<C extends string> =
  | { readonly ok: true; readonly rows: readonly Readonly<Record<C, string>>[]; readonly gb18030?: true }
  | { readonly ok: false; readonly mistake: TableMistake | 'unreadable' };

/** A cell that an export made safe for spreadsheets begins with a quote mark. */
const plain = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text).trim();
const CELL_MAX = 120;

/** The first row names the columns; empty rows are left out. */
export function rowsOf<C extends string>(
  cells: readonly (readonly string[])[],
  columns: readonly C[],
  needed: readonly C[],
): ReadTable<C> {
  const header = (cells[0] ?? []).map((name) => name.trim());
  const unknown = header.filter((name) => name !== '' && !(columns as readonly string[]).includes(name));
  const missing = needed.filter((column) => !header.includes(column));
  if (missing.length > 0 || unknown.length > 0) return { ok: false, mistake: { missing, unknown } };
  const at = columns.map((column) => [column, header.indexOf(column)] as const);
  const rows = cells
    .slice(1)
    .filter((row) => row.some((cell) => cell.trim() !== ''))
    .map(
      (row) =>
        Object.fromEntries(at.map(([column, i]) => [column, plain(row[i] ?? '').slice(0, CELL_MAX)])) as Record<
          C,
          string
        >,
    );
  return { ok: true, rows };
}

/** Chinese spreadsheets save CSV in GB 18030; what is no UTF-8 is taken for that, and what is neither is no text. */
function textOf(bytes: ArrayBuffer): { readonly text: string; readonly gb18030: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), gb18030: false };
  } catch {
    return { text: new TextDecoder('gb18030', { fatal: true }).decode(bytes), gb18030: true };
  }
}

/** A day that Excel keeps as such is written as the columns want it. */
const cellText = (cell: unknown): string =>
  cell === null ? '' : cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);

export async function readTable<C extends string>(
  file: File,
  columns: readonly C[],
  needed: readonly C[],
): Promise<ReadTable<C>> {
  try {
    if (/\.xlsx$/i.test(file.name)) {
      const { default: readExcel } = await import('read-excel-file/browser');
      const [sheet] = await readExcel(file);
      return rowsOf(
        (sheet?.data ?? []).map((row) => row.map(cellText)),
        columns,
        needed,
      );
    }
    const { parse } = await import('csv-parse/browser/esm/sync');
    const { text, gb18030 } = textOf(await file.arrayBuffer());
    const cells: string[][] = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
    const table = rowsOf(cells, columns, needed);
    return table.ok && gb18030 ? { ...table, gb18030 } : table;
  } catch {
    return { ok: false, mistake: 'unreadable' };
  }
}
