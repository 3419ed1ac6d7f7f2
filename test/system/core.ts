/** The core as a process of its own: `node server/main.ts`, watched through what it logs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isAlive, until, within } from './until.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

const logSchema = z.looseObject({ msg: z.string(), pid: z.int(), name: z.string().optional(), level: z.int() });
const openSchema = logSchema.extend({ address: z.string() });
type Said = z.infer<typeof logSchema>;

export type CoreEnv = Readonly<Record<string, string | undefined>>;
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** What the tests' own runner sets would change what is tested. */
function cleanEnv(env: CoreEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, PORT: '0', LOG_LEVEL: 'info', ...env };
}

export class CoreProcess {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  /** Lines on stdout that are no log entries. */
  readonly plain: string[] = [];
  errors = '';
  readonly ended: Promise<Ended>;
  #end: Ended | null = null;

  constructor(
    env: CoreEnv,
    args: readonly string[] = [],
    detached = false,
    as: { readonly uid?: number; readonly gid?: number } = {},
  ) {
    // With a channel: when the test's process dies, the core stops by itself.
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
      ...{ cwd: root, env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached, ...as },
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the core has no output');
    createInterface({ input: stdout }).on('line', (line) => this.#take(line));
    stderr.on('data', (text: Buffer) => {
      this.errors += text.toString();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.#end = { code, signal };
        resolve(this.#end);
      });
    });
  }

  #take(line: string): void {
    const parsed = line.startsWith('{') ? logSchema.safeParse(JSON.parse(line)) : null;
    if (parsed?.success) this.said.push(parsed.data);
    else this.plain.push(line);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the core did not start');
    return this.child.pid;
  }

  get gone(): boolean {
    return this.#end !== null;
  }

  /** Addresses in the order they were opened; a new gateway opens the next one. */
  get addresses(): string[] {
    return this.said
      .filter(({ msg }) => msg === 'the control room is open')
      .map((entry) => openSchema.parse(entry).address);
  }

  /** Process ids of the gateways so far, the present one last. */
  get gateways(): number[] {
    return this.said.filter(({ name, msg }) => name === 'gateway' && msg === 'listening').map(({ pid }) => pid);
  }

  /** The address of the n-th gateway (from 1). Throws what the core wrote when it ends before. */
  async open(gateway = 1): Promise<string> {
    return until(
      `gateway ${gateway} of the core`,
      () => {
        if (this.gone) throw new Error(`the core has ended: ${this.errors}${this.plain.join('\n')}`);
        return this.addresses[gateway - 1];
      },
      60_000,
    );
  }

  /** Nothing of it runs any more when this resolves; its gateway notices by itself. */
  async kill9(): Promise<void> {
    this.child.kill('SIGKILL');
    await within('the end of a killed core', this.ended);
    for (const pid of this.gateways) await until(`the end of gateway ${pid}`, () => !isAlive(pid));
  }

  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return within('the end of a stopped core', this.ended);
  }
}
