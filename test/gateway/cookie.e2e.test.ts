import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WALL_PROTOCOL } from '../../protocol/wall.ts';
import { FakeCore, layout, PASSWORD, tile } from './fake-core.ts';

/** Where Debian puts it. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const quiet = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
const core = new FakeCore();
const ui = mkdtempSync(join(tmpdir(), 'wattroom-cookie-'));
let browser: Browser;

/** Runs in the page: logs in, asks who it is, opens the wall, changes something. */
const script = `window.tryAll = async (password) => {
  const headers = { 'content-type': 'application/json' };
  const login = await fetch('/api/session', { method: 'POST', headers, body: JSON.stringify({ name: 'olga', password }) });
  const me = await fetch('/api/session');
  const { csrf } = await me.json();
  const change = await fetch('/api/interlock/release', {
    method: 'POST',
    headers: { ...headers, 'x-csrf-token': csrf, 'idempotency-key': 'k' },
    body: '{"reason":"all clear"}',
  });
  const first = await new Promise((resolve) => {
    const wall = new WebSocket('ws://' + location.host + '/api/wall');
    wall.onopen = () => wall.send('{"type":"hello","protocol":${WALL_PROTOCOL},"alarmSeq":null}');
    wall.onmessage = ({ data }) => resolve(JSON.parse(data).type);
    wall.onerror = () => resolve('refused');
  });
  return [login.status, me.status, change.status, first, document.cookie, String(window.inline)];
};`;

beforeAll(async () => {
  mkdirSync(join(ui, 'assets'));
  writeFileSync(join(ui, 'assets', 'page.js'), script);
  writeFileSync(
    join(ui, 'index.html'),
    '<!doctype html><title>t</title><script src="/assets/page.js"></script><script>window.inline = 1</script>',
  );
  await core.addOperators();
  for (const { id } of layout.buildings) core.tiles.set(id, tile(id, `${id}-r1`, null));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
});
afterAll(async () => {
  await browser.close();
  await core.end();
  rmSync(ui, { recursive: true });
});

describe('Chromium', () => {
  it.each([
    ['on loopback keeps the __Host- cookie', {}, '__Host-wattroom', true],
    ['over insecure http gets a plain one', { HOST: '0.0.0.0', INSECURE_HTTP: '1' }, 'wattroom', false],
  ])('%s, and runs no inline script', async (_, env, name, secure) => {
    const gateway = await core.start({ UI_DIR: ui, ...env });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(gateway.url);
    const seen = await page.evaluate(`window.tryAll(${JSON.stringify(PASSWORD)})`);
    expect(seen).toEqual([200, 200, 200, 'hello', '', 'undefined']);
    expect(await context.cookies()).toMatchObject([{ name, secure, httpOnly: true, sameSite: 'Strict', path: '/' }]);
    await context.close();
  });
});
