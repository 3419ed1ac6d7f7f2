/** Why this amount, in a real browser on a real core: from balance, statement, charge and order; and the tenant's link on a phone. */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seriousFaults } from '../ui/browser.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W, logins } from './site.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
let system: System;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
const dialog = (): Locator => page.locator('dialog[open]').last();
const close = (): Promise<void> => dialog().getByRole('button', { name: 'Close', exact: true }).click();

async function newPage(width: number, locale: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 844 }, locale });
  const made = await context.newPage();
  made.setDefaultTimeout(20_000);
  made.on('pageerror', (error) => complaints.push(error.message));
  return made;
}

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist') });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', ...flags],
  });
  page = await newPage(1440, 'en-GB');
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

/** A link to what the dialog explains. */
async function linkFor(days: string): Promise<string> {
  await dialog().getByLabel('Days it is good for').fill(days);
  await dialog().getByRole('button', { name: 'Make a link' }).click();
  const field = dialog().getByLabel('Address of the link');
  await field.waitFor();
  return field.inputValue();
}

describe('an amount explains itself', () => {
  it('from the balance in the drawer, with a link for the tenant, in the language of the account', async () => {
    await page.goto(`${system.api.base}/?room=101`);
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('50');
    await page.getByRole('button', { name: 'Book ¥50.00' }).click();
    await close();
    await page.getByRole('button', { name: 'Orders', exact: true }).click();
    await page.getByRole('region', { name: 'Why this balance' }).getByRole('button', { name: 'Why?' }).first().click();
    await dialog().getByText('What order R-').waitFor();
    expect(await dialog().getByTestId('explained-amount').innerText()).toBe('+50.000000');
    for (const part of ['Money in: Cash → Wallet w-101', 'Before', 'Afterwards', 'What followed at the breaker'])
      await dialog().getByText(part).first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const address = await linkFor('3');
    expect(address).toMatch(/\/why#[\w-]+\.[0-9a-z]+\.[\w-]{43}$/);

    const phone = await newPage(390, 'en-GB');
    await phone.goto(address);
    await phone.getByRole('heading', { name: '金额说明' }).waitFor();
    expect(await phone.getByTestId('explained-amount').innerText()).toBe('+50.000000');
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await seriousFaults(phone)).toEqual([]);
    const chinese = await phone.locator('main').innerText();
    for (const part of ['Tenant 101', '变动前后余额', '随后的开关动作']) expect(chinese).toContain(part);
    for (const part of ['anna', 'Administrator', 'w-102']) expect(chinese).not.toContain(part);
    await phone.getByRole('button', { name: '切换到英文' }).click();
    await phone.getByRole('heading', { name: 'Why this amount' }).waitFor();
    expect(await phone.context().cookies()).toEqual([]);

    const whole = `${address}`;
    await phone.goto('about:blank');
    await phone.goto(`${whole.slice(0, -1)}${whole.endsWith('A') ? 'B' : 'A'}`);
    await phone.getByRole('heading', { name: 'This link opens nothing' }).waitFor();
    const wrong = await phone.locator('main').innerText();

    await dialog().getByRole('button', { name: 'Take back' }).click();
    await dialog().getByText('taken back by anna').waitFor();
    await close();
    await phone.goto('about:blank');
    await phone.goto(whole);
    await phone.getByRole('heading', { name: 'This link opens nothing' }).waitFor();
    expect(await phone.locator('main').innerText()).toBe(wrong);
  });

  it('from a charge: register, multiplier, prices and balances; and from the account page and its statement', async () => {
    system.field.draw(electricityOf('101'), LOAD_W);
    const charge = page.getByRole('region', { name: 'Why this balance' });
    await charge.getByRole('button', { name: 'Charges', exact: true }).click();
    await charge
      .getByRole('button', { name: /Explain the charge/ })
      .first()
      .click();
    await charge.getByRole('button', { name: 'Whole explanation and link…' }).click();
    await dialog().getByText('Register from → to').waitFor();
    for (const part of ['Multiplier × 1', 'Sum', 'Charged for use', 'Revenue: Electricity'])
      await dialog().getByText(part).first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const address = await linkFor('14');
    await close();
    const phone = await newPage(390, 'zh-CN');
    await phone.goto(address);
    await phone.getByText('起止示数').waitFor();
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(390);

    await page.goto(`${system.api.base}/accounts?account=acc-101`);
    const statement = page.getByRole('region', { name: 'Statement' }).first();
    await statement.getByRole('button', { name: 'Why?' }).first().click();
    await dialog().getByText('Booked as').waitFor();
    await close();
    await page.getByRole('region', { name: 'Wallets' }).getByRole('button', { name: 'Why?' }).click();
    await dialog().getByRole('heading', { name: 'Why this balance' }).waitFor();
    await close();
    const papers = (name: string) => page.locator('details', { has: page.getByText(name, { exact: true }) });
    await papers('Orders and receipts').locator('summary').click();
    await papers('Orders and receipts')
      .getByRole('button', { name: /^No\. / })
      .first()
      .waitFor();
    await papers('Explanations the tenant can open').locator('summary').click();
    await papers('Explanations the tenant can open').getByRole('button', { name: 'Take back' }).click();
    await papers('Explanations the tenant can open').getByText('taken back by anna').first().waitFor();
    await phone.goto('about:blank');
    await phone.goto(address);
    await phone.getByRole('heading', { name: '此链接无法打开' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
