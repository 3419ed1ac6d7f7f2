/** Taking accounts over and opening a list of them in a real browser on a real core, in English and in Chinese. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { patient, seriousFaults } from '../ui/browser.ts';
import { System } from './harness.ts';
import { logins } from './site.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
const complaints: string[] = [];
let system: System;
let browser: Browser;
let page: Page;

const rooms = [
  'building,floor,room,meter,line,unitId,profile,tariff',
  ...[1, 2, 3, 4].map((n) => `C,C1,C30${n},E-C30${n},L1,${70 + n},acrel-ddsy1352,flat`),
];
const head = 'account,name,phone,since,deposit,balance,debt,room,meter,index';
const taken = [`t1,老租户,13800001111,2023-05-01,100,88.20,,C301,E-C301,1234.5`, `t2,Zweiter,,,,,12.35,C302,E-C302,88`];
const details = {
  ...{ kind: 'person' as const, contact: '', email: '', language: 'zh' as const, idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const csv = (rows: readonly string[]): { name: string; mimeType: string; buffer: Buffer } => ({
  ...{ name: 't.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) },
});

async function loggedIn(locale: 'en-GB' | 'zh-CN', dark = false, width = 1440): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, locale, reducedMotion: 'reduce', colorScheme: dark ? 'dark' : 'light' },
  });
  const opened = await context.newPage();
  opened.on('pageerror', (error) => complaints.push(error.message));
  await opened.goto(system.api.base);
  await opened.locator('input[autocomplete=username]').fill('anna');
  await opened.locator('input[type=password]').fill(logins[0]?.password ?? '');
  await opened.keyboard.press('Enter');
  await opened.waitForSelector('nav a');
  return opened;
}

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist') });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', ...flags] });
  page = await loggedIn('en-GB');
});
afterAll(async () => {
  await browser?.close();
  await system?.end();
});

describe('a takeover on screen', () => {
  it('shows mistakes beside their rows, and signs totals only when they match', async () => {
    await page.goto(`${system.api.base}/site`);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.setInputFiles('input[type=file]', csv(rooms));
    await page.getByRole('button', { name: 'Import 4 rows' }).click();
    await page.getByText('Imported: 4 new').waitFor();
    await page.getByRole('button', { name: 'Takeover', exact: true }).click();
    await page.setInputFiles('input[type=file]', csv([head, ...taken, 't3,Dritter,,,,,,C309,E-C301,1']));
    await page.getByText('there is no such room').waitFor();
    expect(await page.getByRole('button', { name: 'Sign and take over' }).count()).toBe(0);
    await page.setInputFiles('input[type=file]', csv([head, ...taken]));
    await page.getByLabel('C Accounts').fill('2');
    await page.getByLabel('C Balances').fill('88.20');
    await page.getByLabel('C Debts').fill('12.36');
    await page.getByLabel('C Deposits').fill('100');
    await page.getByLabel('Old system and report').fill('Report 5');
    await page.getByRole('button', { name: 'Sign and take over' }).click();
    await page.getByText('The rows say ¥12.35.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('C Debts').fill('12.35');
    await page.getByRole('button', { name: 'Sign and take over' }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('T1 · signed by anna').waitFor();
    const signed = page.getByRole('region', { name: 'Signed rows' });
    const takeover = page.locator('details', { hasText: 'T1 · signed by anna' });
    if ((await takeover.getAttribute('open')) === null) await takeover.locator('summary').click();
    await signed.getByText('¥88.20').waitFor();
    await page.getByLabel('Search the signed rows').fill('no such row');
    await page.getByText('No row has that.').waitFor();
    await page.getByLabel('Search the signed rows').fill('t1');
    await signed.getByText('¥88.20').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.goto(`${system.api.base}/accounts?account=t1`);
    await page.getByRole('region', { name: 'Taken over' }).waitFor();
    expect(await page.getByRole('region', { name: 'Wallets' }).innerText()).toContain('¥88.20');
    await page.getByRole('region', { name: 'Statement' }).first().getByText('Taken over').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});

describe('a list of accounts on screen', () => {
  it('says what each would do, opens the chosen ones, and says what became of each', async () => {
    for (const n of [3, 4])
      await system.api.call('saveAccount', {
        ...{ account: `n${n}`, isNew: true, name: `Neu ${n}`, phone: '', details },
        plan: {
          rooms: [`C30${n}`],
          wallets: [
            {
              ...{ id: `wn${n}`, name: '', purpose: 'use', overdraft: '0', thresholds: ['50', '20', '0'] },
              firstRecharge: null,
            },
          ],
          ...{ meters: [], payment: 'prepaid', creditLimit: '0', deposit: null },
        },
      });
    await page.goto(`${system.api.base}/accounts`);
    await page.getByRole('button', { name: 'Open several…' }).click();
    await page.getByLabel('Reading of E-C303').fill('7.5');
    await page.getByRole('button', { name: 'Open 2 accounts' }).click();
    await page.getByText('A reason.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('Why readings are typed in').fill('not wired yet');
    await page.getByRole('button', { name: 'Open 2 accounts' }).click();
    await page.getByText('2 of 2 begun: 1 open, 0 refused.').waitFor();
    await page.getByText('Each account').click();
    await page.getByText('waits for a reading of E-C304').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});

describe('both in Chinese, dark and narrow', () => {
  it('are without serious faults', async () => {
    const zh = await loggedIn('zh-CN', true, 390);
    await zh.goto(`${system.api.base}/site`);
    await zh.getByRole('button', { name: '接管', exact: true }).click();
    await zh.setInputFiles('input[type=file]', csv([head, ...taken]));
    await zh.getByText('全部内容此前已接管。').waitFor();
    await zh.getByText('T1 · anna 签字').waitFor();
    expect(await seriousFaults(zh, 'dark')).toEqual([]);
    await zh.goto(`${system.api.base}/accounts`);
    await zh.getByText('已办理 2 / 2').waitFor();
    await zh.getByRole('button', { name: '批量开户…' }).click();
    await zh.getByText('没有待开户的账户').waitFor();
    expect(await seriousFaults(zh, 'dark')).toEqual([]);
    await expect.poll(() => complaints, patient).toEqual([]);
  });
});
