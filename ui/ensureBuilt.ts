/** Builds the control room when it is missing or older than its sources. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Newest change below a folder, epoch ms; 0 when there is none. */
export function newestIn(folder: string, except: readonly string[]): number {
  if (!existsSync(folder)) return 0;
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (except.includes(entry.name)) continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path, except) : statSync(path).mtimeMs);
  }
  return newest;
}

export function needsBuild(root: string): boolean {
  const page = join(root, 'ui', 'dist', 'index.html');
  if (!existsSync(page)) return true;
  const sources = Math.max(newestIn(join(root, 'ui'), ['dist', 'node_modules']), newestIn(join(root, 'protocol'), []));
  return sources > statSync(page).mtimeMs;
}

export async function ensureBuilt(root: string): Promise<void> {
  if (!needsBuild(root)) return;
  console.log('Building the control room (only when its sources changed) …');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', 'ui', '--logLevel', 'error'], { cwd: root, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`vite build ended with ${code ?? 'a signal'}`);
}
