import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow } from '../../protocol/importRows.ts';
import { csv } from '../../ui/src/lib/csv.ts';
import { doublesIn, readTable, rowsOf } from '../../ui/src/setup/table.ts';

const file = (name: string, text: string): File => new File([text], name);

describe('a table of rooms and meters', () => {
  it('comes back from CSV as it was written, formulas and quotes and all', async () => {
    const cell = fc.stringMatching(/^[=+@-]?[a-z",;\u4e00-\u4e20]{1,8}$/);
    const row = fc.record(Object.fromEntries(importColumns.map((column) => [column, cell]))) as fc.Arbitrary<ImportRow>;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (rows) => {
        const text = csv([[...importColumns], ...rows.map((one) => importColumns.map((column) => one[column]))]);
        expect(await readTable(file('t.csv', text))).toEqual({ ok: true, rows });
      }),
      { numRuns: 50, seed: 3 },
    );
  });

  it('names the columns that are missing and those that nobody knows', () => {
    expect(rowsOf([['building', 'floor', 'colour']])).toEqual({
      ok: false,
      mistake: { missing: ['room'], unknown: ['colour'] },
    });
  });

  it('is refused whole when it is no table', async () => {
    expect(await readTable(file('t.xlsx', 'no zip at all'))).toEqual({ ok: false, mistake: 'unreadable' });
    expect(await readTable(file('t.csv', 'building,floor,room\n"open'))).toEqual({ ok: false, mistake: 'unreadable' });
  });

  it('shows the same meter and the same address twice, and rooms alone never', () => {
    const blank = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
    const rows = [
      { ...blank, meter: 'a', line: 'l', unitId: '1' },
      { ...blank },
      { ...blank },
      { ...blank, meter: 'a', line: 'l', unitId: '2' },
      { ...blank, meter: 'b', line: 'l', unitId: '1' },
    ];
    expect(doublesIn(rows)).toEqual([
      { row: 3, first: 0, column: 'meter' },
      { row: 4, first: 0, column: 'unitId' },
    ]);
  });
});
