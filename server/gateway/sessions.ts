/** Logged-in operators. The core keeps the records; here is a cache short enough that a revoked session ends at once. */
import type { Role } from '../../protocol/site.ts';
import { StoreAway, type CoreLink } from './link.ts';
import { hashToken, newToken } from './tokens.ts';

export type Session = {
  readonly tokenHash: string;
  readonly operator: string;
  readonly displayName: string;
  readonly role: Role;
  readonly csrf: string;
  readonly expiresMs: number;
};
export type Operator = { readonly name: string; readonly displayName: string; readonly role: Role };

export const SESSION_MS = 12 * 3_600_000;
/** A session in use is moved on when this much of it has gone: a commit every ten minutes, not one per request. */
const EXTEND_AFTER_MS = 10 * 60_000;
const CACHE_MS = 3_000;
const CACHE_MAX = 4_096;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

type Cached = { readonly session: Session; readonly atMs: number };

export class Sessions {
  readonly #link: CoreLink;
  readonly #wallMs: () => number;
  readonly #monoMs: () => number;
  readonly #cache = new Map<string, Cached>();
  readonly #asking = new Map<string, Promise<Session | null>>();
  /** Logged out here: an answer or an extension still on its way must not bring them back. */
  readonly #ended = new Set<string>();

  /** `wallMs`: real time, epoch ms; `monoMs`: monotonic, for the age of the cache. */
  constructor(link: CoreLink, wallMs: () => number, monoMs: () => number) {
    this.#link = link;
    this.#wallMs = wallMs;
    this.#monoMs = monoMs;
  }

  /** Throws `CoreAway`. */
  async open(operator: Operator): Promise<{ readonly token: string; readonly session: Session }> {
    const token = newToken();
    const session: Session = {
      tokenHash: hashToken(token),
      operator: operator.name,
      displayName: operator.displayName,
      role: operator.role,
      csrf: newToken(),
      expiresMs: this.#wallMs() + SESSION_MS,
    };
    await this.#put(session);
    this.#remember(session);
    return { token, session };
  }

  /** Throws `CoreAway`. */
  async find(token: string | null): Promise<Session | null> {
    return token === null || !tokenShape.test(token) ? null : this.byHash(hashToken(token));
  }

  /** Throws `CoreAway`. Being asked for counts as use. */
  async byHash(tokenHash: string): Promise<Session | null> {
    const cached = this.#cache.get(tokenHash);
    if (cached !== undefined && this.#monoMs() - cached.atMs < CACHE_MS) return this.#live(cached.session);
    const underWay = this.#asking.get(tokenHash);
    if (underWay !== undefined) return underWay;
    const asking = this.#ask(tokenHash)
      .catch((error: unknown) => {
        // Nothing can have been revoked in a store that keeps nothing: who is logged in goes on watching.
        if (error instanceof StoreAway && cached !== undefined) return this.#live(cached.session);
        throw error;
      })
      .finally(() => this.#asking.delete(tokenHash));
    this.#asking.set(tokenHash, asking);
    return asking;
  }

  /** Throws `CoreAway`. */
  async close(session: Session): Promise<void> {
    this.#cache.delete(session.tokenHash);
    if (this.#ended.size >= CACHE_MAX) this.#ended.clear();
    this.#ended.add(session.tokenHash);
    await this.#link.ask<'sessionDelete'>({ ask: 'sessionDelete', tokenHash: session.tokenHash });
  }

  async #ask(tokenHash: string): Promise<Session | null> {
    const found = await this.#link.ask<'sessionGet'>({ ask: 'sessionGet', tokenHash });
    if (found === null) {
      this.#cache.delete(tokenHash);
      return null;
    }
    const session = this.#live({ tokenHash, ...found });
    if (session === null) return null;
    const nowMs = this.#wallMs();
    if (nowMs + SESSION_MS - session.expiresMs < EXTEND_AFTER_MS) {
      this.#remember(session);
      return session;
    }
    const extended = { ...session, expiresMs: nowMs + SESSION_MS };
    await this.#put(extended);
    if (this.#ended.has(tokenHash)) return null;
    this.#remember(extended);
    return extended;
  }

  #live(session: Session): Session | null {
    return session.expiresMs > this.#wallMs() && !this.#ended.has(session.tokenHash) ? session : null;
  }

  async #put({ tokenHash, operator, csrf, expiresMs }: Session): Promise<void> {
    await this.#link.ask<'sessionPut'>({ ask: 'sessionPut', tokenHash, operator, csrf, expiresMs });
  }

  #remember(session: Session): void {
    this.#cache.delete(session.tokenHash);
    if (this.#cache.size >= CACHE_MAX) {
      const oldest = this.#cache.keys().next();
      if (oldest.done !== true) this.#cache.delete(oldest.value);
    }
    this.#cache.set(session.tokenHash, { session, atMs: this.#monoMs() });
  }
}
