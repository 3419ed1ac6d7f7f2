/** A real redis-server of a test's own: unix socket, temporary folder, every write in the AOF. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SAFE = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--no-appendfsync-on-rewrite',
  'no',
  '--maxmemory-policy',
  'noeviction',
  '--save',
  '',
];

export class RedisServer {
  readonly dir = mkdtempSync(join(tmpdir(), 'wattroom-redis-'));
  readonly socket = join(this.dir, 'redis.sock');
  readonly url = `unix:${this.socket}`;
  readonly #settings: readonly string[];
  #process: ChildProcess | null = null;

  private constructor(settings: readonly string[]) {
    this.#settings = settings;
  }

  static async start(settings: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(settings);
    await server.start();
    return server;
  }

  /** Also after a kill: the AOF is read back. */
  async start(): Promise<void> {
    const started = spawn(
      'redis-server',
      ['--port', '0', '--unixsocket', this.socket, '--dir', this.dir, ...SAFE, ...this.#settings],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = started;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const listen = (text: Buffer): void => {
        said += text.toString();
        if (/ready to accept connections/i.test(said)) resolve();
      };
      started.stdout.on('data', listen);
      started.stderr.on('data', listen);
      started.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
      started.once('error', reject);
    });
  }

  async kill9(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGCONT');
    running.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** A raw command, such as `CONFIG SET maxmemory 1`; the first line of the answer. */
  command(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const connection = createConnection(this.socket, () =>
        connection.write(
          `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
        ),
      );
      connection.once('data', (answer) => {
        connection.destroy();
        resolve(answer.toString());
      });
      connection.once('error', reject);
    });
  }

  /** How often Redis ran a command since it started. */
  async calls(command: string): Promise<number> {
    const stats = await this.command('INFO', 'commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    await this.kill9();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
