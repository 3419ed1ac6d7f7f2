/** The office work of a site in a real browser on a real core: set up, open, swap, close. Words are those of the English page. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { patient, seriousFaults } from '../ui/browser.ts';
import { CoreProcess } from './core.ts';
import { System } from './harness.ts';
import { logins } from './site.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
let system: System;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

const CSV = [
  'building,floor,room,roomName,meter,line,unitId,profile,tariff',
  'C,C1,C301,C301,E-C301,L1,77,acrel-ddsy1352,flat',
].join('\n');
const goTo = (path: string): Promise<void> => page.locator(`nav a[href="${path}"]`).click();
const inDialog = (name: string): ReturnType<Page['locator']> =>
  page.locator('dialog').getByRole('button', { name, exact: true });

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist') });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', ...flags],
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(system.api.base);
  await page.getByLabel('Name').fill('anna');
  await page.getByLabel('Password').fill(logins[0]?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForSelector('nav a');
});
afterAll(async () => {
  await browser?.close();
  await system?.end();
});

describe('setting up', () => {
  it('imports a room from a file after showing what it would do', async () => {
    await goTo('/site');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const file = {
      name: 'rooms.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${CSV}\nC,C1,C302,,E-C302,none,78,acrel-ddsy1352,flat\n`),
    };
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('1 mistake: correct the file').waitFor();
    expect(await page.locator('tbody tr').first().innerText()).toContain('line');
    await page.setInputFiles('input[type=file]', { ...file, buffer: Buffer.from(CSV) });
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await page.getByText('Imported: 1 new').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});

describe('an account', () => {
  it('opens with a typed reading where the meter does not answer', async () => {
    await goTo('/accounts');
    await page.getByRole('button', { name: 'New account' }).click();
    await inDialog('Save and open').click();
    await page.getByText('Choose at least one room.').waitFor();
    await page.getByLabel('Name').fill('新来的租户');
    await page.getByLabel('Account number').fill('T-301');
    await page.getByLabel('Rooms').fill('C301');
    await inDialog('C301').click();
    await page.getByLabel('First recharge, yuan').fill('100');
    await page.getByLabel('Deposit, yuan').fill('50');
    expect(await seriousFaults(page)).toEqual([]);
    await inDialog('Save and open').click();
    await page.getByText('waiting for the meter').waitFor();
    await page.getByRole('button', { name: 'Type reading…' }).click();
    await page.getByLabel('Reading as the meter shows it').fill('12.5');
    await page.getByLabel('Reason').fill('read on site');
    await inDialog('Use this reading').click();
    await expect.poll(() => page.locator('h1 .state').innerText(), patient).toBe('open');
    expect(await page.getByRole('region', { name: 'Wallets' }).innerText()).toContain('¥100.00');
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('goes on over a killed core, and closes to the cent', async () => {
    await system.core.kill9();
    system.core = new CoreProcess(system.env);
    system.api.base = await system.core.open();
    await page.goto(`${system.api.base}/accounts?account=T-301`);
    await page.getByRole('button', { name: 'Close account…' }).click();
    // The meter does not answer: its last reading is typed in at once.
    await page.getByLabel('Reading as the meter shows it').fill('12.52');
    await page.getByLabel('Reason').fill('read on site');
    await inDialog('Close account').click();
    await expect.poll(() => page.locator('h1 .state').innerText(), patient).toBe('closed');
    const statement = (): Promise<string> => page.getByRole('region', { name: 'Statement' }).first().innerText();
    await expect.poll(statement, patient).toContain('−99.8000');
    expect(await statement()).toContain('−0.2000');
  });
});

describe('tariffs and readings', () => {
  it('publish a new tariff, and refuse one with a price that is none', async () => {
    await goTo('/tariffs');
    await page.getByRole('button', { name: 'New tariff' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Night rate');
    await page.getByLabel('Tariff number').fill('night');
    await page.getByRole('button', { name: 'Divide the day into bands' }).click();
    await page.getByLabel('How it is priced').selectOption('bands');
    await page.getByRole('button', { name: 'Publish' }).scrollIntoViewIfNeeded();
    expect(await seriousFaults(page)).toEqual([]);
    const price = page.locator('.price input').first();
    await price.fill('abc');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Something above is wrong').waitFor();
    await price.fill('0.3');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Night rate').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('list what every meter showed', async () => {
    await goTo('/readings');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('cell', { name: 'E-101' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
