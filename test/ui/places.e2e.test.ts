/** Meters without a room on the screen, in both languages. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { seriousFaults, Stage } from './browser.ts';
import { alarmOf, chart, roomOf, timelineOf } from './samples.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage.endPages();
  expect(stage.complaints.splice(0)).toEqual([]);
});
afterAll(() => stage.close());

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const wh = (kWh: number): number => kWh * 1_000;
const done = (result: unknown) => ({ ok: true as const, result });

async function withLamp() {
  const tiles = makeTiles(layout);
  const core = await stage.core(layout, tiles, [
    alarmOf(1, { kind: 'meterSilent', priority: 2, room: null, meter: 'lamp' }),
  ]);
  const [sample] = roomOf(layout, core.tile('A-0101')).meters;
  if (!sample) throw new Error('a room has a meter');
  const meter = {
    ...{ ...sample, id: 'lamp', room: null, role: 'public', wallet: 'owner-lamp', hasBreaker: true },
    ...{ link: 'online', actual: 'closed', wanted: 'closed', cause: 'normal', causes: {}, mismatchSinceMs: null },
  };
  const timeline = [{ ...timelineOf('A-0101')[1], id: 't9', meter: 'lamp' }];
  core.override = ({ op, params }) => {
    if (op === 'getMeter' && (params as { meter: string }).meter !== 'lamp')
      return { ok: false, refusal: 'notFound', detail: 'no meter' };
    if (op === 'getMeter')
      return done({
        ...{ meter, lineName: 'Shaft A-1', upstream: 'main', behind: 2, use: { today: wh(3.5), sinceMs: null } },
        readings: [0, 1, 2].map((n) => ({ index: wh(120 - n), atMs: NOW_MS - n * 900_000 })),
      });
    if (op === 'getMeterTimeline') return done({ items: timeline, cursor: null });
    if (op === 'getDayChart') return done(chart());
    if (op === 'selectMeter') return done({ by: 'olga', mine: true });
    return op === 'readMeter' ? done({ ok: true }) : undefined;
  };
  return core;
}

it('a public meter has a page: reached from its alarm, read, forced, closed by Escape', async () => {
  const core = await withLamp();
  const page = await stage.loggedIn(core, '/alarms', {}, 'adam');
  await page.getByRole('button', { name: 'Open meter lamp' }).first().click();
  const drawer = page.getByRole('complementary', { name: 'lamp' });
  await drawer.getByText('public').first().waitFor();
  expect(new URL(page.url()).searchParams.get('meter')).toBe('lamp');
  await drawer.getByText('120.00 kWh').first().waitFor();
  await drawer.getByText('3.50 kWh').waitFor();
  await drawer.getByText('2 meters behind it').waitFor();
  await drawer.getByRole('region', { name: 'Timeline' }).getByText('Breaker open, read back').first().waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await drawer.getByRole('button', { name: 'Read now' }).click();
  await drawer.getByText('Asked').waitFor();
  expect(core.asked('readMeter')[0]?.params).toEqual({ meter: 'lamp' });
  // No tenant pays for it: there is no money to hold a cut for.
  const breaker = drawer.getByRole('region', { name: 'Breaker' });
  expect(await breaker.getByRole('button').allInnerTexts()).toEqual(['Trip…', 'Close…', 'Keep power…']);
  expect(await breaker.getByRole('option').allInnerTexts()).not.toContain('Hold cuts…');
  await breaker.getByRole('button', { name: 'Trip…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/lamp/).first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await page.goto(`${core.url}/?meter=gone`);
  await page.getByText('There is no meter gone any more.').waitFor();
});

it('speaks Chinese, on a narrow dark screen', async () => {
  const look = { language: 'zh', theme: 'dark', width: 390 } as const;
  const page = await stage.loggedIn(await withLamp(), '/?meter=lamp', look);
  const drawer = page.getByRole('complementary', { name: 'lamp' });
  await drawer.getByText('最近读数', { exact: true }).waitFor();
  await drawer.getByText('下级 2 块表').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});
