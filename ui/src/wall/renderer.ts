/**
 * The wall on a canvas as large as the window onto it: scrolling moves the picture, changes redraw only their tiles.
 * Knows nothing of the page around it, so that the bench runs it alone.
 */
import { HEAD, type Cell, type Geometry, type Panel } from './geometry.ts';
import type { Look } from './look.ts';
import { clip, FONT, hatch, paintPicked, paintTile, readPalette, type Brush, type TileText } from './paint.ts';

export type Scene<T> = {
  readonly geometry: Geometry<T>;
  /** null: nothing is known of this room yet. */
  readonly look: (item: T) => Look | null;
  readonly text: (item: T) => TileText;
  /** Beside the filter: shown faintly, at its place. */
  readonly dimmed: (item: T) => boolean;
  /** Chosen for an order. */
  readonly picked: (item: T) => boolean;
  /** What stands behind a panel's title. */
  readonly subtitle: (panel: string, count: number) => string;
};

export class WallRenderer<T> {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #brush: Brush;
  #scene: Scene<T> | null = null;
  readonly #cells = new Map<T, Cell<T>>();
  #width = 0;
  #height = 0;
  #scrollTop = 0;
  #focus: T | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('this browser draws no canvas');
    this.#context = context;
    this.#brush = this.#mix();
  }

  /** Colours changed. */
  repaint(): void {
    this.#brush = this.#mix();
    this.drawAll();
  }

  resize(width: number, height: number): void {
    const ratio = devicePixelRatio;
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#brush = this.#mix();
  }

  show(scene: Scene<T>): void {
    this.#scene = scene;
    this.#cells.clear();
    for (const cell of scene.geometry.cells) this.#cells.set(cell.item, cell);
    this.drawAll();
  }

  scrollTo(top: number): void {
    if (top === this.#scrollTop) return;
    this.#scrollTop = top;
    this.drawAll();
  }

  focus(item: T | null): void {
    const before = this.#focus;
    this.#focus = item;
    // The ring lies inside its tile: two tiles are all there is to redraw.
    this.drawItems([before, item].filter((each) => each !== null));
  }

  drawAll(): void {
    const scene = this.#scene;
    if (scene === null) return;
    const { palette } = this.#brush;
    const c = this.#begin();
    c.fillStyle = palette.bg;
    c.fillRect(0, this.#scrollTop, this.#width, this.#height);
    for (const panel of scene.geometry.panels) if (this.#visible(panel.y, panel.h)) this.#drawPanel(scene, panel);
    c.fillStyle = palette.dim;
    c.font = `10.5px ${FONT}`;
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    for (const label of scene.geometry.labels) {
      if (this.#visible(label.y - 10, 20)) c.fillText(label.text, label.x, label.y, 30);
    }
    for (const cell of scene.geometry.cells) if (this.#visible(cell.y, cell.h)) this.#drawCell(scene, cell);
    this.#drawFocus();
    c.restore();
  }

  /** Only the panels' titles, whose figures changed. */
  drawHeads(): void {
    const scene = this.#scene;
    if (scene === null) return;
    const c = this.#begin();
    for (const panel of scene.geometry.panels) if (this.#visible(panel.y, HEAD)) this.#drawHead(scene, panel);
    c.restore();
  }

  /** Only these tiles. */
  drawItems(items: Iterable<T>): void {
    const scene = this.#scene;
    if (scene === null) return;
    const c = this.#begin();
    for (const item of items) {
      const cell = this.#cells.get(item);
      if (cell !== undefined && this.#visible(cell.y, cell.h)) this.#drawCell(scene, cell);
    }
    this.#drawFocus();
    c.restore();
  }

  cellOf(item: T): Cell<T> | null {
    return this.#cells.get(item) ?? null;
  }

  #mix(): Brush {
    const palette = readPalette(this.#canvas);
    return { context: this.#context, palette, hatch: hatch(this.#context, palette, devicePixelRatio) };
  }

  #begin(): CanvasRenderingContext2D {
    const c = this.#context;
    c.save();
    c.scale(devicePixelRatio, devicePixelRatio);
    c.translate(0, -this.#scrollTop);
    return c;
  }

  #visible(y: number, h: number): boolean {
    return y + h > this.#scrollTop && y < this.#scrollTop + this.#height;
  }

  #drawPanel(scene: Scene<T>, panel: Panel): void {
    const { context: c, palette } = this.#brush;
    c.fillStyle = palette.panel;
    c.strokeStyle = palette.line;
    c.lineWidth = 1;
    c.beginPath();
    c.roundRect(panel.x + 0.5, panel.y + 0.5, panel.w - 1, panel.h - 1, 10);
    c.fill();
    c.stroke();
    this.#drawHead(scene, panel);
  }

  #drawHead(scene: Scene<T>, panel: Panel): void {
    const { context: c, palette } = this.#brush;
    c.fillStyle = palette.panel;
    c.fillRect(panel.x + 12, panel.y + 6, panel.w - 24, HEAD - 8);
    c.textAlign = 'left';
    c.textBaseline = 'alphabetic';
    c.font = `600 13px ${FONT}`;
    c.fillStyle = palette.text;
    const title = clip(c, panel.title, panel.w * 0.6);
    c.fillText(title, panel.x + 14, panel.y + 21);
    const after = 14 + c.measureText(title).width + 10;
    c.font = `12px ${FONT}`;
    c.fillStyle = palette.dim;
    c.fillText(clip(c, scene.subtitle(panel.id, panel.count), panel.w - after - 14), panel.x + after, panel.y + 21);
  }

  #drawCell(scene: Scene<T>, cell: Cell<T>): void {
    const look = scene.look(cell.item) ?? unknownLook;
    paintTile(this.#brush, cell, look, scene.text(cell.item), scene.dimmed(cell.item));
    if (scene.picked(cell.item)) paintPicked(this.#brush, cell);
  }

  #drawFocus(): void {
    const cell = this.#focus === null ? undefined : this.#cells.get(this.#focus);
    if (cell === undefined) return;
    const c = this.#context;
    c.strokeStyle = this.#brush.palette.focus;
    c.lineWidth = 2.5;
    c.strokeRect(cell.x + 1.25, cell.y + 1.25, cell.w - 2.5, cell.h - 2.5);
  }
}

/** Nothing was heard of the room: hatched and stale, never like a good one. */
const unknownLook: Look = { fill: 'hatched', border: 'dashed', kind: 'breaker', bar: null, alarm: 0, mismatch: false };
