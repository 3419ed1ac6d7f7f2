/** Frames a second of the wall's renderer in headless Chromium, beside one element per tile in the same browser. */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { z } from 'zod';
import type { Bench } from './bench.ts';

const GOAL_FPS = 50;
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Keeps Chromium on loopback; without a sandbox it also starts as root. */
const FLAGS = [
  ...['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--no-first-run', '--disable-quic', '--disable-gpu'],
];
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const resultSchema = z.object({ fps: z.number(), drawMsMean: z.number(), drawMsMax: z.number() });

export const bench: Bench = {
  name: 'wall',
  summary: 'frames a second of the wall with changes in each',
  run: async ({ smoke }) => {
    const tiles = smoke ? 200 : 10_000;
    const changes = smoke ? 10 : 500;
    const seconds = smoke ? 0.1 : 5;
    const server = await createServer({
      ...{ root: here('../ui'), configFile: here('../ui/vite.config.ts'), logLevel: 'error' },
      server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    });
    await server.listen();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    try {
      const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
      const address = server.resolvedUrls?.local[0] ?? '';
      await page.goto(`${address}bench.html?tiles=${tiles}&changes=${changes}&seconds=${seconds}`);
      const drawn = resultSchema.parse(JSON.parse((await page.locator('output').textContent()) ?? ''));
      await page.goto('about:blank');
      await page.addScriptTag({ path: here('./naiveWall.js') });
      const naive = z.number().parse(await page.evaluate(`naiveWall(${tiles}, ${changes}, ${seconds})`));
      return {
        name: 'wall',
        parameters: { tiles, changes, seconds, drawMsMean: drawn.drawMsMean, drawMsMax: drawn.drawMsMax },
        ...{ value: drawn.fps, unit: 'frames/s' },
        baseline: { name: 'one element per tile', value: naive },
        ...{ ratio: drawn.fps / naive, goal: `value >= ${GOAL_FPS} frames/s`, met: drawn.fps >= GOAL_FPS },
      };
    } finally {
      await browser.close();
      await server.close();
    }
  },
};
