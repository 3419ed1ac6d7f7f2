import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importColumns, type ImportRow } from '../../protocol/importRows.ts';
import { linesOf, sumOf, treeOf, withAbove } from '../../ui/src/setup/tree.ts';
import { aboveFirst } from '../../server/domain/siteImport/order.ts';
import type { SetMeter } from '../../ui/src/setup/site.ts';

const meter = (id: string, upstream?: string, role: SetMeter['role'] = 'tenant'): SetMeter => ({
  ...{ id, line: 'l1', unitId: 1, profile: 'acrel-ddsy1352', utility: 'electricity', role, tariff: 't', ct: 1, pt: 1 },
  ...{ rating: 1, pollIntervalMs: 1_000, freshnessMs: 1_000, hasBreaker: true, bandsFromMeter: false },
  ...(upstream === undefined ? {} : { upstream }),
});
const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
const meters = [
  meter('m10', 'main'),
  meter('m2', 'main'),
  meter('sub', 'main', 'public'),
  meter('s1', 'sub'),
  meter('alone'),
  meter('main', undefined, 'main'),
  meter('idle', undefined, 'main'),
  meter('lost', 'gone'),
];

describe('the tree of meters', () => {
  it('has main meters and what has others behind it at its top, sorted as numbers; the rest is loose', () => {
    const tree = treeOf(meters, compare);
    expect(tree.roots.map(({ id }) => id)).toEqual(['idle', 'main']);
    expect(tree.loose.map(({ id }) => id)).toEqual(['alone', 'lost']);
    const shut = linesOf(tree, new Set(), null);
    expect(shut.map((line) => [line.meter.id, line.open, line.place, line.siblings])).toEqual([
      ['idle', false, 1, 2],
      ['main', false, 2, 2],
    ]);
    const open = linesOf(tree, new Set(['main', 'sub']), null);
    expect(open.map(({ meter: { id }, depth }) => `${depth} ${id}`)).toEqual([
      '0 idle',
      '0 main',
      '1 m2',
      '1 m10',
      '1 sub',
      '2 s1',
    ]);
  });

  it('shows what a search finds with everything above it, whatever is open', () => {
    const tree = treeOf(meters, compare);
    const shown = withAbove(meters, ({ id }) => id === 's1');
    expect(linesOf(tree, new Set(), shown).map((line) => line.meter.id)).toEqual(['main', 'sub', 's1']);
  });

  it('adds up what is known behind a meter, and says when not all is', () => {
    const uses = new Map([
      ['m2', { today: 5, sinceMs: null }],
      ['m10', { today: null, sinceMs: null }],
    ]);
    const of = (id: string) => uses.get(id);
    expect(sumOf([meter('m2')], of)).toEqual({ sum: 5, whole: true });
    expect(sumOf([meter('m2'), meter('m10')], of)).toEqual({ sum: 5, whole: false });
    expect(sumOf([meter('new')], of)).toEqual({ sum: 0, whole: false });
  });

  it('of 10 000 meters is laid out within a frame or few', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => meter(`m${n}`, n === 0 ? undefined : `m${(n - 1) >> 1}`));
    const tree = treeOf(many, (a, b) => (a < b ? -1 : 1));
    expect(linesOf(tree, new Set(tree.below.keys()), null)).toHaveLength(10_000);
  });
});

describe('rows of a table whose meters hang behind one another', () => {
  const blank = Object.fromEntries(importColumns.map((column) => [column, ''])) as ImportRow;
  const row = (id: string, upstream = ''): ImportRow => ({ ...blank, meter: id, upstream });
  const ids = (rows: readonly ImportRow[]): string[] => rows.map((one) => one.meter);

  it('are sent with those above them first, and none is lost, whatever hangs where', () => {
    const one = fc.record({ id: fc.nat(7), upstream: fc.nat(9) });
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 8 }), (all) => {
        const rows = all.map(({ id, upstream }) => row(`m${id}`, upstream === 9 ? '' : `m${upstream}`));
        const sent = aboveFirst(rows);
        expect(ids(sent).sort()).toEqual(ids(rows).sort());
        const links = new Map(rows.map(({ meter: id, upstream }) => [id, upstream]));
        for (const { meter: id, upstream } of sent) {
          let top: string | undefined = upstream;
          for (let n = 0; n < 9 && top; n++) top = links.get(top);
          // Outside a circle the meter above is earlier in the table, or not in it.
          if (!top && links.has(upstream)) expect(ids(sent).indexOf(upstream)).toBeLessThan(ids(sent).indexOf(id));
        }
      }),
    );
  });
});
