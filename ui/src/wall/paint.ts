/** Draws one tile. Three channels: fill, border, bar; and the alarm mark. */
import type { Rect } from './geometry.ts';
import type { Look } from './look.ts';

export type Palette = Readonly<
  Record<
    | 'bg'
    | 'panel'
    | 'line'
    | 'text'
    | 'dim'
    | 'tile'
    | 'tileEdge'
    | 'hollow'
    | 'bar'
    | 'track'
    | 'p1'
    | 'p2'
    | 'p3'
    | 'onMark'
    | 'focus',
    string
  >
>;
const variables: Readonly<Record<keyof Palette, string>> = {
  bg: '--bg',
  panel: '--panel',
  line: '--line',
  text: '--text',
  dim: '--dim',
  tile: '--tile',
  tileEdge: '--tile-edge',
  hollow: '--hollow',
  bar: '--bar',
  track: '--track',
  p1: '--p1',
  p2: '--p2',
  p3: '--p3',
  onMark: '--on-mark',
  focus: '--focus',
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const entries = Object.entries(variables).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]);
  return Object.fromEntries(entries) as Palette;
}

export const FONT = "system-ui, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', sans-serif";

/** Diagonal stripes, as a pattern made once per palette. */
export function hatch(context: CanvasRenderingContext2D, palette: Palette, ratio: number): CanvasPattern {
  const size = 6;
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(size * ratio);
  const pen = tile.getContext('2d');
  if (pen === null) throw new Error('no 2d context');
  pen.scale(tile.width / size, tile.height / size);
  pen.fillStyle = palette.hollow;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = palette.tileEdge;
  pen.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, 'repeat');
  if (pattern === null) throw new Error('no pattern');
  pattern.setTransform(new DOMMatrix().scale(size / tile.width, size / tile.height));
  return pattern;
}

export type Brush = {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly hatch: CanvasPattern;
};
/** Text inside tiles that have room for it. */
export type TileText = {
  readonly name: string;
  /** Longest first: the first that fits whole is shown; a cut-off number would be read as another. */ readonly balance: readonly string[];
};

const GAP = 1.5;
/** A tile so wide has its name, so wide the mark of an alarm beside it, so high the balance below it. */
const NAMED = 36;
const BESIDE_MARK = 46;
const BALANCED = 38;

export function paintTile(brush: Brush, cell: Rect, look: Look, text: TileText, dimmed: boolean): void {
  const { context: c, palette } = brush;
  const x = cell.x + GAP / 2;
  const y = cell.y + GAP / 2;
  const w = cell.w - GAP;
  const h = cell.h - GAP;
  c.fillStyle = palette.panel;
  c.fillRect(cell.x, cell.y, cell.w, cell.h);
  c.globalAlpha = dimmed ? 0.18 : 1;
  paintFill(brush, look, x, y, w, h);
  paintBorder(brush, look, x, y, w, h);
  const roomy = w >= NAMED && h >= 30;
  if (roomy) paintText(brush, look, text, x, y, w, h);
  if (look.bar !== null) paintBar(brush, look.bar, x + 2, y + h - (roomy ? 6 : 5), w - 4, roomy ? 4 : 3);
  const priority = look.alarm;
  if (priority !== 0)
    paintMark(
      brush,
      priority,
      x + w - (roomy ? 9 : w / 2),
      y + (!roomy ? h / 2 : w < BESIDE_MARK ? 25 : 10),
      Math.min(h * 0.42, roomy ? 7 : 7.5),
    );
  c.globalAlpha = 1;
}

/** A frame and a tick, so that it is seen without colour. */
export function paintPicked({ context: c, palette }: Brush, { x, y, w, h }: Rect): void {
  c.strokeStyle = palette.focus;
  c.lineWidth = 2;
  c.strokeRect(x + 1.5, y + 1.5, w - 3, h - 3);
  const size = Math.min(13, w * 0.6, h * 0.6);
  const [left, top] = [x + w - size - 1, y + h - size - 1];
  c.fillStyle = palette.focus;
  c.fillRect(left, top, size, size);
  c.strokeStyle = palette.panel;
  c.lineWidth = Math.max(1.2, size / 7);
  c.beginPath();
  c.moveTo(left + size * 0.2, top + size * 0.55);
  c.lineTo(left + size * 0.42, top + size * 0.76);
  c.lineTo(left + size * 0.8, top + size * 0.26);
  c.stroke();
}

function paintFill(
  { context: c, palette, hatch: stripes }: Brush,
  look: Look,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  if (look.fill === 'none') return;
  if (look.fill === 'closed') c.fillStyle = palette.tile;
  else c.fillStyle = look.fill === 'open' ? palette.hollow : stripes;
  const before = c.globalAlpha;
  // A room without a tenant recedes.
  if (look.kind === 'notOpened' && look.fill === 'closed') c.globalAlpha = before * 0.4;
  c.fillRect(x, y, w, h);
  c.globalAlpha = before;
  if (look.kind === 'noRelay') {
    // No switch to show: a notch in the corner.
    const cut = Math.min(7, h / 2.5);
    c.fillStyle = palette.panel;
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(x + cut, y);
    c.lineTo(x, y + cut);
    c.fill();
  }
}

function paintBorder({ context: c, palette }: Brush, look: Look, x: number, y: number, w: number, h: number): void {
  const dashed = look.border === 'dashed';
  if (look.fill === 'none') {
    c.strokeStyle = palette.line;
    c.lineWidth = 0.75;
    c.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
    return;
  }
  c.strokeStyle = dashed || look.mismatch ? palette.text : palette.tileEdge;
  c.lineWidth = look.mismatch ? 2 : look.fill === 'open' ? 1.5 : dashed ? 1.2 : 0.8;
  const inset = c.lineWidth / 2;
  if (dashed) c.setLineDash([3, 2.5]);
  c.strokeRect(x + inset, y + inset, w - 2 * inset, h - 2 * inset);
  if (dashed) c.setLineDash([]);
  if (look.kind === 'public' && h >= 9) {
    c.lineWidth = 0.8;
    c.strokeRect(x + 2.5, y + 2.5, w - 5, h - 5);
  }
}

function paintBar(
  { context: c, palette }: Brush,
  bar: NonNullable<Look['bar']>,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  c.fillStyle = palette.track;
  c.fillRect(x, y, w, h);
  if (bar.tone === 'exhausted') {
    c.fillStyle = palette.p1;
    c.fillRect(x, y, w, 1);
    c.fillRect(x, y + h - 1, w, 1);
    c.fillRect(x, y, 2, h);
    return;
  }
  c.fillStyle = bar.tone === 'low' ? palette.p2 : palette.bar;
  c.fillRect(x, y, Math.max(2, w * bar.fraction), h);
}

function paintText(
  { context: c, palette }: Brush,
  look: Look,
  text: TileText,
  x: number,
  y: number,
  w: number,
  h: number,
): void {
  // Where the mark of an alarm has no room beside the name it takes the place of the balance.
  const below = look.alarm > 0 && w < BESIDE_MARK;
  const room = look.alarm > 0 && !below ? w - 22 : w - 7;
  if (look.fill === 'hatched') {
    // Letters stay readable on stripes.
    c.fillStyle = palette.hollow;
    c.fillRect(x + 3, y + 3, Math.min(room + 4, w - 6), h >= BALANCED && !below ? 31 : 15);
  }
  c.textBaseline = 'alphabetic';
  c.textAlign = 'left';
  c.fillStyle = palette.text;
  c.font = `600 11px ${FONT}`;
  if (c.measureText(text.name).width > room) c.font = `600 10px ${FONT}`;
  c.fillText(clipStart(c, text.name, room), x + 4, y + 14);
  if (h < BALANCED || below) return;
  c.font = `11px ${FONT}`;
  const fitting = text.balance.find((each) => c.measureText(each).width <= w - 7);
  if (fitting !== undefined) c.fillText(fitting, x + 4, y + 29);
}

/** Rooms of a building begin alike: what tells them apart is the end of the name. */
function clipStart(c: CanvasRenderingContext2D, text: string, width: number): string {
  if (c.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && c.measureText(`…${letters.join('')}`).width > width) letters.shift();
  return `…${letters.join('')}`;
}

/** Cuts to a width, with an ellipsis. */
export function clip(c: CanvasRenderingContext2D, text: string, width: number): string {
  if (c.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && c.measureText(`${letters.join('')}…`).width > width) letters.pop();
  return `${letters.join('')}…`;
}

export function paintMark({ context: c, palette }: Brush, priority: 1 | 2 | 3, x: number, y: number, r: number): void {
  const points: Readonly<Record<1 | 2, readonly (readonly [number, number])[]>> = {
    1: [
      [0, -1.15],
      [1.1, 0.85],
      [-1.1, 0.85],
    ],
    2: [
      [0, -1.1],
      [1.1, 0],
      [0, 1.1],
      [-1.1, 0],
    ],
  };
  c.fillStyle = priority === 1 ? palette.p1 : priority === 2 ? palette.p2 : palette.p3;
  c.strokeStyle = palette.panel;
  c.lineWidth = 1.5;
  c.beginPath();
  if (priority === 3) c.arc(x, y, r, 0, Math.PI * 2);
  else {
    points[priority].forEach(([dx, dy], at) =>
      at === 0 ? c.moveTo(x + dx * r, y + dy * r) : c.lineTo(x + dx * r, y + dy * r),
    );
    c.closePath();
  }
  c.stroke();
  c.fill();
  c.fillStyle = palette.onMark;
  c.font = `700 ${Math.max(7, Math.round(r * 1.2))}px ${FONT}`;
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  c.fillText(String(priority), x, y + (priority === 1 ? r * 0.22 : r * 0.06));
}
