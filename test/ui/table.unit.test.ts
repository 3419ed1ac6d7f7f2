import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow } from '../../protocol/importRows.ts';
import { csv } from '../../ui/src/lib/csv.ts';
import { excel, excelSheet } from '../../ui/src/lib/excel.ts';
import { exact, instant } from '../../ui/src/lib/table.ts';
import { rowsOf } from '../../ui/src/lib/tableFile.ts';
import { readRows } from '../../ui/src/setup/table.ts';

const file = (name: string, text: string): File => new File([text], name);

describe('a table that leaves as a file', () => {
  const zone = 'Asia/Shanghai';
  const atMs = Date.parse('2026-11-25T01:01:28Z');
  const rows = [
    ['名称', 'Balance', 'Count', 'Read at', 'Number'],
    ['=1+1', exact(-420_000, 6), 3, instant(atMs), '0042'],
    ['', exact(null, 6), 0, instant(null), '-5'],
  ];

  it('has exact numbers and the time at the site in CSV, and no formula', () => {
    expect(csv(rows, zone)).toBe(
      "\uFEFF名称,Balance,Count,Read at,Number\r\n'=1+1,-0.420000,3,2026-11-25 09:01:28,0042\r\n,,0,,-5\r\n",
    );
  });

  it('has numbers, dates and texts in Excel, each as what it is', () => {
    const { data, widths } = excelSheet(rows, zone);
    expect(data[0]?.[0]).toEqual({ value: '名称', type: String, fontWeight: 'bold' });
    expect(data[1]).toEqual([
      { value: '=1+1', type: String },
      { value: -0.42, type: Number, format: '#,##0.000000' },
      { value: 3, type: Number },
      { value: new Date('2026-11-25T09:01:28Z'), type: Date, format: 'yyyy-mm-dd hh:mm:ss' },
      { value: '0042', type: String },
    ]);
    expect(data[2]).toEqual([null, null, { value: 0, type: Number }, null, { value: '-5', type: String }]);
    expect(widths).toEqual([6, 11, 7, 21, 8]);
  });

  it('comes back from an Excel file as it was written', async () => {
    const { default: readExcel } = await import('read-excel-file/node');
    const bytes = Buffer.from(await (await excel(rows, zone)).arrayBuffer());
    const [sheet] = await readExcel(bytes);
    expect(sheet?.data).toEqual([
      ['名称', 'Balance', 'Count', 'Read at', 'Number'],
      ['=1+1', -0.42, 3, new Date('2026-11-25T09:01:28Z'), '0042'],
      [null, null, 0, null, '-5'],
    ]);
  });
});

describe('a table of rooms and meters', () => {
  it('comes back from CSV as it was written, formulas and quotes and all', async () => {
    const cell = fc.stringMatching(/^[=+@-]?[a-z",;\u4e00-\u4e20]{1,8}$/);
    const row = fc.record(Object.fromEntries(importColumns.map((column) => [column, cell]))) as fc.Arbitrary<ImportRow>;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (rows) => {
        const text = csv([[...importColumns], ...rows.map((one) => importColumns.map((column) => one[column]))]);
        expect(await readRows(file('t.csv', text))).toEqual({ ok: true, rows });
      }),
      { numRuns: 50, seed: 3 },
    );
  });

  it('is read as Chinese spreadsheets save it, and says so', async () => {
    // 北楼 and 街角 in GB 18030, as Excel writes them in China.
    const bytes = [...'building,floor,room\n'].map((one) => one.charCodeAt(0));
    const chinese = new Uint8Array([...bytes, 0xb1, 0xb1, 0xc2, 0xa5, 0x2c, 0x31, 0x2c, 0xbd, 0xd6, 0xbd, 0xc7]);
    const table = await readRows(new File([chinese], 't.csv'));
    expect(table).toMatchObject({ ok: true, gb18030: true, rows: [{ building: '北楼', floor: '1', room: '街角' }] });
    const neither = new Uint8Array([...bytes, 0xff, 0xff]);
    expect(await readRows(new File([neither], 't.csv'))).toEqual({ ok: false, mistake: 'unreadable' });
  });

  it('names the columns that are missing and those that nobody knows', () => {
    expect(rowsOf([['building', 'floor', 'colour']], importColumns, ['building', 'floor', 'room'])).toEqual({
      ok: false,
      mistake: { missing: ['room'], unknown: ['colour'] },
    });
  });

  it('is refused whole when it is no table', async () => {
    expect(await readRows(file('t.xlsx', 'no zip at all'))).toEqual({ ok: false, mistake: 'unreadable' });
    expect(await readRows(file('t.csv', 'building,floor,room\n"open'))).toEqual({ ok: false, mistake: 'unreadable' });
  });
});
