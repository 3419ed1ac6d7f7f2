import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEM_PREFIX, sessionViewSchema } from '../../protocol/session.ts';
import { hashToken } from '../../server/gateway/tokens.ts';
import { FakeCore, PASSWORD, type Gateway } from './fake-core.ts';
import { Browser, problemOf } from './http-client.ts';

const core = new FakeCore();
let gateway: Gateway;

beforeAll(async () => {
  await core.addOperators();
  gateway = await core.start();
});
afterAll(() => core.end());

const cookieOf = async (on: Gateway, headers: Record<string, string> = {}): Promise<string> => {
  const body = { name: 'olga', password: PASSWORD };
  const response = await new Browser(on).send('POST', '/api/session', body, headers);
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie') ?? '';
};

describe('logging in', () => {
  it('sets a cookie no script, no other site and no subdomain gets at', async () => {
    expect(await cookieOf(gateway)).toMatch(/^__Host-wattroom=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  });

  it('is known to the core by the hash of its token only', async () => {
    const browser = new Browser(gateway);
    const view = await browser.login();
    const token = browser.cookie.split('=')[1] ?? '';
    expect(core.sessions.get(hashToken(token))).toMatchObject({ operator: 'olga', csrf: view.csrf });
    expect(JSON.stringify([...core.sessions])).not.toContain(token);
    expect(view.expiresMs - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
  });

  it('tells who one is, and the CSRF token again', async () => {
    const browser = new Browser(gateway);
    const view = await browser.login();
    expect(sessionViewSchema.parse(await (await browser.send('GET', '/api/session')).json())).toEqual(view);
    expect(view).toMatchObject({ name: 'olga', displayName: 'Olga', role: 'operator' });
  });

  it('answers a wrong password and an unknown name alike', async () => {
    const wrong = await new Browser(gateway).send('POST', '/api/session', { name: 'vera', password: 'no' });
    const unknown = await new Browser(gateway).send('POST', '/api/session', { name: 'nobody', password: 'no' });
    expect(wrong.headers.get('set-cookie')).toBeNull();
    expect(await problemOf(unknown)).toEqual(await problemOf(wrong));
    expect(wrong.status).toBe(401);
  });

  it('is refused to pages of another origin', async () => {
    const body = { name: 'olga', password: PASSWORD };
    const response = await new Browser(gateway).send('POST', '/api/session', body, { origin: 'http://evil.example' });
    expect((await problemOf(response)).type).toBe(`${PROBLEM_PREFIX}origin`);
  });

  it('of made-up cookies asks the core only about tokens of the right shape', async () => {
    const browser = new Browser(gateway);
    for (const cookie of [
      '__Host-wattroom=',
      '__Host-wattroom=abc',
      'wattroom=x',
      `__Host-wattroom=${'a'.repeat(43)}`,
    ]) {
      browser.cookie = cookie;
      expect((await browser.send('GET', '/api/session')).status).toBe(401);
    }
  });
});

describe('a session', () => {
  it('ends with logging out, for the cookie too', async () => {
    const browser = new Browser(gateway);
    await browser.login();
    expect((await browser.send('DELETE', '/api/session', undefined, { 'x-csrf-token': '' })).status).toBe(403);
    const response = await browser.send('DELETE', '/api/session');
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await browser.send('GET', '/api/session')).status).toBe(401);
    expect(core.sessions.has(hashToken(browser.cookie.split('=')[1] ?? ''))).toBe(false);
  });

  it('outlives the gateway', async () => {
    const browser = new Browser(gateway);
    await browser.login();
    const successor = await core.start();
    const later = new Browser(successor);
    later.cookie = browser.cookie;
    expect((await later.send('GET', '/api/session')).status).toBe(200);
  });

  it('that has expired is none, and one in use is moved on', async () => {
    const browser = new Browser(gateway);
    await browser.login();
    const hash = hashToken(browser.cookie.split('=')[1] ?? '');
    const record = core.sessions.get(hash);
    if (record === undefined) throw new Error('the core has no such session');
    // Another gateway has nothing of it in its cache.
    const other = await core.start();
    const later = new Browser(other);
    later.cookie = browser.cookie;
    core.sessions.set(hash, { ...record, expiresMs: Date.now() + 3_600_000, seenMs: Date.now() - 11 * 3_600_000 });
    expect((await later.send('GET', '/api/session')).status).toBe(200);
    expect((core.sessions.get(hash)?.expiresMs ?? 0) - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
    const third = new Browser(await core.start());
    third.cookie = browser.cookie;
    core.sessions.set(hash, { ...record, expiresMs: Date.now() - 1 });
    expect((await third.send('GET', '/api/session')).status).toBe(401);
  });
});

describe('guessing', () => {
  it('of session cookies costs the core a bounded number of look-ups', async () => {
    const guessed = await core.start();
    const asked = (): number => guessed.messages.filter(({ type }) => type === 'internal').length;
    const before = asked();
    const guess = (n: number) =>
      fetch(`${guessed.url}/api/session`, { headers: { cookie: `__Host-wattroom=${String(n).padStart(43, 'x')}` } });
    const statuses = await Promise.all(Array.from({ length: 260 }, (_, n) => guess(n).then((r) => r.status)));
    expect(statuses.filter((status) => status === 401).length).toBe(asked() - before);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  });

  it('is slowed down by name, from wherever it comes; other names stay free', async () => {
    const guessed = await core.start({ PUBLIC_URL: 'https://wattroom.example' });
    const guess = (n: number, name: string, password: string) =>
      new Browser(guessed).send('POST', '/api/session', { name, password }, { 'x-forwarded-for': `203.0.113.${n}` });
    for (let n = 0; n < 10; n += 1) expect((await guess(n, 'olga', 'wrong')).status).toBe(401);
    const refused = await guess(11, 'olga', PASSWORD);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect((await problemOf(refused)).type).toBe(`${PROBLEM_PREFIX}tooManyLogins`);
    expect((await guess(12, 'vera', PASSWORD)).status).toBe(200);
  });

  it('is slowed down by address, whatever the names; right passwords do not count', async () => {
    const guessed = await core.start();
    for (let n = 0; n < 25; n += 1) await new Browser(guessed).login();
    const guess = (name: string) => new Browser(guessed).send('POST', '/api/session', { name, password: 'wrong' });
    const names = Array.from({ length: 24 }, (_, n) => ['olga', 'vera', 'ivan'][n % 3] ?? '');
    const statuses = await Promise.all(names.map((name) => guess(name).then((response) => response.status)));
    expect(statuses.filter((status) => status === 401).length).toBe(20);
    expect(statuses.filter((status) => status === 429).length).toBe(4);
  });

  it('is not excused by an invented X-Forwarded-For', async () => {
    const direct = await core.start();
    const guess = (n: number) => {
      const login = { name: ['olga', 'vera', 'ivan'][n % 3], password: 'wrong' };
      return new Browser(direct).send('POST', '/api/session', login, { 'x-forwarded-for': `203.0.113.${n}` });
    };
    const statuses = await Promise.all(Array.from({ length: 21 }, (_, n) => guess(n).then((r) => r.status)));
    expect(statuses.filter((status) => status === 429).length).toBe(1);
  });
});

describe('cookies and headers by address', () => {
  it('are secure behind https, with HSTS and the public origin let in', async () => {
    const behind = await core.start({ PUBLIC_URL: 'https://wattroom.example' });
    expect(await cookieOf(behind, { origin: 'https://wattroom.example' })).toContain('__Host-wattroom=');
    const response = await new Browser(behind).send('GET', '/');
    expect(response.headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(response.headers.get('content-security-policy')).toContain('wss://wattroom.example');
  });

  it('are plain over insecure http off loopback, where a browser would drop secure ones', async () => {
    const insecure = await core.start({ HOST: '0.0.0.0', INSECURE_HTTP: '1' });
    const cookie = await cookieOf(insecure);
    expect(cookie).toMatch(/^wattroom=/);
    expect(cookie).not.toContain('Secure');
  });
});

describe('the first administrator', () => {
  const setup = { token: 'one-time', name: 'root', displayName: 'Root', password: 'long enough indeed' };

  it('is made once by the link, with a password that follows the rules', async () => {
    core.setupHash = hashToken('one-time');
    const browser = new Browser(gateway);
    const short = await problemOf(await browser.send('POST', '/api/setup', { ...setup, password: 'short' }));
    expect(short.errors).toEqual([{ path: 'password', message: 'at least 12 characters' }]);
    expect((await browser.send('POST', '/api/setup', { ...setup, token: 'guess' })).status).toBe(410);
    expect((await browser.send('POST', '/api/setup', setup)).status).toBe(201);
    expect((await problemOf(await browser.send('POST', '/api/setup', setup))).type).toBe(
      `${PROBLEM_PREFIX}setupClosed`,
    );
    expect(core.operators.get('root')?.passwordHash).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect((await browser.login('root', setup.password)).role).toBe('administrator');
  });
});
