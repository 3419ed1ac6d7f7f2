/** Who may talk to the gateway at all: origin, session, CSRF token, loopback or monitoring token. */
import { clientAddress, isLoopback, rateKey } from '../address.ts';
import type { GatewayConfig } from '../config.ts';
import { Limiter } from '../limiter.ts';
import type { Session, Sessions } from '../sessions.ts';
import { sameSecret } from '../tokens.ts';
import type { GatewayRequest } from './exchange.ts';
import { RequestRefused } from './problem.ts';

/** A `__Host-` cookie can be set neither by a subdomain nor over plain http, which plain `wattroom` is for (INSECURE_HTTP). */
export const cookieName = (secure: boolean): string => (secure ? '__Host-wattroom' : 'wattroom');

export function cookieText(token: string, secure: boolean, maxAgeS: number | null): string {
  const parts = [`${cookieName(secure)}=${token}`, 'Path=/', 'HttpOnly', 'SameSite=Strict'];
  if (secure) parts.push('Secure');
  if (maxAgeS !== null) parts.push(`Max-Age=${maxAgeS}`);
  return parts.join('; ');
}

export function sessionToken(cookies: string, secure: boolean): string | null {
  const prefix = `${cookieName(secure)}=`;
  const found = cookies.split(';').find((part) => part.trim().startsWith(prefix));
  return found === undefined ? null : found.trim().slice(prefix.length);
}

/** Whether a page of this origin may use us: our own pages only, at the address they were asked for or the public one. */
export function originAllowed(origin: string, host: string, publicOrigin: string | null): boolean {
  if (publicOrigin !== null && origin === publicOrigin) return true;
  const match = /^https?:\/\/([^/]+)$/.exec(origin);
  return match !== null && host !== '' && match[1] === host;
}

/** Invented cookies of the right shape cost the core a look-up each; real ones give theirs back. */
const lookupRate = { burst: 200, refillMs: 100 };
const ADDRESSES_MAX = 10_000;

export class Guard {
  readonly #config: GatewayConfig;
  readonly #sessions: Sessions;
  readonly #monoMs: () => number;
  readonly #lookups = new Limiter(lookupRate, ADDRESSES_MAX);

  constructor(config: GatewayConfig, sessions: Sessions, monoMs: () => number) {
    this.#config = config;
    this.#sessions = sessions;
    this.#monoMs = monoMs;
  }

  /** A browser names the origin on every change; other clients need not. */
  checkOrigin(request: GatewayRequest): void {
    const { origin, host } = request.header;
    if (origin !== '' && !originAllowed(origin, host, this.#config.publicOrigin)) {
      throw new RequestRefused('origin', `Pages of ${origin} may not use this server.`);
    }
  }

  /** Throws `CoreAway`. */
  async session(request: GatewayRequest): Promise<Session> {
    const token = sessionToken(request.header.cookie, this.#config.secureCookies);
    const session = token === null ? null : await this.#lookUp(token, rateKey(this.address(request)));
    if (session === null) throw new RequestRefused('unauthenticated', 'There is no session, or it has ended.');
    return session;
  }

  async #lookUp(token: string, address: string): Promise<Session | null> {
    if (!this.#lookups.take(address, this.#monoMs())) {
      const headers = { 'retry-after': String(this.#lookups.retryAfterS()) };
      throw new RequestRefused('tooMany', 'Too many requests without a session that holds.', { headers });
    }
    const session = await this.#sessions.find(token);
    if (session !== null) this.#lookups.giveBack(address);
    return session;
  }

  /** The session of a change: from our own page, with its CSRF token. Throws `CoreAway`. */
  async changing(request: GatewayRequest): Promise<Session> {
    this.checkOrigin(request);
    const session = await this.session(request);
    const token = request.header['x-csrf-token'];
    if (token === '' || !sameSecret(token, session.csrf)) {
      throw new RequestRefused('csrf', 'Send the csrf value of GET /api/session as X-CSRF-Token.');
    }
    return session;
  }

  address(request: GatewayRequest): string {
    return clientAddress(request.peer, request.header['x-forwarded-for'], this.#config.publicOrigin !== null);
  }

  /** /healthz and /metrics: open to this machine, by token elsewhere. */
  checkMonitor(request: GatewayRequest): void {
    const { authorization } = request.header;
    if (monitorAllowed(request.peer, wasForwarded(request), authorization, this.#config.metricsToken)) return;
    throw new RequestRefused('unauthenticated', 'Send Authorization: Bearer with the METRICS_TOKEN.', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

/** A proxy on this machine makes everyone look local: what it forwards counts as coming from elsewhere. */
const wasForwarded = ({ header }: GatewayRequest): boolean =>
  header['x-forwarded-for'] !== '' || header['x-real-ip'] !== '' || header.forwarded !== '';

export function monitorAllowed(peer: string, forwarded: boolean, authorization: string, token: string | null): boolean {
  if (isLoopback(peer) && !forwarded) return true;
  return token !== null && authorization.startsWith('Bearer ') && sameSecret(authorization.slice(7), token);
}
