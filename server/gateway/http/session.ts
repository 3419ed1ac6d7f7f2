/** Logging in and out, and the first administrator. */
import { passwordMistake } from '../../../protocol/passwords.ts';
import {
  acceptSchema,
  changePasswordSchema,
  invitationSchema,
  loginSchema,
  proofSchema,
  setupSchema,
  type Invited,
  type SessionView,
} from '../../../protocol/session.ts';
import { rateKey } from '../address.ts';
import type { GatewayConfig } from '../config.ts';
import { Limiter } from '../limiter.ts';
import type { CoreLink } from '../link.ts';
import { hashPassword, Turnstile, verifyPassword } from '../password.ts';
import type { Operator, Session, Sessions } from '../sessions.ts';
import { hashToken } from '../tokens.ts';
import type { GatewayRequest, Handler, Reply } from './exchange.ts';
import { cookieText, type Guard } from './guard.ts';
import { decode, jsonBody } from './params.ts';
import { json, RequestRefused } from './problem.ts';

/** Wrong passwords only: a right one gives its attempt back. Those of one name are counted in the core. */
const perAddress = { burst: 20, refillMs: 6_000 };
const KEYS_MAX = 10_000;
/** One password check takes a core for some 0.2 s and 32 MiB. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 32;

const viewOf = (
  { sites }: Pick<GatewayConfig, 'sites'>,
  { operator: name, displayName, role, buildings, csrf, expiresMs }: Session,
): SessionView => ({
  ...{ name, displayName, role, buildings: buildings?.slice() ?? null, csrf, expiresMs },
  ...(sites.length > 1 ? { sites: [...sites] } : {}),
});

type Parts = {
  readonly config: GatewayConfig;
  readonly link: CoreLink;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly monoMs: () => number;
  /** Called when a session was ended by its owner. */
  readonly ended: (tokenHash: string) => void;
  /** Called when a session goes on under another token. */
  readonly renewed: (tokenHash: string, session: Session) => void;
};

export class SessionRoutes {
  readonly #parts: Parts;
  readonly #addresses = new Limiter(perAddress, KEYS_MAX);
  readonly #turnstile = new Turnstile(CHECKS_AT_ONCE, CHECKS_WAITING);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly show: Handler = async (request) =>
    json(200, viewOf(this.#parts.config, await this.#parts.guard.session(request)));

  readonly login: Handler = async (request) => {
    const { config, sessions, guard } = this.#parts;
    guard.checkOrigin(request);
    const { name, password } = decode(loginSchema, jsonBody(request));
    const operator = await this.#check(request, name, password, 'login');
    const origin = { address: guard.address(request), browser: request.header['user-agent'] };
    const { token, session } = await sessions.open(operator, origin);
    // No Max-Age: use moves the end of a session on, and the core knows it, not the browser.
    return json(200, viewOf(config, session), { 'set-cookie': cookieText(token, config.secureCookies, null) });
  };

  /** The password once more, before something risky. */
  readonly prove: Handler = async (request) => {
    const session = await this.#parts.guard.changing(request);
    const { password } = decode(proofSchema, jsonBody(request));
    await this.#check(request, session.operator, password, 'proof');
    return this.#renew(session);
  };

  readonly changePassword: Handler = async (request) => {
    const { link, guard } = this.#parts;
    const session = await guard.changing(request);
    const { old, password } = decode(changePasswordSchema, jsonBody(request));
    checkPassword(password, [session.operator, session.displayName]);
    await this.#check(request, session.operator, old, 'proof');
    const passwordHash = await this.#expensive(() => hashPassword(password));
    const { operator, tokenHash: keepSession } = session;
    const address = guard.address(request);
    await link.ask<'passwordSet'>({ ask: 'passwordSet', operator, passwordHash, keepSession, address });
    return this.#renew(session);
  };

  /** Whose link it is. */
  readonly invitation: Handler = async (request) => {
    this.#parts.guard.checkOrigin(request);
    const { token } = decode(invitationSchema, jsonBody(request));
    const giveBack = this.#attempt(request);
    const invited = await this.#invited(token);
    giveBack();
    return json(200, invited);
  };

  readonly accept: Handler = async (request) => {
    const { link, guard } = this.#parts;
    guard.checkOrigin(request);
    const { token, password } = decode(acceptSchema, jsonBody(request));
    const giveBack = this.#attempt(request);
    const { name, displayName } = await this.#invited(token);
    checkPassword(password, [name, displayName]);
    const passwordHash = await this.#expensive(() => hashPassword(password));
    const address = guard.address(request);
    const tokenHash = hashToken(token);
    const used = await link.ask<'invitationUse'>({ ask: 'invitationUse', tokenHash, passwordHash, address });
    if (!used) throw new RequestRefused('invitationClosed', noInvitation);
    giveBack();
    return json(201, { name, displayName });
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
    checkPassword(password, [name, displayName]);
    const giveBack = this.#attempt(request);
    const tokenHash = hashToken(token);
    const refuse = (): never => {
      throw new RequestRefused('setupClosed', 'The link works once. Look for the latest one in the log of the start.');
    };
    if (!(await link.ask<'setupOpen'>({ ask: 'setupOpen', tokenHash }))) refuse();
    const passwordHash = await this.#expensive(() => hashPassword(password));
    const used = await link.ask<'setupUse'>({
      ...{ ask: 'setupUse', tokenHash, name, displayName, passwordHash, address: guard.address(request) },
    });
    if (!used) refuse();
    giveBack();
    return json(201, { name, displayName });
  };

  /** The operator whose password it is. Both counts are made before the check, so that many at once are counted too. */
  async #check(request: GatewayRequest, name: string, password: string, why: 'login' | 'proof'): Promise<Operator> {
    const { link, guard } = this.#parts;
    const giveBack = this.#attempt(request);
    const attempt = { name, why, address: guard.address(request) } as const;
    const { waitMs, operator } = await link.ask<'operatorForLogin'>({ ask: 'operatorForLogin', ...attempt });
    if (waitMs > 0) refuseRate(Math.ceil(waitMs / 1000));
    const right = await this.#expensive(() => verifyPassword(password, operator?.passwordHash ?? null));
    if (operator === null || !right) {
      await link.ask<'passwordWrong'>({ ask: 'passwordWrong', ...attempt });
      throw new RequestRefused('wrongPassword', 'Check it and try again.');
    }
    giveBack();
    await link.ask<'passwordRight'>({ ask: 'passwordRight', ...attempt });
    return operator;
  }

  async #renew(old: Session): Promise<Reply> {
    const { config, sessions, renewed } = this.#parts;
    const { token, session } = await sessions.renew(old);
    renewed(old.tokenHash, session);
    return json(200, viewOf(config, session), { 'set-cookie': cookieText(token, config.secureCookies, null) });
  }

  async #invited(token: string): Promise<Invited> {
    const invited = await this.#parts.link.ask<'invitation'>({ ask: 'invitation', tokenHash: hashToken(token) });
    if (invited === null) throw new RequestRefused('invitationClosed', noInvitation);
    return invited;
  }

  #attempt(request: GatewayRequest): () => void {
    const { guard, monoMs } = this.#parts;
    const address = rateKey(guard.address(request));
    if (!this.#addresses.take(address, monoMs())) refuseRate(this.#addresses.retryAfterS());
    return () => this.#addresses.giveBack(address);
  }

  async #expensive<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#turnstile.pass(async () => ({ value: await work() }));
    if (result !== null) return result.value;
    throw new RequestRefused('tooManyLogins', 'Too many logins at once.', { headers: { 'retry-after': '2' } });
  }
}

const noInvitation = 'The link works once and for three days. An administrator can make another one.';

function refuseRate(seconds: number): never {
  const headers = { 'retry-after': String(seconds) };
  throw new RequestRefused('tooManyLogins', 'Wait a little before the next attempt.', { headers });
}

/** Throws `RequestRefused`, naming the field. */
function checkPassword(password: string, names: readonly string[]): void {
  const mistake = passwordMistake(password, names);
  if (mistake === null) return;
  throw new RequestRefused('weakPassword', 'Choose another password.', {
    errors: [{ path: 'password', message: mistake }],
  });
}
