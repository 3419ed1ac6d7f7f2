/** A riser under a work tag and the tree of meters, in a real browser on a real core with virtual meters. */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { seriousFaults } from '../ui/browser.ts';
import { System } from './harness.ts';
import { electricityOf, logins } from './site.ts';
import { until } from './until.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
let system: System;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
const dialog = (): Locator => page.locator('dialog[open]').last();
const tab = (name: string): Promise<void> =>
  page
    .getByRole('group', { name: /^(Site|站点)$/ })
    .getByRole('button', { name, exact: true })
    .click();

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist') });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', ...flags],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${system.api.base}/site`);
  await page.getByLabel('Name').fill('anna');
  await page.getByLabel('Password').fill(logins[0]?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForSelector('nav a');
});
afterAll(async () => {
  await browser?.close();
  await system?.end();
});

it('a riser is set up, and a work tag on it opens real breakers on two floors until it is lifted', async () => {
  await tab('Risers');
  await page.getByRole('button', { name: 'Add riser' }).click();
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText('Choose a room or a meter.').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByLabel('Number', { exact: true }).fill('S1');
  await dialog().getByLabel('Name', { exact: true }).fill('South');
  for (const room of ['101', '201']) {
    await dialog().getByLabel('Rooms it feeds').fill(room);
    await dialog()
      .getByRole('button', { name: `Room ${room}`, exact: true })
      .click();
  }
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('2 rooms, 0 meters').waitFor();
  await page.getByRole('button', { name: 'Work tag…' }).click();
  await dialog().getByText('on all floors').waitFor();
  await dialog().getByLabel('Phone').fill('13800001000');
  await dialog().getByLabel('Reason').fill('new pipe');
  await dialog().getByRole('button', { name: 'Work tag', exact: true }).click();
  await page.getByText('Work tag on riser S1').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  for (const room of ['101', '201'] as const)
    await until('the relay opens', () => !system.field.look(electricityOf(room)).conducting);
  await system.onWall('both are confirmed', () =>
    (['101', '201'] as const).every((room) => system.tile(room).electricity?.actual === 'open'),
  );
  expect(system.tile('101').electricity?.cause).toBe('workTag');
  expect(system.tile('102').electricity?.wanted).toBe('closed');
  await page.getByRole('button', { name: 'Lift the tag…' }).click();
  await dialog().getByLabel('Reason').fill('done');
  await dialog().getByRole('button', { name: 'Lift the tag', exact: true }).click();
  await page.getByText('Work tag on riser S1').waitFor({ state: 'detached' });
  for (const room of ['101', '201'] as const)
    await until('the relay closes', () => system.field.look(electricityOf(room)).conducting);
});

it('a meter is hung behind another, and the tree is walked by keys, in both languages', async () => {
  await tab('Meters');
  const row = page.getByRole('row').filter({ hasText: 'Room 102' }).first();
  const id = (await row.locator('td').first().innerText()).trim().split(/\s/)[0] ?? '';
  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog().getByLabel('Hangs behind meter').fill(id);
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText('Another meter of the same utility.').waitFor();
  await dialog().getByLabel('Hangs behind meter').fill(electricityOf('101'));
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'detached' });
  await tab('Tree');
  const top = page.getByRole('treeitem').first();
  await top.focus();
  await page.keyboard.press('ArrowRight');
  const below = page.getByRole('treeitem').nth(1);
  await below.getByText(id).waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await below.getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await below.getByText(id).waitFor({ state: 'detached' });
  expect(await top.getAttribute('aria-expanded')).toBe('false');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Switch to Chinese' }).click();
  await page.getByText('下级合计（1）').waitFor();
  expect(complaints).toEqual([]);
});
