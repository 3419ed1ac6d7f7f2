/**
 * The wall's renderer alone: many tiles, a given number of changes in every animation frame, and what that leaves of
 * the frame rate. Query: tiles, changes, seconds. When it is done the result stands in `window.wallBench`,
 * and as JSON in the page's `output`, for drivers that the page's policy lets run no code.
 */
import type { Tile } from '../../protocol/wall.ts';
import './tokens.css';
import './app.css';
import { arrange } from './wall/geometry.ts';
import { lookOf } from './wall/look.ts';
import { WallRenderer } from './wall/renderer.ts';

export type WallBench = {
  readonly tiles: number;
  readonly changes: number;
  readonly frames: number;
  readonly fps: number;
  /** Time the renderer itself took per frame, ms. */
  readonly drawMsMean: number;
  readonly drawMsMax: number;
};
declare global {
  interface Window {
    wallBench?: WallBench;
  }
}

const query = new URLSearchParams(location.search);
const numberOf = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
const tiles = numberOf('tiles', 10_000);
const changes = numberOf('changes', 500);
const seconds = numberOf('seconds', 5);
const ROOMS_A_FLOOR = 50;
const FLOORS = 25;

/** xorshift32: the same tiles in every run. */
let state = 2463534242;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4294967296;
}

type Row = { tile: Tile };

function someTile(room: string): Tile {
  const q = random();
  const open = q < 0.03;
  return {
    room,
    building: 'b',
    tenant: 'Tenant',
    operating: null,
    electricity: {
      meter: `e-${room}`,
      look: 'breaker',
      wanted: open ? 'open' : 'closed',
      actual: q > 0.99 ? 'unknown' : open ? 'open' : 'closed',
      cause: open ? 'moneyExhausted' : 'normal',
      hold: null,
      mismatchSinceMs: null,
      link: q > 0.97 ? 'stale' : 'online',
      lastReadingMs: 0,
      rate: 500,
      today: 1000,
      todayMicro: 500_000,
      quarantined: false,
    },
    water: null,
    money: {
      wallet: 'w',
      balanceMicro: 40_000_000,
      level: q < 0.1 ? 1 : 0,
      levels: 3,
      hoursLeft: random() * 200,
      exhausted: open,
      temporary: false,
    },
    waterMoney: null,
    alarm: q < 0.002 ? 1 : q < 0.006 ? 2 : q < 0.012 ? 3 : 0,
  };
}

function run(): void {
  document.documentElement.dataset['theme'] = 'light';
  const canvas = document.createElement('canvas');
  canvas.style.cssText = 'position:fixed;inset:0;width:100vw;height:100vh';
  document.body.append(canvas);
  const rows: Row[] = Array.from({ length: tiles }, (_unused, n) => ({ tile: someTile(`r${n}`) }));
  const floors = Math.ceil(tiles / ROOMS_A_FLOOR);
  const groups = Array.from({ length: Math.ceil(floors / FLOORS) }, (_unused, b) => ({
    id: `b${b}`,
    title: `Building ${b + 1}`,
    rows: Array.from({ length: Math.min(FLOORS, floors - b * FLOORS) }, (_none, f) => {
      const first = (b * FLOORS + f) * ROOMS_A_FLOOR;
      return { label: String(f + 1), cells: rows.slice(first, first + ROOMS_A_FLOOR) };
    }),
  }));
  const renderer = new WallRenderer<Row>(canvas);
  renderer.resize(innerWidth, innerHeight);
  renderer.show({
    picked: () => false,
    // No scrolling: every tile is in sight and every change is drawn.
    geometry: arrange(groups, innerWidth, innerHeight, 5),
    look: ({ tile }) => lookOf(tile, 'electricity'),
    text: ({ tile }) => ({ name: tile.room, balance: [] }),
    dimmed: () => false,
    subtitle: (_panel, count) => String(count),
  });
  measure(rows, renderer);
}

function measure(rows: Row[], renderer: WallRenderer<Row>): void {
  let frames = 0;
  let drawn = 0;
  let most = 0;
  const startedMs = performance.now();
  const frame = (): void => {
    const beforeMs = performance.now();
    const changed: Row[] = [];
    for (let n = 0; n < changes; n++) {
      const row = rows[Math.floor(random() * rows.length)];
      if (row === undefined) throw new Error('no tiles');
      row.tile = someTile(row.tile.room);
      changed.push(row);
    }
    renderer.drawItems(changed);
    const tookMs = performance.now() - beforeMs;
    drawn += tookMs;
    most = Math.max(most, tookMs);
    frames += 1;
    const passedMs = performance.now() - startedMs;
    if (passedMs < seconds * 1000) requestAnimationFrame(frame);
    else
      finish({ tiles, changes, frames, fps: (frames * 1000) / passedMs, drawMsMean: drawn / frames, drawMsMax: most });
  };
  requestAnimationFrame(frame);
}

function finish(result: WallBench): void {
  window.wallBench = result;
  const output = document.createElement('output');
  output.textContent = JSON.stringify(result);
  output.style.cssText = 'position:fixed;right:0;bottom:0;background:var(--raise)';
  document.body.append(output);
}

run();
