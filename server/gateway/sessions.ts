/** Logged-in operators. The core keeps the records; here is a cache short enough that a revoked session ends at once. */
import type { SessionRecord } from '../../protocol/ipc.ts';
import type { Role } from '../../protocol/site.ts';
import { StoreAway, type CoreLink } from './link.ts';
import { hashToken, newToken } from './tokens.ts';

export type Session = SessionRecord & {
  readonly tokenHash: string;
  readonly displayName: string;
  readonly role: Role;
  /** null: the whole site. */
  readonly buildings: readonly string[] | null;
};
export type Operator = Pick<Session, 'displayName' | 'role' | 'buildings'> & { readonly name: string };
/** From where a session was opened. */
export type Origin = { readonly address: string; readonly browser: string };

/**
 * OWASP ASVS 5.0, 7.3: a session unused for a shift ends, and one that is used every day ends after a week. A wall that
 * is open counts as use, for a control room looks more than it clicks; what is risky asks for the password anyway.
 */
export const SESSION_MS = 12 * 3_600_000;
export const SESSION_MS_MAX = 7 * 24 * 3_600_000;
/** A session in use is moved on when this much of it has gone: a commit a minute, not one per request. */
const EXTEND_AFTER_MS = 60_000;
/** A renewed session's old token leads to the new one for so long: requests and tabs that were under way. */
const GRACE_MS = 10_000;
const BROWSER_MAX = 200;
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
  /** Old token hash to the new one, until when (monotonic). */
  readonly #renewed = new Map<string, { readonly to: string; readonly untilMs: number }>();

  /** `wallMs`: real time, epoch ms; `monoMs`: monotonic, for the age of the cache. */
  constructor(link: CoreLink, wallMs: () => number, monoMs: () => number) {
    this.#link = link;
    this.#wallMs = wallMs;
    this.#monoMs = monoMs;
  }

  /** Throws `CoreAway`. */
  async open(operator: Operator, origin: Origin): Promise<{ readonly token: string; readonly session: Session }> {
    const token = newToken();
    const nowMs = this.#wallMs();
    const { name, displayName, role, buildings } = operator;
    const session: Session = {
      ...{ tokenHash: hashToken(token), operator: name, displayName, role, buildings, csrf: newToken() },
      ...{ sinceMs: nowMs, seenMs: nowMs, provedMs: nowMs, expiresMs: nowMs + SESSION_MS },
      ...{ address: origin.address, browser: origin.browser.slice(0, BROWSER_MAX) },
    };
    await this.#put(session);
    this.#remember(session);
    return { token, session };
  }

  /**
   * The password was given again: another token (ASVS 7.2.4), the same session. The CSRF token stays, for other tabs
   * have it. Throws `CoreAway`.
   */
  async renew(old: Session): Promise<{ readonly token: string; readonly session: Session }> {
    const token = newToken();
    const nowMs = this.#wallMs();
    const session: Session = { ...old, tokenHash: hashToken(token), provedMs: nowMs, seenMs: nowMs };
    await this.#put(session);
    this.#remember(session);
    for (const [hash, { untilMs }] of this.#renewed) if (untilMs < this.#monoMs()) this.#renewed.delete(hash);
    this.#renewed.set(old.tokenHash, { to: session.tokenHash, untilMs: this.#monoMs() + GRACE_MS });
    await this.#delete(old, 'renewed');
    return { token, session };
  }

  /** Throws `CoreAway`. */
  async find(token: string | null): Promise<Session | null> {
    return token === null || !tokenShape.test(token) ? null : this.byHash(hashToken(token));
  }

  /** Throws `CoreAway`. Being asked for counts as use. */
  async byHash(given: string): Promise<Session | null> {
    const renewed = this.#renewed.get(given);
    const tokenHash = renewed !== undefined && this.#monoMs() <= renewed.untilMs ? renewed.to : given;
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
  close(session: Session): Promise<void> {
    return this.#delete(session, 'logout');
  }

  async #delete({ tokenHash }: Session, why: 'logout' | 'renewed'): Promise<void> {
    this.forget(tokenHash);
    await this.#link.ask<'sessionDelete'>({ ask: 'sessionDelete', tokenHash, why });
  }

  /** The core has ended it. */
  forget(tokenHash: string): void {
    this.#cache.delete(tokenHash);
    if (this.#ended.size >= CACHE_MAX) this.#ended.clear();
    this.#ended.add(tokenHash);
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
    if (nowMs - session.seenMs < EXTEND_AFTER_MS) {
      this.#remember(session);
      return session;
    }
    // A session of the first version has no beginning: it begins now.
    const sinceMs = session.sinceMs === 0 ? nowMs : session.sinceMs;
    const expiresMs = Math.min(nowMs + SESSION_MS, sinceMs + SESSION_MS_MAX);
    const extended = { ...session, sinceMs, seenMs: nowMs, expiresMs };
    await this.#put(extended);
    if (this.#ended.has(tokenHash)) return null;
    this.#remember(extended);
    return extended;
  }

  #live(session: Session): Session | null {
    return session.expiresMs > this.#wallMs() && !this.#ended.has(session.tokenHash) ? session : null;
  }

  async #put({ displayName: _name, role: _role, buildings: _buildings, ...record }: Session): Promise<void> {
    await this.#link.ask<'sessionPut'>({ ask: 'sessionPut', ...record });
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
