import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { stageForTests } from '../tools/stage.ts';
import { patient, seriousFaults } from './browser.ts';
import { someAlarms } from './samples.ts';
import { makeLayout, makeTiles, part, plainTile } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const start = () => stage.core(layout, makeTiles(layout), someAlarms());

describe('a meter that does not answer', () => {
  it('is never called confirmed, and its breaker says how old the reading is', async () => {
    const core = await start();
    const stale = part('e-A-0101', { link: 'stale' });
    await core.put([{ ...plainTile('b1', 'A-0101'), electricity: stale }]);
    const page = await stage.loggedIn(core, '/?room=A-0101');
    const breaker = page.getByRole('region', { name: 'Breaker' });
    await breaker.getByText('Closed, as wanted').waitFor();
    await breaker.getByText('stale').waitFor();
    await page.getByRole('button', { name: 'Close…' }).click();
    await page.getByLabel('Reason').fill('inspection');
    await page.locator('dialog button.primary').click();
    await page.getByText('Wanted state stored: closed').waitFor();
    await page.getByText('Writing and reading back…').waitFor();
    expect(await page.getByText('Confirmed by reading back').count()).toBe(0);
    await core.put([{ ...plainTile('b1', 'A-0101'), electricity: part('e-A-0101') }]);
    await page.getByText('Confirmed by reading back: closed').waitFor();
  });
});

describe('an export', () => {
  it('of which a page is missing makes no file and says so', async () => {
    const core = await start();
    core.history.push(...someAlarms());
    let pages = 0;
    core.override = ({ op, params }) => {
      if (op !== 'getAlarmHistory' || (params as { readonly limit: number }).limit !== 500) return undefined;
      pages += 1;
      if (pages === 1) return { ok: true, result: { items: core.history, cursor: 'next' } };
      return { ok: false, refusal: 'storeAway', detail: 'away' };
    };
    const page = await stage.loggedIn(core, '/alarms');
    const files: string[] = [];
    page.on('download', (file) => files.push(file.suggestedFilename()));
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('cell', { name: 'Line is dead refused' }).waitFor();
    await page.getByRole('button', { name: 'Export CSV' }).click();
    await page.getByRole('alert').filter({ hasText: 'store is away' }).waitFor();
    expect(pages).toBe(2);
    core.override = () => undefined;
    await page.getByRole('button', { name: 'Export CSV' }).click();
    await expect.poll(() => files, patient).toEqual(['alarms.csv']);
  });
});

describe('an export of more than 10 000 rows', () => {
  it('holds them all, tells how far it is, and makes no file when it is cancelled', async () => {
    const core = await start();
    const PAGES = 21;
    const [sample] = someAlarms();
    if (sample === undefined) throw new Error('no alarm');
    core.history.push(sample);
    let answered = 0;
    let most = 3;
    core.override = ({ op, params }) => {
      const { limit, cursor } = params as { readonly limit?: number; readonly cursor?: string };
      if (op !== 'getAlarmHistory' || limit !== 500) return undefined;
      const at = Number(cursor ?? 0);
      if (at >= most) return null;
      answered += 1;
      const items = Array.from({ length: 500 }, (_, i) => ({ ...sample, sinceMs: sample.sinceMs - at * 500 - i }));
      return { ok: true, result: { items, cursor: at + 1 === PAGES ? null : String(at + 1) } };
    };
    const page = await stage.loggedIn(core, '/alarms');
    const files: string[] = [];
    page.on('download', (file) => files.push(file.suggestedFilename()));
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Export CSV' }).click();
    await page.getByText('1,500 rows so far…').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    most = PAGES;
    const file = page.waitForEvent('download', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const text = await readFile(await (await file).path(), 'utf8');
    expect(text.trimEnd().split('\r\n')).toHaveLength(1 + PAGES * 500);
    expect(answered).toBe(3 + PAGES);
    expect(files).toEqual(['alarms.csv']);
  });
});

describe('a page that is opened while nothing answers', () => {
  it('says so, and comes by itself as soon as something does', async () => {
    const page = await stage.page(await start());
    await page.route('**/api/session', (route) => route.abort());
    await page.reload();
    await page.getByText('The server does not answer. Trying again…').waitFor();
    await page.unroute('**/api/session');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    stage.complaints.splice(0, Infinity, ...stage.complaints.filter((each) => !each.includes('ERR_FAILED')));
  });
});

describe('the wheel', () => {
  it('with Ctrl zooms into the building under the pointer and out again', async () => {
    const page = await stage.loggedIn(await start());
    const box = await page.getByTestId('wall').boundingBox();
    if (box === null) throw new Error('no wall');
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await expect.poll(() => page.url(), patient).toContain('building=b2');
    await page.mouse.wheel(0, 200);
    await expect.poll(() => page.url(), patient).not.toContain('building=');
    await page.keyboard.up('Control');
  });
});

describe('a narrow screen', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`has no serious fault for axe, ${theme}`, async () => {
      const core = await start();
      const page = await stage.loggedIn(core, '/', { width: 390, height: 844, theme });
      const faults: string[] = [];
      for (const path of ['/', '/home', '/alarms', '/low-money', '/lines', '/system', '/?room=A-0302']) {
        await page.goto(`${core.url}${path}`);
        await page.getByTestId('age').waitFor();
        await expect.poll(() => page.getByText('Loading').count(), patient).toBe(0);
        faults.push(...(await seriousFaults(page, theme)).map((fault) => `${path} ${fault}`));
      }
      expect(faults).toEqual([]);
    });
  }
});
