/** Where each tile lies. Pure; css pixels; the same input gives the same places. */

/** A panel of the wall: a building, or a reason for action. */
export type Group<T> = {
  readonly id: string;
  readonly title: string;
  /** Rows keep their order; a row longer than the panel is wide wraps. */
  readonly rows: readonly { readonly label: string; readonly cells: readonly T[] }[];
};
export type Rect = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
export type Panel = Rect & { readonly id: string; readonly title: string; readonly count: number };
export type Label = { readonly x: number; readonly y: number; readonly text: string };
export type Cell<T> = Rect & { readonly item: T; readonly index: number };
export type Geometry<T> = {
  readonly width: number;
  /** May be higher than the window: the wall scrolls. */
  readonly height: number;
  readonly panels: readonly Panel[];
  readonly labels: readonly Label[];
  readonly cells: readonly Cell<T>[];
};

const GAP = 12;
/** Height of a panel's title. */
export const HEAD = 32;
const PAD = 12;
const LABEL = 30;
/** Smaller tiles cannot be told apart or hit with a finger-tip of a mouse. */
export const TILE_LEAST = 11;
/** What a finger hits (WCAG 2.2, 2.5.8). */
export const TILE_LEAST_TOUCH = 26;
/** Taller tiles show nothing more. */
const TILE_MOST = 64;
/** Width to height at most, so that a tile stays a tile. */
const ASPECT_MOST = 2.2;
/** Height to width at most. */
const TALL_MOST = 1.5;

/** How many panels lie side by side, and how many tiles of each panel. */
type Plan = { readonly columns: number; readonly across: readonly number[] };
export type Size = { readonly width: number; readonly height: number };

const panelWidth = (width: number, columns: number): number => (width - GAP * (columns - 1)) / columns;
const innerWidth = (width: number, columns: number): number => panelWidth(width, columns) - LABEL - 2 * PAD;

/** A floor that wraps does so into lines of equal length. */
function acrossOf<T>(group: Group<T>, inner: number, tile: number): number {
  const fits = Math.max(1, Math.floor(inner / tile));
  const longest = group.rows.reduce((most, { cells }) => Math.max(most, cells.length), 1);
  return Math.ceil(longest / Math.ceil(longest / fits));
}

function panelHeight<T>(group: Group<T>, across: number, tile: number): number {
  const lines = group.rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(row.cells.length / across)), 0);
  return HEAD + lines * tile + PAD;
}

/** Heights of the rows of panels when tiles are `tile` high. */
function rowHeights<T>(groups: readonly Group<T>[], { columns, across }: Plan, tile: number): number[] {
  const heights: number[] = [];
  groups.forEach((group, at) => {
    const row = Math.floor(at / columns);
    heights[row] = Math.max(heights[row] ?? 0, panelHeight(group, across[at] ?? 1, tile));
  });
  return heights;
}

const total = (heights: readonly number[]): number =>
  heights.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, heights.length - 1);

/** The plan that allows the largest tile without scrolling, the shortest of these; where none does, the shortest with the least tile and a scroll bar. */
function planOf<T>(groups: readonly Group<T>[], { width, height }: Size, tileLeast: number): Plan {
  let best: { readonly plan: Plan; readonly tile: number; readonly height: number } | null = null;
  let shortest: { readonly plan: Plan; readonly height: number } | null = null;
  const columnsMost = Math.max(1, Math.min(groups.length, Math.floor(width / 220)));
  for (let columns = 1; columns <= columnsMost; columns++) {
    const inner = innerWidth(width, columns);
    for (let tile = TILE_MOST; tile >= tileLeast; tile--) {
      const plan = { columns, across: groups.map((group) => acrossOf(group, inner, tile)) };
      const needed = total(rowHeights(groups, plan, tile));
      if (needed <= height) {
        if (best === null || tile > best.tile || (tile === best.tile && needed < best.height))
          best = { plan, tile, height: needed };
        break;
      }
      if (tile === tileLeast && (shortest === null || needed < shortest.height)) shortest = { plan, height: needed };
    }
  }
  return best?.plan ?? shortest?.plan ?? { columns: 1, across: [] };
}

/** The width of a panel's tiles, before they are kept from growing too wide. */
const cellWidths = (width: number, { columns, across }: Plan): number[] =>
  across.map((count) => innerWidth(width, columns) / count);

/**
 * whole: the room there is when nothing lies beside or below the wall. Which tile is where follows from it alone, so
 * that an opened drawer or a new alarm changes the size of the tiles and never their places.
 */
export function arrange<T>(
  groups: readonly Group<T>[],
  width: number,
  height: number,
  tileLeast = TILE_LEAST,
  whole: Size = { width, height },
): Geometry<T> {
  const steady = planOf(groups, whole, tileLeast);
  const fits = Math.min(...cellWidths(width, steady)) >= tileLeast;
  const plan = fits ? steady : planOf(groups, { width, height }, tileLeast);
  const { columns } = plan;
  const widths = cellWidths(width, plan);
  const tallest = Math.max(tileLeast, Math.min(TILE_MOST, Math.floor(Math.min(...widths) * TALL_MOST)));
  let tile = groups.length === 0 ? tileLeast : tallest;
  while (tile > tileLeast && total(rowHeights(groups, plan, tile)) > height) tile -= 1;
  const heights = rowHeights(groups, plan, tile);
  const outer = panelWidth(width, columns);
  const panels: Panel[] = [];
  const labels: Label[] = [];
  const cells: Cell<T>[] = [];
  let top = 0;
  groups.forEach((group, at) => {
    const column = at % columns;
    const row = Math.floor(at / columns);
    if (column === 0 && row > 0) top += (heights[row - 1] ?? 0) + GAP;
    const x = column * (outer + GAP);
    const across = plan.across[at] ?? 1;
    const cellWidth = Math.min(widths[at] ?? tile, tile * ASPECT_MOST);
    const count = group.rows.reduce((sum, each) => sum + each.cells.length, 0);
    panels.push({ id: group.id, title: group.title, count, x, y: top, w: outer, h: heights[row] ?? 0 });
    let y = top + HEAD;
    for (const { label, cells: items } of group.rows) {
      labels.push({ x: x + PAD + LABEL - 7, y: y + tile / 2, text: label });
      items.forEach((item, n) => {
        const rect = { x: x + PAD + LABEL + (n % across) * cellWidth, y: y + Math.floor(n / across) * tile };
        cells.push({ ...rect, w: cellWidth, h: tile, item, index: cells.length });
      });
      y += Math.max(1, Math.ceil(items.length / across)) * tile;
    }
  });
  return { width, height: Math.max(total(heights), 0), panels, labels, cells };
}

/** The tile under a point. */
export function cellAt<T>(geometry: Geometry<T>, x: number, y: number): Cell<T> | null {
  return geometry.cells.find((c) => x >= c.x && x < c.x + c.w && y >= c.y && y < c.y + c.h) ?? null;
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** The nearest tile in a direction; up and down keep the column as well as they can. */
export function neighbour<T>(geometry: Geometry<T>, from: number, direction: Direction): number {
  const { cells } = geometry;
  const here = cells[from];
  if (here === undefined) return 0;
  switch (direction) {
    case 'left':
      return Math.max(0, from - 1);
    case 'right':
      return Math.min(cells.length - 1, from + 1);
    case 'first':
      return 0;
    case 'last':
      return cells.length - 1;
    case 'up':
    case 'down': {
      const sign = direction === 'down' ? 1 : -1;
      let best = from;
      let bestCost = Infinity;
      for (const cell of cells) {
        const dy = (cell.y - here.y) * sign;
        if (dy <= 0) continue;
        // A panel beside is no row below: sideways steps cost more than downward ones.
        const cost = dy + 4 * Math.abs(cell.x + cell.w / 2 - here.x - here.w / 2);
        if (cost < bestCost) [best, bestCost] = [cell.index, cost];
      }
      return best;
    }
    default: {
      const never: never = direction;
      throw new Error(`unknown direction ${String(never)}`);
    }
  }
}
