/** Selling at the counter in a real browser on a real core: the receipt on both papers, the list of orders, a void. */
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seriousFaults } from '../ui/browser.ts';
import { System } from './harness.ts';
import { logins } from './site.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
let system: System;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

const goTo = (path: string): Promise<void> => page.locator(`nav a[href="${path}"]`).click();
const dialog = (): Locator => page.locator('dialog[open]').last();
const inDialog = (name: string | RegExp): Locator => dialog().getByRole('button', { name, exact: true });
/** Pages of what would be printed now, in millimetres. */
async function pagesOf(): Promise<string[]> {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const mm = (points: string | undefined): number => Math.round((Number(points) / 72) * 25.4);
  return [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, w, h]) => `${mm(w)}×${mm(h)}`);
}

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist'), balances: { '103': '-12.34' } });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', ...flags],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  // The browser of a test has no printer: what would be printed is looked at while the page thinks it prints.
  await page.addInitScript('window.print = () => undefined');
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

describe('a recharge at the counter', () => {
  it('gives a receipt: the original on half a sheet, a copy on the roll', async () => {
    await page.goto(`${system.api.base}/?room=103`);
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('1005.30');
    await page.getByRole('button', { name: 'Book ¥1,005.30' }).click();
    await inDialog('Receipt').click();
    const paper = page.locator('.preview article');
    await paper.getByText('No. 00000001').waitFor();
    const text = await paper.innerText();
    for (const part of ['Small house', 'Tenant 103', 'Room 103', 'w-103', '¥1,005.30', '壹仟零伍元叁角整'])
      expect(text).toContain(part);
    expect(text).toMatch(/Cashier: .+Administrator/);
    expect(text).toMatch(/Debt settled first\s+¥12\.\d\d/);
    expect(await seriousFaults(page)).toEqual([]);

    await inDialog('Print').click();
    await dialog().getByText('Printed 1 times').waitFor();
    await page.emulateMedia({ media: 'print' });
    for (const part of ['RECEIPT', 'Cashier']) await page.locator('body > .paper').getByText(part).waitFor();
    await page.emulateMedia({ media: null });
    expect(await pagesOf()).toEqual(['210×148']);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await inDialog('80 mm roll').click();
    await inDialog('Print a copy').click();
    await dialog().getByText('Printed 2 times').waitFor();
    const [size, ...more] = await pagesOf();
    expect([size?.startsWith('80×'), more]).toEqual([true, []]);
    expect(await page.locator('body > .paper').innerText()).toContain('COPY 1');
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await inDialog('Close').click();
    await inDialog('Close').click();
  });
});

describe('the orders of the site', () => {
  it('are found, added up and exported, and one is made void', async () => {
    await goTo('/orders');
    await page.getByLabel('Order, receipt, tenant or room').fill('room 103');
    const row = page.locator('tbody tr').first();
    await row.getByText('No. 00000001').waitFor();
    await page.getByText('1 orders').waitFor();
    expect(await page.getByRole('region', { name: 'Totals' }).innerText()).toContain('in ¥1,005.30');
    expect(await seriousFaults(page)).toEqual([]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(await readFile((await file.path()) ?? '', 'utf8')).toContain(',00000001,Recharge,Booked,Tenant 103,');
    const [excel] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export Excel' }).click(),
    ]);
    expect((await readFile((await excel.path()) ?? '')).subarray(0, 2).toString()).toBe('PK');

    await row.getByRole('button', { name: 'Take back…' }).click();
    await page.getByLabel('Reason').fill('wrong room');
    await inDialog('Take back').click();
    await page.getByText('taken back by V-').waitFor();
    await page.getByRole('button', { name: 'No. 00000001' }).click();
    await page.locator('.preview').getByText('VOID', { exact: true }).waitFor();
    expect(await page.locator('.preview').innerText()).toContain('wrong room');
    await inDialog('Close').click();
  });
});

describe('a refund', () => {
  const order = async (amount: string): Promise<void> => {
    await page.goto(`${system.api.base}/orders?room=104`);
    await page.getByRole('button', { name: 'Refund', exact: true }).click();
    await dialog().getByText('Last readings').waitFor();
    await inDialog('Read now').click();
    await inDialog('Read now').waitFor();
    await page.getByLabel('Amount, yuan').fill(amount);
    await page.getByLabel('Reason').fill('moves out');
    expect(await seriousFaults(page)).toEqual([]);
    await inDialog('Reserve the refund').click();
    await dialog().getByText('Pay it out under Orders').waitFor();
    await inDialog('Close').click();
    await page.getByText(`¥${amount} reserved for a refund`).waitFor();
    await page.getByLabel('Order, receipt, tenant or room').fill('tenant 104');
  };

  it('is read, reserved, and paid out with the reference of its payment', async () => {
    await order('25.50');
    const row = page.locator('tbody tr').first();
    await row.getByText('To pay out').waitFor();
    await row.getByRole('button', { name: 'Pay out…' }).click();
    await dialog().getByText('Hand over ¥25.50 in cash to Tenant 104').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog().getByLabel('Reference, if there is one').fill('slip 7');
    await inDialog('Paid out: ¥25.50').click();
    await page.locator('tbody strong').getByText('Refund paid out').first().waitFor();
    await page.locator('tbody tr').nth(1).getByText('Booked').waitFor();
  });

  it('is cancelled, and the money is back in the wallet', async () => {
    await order('10.00');
    await page.getByRole('button', { name: 'Cancel refund…' }).click();
    await page.getByLabel('Reason').fill('stays');
    await inDialog('Put it back').click();
    await page.locator('tbody strong').getByText('Refund cancelled').first().waitFor();
    await page.locator('tbody tr').nth(1).getByText('Cancelled', { exact: true }).waitFor();
    await page.goto(`${system.api.base}/orders`);
  });
});

describe('money whose account is not known', () => {
  it('is taken in with a receipt, and given to a wallet once the amount is said again', async () => {
    await page.getByRole('button', { name: 'Money without account…' }).click();
    await page.getByLabel('Amount, yuan').fill('88.08');
    await page.getByLabel('What is known of it').fill('transfer of a Mr Li');
    await inDialog('Book ¥88.08').click();
    await page.locator('.preview').getByText('Account not known yet').waitFor();
    expect(await page.locator('.preview').innerText()).toContain('捌拾捌元零捌分');
    await inDialog('Close').click();
    await page.getByLabel('Order, receipt, tenant or room').fill('mr li');
    await page.getByRole('button', { name: 'Give to a wallet…' }).click();
    await page.getByLabel('Tenant, account, phone or room').fill('102');
    await dialog().getByRole('button', { name: 'Tenant 102' }).click();
    await page.getByLabel('The amount once more, yuan').fill('80.88');
    await page.getByText('Not the amount that came in').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('The amount once more, yuan').fill('88.08');
    await inDialog('Give to the wallet').click();
    await page.getByText('settled by A-').waitFor();
    await page.getByRole('button', { name: 'No. 00000002' }).click();
    await page.locator('.preview').getByText('Given to Tenant 102, wallet w-102').waitFor();
    await inDialog('Close').click();
    expect(complaints).toEqual([]);
  });
});
