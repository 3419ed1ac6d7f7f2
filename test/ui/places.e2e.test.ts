/** Meters without a room, and what the owner uses, on the screen, in both languages. */
import { expect, it } from 'vitest';
import { stageForTests } from '../tools/stage.ts';
import { patient, seriousFaults } from './browser.ts';
import { alarmOf, chart, roomOf, timelineOf } from './samples.ts';
import { makeLayout, makeTiles, NOW_MS, yuan } from './site.ts';

const stage = stageForTests();

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
  expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('404') as string]);
});

it('speaks Chinese, on a narrow dark screen', async () => {
  const look = { language: 'zh', theme: 'dark', width: 390 } as const;
  const page = await stage.loggedIn(await withLamp(), '/?meter=lamp', look);
  const drawer = page.getByRole('complementary', { name: 'lamp' });
  await drawer.getByText('最近读数', { exact: true }).waitFor();
  await drawer.getByText('下级 2 块表').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});

async function withVacancy() {
  const core = await stage.core(layout, makeTiles(layout));
  const row = {
    ...{ wallet: 'owner-A-0101', room: 'A-0101', roomName: 'A-0101', building: 'A', buildingName: 'Tower A' },
    ...{ meters: ['e-A-0101'], energyWh: wh(12.5), waterLitres: 0, chargedMicro: yuan(12.5), allMicro: yuan(80) },
    whole: true,
  };
  const lamp = { ...row, wallet: 'owner-lamp', room: null, roomName: null, meters: ['lamp'], energyWh: wh(2) };
  const items = [row, { ...lamp, chargedMicro: yuan(2), allMicro: yuan(20) }];
  const charge = {
    ...{ id: 'c1', atMs: NOW_MS, kind: 'charge', amountMicro: -yuan(12.5), balanceAfterMicro: -yuan(80) },
    ...{ meter: 'e-A-0101', quantity: wh(12.5), estimated: false, note: 'shop', other: null, allowance: [] },
  };
  const sums = { openingMicro: -yuan(67.5), inMicro: 0, chargedMicro: yuan(12.5), outMicro: 0 };
  core.override = ({ op }) => {
    if (op === 'getOwnerWallets') return done({ items, total: 2, allMicro: yuan(100), cursor: null });
    if (op === 'getStatement') return done({ items: [charge], cursor: null });
    if (op === 'getStatementTotals') return done({ ...sums, closingMicro: -yuan(80), count: 1, whole: true });
    if (op === 'getAccounts') return done({ items: [], total: 0, balanceMicro: 0, depositMicro: 0, cursor: null });
    return op === 'getOpenings' ? done({ items: [], cursor: null }) : undefined;
  };
  return core;
}

it("the owner's use is a list by room with sums, a statement and the way to Why, asked by time and building", async () => {
  const core = await withVacancy();
  const page = await stage.loggedIn(core, '/accounts', {}, 'mia');
  await page.getByRole('button', { name: 'Owner’s use' }).click();
  const table = page.getByRole('region', { name: 'Owner’s use' });
  await table.getByText('14.50 kWh').waitFor();
  await table.getByText('Sum of 2 wallets').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  // The month so far.
  const asked = core.asked('getOwnerWallets').at(-1)?.params as { fromMs: number };
  expect(asked.fromMs).toBe(Date.parse('2025-07-01T00:00:00+08:00'));
  await page.getByLabel('Building').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect.poll(() => core.asked('getOwnerWallets').length, patient).toBeGreaterThan(1);
  await table.getByRole('button', { name: 'Statement A-0101' }).click();
  const statement = page.getByRole('region', { name: 'Statement' }).first();
  await statement.getByRole('cell', { name: '12.500', exact: true }).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await table.getByRole('button', { name: 'Why? A-0101' }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export CSV' }).first().click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^owner.*csv$/);
  await table.getByRole('button', { name: 'lamp', exact: true }).waitFor();
});

it("the owner's use speaks Chinese", async () => {
  const page = await stage.loggedIn(await withVacancy(), '/accounts?part=owner', { language: 'zh', width: 390 }, 'mia');
  await page.getByText('2 个钱包合计').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});
