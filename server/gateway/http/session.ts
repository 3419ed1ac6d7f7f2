/** Logging in and out, and the first administrator. */
import { loginSchema, setupSchema, type SessionView } from '../../../protocol/session.ts';
import { rateKey } from '../address.ts';
import type { GatewayConfig } from '../config.ts';
import { Limiter } from '../limiter.ts';
import type { CoreLink } from '../link.ts';
import { hashPassword, Turnstile, verifyPassword } from '../password.ts';
import type { Session, Sessions } from '../sessions.ts';
import { hashToken } from '../tokens.ts';
import type { GatewayRequest, Handler } from './exchange.ts';
import { cookieText, type Guard } from './guard.ts';
import { decode, jsonBody } from './params.ts';
import { json, RequestRefused } from './problem.ts';

/** Wrong passwords only: a right one gives its attempt back. A person mistypes a few times; a guesser needs thousands. */
const perAddress = { burst: 20, refillMs: 6_000 };
const perName = { burst: 10, refillMs: 10_000 };
const KEYS_MAX = 10_000;
/** One password check takes a core for some 0.2 s and 32 MiB. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 32;

const viewOf = ({ operator: name, displayName, role, csrf, expiresMs }: Session): SessionView => ({
  name,
  displayName,
  role,
  csrf,
  expiresMs,
});

type Parts = {
  readonly config: GatewayConfig;
  readonly link: CoreLink;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly monoMs: () => number;
  /** Called when a session was ended by its owner. */
  readonly ended: (tokenHash: string) => void;
};

export class SessionRoutes {
  readonly #parts: Parts;
  readonly #addresses = new Limiter(perAddress, KEYS_MAX);
  readonly #names = new Limiter(perName, KEYS_MAX);
  readonly #turnstile = new Turnstile(CHECKS_AT_ONCE, CHECKS_WAITING);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly show: Handler = async (request) => json(200, viewOf(await this.#parts.guard.session(request)));

  readonly login: Handler = async (request) => {
    const { config, link, sessions, guard } = this.#parts;
    guard.checkOrigin(request);
    const { name, password } = decode(loginSchema, jsonBody(request));
    const giveBack = this.#attempt(request, name);
    const operator = await link.ask<'operatorForLogin'>({ ask: 'operatorForLogin', name });
    const right = await this.#expensive(() => verifyPassword(password, operator?.passwordHash ?? null));
    if (operator === null || !right) throw new RequestRefused('wrongPassword', 'Check both and try again.');
    giveBack();
    const { token, session } = await sessions.open(operator);
    // No Max-Age: use moves the end of a session on, and the core knows it, not the browser.
    return json(200, viewOf(session), { 'set-cookie': cookieText(token, config.secureCookies, null) });
  };

  readonly logout: Handler = async (request) => {
    const { config, sessions, guard, ended } = this.#parts;
    const session = await guard.changing(request);
    await sessions.close(session);
    ended(session.tokenHash);
    return { status: 204, headers: { 'set-cookie': cookieText('', config.secureCookies, 0) }, body: '' };
  };

  /** The one-time link printed at `--init`. */
  readonly setup: Handler = async (request) => {
    const { link, guard } = this.#parts;
    guard.checkOrigin(request);
    const { token, name, displayName, password } = decode(setupSchema, jsonBody(request));
    const giveBack = this.#attempt(request, null);
    const tokenHash = hashToken(token);
    const refuse = (): never => {
      throw new RequestRefused('setupClosed', 'The link works once. Look for the latest one in the log of the start.');
    };
    if (!(await link.ask<'setupOpen'>({ ask: 'setupOpen', tokenHash }))) refuse();
    const passwordHash = await this.#expensive(() => hashPassword(password));
    const used = await link.ask<'setupUse'>({ ask: 'setupUse', tokenHash, name, displayName, passwordHash });
    if (!used) refuse();
    giveBack();
    return json(201, { name, displayName });
  };

  /** Counts an attempt before it is made, so that many at once are counted too. */
  #attempt(request: GatewayRequest, name: string | null): () => void {
    const { guard, monoMs } = this.#parts;
    const address = rateKey(guard.address(request));
    const nowMs = monoMs();
    if (!this.#addresses.take(address, nowMs)) this.#refuseRate(this.#addresses);
    if (name !== null && !this.#names.take(name, nowMs)) this.#refuseRate(this.#names);
    return () => {
      this.#addresses.giveBack(address);
      if (name !== null) this.#names.giveBack(name);
    };
  }

  #refuseRate(limiter: Limiter): never {
    const headers = { 'retry-after': String(limiter.retryAfterS()) };
    throw new RequestRefused('tooManyLogins', 'Wait a little before the next attempt.', { headers });
  }

  async #expensive<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#turnstile.pass(async () => ({ value: await work() }));
    if (result !== null) return result.value;
    throw new RequestRefused('tooManyLogins', 'Too many logins at once.', { headers: { 'retry-after': '2' } });
  }
}
