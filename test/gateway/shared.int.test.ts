/** What a tenant's link opens, over the network: no login, one answer for all that is wrong, nothing kept, nothing indexed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SHARED_PATH, SHARED_SCREEN, type Shared } from '../../protocol/explanations.ts';
import { FakeCore, type Gateway } from './fake-core.ts';
import { Browser } from './http-client.ts';

const shared: Shared = {
  language: 'en',
  expiresMs: 1_800_000_000_000,
  explanation: {
    ...{ site: 'Site', timeZone: 'Asia/Shanghai', wallet: 'w1', holder: 'Tenant 1', rooms: ['101'], atMs: 1 },
    ...{ notice: null, movement: null, decisions: [] },
  },
};
const core = new FakeCore();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await core.start();
  core.shared.set('good.1.signature', shared);
});
afterAll(() => core.end());
const opened = (token: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  new Browser(gateway).send('POST', SHARED_PATH, { token }, headers);

it('opens without a login and sets no cookie', async () => {
  const response = await opened('good.1.signature');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(shared);
  expect(response.headers.get('set-cookie')).toBeNull();
});

it('gives one and the same answer for a wrong, a malformed, a missing and a huge link', async () => {
  const answers = await Promise.all(
    ['wrong', '', 7, null, 'x'.repeat(5_000), 'good.1.signaturE'].map(async (token) => {
      const response = await opened(token);
      return `${response.status} ${await response.text()}`;
    }),
  );
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^404 .*linkClosed/);
});

it('is kept nowhere, indexed nowhere and sends no referrer, neither the page nor the answer (ASVS 14.3.2, 3.4.5)', async () => {
  const page = await new Browser(gateway).send('GET', SHARED_SCREEN);
  for (const response of [page, await opened('good.1.signature'), await opened('wrong')]) {
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  }
});

it('is opened by our own pages only, and with POST only, so that its text is in no address (ASVS 3.5.2, 14.2.1)', async () => {
  expect((await opened('good.1.signature', { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await new Browser(gateway).send('GET', `${SHARED_PATH}?token=good.1.signature`)).status).toBe(405);
});

it('slows down whoever tries out links (ASVS 6.3.1)', async () => {
  const slow = await core.start();
  const browser = new Browser(slow);
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) statuses.push((await browser.send('POST', SHARED_PATH, { token: `t${i}` })).status);
  expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 404));
  expect(statuses.at(-1)).toBe(429);
});
