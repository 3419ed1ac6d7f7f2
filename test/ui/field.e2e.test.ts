/** Work at meters on the screen: looking for them, their parameters, plans of load and time control, in both languages. */
import { describe, expect, it } from 'vitest';
import type { ControlPlan, ControlRow } from '../../protocol/control.ts';
import type { ScanView } from '../../protocol/ops/field.ts';
import type { ParameterView, ParametersView } from '../../protocol/parameters.ts';
import { stageForTests } from '../tools/stage.ts';
import { seriousFaults } from './browser.ts';
import { alarmOf } from './samples.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const done = (result: unknown) => ({ ok: true as const, result });
const meterOf = (id: string, unitId: number) => ({
  ...{ id, line: 'line-1', unitId, profile: 'acrel-ddsy1352', utility: 'electricity', room: 'A-0101', role: 'tenant' },
  ...{ tariff: 'shop', ct: 1, pt: 1, rating: 15_000, pollIntervalMs: 15_000, freshnessMs: 300_000, hasBreaker: true },
  bandsFromMeter: false,
});
const setup = {
  buildings: [],
  lines: [
    {
      ...{ id: 'line-1', name: 'Shaft A-1', transport: { kind: 'tcp', host: '10.0.0.1', port: 502 }, baud: 9600 },
      ...{ parity: 'none', stopBits: 1, timeoutMs: 500, turnaroundMs: 0 },
    },
  ],
  meters: [meterOf('e-A-0101', 1)],
  networks: ['10.0.0.0/8'],
};

describe('looking for meters on a line', () => {
  const scan: ScanView = {
    ...{ state: 'running', from: 1, to: 32, done: 12, by: 'tom', startedMs: NOW_MS },
    known: [{ unitId: 1, meter: 'e-A-0101' }],
    found: [
      { unitId: 9, profile: 'acrel-dtsy1352', number: '220301000009', garbled: false },
      { unitId: 11, profile: null, number: null, garbled: true },
    ],
  };
  async function withScan() {
    const core = await stage.core(layout, makeTiles(layout));
    let now: ScanView | null = null;
    core.override = ({ op }) => {
      if (op === 'getScan') return done({ scan: now });
      if (op === 'startScan') now = scan;
      if (op === 'stopScan') now = { ...scan, state: 'stopped' };
      if (op === 'readLine') return done({ meters: 6 });
      if (op === 'getTariffs') return done({ items: [] });
      if (op === 'getSetup') return done(setup);
      return op === 'startScan' || op === 'stopScan' ? done({ ok: true }) : undefined;
    };
    return core;
  }

  it('says what answered, stops, and takes a found one in with what is known of it', async () => {
    const core = await withScan();
    const page = await stage.loggedIn(core, '/lines', {}, 'adam');
    await page.getByRole('button', { name: /Shaft A-1/ }).click();
    await page.getByRole('button', { name: 'Read all now' }).click();
    await page.getByText('Asked: 6').waitFor();
    await page.getByLabel('Unit id from').fill('300');
    await page.getByRole('button', { name: 'Look for meters' }).click();
    await page.getByText('Whole numbers from 1 to 247').waitFor();
    await page.getByLabel('Unit id from').fill('1');
    await page.getByRole('button', { name: 'Look for meters' }).click();
    await page.getByText('Looking: 12 of 32').waitFor();
    await page.getByText('No clean reply').waitFor();
    expect(core.asked('startScan')[0]?.params).toEqual({ line: 'line-1', from: 1, to: 32 });
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped: 12 of 32').waitFor();
    await page.getByRole('button', { name: 'Add as a meter' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Unit id').inputValue()).toBe('9');
    expect(await dialog.getByLabel('Model').inputValue()).toBe('acrel-dtsy1352');
  });

  it('speaks Chinese', async () => {
    const page = await stage.loggedIn(await withScan(), '/lines', { language: 'zh', width: 420 }, 'adam');
    await page.getByRole('button', { name: /Shaft A-1/ }).click();
    await page.getByRole('button', { name: '搜索仪表' }).click();
    await page.getByText('正在搜索：12 / 32').waitFor();
  });
});

const item = (name: ParameterView['name'], more: Partial<ParameterView> = {}): ParameterView => ({
  ...{ name, mark: 'LOW', source: 'VTOOL', value: {}, readMs: null, wanted: {}, differs: null, writing: null },
  ...{ last: null, failed: null, ...more },
});
const view: ParametersView = {
  ...{ meter: 'e-A-0101', room: 'A-0101', profile: 'acrel-ddsy1352', number: '42', job: null },
  items: [
    item('clock', { value: { clock: 95 }, wanted: { clock: 0 }, differs: true, readMs: NOW_MS }),
    item('ct', { value: { ct: 1 }, wanted: { ct: 1 }, differs: false, readMs: NOW_MS, mark: 'HIGH' }),
    item('alarm1', {
      last: { result: 'unknown', why: 'timeout', by: 'tom', atMs: NOW_MS },
      failed: 'timeout',
    }),
    item('dayTable1', { value: { dayTable1: [{ at: '00:00', band: 'valley' }] }, readMs: NOW_MS }),
  ],
};

describe('parameters of a meter', () => {
  async function withParameters() {
    const core = await stage.core(layout, makeTiles(layout), [
      alarmOf(1, { kind: 'clockDrift', priority: 3, room: 'A-0101', meter: 'e-A-0101', detail: { seconds: 400 } }),
    ]);
    core.override = ({ op }) => {
      if (op === 'getSetup') return done(setup);
      if (op === 'getParameters') return done(view);
      return op === 'readParameters' || op === 'writeParameters' ? done({ ok: true }) : undefined;
    };
    return core;
  }

  it('stand beside what is wanted, unknown as unknown, and are written after a reason', async () => {
    const core = await withParameters();
    const page = await stage.loggedIn(core, '/site', {}, 'adam');
    await page.getByText('Meters', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Parameters' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('95 s ahead').waitFor();
    await dialog.getByText('unknown: it may have arrived (no answer in time)').waitFor();
    await dialog.getByRole('button', { name: 'Read all' }).click();
    await expect.poll(() => core.asked('readParameters')[0]?.params).toEqual({ meter: 'e-A-0101' });
    await dialog.getByLabel('Choose Clock').check();
    await dialog.getByLabel('Choose Alarm amount 1, yuan').check();
    await dialog.getByLabel('Alarm amount 1, yuan', { exact: true }).fill('x');
    await dialog.getByRole('button', { name: 'Write 2…' }).click();
    await dialog.getByText('A number within the range').waitFor();
    await dialog.getByLabel('Alarm amount 1, yuan', { exact: true }).fill('50.5');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Write 2…' }).click();
    await dialog.getByText('and reads back: Clock, Alarm amount 1, yuan').waitFor();
    await dialog.getByLabel('Reason').fill('delivery');
    await dialog.getByRole('button', { name: 'Write', exact: true }).click();
    await dialog.getByText('95 s ahead').waitFor();
    expect(core.asked('writeParameters')[0]?.params).toEqual({
      ...{ meter: 'e-A-0101', values: { clock: 0, alarm1: 5_050 }, reason: 'delivery' },
    });
  });

  it('has its clock set from the alarm, in Chinese', async () => {
    const core = await withParameters();
    const page = await stage.loggedIn(core, '/alarms', { language: 'zh' }, 'adam');
    await page.getByRole('button', { name: '校时…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('原因').fill('巡检');
    await dialog.getByRole('button', { name: '写入' }).click();
    await page.getByText('已下发').waitFor();
    expect(core.asked('writeParameters')[0]?.params).toMatchObject({ values: { clock: 0 }, reason: '巡检' });
  });
});

describe('load and time control', () => {
  const plan: ControlPlan = {
    ...{ id: 'dorm', name: 'Dormitory', seconds: 30, recoverMinutes: 5, tries: 3, inMeter: false },
    limits: [{ watts: 800, window: { from: '23:00', to: '06:00' } }],
    cuts: [{ days: ['mon', 'tue', 'holiday'], from: '23:30', to: '05:30' }],
  };
  const row = (n: number, more: Partial<ControlRow> = {}): ControlRow => ({
    ...{ meter: `e-A-010${n}`, room: `A-010${n}`, roomName: `A-010${n}`, building: 'b1', tenant: null, tags: [] },
    ...{ plan: null, where: null, everyMs: 10_000, cut: null, trips: 0, locked: false, leaving: false, ...more },
  });
  async function withPlans() {
    const core = await stage.core(layout, makeTiles(layout));
    core.override = ({ op }) => {
      if (op === 'getSetup') return done(setup);
      if (op === 'getControlPlans') return done({ items: [{ plan, meters: 1 }] });
      if (op === 'getControlMeters')
        return done({
          items: [
            row(1, {
              ...{ plan: 'dorm', where: 'platform', trips: 1 },
              cut: { reason: 'nightLimit', sinceMs: NOW_MS, untilMs: NOW_MS + 300_000 },
            }),
            row(2),
            row(3),
          ],
        });
      if (op === 'saveControlPlan') return done({ id: 'p2' });
      return op === 'assignControlPlan' ? done({ assigned: 2 }) : undefined;
    };
    return core;
  }

  it('is planned, and given to what a filter finds', async () => {
    const core = await withPlans();
    const page = await stage.loggedIn(core, '/site', {}, 'adam');
    await page.getByText('Load control', { exact: true }).click();
    await page.getByText('Mon–Tue, holidays 23:30–05:30').waitFor();
    await page.getByRole('button', { name: 'Add a plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Number').fill('p2');
    await dialog.getByLabel('Name').fill('Shop');
    await dialog.getByRole('button', { name: 'Add a limit' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('A whole number of watts').waitFor();
    await dialog.getByLabel('At most, W').fill('3000');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Meters…' }).click();
    expect(core.asked('saveControlPlan')[0]?.params).toMatchObject({
      ...{ plan: 'p2', isNew: true },
      settings: { name: 'Shop', limits: [{ watts: 3_000, window: null }], cuts: [], inMeter: false },
    });
    await dialog.getByText('cut: night limit until').waitFor();
    await dialog.getByText('All 3 shown').click();
    await dialog.getByRole('button', { name: 'Take it from 1' }).waitFor();
    await dialog.getByRole('button', { name: 'Give the plan to 2' }).click();
    await dialog.getByRole('button', { name: 'Give the plan to 0' }).waitFor();
    expect(core.asked('assignControlPlan')[0]?.params).toEqual({ plan: 'dorm', meters: ['e-A-0102', 'e-A-0103'] });
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('speaks Chinese on a narrow screen', async () => {
    const page = await stage.loggedIn(
      await withPlans(),
      '/site',
      { language: 'zh', width: 390, theme: 'dark' },
      'adam',
    );
    await page.getByText('负载控制', { exact: true }).click();
    await page.getByText('周一–周二, 节假日 23:30–05:30').waitFor();
    await page.getByRole('button', { name: '仪表…' }).click();
    await page.getByRole('dialog').getByText('已断电：夜间限功率').waitFor();
  });
});
