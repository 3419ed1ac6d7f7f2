/** Builds the control room once for all browser tests of a run, as `npm run build` ships it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built control room. */
    readonly uiDist: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const vite = join(root, 'node_modules/vite/bin/vite.js');

/** In a process of its own: this one's NODE_ENV is `test`, and Svelte would build for development. Returns the way out. */
export default async function buildOnce(project: TestProject): Promise<() => Promise<void>> {
  const dist = await mkdtemp(join(tmpdir(), 'wattroom-ui-'));
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'ui', '--outDir', dist, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
  project.provide('uiDist', dist);
  return () => rm(dist, { recursive: true });
}
