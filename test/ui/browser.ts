/** The built control room in Chromium, before the real gateway and a scripted core. */
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Alarm, Layout, Tile } from '../../protocol/wall.ts';
import { PASSWORD, ScriptedCore } from './scripted-core.ts';

/** On loopback only: no updates, no sync, no background traffic. */
const flags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
];

/** For `expect.poll`: a busy machine takes its time; a wrong page never gets there. */
export const patient = { timeout: 20_000 };

export type Look = {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly language?: 'zh' | 'en';
};

export class Stage {
  #browser: Browser | null = null;
  readonly #cores: ScriptedCore[] = [];
  readonly #contexts: BrowserContext[] = [];
  /** What pages said on their console that they should not. */
  readonly complaints: string[] = [];

  async open(): Promise<void> {
    this.#browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  }

  async core(layout: Layout, tiles: readonly Tile[], alarms: readonly Alarm[] = []): Promise<ScriptedCore> {
    const core = new ScriptedCore(layout, tiles, alarms);
    this.#cores.push(core);
    await core.start({ UI_DIR: inject('uiDist') });
    return core;
  }

  async page(core: ScriptedCore, path = '/', look: Look = {}): Promise<Page> {
    if (this.#browser === null) throw new Error('not open');
    const context = await this.#browser.newContext({
      viewport: { width: look.width ?? 1440, height: look.height ?? 860 },
      locale: look.language === 'zh' ? 'zh-CN' : 'en-GB',
      colorScheme: look.theme ?? 'light',
      reducedMotion: 'reduce',
    });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.complaints.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      // The first question for a session is answered 401, and a dropped socket is what some tests are about.
      const expected = /401|WebSocket|ERR_CONNECTION|409|503/.test(message.text());
      if (message.type() === 'error' && !expected) this.complaints.push(`${path}: ${message.text()}`);
    });
    await page.goto(`${core.url}${path}`);
    return page;
  }

  async loggedIn(core: ScriptedCore, path = '/', look: Look = {}, name = 'olga'): Promise<Page> {
    const page = await this.page(core, path, look);
    await page.locator('input[autocomplete=username]').fill(name);
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').waitFor();
    return page;
  }

  async endPages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
    for (const core of this.#cores.splice(0)) await core.end();
  }

  async close(): Promise<void> {
    await this.endPages();
    await this.#browser?.close();
  }
}

/** What axe finds serious or worse, one line each. In the dark only the colours differ from what was found in the light. */
export async function seriousFaults(page: Page, theme: 'light' | 'dark' = 'light'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (theme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}
