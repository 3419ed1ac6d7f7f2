import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeCore, type Gateway } from './fake-core.ts';
import { Browser, rawRequest } from './http-client.ts';

const core = new FakeCore();
const folder = mkdtempSync(join(tmpdir(), 'wattroom-ui-'));
const ui = join(folder, 'dist');
const page = '<!doctype html><title>Wattroom</title>';
let gateway: Gateway;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(join(ui, 'assets'), { recursive: true });
  writeFileSync(join(ui, 'index.html'), page);
  writeFileSync(join(ui, 'assets', 'index-Dk3x9_2a.js'), 'export {};');
  writeFileSync(join(ui, 'assets', 'logo.svg'), '<svg/>');
  writeFileSync(join(folder, 'secret.txt'), 'top secret');
  gateway = await core.start({ UI_DIR: ui });
  browser = new Browser(gateway);
});
afterAll(async () => {
  await core.end();
  rmSync(folder, { recursive: true });
});

describe('the control room’s files', () => {
  it('come with their types; hashed ones are kept for ever, the page is asked for again each time', async () => {
    const get = async (path: string): Promise<unknown[]> => {
      const { status, headers } = await browser.send('GET', path);
      return [status, headers.get('content-type'), headers.get('cache-control')];
    };
    const html = [200, 'text/html; charset=utf-8', 'no-cache'];
    expect(await get('/')).toEqual(html);
    expect(await get('/index.html')).toEqual(html);
    expect(await get('/assets/index-Dk3x9_2a.js')).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(await get('/assets/logo.svg')).toEqual([200, 'image/svg+xml', 'no-cache']);
  });

  it('are the page for every address of the control room itself, the set-up link too', async () => {
    for (const path of ['/setup?token=abc', '/rooms/r-1.2', '/alarms']) {
      const response = await browser.send('GET', path);
      expect([response.status, await response.text()]).toEqual([200, page]);
    }
    expect((await browser.send('GET', '/assets/gone-12345678.js')).status).toBe(404);
  });

  it('are not sent again to who has them', async () => {
    const etag = (await browser.send('GET', '/')).headers.get('etag') ?? '';
    const again = await browser.send('GET', '/', undefined, { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('are asked about by HEAD and changed by nothing', async () => {
    const head = await browser.send('HEAD', '/');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(page.length)]);
    expect((await browser.send('POST', '/', {})).status).toBe(405);
    expect((await browser.send('PUT', '/index.html', {})).status).toBe(405);
  });

  it('are all there is: no path leads out of the folder', async () => {
    const paths = [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..\\..\\secret.txt',
    ];
    for (const path of [...paths, '//secret.txt', '/assets/%00', '/./../secret.txt']) {
      const answer = await rawRequest(gateway.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 (200|400|404) /);
      expect(answer).not.toContain('top secret');
    }
  });

  it('that are not built say so', async () => {
    const bare = new Browser(await core.start({ UI_DIR: join(folder, 'none') }));
    const response = await bare.send('GET', '/');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('npm run build');
  });
});
