/** The core as a child of the demo. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';
import { openedSchema } from '../../protocol/opened.ts';

export type CoreOptions = {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Site file to import into an empty store, or null when the store knows its site. */
  readonly initFrom: string | null;
};

export type Core = {
  readonly process: ChildProcess;
  /** Its address once it has said that it listens: whoever else answers at a port is never taken for it. */
  url: string | null;
  /** Exit code, or 1 after a signal nobody here sent. */
  readonly ended: Promise<number>;
};

export function startCore({ root, env, initFrom }: CoreOptions): Core {
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'server', 'main.ts')];
  if (initFrom !== null) args.push('--init', '--site', initFrom);
  // A process group of its own: a Ctrl-C reaches the demo alone, which then ends the core in order. The channel tells the
  // core when the demo is killed and cannot do so.
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio, detached: true });
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const core: Core = { process: child, url: null, ended };
  child.on('message', (message) => {
    const opened = openedSchema.parse(message);
    core.url = `http://${opened.host}:${opened.port}`;
  });
  return core;
}

const ASK_MS = 250;

/** The core's address once it listens and `/healthz` is well (silent meters do not count), null when it has ended first. */
export async function answering(core: Core): Promise<string | null> {
  let over = false;
  void core.ended.then(() => {
    over = true;
  });
  while (!over) {
    if (core.url !== null && (await healthy(core.url))) return core.url;
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
  return null;
}

async function healthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // its gateway has ended again: asked once more
  }
}
