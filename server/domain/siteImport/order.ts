/** Rows of a table whose meters hang behind one another: they are put on the site part by part. */
import type { ImportRow } from '../../../protocol/importRows.ts';

const meterOf = (row: ImportRow): string => row.meter.trim();
const aboveOf = (row: ImportRow): string => row.upstream.trim();

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
