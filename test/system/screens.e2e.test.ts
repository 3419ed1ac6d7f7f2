/**
 * Every screen of a real site in both languages, light and dark, wide and narrow: no error, nothing wider than the screen,
 * no word of the other language, nothing serious that axe finds. Before that, a cashier's work with wallets in Chinese.
 */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { patient, seriousFaults } from '../ui/browser.ts';
import { System } from './harness.ts';
import { logins } from './site.ts';

const flags = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((what) => `--disable-${what}`);
type Look = { readonly language: 'zh' | 'en'; readonly theme: 'light' | 'dark'; readonly width: number };
let system: System;
let browser: Browser;
const complaints: string[] = [];

const details = {
  ...{
    kind: 'person' as const,
    contact: '',
    email: '',
    language: 'zh' as const,
    idNumber: '',
    invoiceTitle: '',
    note: '',
  },
  ...{ contractFromMs: null, contractUntilMs: null },
};

async function loggedIn({ language, theme, width }: Look): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, locale: language === 'zh' ? 'zh-CN' : 'en-GB' },
    ...{ colorScheme: theme, reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The first question for a session is answered 401.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  await page.goto(system.api.base);
  await page.locator('input[autocomplete=username]').fill('anna');
  await page.locator('input[type=password]').fill(logins[0]?.password ?? '');
  await page.keyboard.press('Enter');
  await page.waitForSelector('nav a');
  return page;
}

/** A room whose meter does not answer, opened with a typed reading. */
async function open(room: string, unitId: number, payment: 'prepaid' | 'postpaid'): Promise<void> {
  const { api } = system;
  const [meter, wallet, account] = [`E-${room}`, `w-${room}`, `T-${room}`];
  await api.call('saveRoom', { room, isNew: true, floor: 'A2', name: `Room ${room}`, tags: ['north'] });
  const { meters } = await api.call('getSetup', {});
  const like = meters.find(({ id }) => id === 'E-101');
  if (!like) throw new Error('E-101');
  const { id: _id, number: _number, wallet: _wallet, ...settings } = like;
  await api.call('saveMeter', { meter, isNew: true, settings: { ...settings, unitId, room } });
  const firstRecharge = payment === 'prepaid' ? { amount: '100', channel: 'cash' as const } : null;
  const plan = {
    ...{ rooms: [room], payment, creditLimit: '50', deposit: null, meters: [{ meter, wallet, tariff: null }] },
    wallets: [
      { id: wallet, name: '', purpose: 'use' as const, overdraft: '0', thresholds: ['20', '0'], firstRecharge },
    ],
  };
  const name = `Tenant ${room}`;
  await api.call('saveAccount', { account, isNew: true, name, phone: '13800001234', details, plan });
  await api.call('openAccount', { account, typed: [{ meter, reading: '12.5', reason: 'silent' }] });
}

/** Something to see on every screen. */
async function inUse(): Promise<void> {
  const { api } = system;
  await api.call('hangTag', { room: '103', holder: 'Otto', phone: '13800005678', reason: 'cable' });
  await api.call('saveRiser', { id: 'S1', name: 'Shaft 1', isNew: true, rooms: ['101', '201'], meters: [] });
  const settings = {
    ...{ name: 'Dormitory', limits: [{ watts: 90_000, window: null }], seconds: 30, recoverMinutes: 5, tries: 3 },
    ...{ step: { watts: 800, powerFactor: 950 }, cuts: [], inMeter: false },
  };
  await api.call('saveControlPlan', { plan: 'dorm', isNew: true, settings });
  await api.call('assignControlPlan', { plan: 'dorm', meters: ['E-102'] });
  await api.call('startGroup', { action: 'hold', meters: ['E-104'], reason: 'stairs' });
  await api.call('signHandover', { notes: 'boiler of 202' });
}

const inChinese = { language: 'zh', theme: 'light', width: 1440 } as const;
let page: Page;
const dialog = (): Locator => page.locator('dialog[open]').last();

beforeAll(async () => {
  system = await System.start({ ui: inject('uiDist') });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', ...flags],
  });
  await system.login('anna');
  await open('301', 77, 'prepaid');
  await open('302', 78, 'postpaid');
  await inUse();
  page = await loggedIn(inChinese);
});
afterAll(async () => {
  await browser?.close();
  await system?.end();
});

describe('money of one account, in Chinese', () => {
  const wallets = (): Promise<string> => page.getByRole('region', { name: '钱包' }).first().innerText();

  it('goes to a wallet that was added, never more than there is', async () => {
    await page.goto(`${system.api.base}/accounts?account=T-301`);
    await expect.poll(() => page.locator('h1 .state').innerText(), patient).toBe('已开户');
    await page.getByRole('button', { name: '增加钱包…' }).click();
    await dialog().getByLabel('名称').fill('Rent');
    await dialog().getByLabel('钱包编号').fill('w-302');
    await dialog().getByRole('button', { name: '增加钱包' }).click();
    await dialog().getByText('w-302 已被使用，请换一个。').waitFor();
    await dialog().getByLabel('钱包编号').fill('w-301-fee');
    await dialog().getByRole('button', { name: '费用', exact: true }).click();
    await dialog().getByRole('button', { name: '增加钱包' }).click();
    await page.getByRole('button', { name: 'Rent' }).waitFor();
    await page.getByRole('button', { name: '转账…' }).first().click();
    await dialog().getByLabel('金额（元）').fill('100.01');
    await dialog().getByRole('button', { name: '转账', exact: true }).click();
    await dialog().getByText('最多 ¥100.00：转账不会透支钱包。').waitFor();
    await dialog().getByLabel('金额（元）').fill('30');
    await dialog().getByText('转账后此处余 ¥70.00，对方 ¥30.00。').waitFor();
    await dialog().getByRole('button', { name: '转账', exact: true }).click();
    await dialog().getByText('此处余额：¥70.00').waitFor();
    await dialog().getByRole('button', { name: '关闭' }).click();
    await expect.poll(wallets, patient).toContain('¥30.00');
    expect(await wallets()).toContain('¥70.00');
  });

  it('is used after an allowance, which is shown with what is left', async () => {
    const card = page.getByRole('region', { name: '补贴' });
    await card.getByRole('button', { name: /发放补贴/ }).click();
    await dialog().getByLabel(/^数量/).fill('0');
    await dialog()
      .getByText(/请输入大于 0 的数字/)
      .waitFor();
    await dialog().getByLabel(/^数量/).fill('30');
    await dialog().getByRole('button', { name: '发放补贴' }).click();
    await expect.poll(() => card.innerText(), patient).toContain('剩余 30');
  });

  it('is owed by who pays afterwards, with a limit that warns', async () => {
    await page.goto(`${system.api.base}/accounts?account=T-302`);
    for (const part of ['后付费', '信用额度 ¥50.00']) await page.getByText(part).first().waitFor();
    await page.getByRole('region', { name: '钱包' }).getByRole('button', { name: '修改…' }).click();
    await dialog()
      .getByLabel(/信用额度/)
      .fill('8,5,0');
    await dialog().getByRole('button', { name: '保存' }).click();
    await dialog().getByText('金额最多两位小数。').waitFor();
    await dialog()
      .getByLabel(/信用额度/)
      .fill('80');
    await dialog().getByRole('button', { name: '保存' }).click();
    await page.getByText('信用额度 ¥80.00').waitFor();
  });
});

const paths = [
  ...[
    '/',
    '/?view=list',
    '/home',
    '/alarms',
    '/low-money',
    '/emergency',
    '/switching',
    '/accounts',
    '/accounts?part=owner',
  ],
  ...['/accounts?part=allowances', '/accounts?account=T-301', '/accounts?account=T-302', '/orders', '/meter-money'],
  ...[
    '/tariffs',
    '/readings',
    '/site',
    '/notices',
    '/lines',
    '/system',
    '/people',
    '/audit',
    '/approvals',
    '/handover',
  ],
  ...['/me', '/?room=102', '/?room=103', '/?room=302', '/?meter=main'],
];
const tabsOf = ['/site', '/notices'];
const looks: readonly Look[] = [inChinese, { language: 'en', theme: 'dark', width: 390 }];

/** Texts that the other language would have: two words of letters in Chinese, any Chinese in English. */
const foreignTexts = (language: Look['language']): string => `(() => {
  const own = /(Tenant|Room|House|Line|Shaft|Small|Modbus|RTU|SMS|Web|SQLite|Otto|cable|boiler|stairs|Rent)|Operator$|Administrator|Viewer$|A-101/;
  const foreign = ${language === 'zh' ? String.raw`/[A-Za-z]{2,} [A-Za-z]{2,}/` : String.raw`/[\u4e00-\u9fff]/`};
  const walker = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = (node.textContent ?? '').trim();
    const visible = node.parentElement?.checkVisibility() === true && node.parentElement.closest('option,code,textarea') === null;
    if (visible && foreign.test(text) && !own.test(text)) found.push(text.slice(0, 80));
  }
  return [...new Set(found)];
})()`;

async function faultsOf(of: Page, where: string, look: Look): Promise<string[]> {
  await of.getByTestId('age').waitFor();
  const loading = of.getByText(look.language === 'zh' ? '正在加载' : 'Loading').filter({ visible: true });
  await expect.poll(() => loading.count(), { ...patient, message: where }).toBe(0);
  const foreign = await of.evaluate<string[]>(foreignTexts(look.language));
  const wide = await of.evaluate<number>('document.documentElement.scrollWidth');
  return [
    ...foreign.map((text) => `${where}: ${text}`),
    ...(wide > look.width ? [`${where}: ${wide} wide`] : []),
    ...(await seriousFaults(of, look.theme)).map((fault) => `${where}: ${fault}`),
  ];
}

describe.each(looks)('in $language, $theme, $width wide', (look) => {
  it('every screen, and every tab of one, is whole', async () => {
    const of = await loggedIn(look);
    const faults: string[] = [];
    for (const path of paths) {
      await of.goto(`${system.api.base}${path}`);
      faults.push(...(await faultsOf(of, path, look)));
      if (!tabsOf.includes(path)) continue;
      const tabs = of.locator('main [role=group] button[aria-pressed], main [role=tablist] [role=tab]');
      for (let n = 1; n < (await tabs.count()); n += 1) {
        await tabs.nth(n).click();
        faults.push(...(await faultsOf(of, `${path} ${n}`, look)));
      }
    }
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
