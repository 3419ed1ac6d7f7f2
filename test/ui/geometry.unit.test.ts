import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, cellAt, neighbour, TILE_LEAST, type Group } from '../../ui/src/wall/geometry.ts';

const site = (buildings: number, floors: number, rooms: number): Group<string>[] =>
  Array.from({ length: buildings }, (_b, b) => ({
    id: `b${b}`,
    title: `B${b}`,
    rows: Array.from({ length: floors }, (_f, f) => ({
      label: String(f),
      cells: Array.from({ length: rooms }, (_r, r) => `${b}-${f}-${r}`),
    })),
  }));

const size = fc.record({
  buildings: fc.integer({ min: 1, max: 6 }),
  floors: fc.integer({ min: 1, max: 12 }),
  rooms: fc.integer({ min: 1, max: 30 }),
  width: fc.integer({ min: 320, max: 2400 }),
  height: fc.integer({ min: 300, max: 1400 }),
});

describe('the arrangement of tiles', () => {
  it('shows every room once, in order, inside its panel and the width', () => {
    fc.assert(
      fc.property(size, ({ buildings, floors, rooms, width, height }) => {
        const groups = site(buildings, floors, rooms);
        const { cells, panels } = arrange(groups, width, height);
        expect(cells.map(({ item }) => item)).toEqual(groups.flatMap((g) => g.rows.flatMap((row) => row.cells)));
        for (const [n, cell] of cells.entries()) {
          const panel = panels[Math.floor(n / (floors * rooms))];
          if (panel === undefined) throw new Error('no panel');
          expect(cell.x).toBeGreaterThanOrEqual(panel.x);
          expect(cell.x + cell.w).toBeLessThanOrEqual(panel.x + panel.w + 0.01);
          expect(cell.y + cell.h).toBeLessThanOrEqual(panel.y + panel.h + 0.01);
          expect(cell.h).toBeGreaterThanOrEqual(TILE_LEAST);
        }
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  it('lets no two tiles overlap', () => {
    const { cells } = arrange(site(3, 4, 7), 900, 700);
    for (const a of cells)
      for (const b of cells) {
        if (a === b) continue;
        const apart =
          a.x + a.w <= b.x + 0.01 || b.x + b.w <= a.x + 0.01 || a.y + a.h <= b.y + 0.01 || b.y + b.h <= a.y + 0.01;
        expect(apart, `${a.item} and ${b.item}`).toBe(true);
      }
  });

  it('fits a site of 2 048 rooms on one screen without scrolling', () => {
    expect(arrange(site(4, 16, 32), 1040, 620).height).toBeLessThanOrEqual(620);
  });

  it('scrolls rather than shrink below what a finger hits', () => {
    const { cells, height } = arrange(site(2, 12, 10), 360, 400, 26);
    expect(Math.min(...cells.map(({ h }) => h))).toBe(26);
    expect(height).toBeGreaterThan(400);
  });

  it('keeps each tile in its line and column when a drawer opens or alarms come', () => {
    const whole = { width: 1340, height: 670 };
    const places = (width: number, height: number): string[] => {
      const { cells } = arrange(site(2, 6, 20), width, height, TILE_LEAST, whole);
      const of = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
      const [xs, ys] = [of(cells.map(({ x }) => x)), of(cells.map(({ y }) => y))];
      return cells.map(({ item, x, y }) => `${item} ${xs.indexOf(x)} ${ys.indexOf(y)}`);
    };
    const closed = places(whole.width, whole.height);
    expect(places(928, 600)).toEqual(closed);
    expect(places(928, 420)).toEqual(closed);
    expect(places(whole.width, 560)).toEqual(closed);
  });

  it('keeps floors of unequal length inside their panel', () => {
    const cells = (count: number): string[] => Array.from({ length: count }, (_, n) => `${count}-${n}`);
    const groups = [{ id: 'b', title: 'B', rows: [20, 13, 7].map((n) => ({ label: String(n), cells: cells(n) })) }];
    const { cells: tiles, panels } = arrange(groups, 900, 300);
    const [panel] = panels;
    if (panel === undefined) throw new Error('no panel');
    for (const tile of tiles) expect(tile.y + tile.h).toBeLessThanOrEqual(panel.y + panel.h);
  });

  it('finds the tile under each of its points', () => {
    const geometry = arrange(site(2, 3, 5), 800, 600);
    for (const cell of geometry.cells) {
      expect(cellAt(geometry, cell.x + cell.w / 2, cell.y + cell.h / 2)?.item).toBe(cell.item);
    }
    expect(cellAt(geometry, 0, 0)).toBeNull();
  });

  it('is empty for a site without rooms', () => {
    expect(arrange([], 800, 600)).toMatchObject({ cells: [], panels: [], height: 0 });
  });
});

describe('arrow keys', () => {
  const geometry = arrange(site(1, 3, 4), 800, 600);
  const go = (from: number, direction: 'left' | 'right' | 'up' | 'down' | 'first' | 'last') =>
    neighbour(geometry, from, direction);

  it('keep the column when going up and down', () => {
    expect([go(1, 'down'), go(5, 'down'), go(5, 'up')]).toEqual([5, 9, 1]);
  });

  it('stop at the edges', () => {
    expect([go(0, 'left'), go(11, 'right'), go(1, 'up'), go(10, 'down')]).toEqual([0, 11, 1, 10]);
  });

  it('jump to both ends', () => {
    expect([go(5, 'first'), go(5, 'last')]).toEqual([0, 11]);
  });
});
