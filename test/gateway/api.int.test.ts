import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpOutcome, Refusal } from '../../protocol/ops.ts';
import { refusals } from '../../protocol/ops.ts';
import { PROBLEM_PREFIX } from '../../protocol/session.ts';
import { FakeCore, type Gateway } from './fake-core.ts';
import { Browser, parsedJson, problemOf, rawRequest } from './http-client.ts';

const core = new FakeCore();
let gateway: Gateway;
let browser: Browser;
const order = { amount: '50.00', channel: 'cash' };
const recharge = '/api/wallets/w-1/recharge';

beforeAll(async () => {
  await core.addOperators();
  gateway = await core.start();
});
afterAll(() => core.end());
beforeEach(async () => {
  core.ops.length = 0;
  core.silent = false;
  core.answerOp = () => ({ ok: true, result: { ok: true } });
  browser = new Browser(gateway);
  await browser.login();
});

describe('operations', () => {
  it('reach the core with who asks, checked parameters and the caller’s id, and come back with it', async () => {
    const response = await browser.command(recharge, order, 'till-3:0042');
    expect(response.status).toBe(200);
    expect(response.headers.get('idempotency-key')).toBe('till-3:0042');
    expect(await response.json()).toEqual({ ok: true });
    expect(core.ops).toMatchObject([
      {
        op: 'recharge',
        who: { operator: 'olga', role: 'operator' },
        params: { wallet: 'w-1', amount: '50.00', channel: 'cash', note: '' },
        idempotencyKey: 'till-3:0042',
      },
    ]);
  });

  it('take the path, percent-decoded, and the query of a question', async () => {
    expect((await browser.send('GET', '/api/rooms/r%2F1%20a/timeline?limit=7&cursor=c1')).status).toBe(200);
    expect(core.ops).toMatchObject([
      { op: 'getTimeline', params: { room: 'r/1 a', limit: 7, cursor: 'c1' }, idempotencyKey: null },
    ]);
  });

  it('need a session', async () => {
    const anybody = new Browser(gateway);
    expect((await problemOf(await anybody.send('GET', '/api/layout'))).type).toBe(`${PROBLEM_PREFIX}unauthenticated`);
    expect((await anybody.command(recharge, order)).status).toBe(401);
    expect(core.ops).toEqual([]);
  });

  it('that change something need the CSRF token of that very session', async () => {
    const other = new Browser(gateway);
    await other.login();
    for (const csrf of ['', 'x', other.csrf]) {
      const headers = { 'idempotency-key': 'k', 'x-csrf-token': csrf };
      expect((await problemOf(await browser.send('POST', recharge, order, headers))).type).toBe(
        `${PROBLEM_PREFIX}csrf`,
      );
    }
    expect(core.ops).toEqual([]);
  });

  it('that change something are refused to pages of another origin', async () => {
    const headers = { 'idempotency-key': 'k', origin: 'https://evil.example' };
    const problem = await problemOf(await browser.send('POST', recharge, order, headers));
    expect(problem).toMatchObject({ type: `${PROBLEM_PREFIX}origin`, status: 403 });
    expect((await browser.send('POST', recharge, order, { ...headers, origin: gateway.url })).status).toBe(200);
    expect(core.ops.length).toBe(1);
  });

  it('that change something need an id', async () => {
    for (const key of ['', 'a b', 'x'.repeat(81)]) {
      const problem = await problemOf(await browser.send('POST', recharge, order, { 'idempotency-key': key }));
      expect(problem).toMatchObject({ type: `${PROBLEM_PREFIX}idempotencyKeyMissing`, status: 400 });
    }
    expect(core.ops).toEqual([]);
  });

  it('with wrong fields name each of them', async () => {
    const wrong = { amount: '1.234', channel: 'shells', colour: 'red', wallet: 'w-2' };
    const twice = await problemOf(await browser.command(recharge, wrong));
    expect(twice.errors).toEqual([{ path: 'wallet', message: 'is given twice' }]);
    const problem = await problemOf(
      await browser.command(recharge, { amount: '1.234', channel: 'shells', colour: 'red' }),
    );
    expect(problem).toMatchObject({ type: `${PROBLEM_PREFIX}invalid`, status: 422, instance: recharge });
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(['amount', 'channel', 'colour']);
    expect((await browser.send('GET', '/api/rooms/r/timeline?limit=0')).status).toBe(422);
    expect((await browser.send('GET', '/api/rooms/r/timeline?limit=5&limit=6')).status).toBe(422);
    expect((await browser.send('GET', '/api/rooms/%ff')).status).toBe(400);
    expect(core.ops).toEqual([]);
  });

  it('take JSON objects of at most 64 KiB', async () => {
    const send = (body: string, type: string) =>
      browser.send('POST', recharge, body, { 'idempotency-key': 'k', 'content-type': type });
    expect((await problemOf(await send('{"amount":', 'application/json'))).status).toBe(400);
    expect((await problemOf(await send('[1]', 'application/json'))).status).toBe(400);
    expect((await problemOf(await send('amount=1', 'application/x-www-form-urlencoded'))).status).toBe(415);
    expect((await problemOf(await send(`"${'x'.repeat(64 * 1024)}"`, 'application/json'))).status).toBe(413);
    expect((await send(JSON.stringify(order), 'application/json; charset=utf-8')).status).toBe(200);
  });

  it('that the core refuses become problem details with the status of the refusal', async () => {
    for (const [refusal, status] of Object.entries(refusals)) {
      core.answerOp = (): OpOutcome => ({ ok: false, refusal: refusal as Refusal, detail: `because of ${refusal}` });
      expect(await problemOf(await browser.command(recharge, order))).toEqual({
        type: PROBLEM_PREFIX + refusal,
        title: expect.stringMatching(/./),
        status,
        detail: `because of ${refusal}`,
        instance: recharge,
      });
    }
  });

  it('without fields of their own take an empty body', async () => {
    expect((await browser.send('POST', '/api/meters/m-1/read', undefined, { 'idempotency-key': 'k' })).status).toBe(
      200,
    );
    expect(core.ops).toMatchObject([{ op: 'readMeter', params: { meter: 'm-1' } }]);
  });
});

describe('a core that does not answer', () => {
  it('is not asked more than a bounded number of questions', async () => {
    core.answerOp = () => null;
    const asked = core.ops.length;
    const statuses: number[] = [];
    const refused = new Promise<void>((resolve) => {
      for (let n = 0; n < 300; n += 1) {
        void browser.send('GET', '/api/layout').then(({ status }) => {
          statuses.push(status);
          if (statuses.length === 300 - 256) resolve();
        });
      }
    });
    await refused;
    expect(new Set(statuses)).toEqual(new Set([503]));
    // Answers may come faster than the questions before them arrive here.
    await expect.poll(() => core.ops.length - asked).toBe(256);
    for (const { id } of core.ops) await gateway.tell({ type: 'outcome', id, outcome: { ok: true, result: {} } });
  });
});

describe('addresses', () => {
  it('that exist with another method answer 405 and name the right one', async () => {
    const response = await browser.send('DELETE', '/api/layout');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('under /api that do not exist are problems, never the control room', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/api/rooms']) {
      expect((await problemOf(await browser.send('GET', path))).type).toBe(`${PROBLEM_PREFIX}unknownPath`);
    }
  });

  it('all answer with the protecting headers, errors too', async () => {
    for (const path of ['/api/layout', '/api/nothing', '/healthz', '/']) {
      const { headers } = await browser.send('GET', path);
      const csp = headers.get('content-security-policy') ?? '';
      expect(csp).toContain("default-src 'self'");
      expect(csp).toContain("frame-ancestors 'none'");
      expect(csp).toContain(`ws://127.0.0.1:${gateway.port}`);
      expect(csp).not.toMatch(/script-src|unsafe-eval|style-src 'self' 'unsafe-inline'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('keep a Host that is none out of the policy', async () => {
    const answer = await rawRequest(
      gateway.port,
      'GET / HTTP/1.1\r\nHost: x; script-src *\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('content-security-policy');
    expect(answer).not.toContain('script-src');
  });

  it('survive a client that goes away before its answer', async () => {
    const asked = new Promise<number>((resolve) => {
      core.answerOp = ({ id }) => {
        resolve(id);
        return null;
      };
    });
    const abort = new AbortController();
    const gone = fetch(`${gateway.url}/api/layout`, { headers: { cookie: browser.cookie }, signal: abort.signal });
    const id = await asked;
    abort.abort();
    await expect(gone).rejects.toThrow();
    await gateway.tell({ type: 'outcome', id, outcome: { ok: true, result: {} } });
    core.answerOp = () => ({ ok: true, result: { still: 'here' } });
    expect(await parsedJson(await browser.send('GET', '/api/layout'))).toEqual({ still: 'here' });
  });
});
