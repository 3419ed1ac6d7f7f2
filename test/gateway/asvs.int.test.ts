/** What of OWASP ASVS 5.0, levels 1 and 2, binds a control room, against a real gateway; each test names its requirements. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ops, type OpName } from '../../protocol/ops.ts';
import type { Op } from '../../protocol/ops/op.ts';
import { PROBLEM_PREFIX, sessionViewSchema } from '../../protocol/session.ts';
import { hashToken } from '../../server/gateway/tokens.ts';
import { paramsOf } from '../tools/opParams.ts';
import { FakeCore, layout, PASSWORD, tile, type Gateway } from './fake-core.ts';
import { Browser, problemOf } from './http-client.ts';
import { WallClient } from './wall-client.ts';

const core = new FakeCore();
let gateway: Gateway;
const walls: WallClient[] = [];
const wallOf = (browser: Browser, origin?: string): WallClient => {
  const options = { port: gateway.port, cookie: browser.cookie };
  const wall = new WallClient(origin === undefined ? options : { ...options, origin });
  walls.push(wall);
  return wall;
};
const tokenOf = ({ cookie }: Browser): string => cookie.split('=')[1] ?? '';
const code = async (response: Response): Promise<string> =>
  (await problemOf(response)).type.slice(PROBLEM_PREFIX.length);
async function loggedIn(name = 'olga'): Promise<Browser> {
  const browser = new Browser(gateway);
  await browser.login(name);
  return browser;
}
/** Takes over the cookie of an answer. */
async function follow(browser: Browser, response: Response): Promise<void> {
  expect(response.status).toBe(200);
  browser.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  browser.csrf = sessionViewSchema.parse(await response.json()).csrf;
}

const names = Object.keys(ops) as OpName[];
const definition = (name: OpName): Op => ops[name];
/** Where an operation lives for a caller, and what is left for its body. */
function request(name: OpName): { path: string; body: Record<string, unknown> } {
  const body: Record<string, unknown> = { ...paramsOf(1)[name] };
  const path = definition(name).path.replace(/\{(\w+)\}/g, (_all, key: string) => {
    const value = String(body[key]);
    delete body[key];
    return value;
  });
  return { path, body };
}

beforeAll(async () => {
  await core.addOperators();
  const olga = core.operators.get('olga');
  if (olga === undefined) throw new Error('olga is one of them');
  core.operators.set('sara', { ...olga, name: 'sara', displayName: 'Sara', buildings: ['b1'] });
  for (const { id, floors } of layout.buildings)
    for (const { rooms } of floors) for (const room of rooms) core.tiles.set(room.id, tile(id, room.id, null));
  gateway = await core.start();
});
afterAll(async () => {
  for (const { socket } of walls) socket.terminate();
  await core.end();
});

describe('cookies and headers', () => {
  it('3.3.1, 3.3.2, 3.3.3, 3.3.4, 7.2.3: the one cookie is __Host-, Secure, HttpOnly, SameSite and 256 random bits', async () => {
    const response = await new Browser(gateway).send('POST', '/api/session', { name: 'olga', password: PASSWORD });
    const cookies = response.headers.getSetCookie();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^__Host-wattroom=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const token = /=([\w-]{43});/.exec(cookies[0] ?? '')?.[1] ?? 'none';
    expect(await response.text()).not.toContain(token);
  });

  it('3.4.2, 3.4.3, 3.4.4, 3.4.5, 3.4.6, 14.3.2: every kind of answer carries the protecting headers and no CORS', async () => {
    const browser = await loggedIn();
    const answers = await Promise.all([
      browser.send('GET', '/api/layout'),
      browser.send('GET', '/api/nothing'),
      browser.send('DELETE', '/api/layout'),
      browser.send('GET', '/'),
      new Browser(gateway).send('GET', '/api/session'),
      browser.send('POST', '/api/session', 'not json'),
      browser.send('GET', '/api/layout', undefined, { origin: 'http://evil.example' }),
    ]);
    for (const { headers, url } of answers) {
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        expect([url, policy]).toEqual([url, expect.stringContaining(part)]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      if (url.includes('/api/')) expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('3.4.1: behind https the browser is told to stay there for a year, with all subdomains', async () => {
    const secure = await core.start({ PUBLIC_URL: 'https://wattroom.example' });
    const { headers } = await new Browser(secure).send('GET', '/api/session');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  });
});

describe('requests that others make a browser send', () => {
  it('3.5.1: no operation that changes something is done without the CSRF token, or from another origin', async () => {
    const browser = await loggedIn();
    const { csrf } = browser;
    for (const name of names) {
      if (definition(name).kind !== 'command') continue;
      const { path, body } = request(name);
      const before = core.ops.length;
      for (const wrong of ['', 'x'.repeat(csrf.length)]) {
        browser.csrf = wrong;
        const response = await browser.command(path, body, `csrf-${name}`);
        expect([name, await code(response)]).toEqual([name, 'csrf']);
      }
      browser.csrf = csrf;
      const headers = { origin: 'http://evil.example', 'idempotency-key': `origin-${name}` };
      expect([name, await code(await browser.send('POST', path, body, headers))]).toEqual([name, 'origin']);
      expect(core.ops.length).toBe(before);
    }
  });

  it('3.5.3: nothing is changed by a safe method', async () => {
    const browser = await loggedIn();
    for (const name of names) {
      if (definition(name).kind !== 'command') continue;
      const before = core.ops.length;
      await browser.send('GET', request(name).path);
      const asked = core.ops.slice(before).filter(({ op }) => definition(op).kind === 'command');
      expect([name, asked]).toEqual([name, []]);
    }
  });

  it('4.4.2: the wall’s socket opens for our own pages only', async () => {
    const browser = await loggedIn();
    expect(await wallOf(browser, 'http://evil.example').refused()).toBe(403);
    await wallOf(browser).untilType('hello');
  });
});

describe('input', () => {
  it('2.2.1, 2.2.2: every operation refuses a field it does not know, on the server, before the core hears of it', async () => {
    const browser = await loggedIn();
    for (const name of names) {
      const { path, body } = request(name);
      const before = core.ops.length;
      const response =
        definition(name).method === 'GET'
          ? await browser.send('GET', `${path}?surprise=1`)
          : await browser.command(path, { ...body, surprise: 1 }, `surprise-${name}`);
      expect([name, response.status]).toEqual([name, 422]);
      expect(core.ops.length).toBe(before);
    }
  });

  it('4.1.1, 15.2.2: a body that is not JSON, or larger than any of ours, is refused', async () => {
    const browser = await loggedIn();
    const text = { 'content-type': 'text/plain', 'idempotency-key': 'k' };
    expect(await code(await browser.send('POST', '/api/alarms/acknowledge', '{"ids":["a"]}', text))).toBe('notJson');
    const large = await browser.command('/api/alarms/acknowledge', { ids: ['x'.repeat(70_000)] });
    expect(await code(large)).toBe('tooLarge');
  });

  it('16.5.1: a fault of the server is answered without anything from inside', async () => {
    const browser = await loggedIn();
    const fresh = await core.start();
    const other = new Browser(fresh);
    other.cookie = browser.cookie;
    const hash = hashToken(tokenOf(browser));
    const record = core.sessions.get(hash);
    if (record === undefined) throw new Error('the session is known');
    core.sessions.set(hash, { ...record, role: 'emperor' as never });
    const response = await other.send('GET', '/api/layout');
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(body).not.toMatch(/emperor|zod|invalid_|\.ts|node:|at \w+ \(/i);
  });
});

describe('sessions', () => {
  it('7.2.4: each login and each proof gives another token, and the old one is deleted', async () => {
    const browser = await loggedIn();
    const first = tokenOf(browser);
    expect(tokenOf(await loggedIn())).not.toBe(first);
    const wall = wallOf(browser);
    await wall.untilType('hello');
    await follow(browser, await browser.send('POST', '/api/session/proof', { password: PASSWORD }));
    expect(tokenOf(browser)).not.toBe(first);
    expect(core.sessions.has(hashToken(first))).toBe(false);
    expect(core.sessions.has(hashToken(tokenOf(browser)))).toBe(true);
    // The wall goes on: it ends with the new token, not with the old one.
    await gateway.tell({ type: 'sessionsEnded', tokenHashes: [hashToken(tokenOf(browser))] });
    expect(await wall.closed).toMatchObject({ code: 1008, reason: 'session' });
  });

  it('7.4.1: a cookie that was logged out is worth nothing, and its socket closes', async () => {
    const browser = await loggedIn();
    const wall = wallOf(browser);
    await wall.untilType('hello');
    expect((await browser.send('DELETE', '/api/session')).status).toBe(204);
    expect(await wall.closed).toMatchObject({ reason: 'session' });
    expect((await browser.send('GET', '/api/layout')).status).toBe(401);
  });

  it('7.4.2, 7.4.5, 7.5.2: a session ended by someone else is over, and its socket closed, within a second', async () => {
    const browser = await loggedIn();
    const wall = wallOf(browser);
    await wall.untilType('hello');
    const startMs = performance.now();
    await gateway.tell({ type: 'sessionsEnded', tokenHashes: [hashToken(tokenOf(browser))] });
    expect(await wall.closed).toMatchObject({ reason: 'session' });
    expect((await browser.send('GET', '/api/layout')).status).toBe(401);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it('7.5.1, 7.5.3: a risky operation is told how long ago the password was given, and goes on under its own id', async () => {
    const browser = await loggedIn();
    const hash = hashToken(tokenOf(browser));
    const record = core.sessions.get(hash);
    if (record === undefined) throw new Error('the session is known');
    core.answerOp = ({ who }) =>
      (who.provedAgoMs ?? Infinity) < 60_000
        ? { ok: true, result: { ok: true } }
        : { ok: false, refusal: 'proofNeeded', detail: 'the password has to be given again' };
    const late = new Browser(await core.start());
    core.sessions.set(hash, { ...record, provedMs: Date.now() - 3_600_000 });
    Object.assign(late, { cookie: browser.cookie, csrf: browser.csrf });
    const refund = request('refund');
    expect(await code(await late.command(refund.path, refund.body, 'r1'))).toBe('proofNeeded');
    expect(await code(await late.send('POST', '/api/session/proof', { password: 'no' }))).toBe('wrongPassword');
    await follow(late, await late.send('POST', '/api/session/proof', { password: PASSWORD }));
    expect((await late.command(refund.path, refund.body, 'r1')).status).toBe(200);
    expect(core.ops.slice(-2).map(({ idempotencyKey }) => idempotencyKey)).toEqual(['r1', 'r1']);
    core.answerOp = () => ({ ok: true, result: { ok: true } });
  });
});

describe('passwords', () => {
  it('6.2.2, 6.2.3, 7.4.3: are changed by whoever knows the old one; all other sessions end', async () => {
    const browser = await loggedIn('ivan');
    const change = (old: string, password: string): Promise<Response> =>
      browser.send('POST', '/api/session/password', { old, password });
    expect(await code(await change('not the old one', 'a bright lamp indeed'))).toBe('wrongPassword');
    await follow(browser, await change(PASSWORD, 'a bright lamp indeed'));
    expect((await new Browser(gateway).send('POST', '/api/session', { name: 'ivan', password: PASSWORD })).status).toBe(
      401,
    );
    await browser.login('ivan', 'a bright lamp indeed');
    expect(core.passwordsSet.at(-1)).toMatchObject({
      operator: 'ivan',
      keepSession: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await change('a bright lamp indeed', PASSWORD);
  });

  it('6.2.1, 6.2.4, 6.2.11: new ones that are short, common or personal are refused beside their field', async () => {
    const browser = await loggedIn();
    for (const [password, message] of [
      ['password1234', 'common'],
      ['Olga-Olga-2026', 'personal'],
    ]) {
      const refused = await problemOf(await browser.send('POST', '/api/session/password', { old: PASSWORD, password }));
      expect(refused.type).toBe(`${PROBLEM_PREFIX}weakPassword`);
      expect(refused.errors).toEqual([{ path: 'password', message }]);
    }
    const short = await browser.send('POST', '/api/session/password', { old: PASSWORD, password: 'short' });
    expect((await problemOf(short)).errors?.[0]?.path).toBe('password');
  });

  it('6.3.1: attempts wait, longer with each, and are told how long', async () => {
    const guessed = await core.start();
    const guess = (password: string): Promise<Response> =>
      new Browser(guessed).send('POST', '/api/session', { name: 'vera', password });
    for (let n = 0; n < 10; n += 1) expect((await guess(`wrong ${n}`)).status).toBe(401);
    const refused = await guess(PASSWORD);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 5]).toEqual([429, true]);
  });

  it('6.3.8: an unknown name is answered as a wrong password is', async () => {
    const fresh = await core.start();
    const attempt = (name: string): Promise<Response> =>
      new Browser(fresh).send('POST', '/api/session', { name, password: 'wrong' });
    expect(await problemOf(await attempt('nobody'))).toEqual(await problemOf(await attempt('olga')));
  });

  it('6.4.1: an invitation sets a password once, by its own rules, and stands in no address', async () => {
    core.invitationHash = hashToken('t0ken');
    const browser = new Browser(gateway);
    const accept = (token: string, password: string): Promise<Response> =>
      browser.send('POST', '/api/invitation/accept', { token, password });
    expect(await code(await browser.send('POST', '/api/invitation', { token: 'guess' }))).toBe('invitationClosed');
    expect((await browser.send('POST', '/api/invitation', { token: 't0ken' })).status).toBe(200);
    expect(await code(await accept('t0ken', 'summer2024!!'))).toBe('weakPassword');
    expect((await accept('t0ken', 'a bright lamp indeed')).status).toBe(201);
    expect(await code(await accept('t0ken', 'a bright lamp indeed'))).toBe('invitationClosed');
    expect((await browser.login('ines', 'a bright lamp indeed')).role).toBe('cashier');
  });
});

describe('authorisation', () => {
  it('8.2.1, 8.3.1: who and from where is said by the session, never by the request', async () => {
    const browser = await loggedIn('sara');
    await browser.send('GET', '/api/layout', undefined, { 'x-role': 'administrator' });
    const expected = { operator: 'sara', role: 'operator', buildings: ['b1'], address: '127.0.0.1' };
    expect(core.ops.at(-1)?.who).toMatchObject({ ...expected, session: hashToken(tokenOf(browser)) });
  });

  it('8.2.2: a wall shows only the buildings its viewer is limited to, and their alarms', async () => {
    const wall = wallOf(await loggedIn('sara'));
    const whole = wallOf(await loggedIn('olga'));
    await wall.until(() => wall.model.buildings.size === 1);
    await whole.until(() => whole.model.buildings.size === layout.buildings.length);
    const [a, b] = layout.buildings;
    const roomOf = (building: typeof a): string => building?.floors[0]?.rooms[0]?.id ?? 'none';
    expect((await wall.untilType('layout')).layout.buildings.map(({ id }) => id)).toEqual(['b1']);
    await core.raise(gateway, 'in-b', { room: roomOf(b) });
    const seen = await core.raise(gateway, 'in-a', { room: roomOf(a) });
    await core.batch(gateway, [tile(b?.id ?? '', roomOf(b), 'moved'), tile('b1', roomOf(a), 'moved')]);
    await wall.until(() => wall.model.alarms.has(seen.id));
    await whole.until(() => whole.messages.filter(({ type }) => type === 'frame').length === 2);
    await wall.until(() => wall.messages.some(({ type }) => type === 'frame'));
    expect([...wall.model.alarms.values()].map(({ room }) => room)).toEqual([roomOf(a)]);
    const buildings = wall.messages.flatMap((message) => ('building' in message ? message.building : []));
    expect(new Set(buildings)).toEqual(new Set(['b1']));
    // Asking for another one by its name is against the protocol.
    wall.say({ type: 'resync', building: b?.id });
    expect(await wall.closed).toMatchObject({ code: 1008, reason: 'protocol' });
  });
});
