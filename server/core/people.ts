/** Sessions and attempts to log in. Both live in real time, and in memory over records of the store. */
import { z } from 'zod';
import type { SessionRecord } from '../../protocol/ipc.ts';
import { waitAfter } from '../domain/lockout.ts';
import { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';

/** Sessions of the first version had the first three alone. */
const sessionSchema = z.strictObject({
  operator: z.string(),
  csrf: z.string(),
  expiresMs: z.number(),
  sinceMs: z.number().default(0),
  seenMs: z.number().default(0),
  provedMs: z.number().default(0),
  address: z.string().default(''),
  browser: z.string().default(''),
});
const attemptsSchema = z.strictObject({ failures: z.int(), lastMs: z.number() });
type Attempts = z.infer<typeof attemptsSchema>;

const PAGE = 500;
/** Names nobody has, tried by guessers, are remembered up to this many; a known name's attempts are a record too. */
const ATTEMPTS_MAX = 10_000;

export class People {
  readonly #core: Core;
  #sessions: Map<string, SessionRecord> | null = null;
  readonly #attempts = new Map<string, Attempts>();
  /** Told after the commit that ended them. */
  onEnded: (tokenHashes: readonly string[]) => void = () => {};

  constructor(core: Core) {
    this.#core = core;
  }

  /** All sessions by token hash, read once. Rejects with StoreError. */
  async sessions(): Promise<ReadonlyMap<string, SessionRecord>> {
    if (this.#sessions) return this.#sessions;
    const read = new Map<string, SessionRecord>();
    let cursor: string | null = null;
    do {
      const page = await this.#core.options.store.range({
        ...{ kind: 'session', index: 'all', limit: PAGE },
        ...(cursor === null ? {} : { cursor }),
      });
      for (const { id, value } of page.items) read.set(id, sessionSchema.parse(value));
      cursor = page.cursor;
    } while (cursor !== null);
    // Someone else may have asked, and changed it, in the meantime.
    this.#sessions ??= read;
    return this.#sessions;
  }

  /** Resolves when it is durable; those that have run out go at this occasion. */
  async put(tokenHash: string, session: SessionRecord, nowMs: number): Promise<true> {
    const sessions = await this.sessions();
    this.#mustKeep();
    for (const [hash, { expiresMs }] of sessions) if (expiresMs <= nowMs) this.#remove(hash);
    this.#sessions?.set(tokenHash, session);
    this.#append('session', tokenHash, session, session.expiresMs);
    return this.#durable();
  }

  /** Ends sessions of which `which` says so, and tells the gateway once that is durable. Returns how many. */
  async end(which: (session: SessionRecord, tokenHash: string) => boolean): Promise<number> {
    const sessions = await this.sessions();
    this.#mustKeep();
    const hashes = [...sessions].flatMap(([hash, session]) => (which(session, hash) ? hash : []));
    for (const hash of hashes) this.#remove(hash);
    if (hashes.length > 0) this.#core.committer.whenDurable(() => this.onEnded(hashes));
    return hashes.length;
  }

  /** By its own gateway, which knows it already. */
  async delete(tokenHash: string): Promise<true> {
    await this.sessions();
    this.#mustKeep();
    this.#remove(tokenHash);
    return this.#durable();
  }

  /** Counts an attempt; ms to wait instead, if too many have failed. `key`: the name, and what for. */
  async attempt(key: string, known: boolean, nowMs: number): Promise<number> {
    let attempts = this.#attempts.get(key);
    if (!attempts && known) {
      const stored = await this.#core.options.store.get('attempts', key);
      attempts = this.#attempts.get(key) ?? (stored ? attemptsSchema.parse(stored) : undefined);
    }
    const wait = waitAfter(attempts ?? null, nowMs);
    if (wait.waitMs > 0) return wait.waitMs;
    const next = { failures: wait.failures + 1, lastMs: nowMs };
    this.#attempts.delete(key);
    if (this.#attempts.size >= ATTEMPTS_MAX) {
      const oldest = this.#attempts.keys().next();
      if (oldest.done !== true) this.#attempts.delete(oldest.value);
    }
    this.#attempts.set(key, next);
    if (known && this.#core.committer.keeping) this.#append('attempts', key, next, nowMs);
    return 0;
  }

  forgive(key: string): void {
    if (this.#attempts.delete(key) && this.#core.committer.keeping) this.#append('attempts', key, null, 0);
  }

  #remove(tokenHash: string): void {
    this.#sessions?.delete(tokenHash);
    this.#append('session', tokenHash, null, 0);
  }

  #mustKeep(): void {
    if (!this.#core.committer.keeping) throw new StoreError('away', 'the store does not keep');
  }

  #append(kind: string, id: string, value: Readonly<Record<string, string | number>> | null, atMs: number): void {
    const record = value === null ? { kind, id, value } : { kind, id, value: { ...value }, index: { all: atMs } };
    this.#core.committer.append([], [record]);
  }

  #durable(): Promise<true> {
    return new Promise((resolve) => this.#core.committer.whenDurable(() => resolve(true)));
  }
}
