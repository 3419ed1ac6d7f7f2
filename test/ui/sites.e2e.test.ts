/** Several sites: the header leads to the same screen of another one, by mouse and keyboard, in both languages. */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { stageForTests } from '../tools/stage.ts';
import { seriousFaults } from './browser.ts';
import { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles } from './site.ts';

const stage = stageForTests();
const cores: ScriptedCore[] = [];
afterEach(async () => {
  for (const core of cores.splice(0)) await core.end();
});

async function core(sites: string): Promise<ScriptedCore> {
  const layout = makeLayout({ buildings: 1, floors: 1, rooms: 4 });
  const started = new ScriptedCore(layout, makeTiles(layout), []);
  cores.push(started);
  await started.start({ UI_DIR: inject('uiDist'), SITES: sites });
  return started;
}

describe('the header of several sites', () => {
  it('opens a list by keyboard, marks this site, and leads to the same screen of another', async () => {
    const there = await core('');
    const name = there.layout.site.name;
    const here = await core(`${name}=http://elsewhere.example, West 西园=${there.url}`);
    const page = await stage.loggedIn(here, '/alarms');
    await page.getByLabel(`${name}: switch the site`).focus();
    await page.keyboard.press('Enter');
    const list = page.getByRole('navigation', { name: 'Sites' });
    expect(await list.locator('[aria-current]').innerText()).toContain(name);
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await list.isVisible()).toBe(false);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${there.url}/alarms`);
  });

  it('is Chinese on the Chinese page, and not there where there is one site', async () => {
    const several = await core('东区=http://a.example, 西区=http://b.example');
    const page = await stage.loggedIn(several, '/', { language: 'zh', theme: 'dark', width: 390 });
    await page.locator('header summary').first().click();
    await page.getByRole('navigation', { name: '站点' }).getByText('西区').waitFor();
    expect(await seriousFaults(page, 'dark')).toEqual([]);
    const one = await stage.loggedIn(await core('东区=http://a.example'), '/');
    expect(await one.getByLabel(/switch the site/).count()).toBe(0);
  });
});
