/** The demo as a newcomer starts it, looked at in a real browser. Words on the screen are those of the English page. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './core.ts';
import { isAlive, until, within } from './until.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Site time: what takes the demo some minutes takes seconds here. The wire stays real. */
const SPEED = 60;
/** Runs out of money within the demo's first minutes. */
const TENANT = 'Granny Desserts';

const folder = mkdtempSync(join(tmpdir(), 'wattroom-demo-e2e-'));
let browser: Browser;
let demo: Demo;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** In a process group of its own, as a terminal would have it. */
class Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said = '';
  errors = '';

  constructor(port: number) {
    const { PATH, HOME } = process.env;
    this.child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'simulators/demo.ts', '--speed', String(SPEED)],
      {
        ...{ cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
        env: { PATH, HOME, DATA_DIR: folder, PORT: String(port) },
      },
    );
    this.child.stdout?.on('data', (text: Buffer) => (this.said += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.errors += text.toString()));
    this.ended = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the demo did not start');
    return this.child.pid;
  }

  /** The address and a password, as printed. */
  welcome(): Promise<{ url: string; password: string }> {
    return until(
      'the welcome',
      () => {
        if (this.child.exitCode !== null) throw new Error(`the demo has ended: ${this.said}${this.errors}`);
        const url = /The wall: (\S+)/.exec(this.said)?.[1];
        const password = /^ +operator +(\S+)$/m.exec(this.said)?.[1];
        return url !== undefined && password !== undefined ? { url, password } : null;
      },
      120_000,
    );
  }

  /** Process ids of core and gateway, as their log names them. */
  get others(): number[] {
    return [...new Set([...this.said.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid)))];
  }
}

beforeAll(async () => {
  demo = new Demo(await freePort());
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...flags] });
});
afterAll(async () => {
  await browser.close();
  demo.child.kill('SIGKILL');
  for (const pid of demo.others) await until(`the end of ${pid}`, () => !isAlive(pid));
  rmSync(folder, { recursive: true, force: true });
});

const rowOf = (page: Page) => page.getByRole('row').filter({ hasText: TENANT });

describe('the demo', () => {
  let page: Page;

  it('prints an address and logins; the wall opens behind one', async () => {
    const { url, password } = await demo.welcome();
    page = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 860 } })).newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByTestId('wall').waitFor();
  });

  it('shows a tile change by itself: a tenant uses up the money, and the breaker opens', async () => {
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await rowOf(page).filter({ hasText: 'money used up' }).waitFor({ timeout: 120_000 });
  });

  it('takes a recharge in the drawer of that room, and shows the breaker closed again', async () => {
    await rowOf(page).getByRole('button').click();
    await page.getByTestId('breaker').filter({ hasText: 'Open, as wanted' }).first().waitFor();
    await page.getByRole('button', { name: 'Recharge', exact: true }).first().click();
    await page.getByLabel('Amount, yuan').fill('800');
    await page.getByRole('button', { name: 'Book ¥800.00' }).click();
    await page.getByText(/^Booked: order R-\S+, balance ¥7\d\d\./).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByTestId('breaker').filter({ hasText: 'Closed, as wanted' }).first().waitFor();
    await rowOf(page).filter({ hasText: 'normal supply' }).waitFor();
  });

  it('ends with Ctrl-C, core and gateway with it, and starts again with the money where it was', async () => {
    const others = demo.others;
    expect(others.length).toBeGreaterThanOrEqual(2);
    const fromMs = performance.now();
    // What a terminal does: the signal goes to the whole process group in front.
    process.kill(-demo.pid, 'SIGINT');
    expect(await within('the end of the demo', demo.ended, 15_000)).toBe(0);
    expect(performance.now() - fromMs).toBeLessThan(10_000);
    for (const pid of others) expect(isAlive(pid)).toBe(false);
    expect(demo.errors).toBe('');

    demo = new Demo(Number(new URL(page.url()).port));
    await demo.welcome();
    await page.reload();
    // The session outlives the restart: nobody has to log in again.
    await page
      .getByTestId('balance')
      .filter({ hasText: /¥[67]\d\d\./ })
      .first()
      .waitFor();
  });

  it('takes core and gateway with it when it is killed, and leaves the store to its successor', async () => {
    const others = demo.others;
    demo.child.kill('SIGKILL');
    await demo.ended;
    for (const pid of others) await until(`the end of ${pid}`, () => !isAlive(pid));
    demo = new Demo(Number(new URL(page.url()).port));
    await demo.welcome();
  });
});
