/** Rows of a table whose meters hang behind one another: parts of it are sent one after the other. */
import type { ImportRow } from '../../../protocol/importRows.ts';

const meterOf = (row: ImportRow): string => row.meter.trim();
const aboveOf = (row: ImportRow): string => row.upstream.trim();

/** The rows that those of a part hang behind, directly or further up, and that are not in it. */
export function rowsAbove(part: readonly ImportRow[], all: readonly ImportRow[]): ImportRow[] {
  const byMeter = new Map(all.filter((row) => meterOf(row) !== '').map((row) => [meterOf(row), row]));
  const inside = new Set(part.map(meterOf));
  const found = new Map<string, ImportRow>();
  for (const row of part)
    for (let id = aboveOf(row), seen = new Set<string>(); id !== '' && !seen.has(id);) {
      const above = byMeter.get(id);
      if (!above || found.has(id)) break;
      if (!inside.has(id)) found.set(id, above);
      // A circle ends here, and is the server's to name.
      seen.add(id);
      id = aboveOf(above);
    }
  return [...found.values()];
}

/** Meters before those that hang behind them, each else in its place; what is in a circle comes last. */
export function aboveFirst(rows: readonly ImportRow[]): ImportRow[] {
  const own = new Set(rows.map(meterOf).filter((id) => id !== ''));
  const behind = new Map<string, ImportRow[]>();
  const ready: ImportRow[] = [];
  for (const row of rows) {
    const above = aboveOf(row);
    if (!own.has(above) || above === meterOf(row)) ready.push(row);
    else {
      const list = behind.get(above);
      if (list) list.push(row);
      else behind.set(above, [row]);
    }
  }
  for (let i = 0; i < ready.length; i++) {
    const row = ready[i];
    const next = row && meterOf(row) !== '' ? behind.get(meterOf(row)) : undefined;
    if (!next || !row) continue;
    ready.push(...next);
    behind.delete(meterOf(row));
  }
  return [...ready, ...[...behind.values()].flat()];
}
