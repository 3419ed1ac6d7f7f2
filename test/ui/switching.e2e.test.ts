/** Many breakers at once, what the interlock holds, and the rules of the site, on the screen in both languages. */
import { describe, expect, it } from 'vitest';
import type { Group, GroupState } from '../../protocol/group.ts';
import { stageForTests } from '../tools/stage.ts';
import { patient, seriousFaults } from './browser.ts';
import { makeLayout, makeTiles, NOW_MS, yuan } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const ok = (result: unknown) => ({ ok: true as const, result });
const group = (change: Partial<Group> = {}): Group => ({
  ...{ id: 'G1', action: 'forceTrip', by: 'olga', reason: 'riser works', atMs: NOW_MS, untilMs: null, endedMs: null },
  ...{ buildings: ['b1'], counts: { confirmed: 1, stored: 1, unknown: 1 } },
  ...change,
});

/** Answers about one group order, which it starts, follows and cancels. */
async function withGroups(first: Group | null = null) {
  const core = await stage.core(layout, makeTiles(layout));
  let now = first;
  let seq = 1;
  const become = (next: Group): void => {
    now = next;
    seq += 1;
    void core.say({ groups: { seq, open: next.endedMs === null ? 1 : 0 } });
  };
  core.override = ({ op, params }) => {
    const rooms = (params as { rooms?: string[] }).rooms ?? [];
    const item = (n: number, state: GroupState) => ({
      ...{ meter: `e-A-010${n}`, room: `A-010${n}`, roomName: `A-010${n}`, state },
    });
    switch (op) {
      case 'previewGroup':
        return ok({
          ...{ meters: rooms.slice(1).map((room) => `e-${room}`), same: 1, silent: 2 },
          left: [{ meter: `e-${rooms[0]}`, room: rooms[0], why: 'keepPower' }],
        });
      case 'startGroup':
        become(group());
        return ok({ group: 'G1', meters: 3 });
      case 'getGroups':
        return ok({ items: now?.endedMs === null ? [now] : [] });
      case 'getGroupHistory':
        return ok({ items: now !== null && now.endedMs !== null ? [now] : [], cursor: null });
      case 'getGroup':
        return ok({ group: now, items: [item(1, 'confirmed'), item(2, 'unknown'), item(3, 'stored')] });
      case 'cancelGroup':
        become(group({ endedMs: NOW_MS, counts: { confirmed: 1, cancelled: 2 } }));
        return ok({ cancelled: 2 });
      case 'getInterlock':
        return ok({ limit: 10, items: [] });
      default:
        return undefined;
    }
  };
  return core;
}

describe('a group of rooms', () => {
  it('is chosen by keys, says its effect, is ordered with a reason, followed and cancelled', async () => {
    const core = await withGroups();
    const page = await stage.loggedIn(core);
    const wall = page.getByTestId('wall');
    await wall.focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
    const bar = page.getByRole('region', { name: 'Chosen rooms' });
    await bar.getByText('4 rooms chosen').waitFor();
    await page.keyboard.press('Control+ ');
    await bar.getByText('3 rooms chosen').waitFor();
    await page.keyboard.press('Control+ ');
    expect(await seriousFaults(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Trip…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText(
        'Opens 3 breakers or valves, and they stay open until somebody releases them. 1 of them are so already. 2 of them do not answer now. 1 are left out: 1 with keep power.',
      )
      .waitFor();
    await dialog.getByText('Which are left out').click();
    await dialog.getByText('e-A-0401 · with keep power').waitFor();
    await dialog.getByRole('button', { name: 'Trip: 3' }).click();
    await dialog.getByText('Say why').waitFor();
    expect(core.asked('startGroup')).toHaveLength(0);
    await dialog.getByLabel('Reason').fill('riser works');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Trip: 3' }).click();
    const card = page.getByRole('article', { name: 'G1 forced trip · 3 breakers' });
    await card.getByText('1 of 3 done').waitFor();
    expect(core.asked('startGroup').map(({ params }) => params)).toEqual([
      { action: 'forceTrip', meters: ['e-A-0402', 'e-A-0403', 'e-A-0404'], reason: 'riser works' },
    ]);
    await card.getByRole('button', { name: 'Each breaker' }).click();
    await card.getByRole('cell', { name: 'unknown: no answer' }).waitFor();
    const saved = page.waitForEvent('download');
    await card.getByRole('button', { name: 'Export CSV' }).click();
    expect((await saved).suggestedFilename()).toBe('group-G1.csv');
    expect(await seriousFaults(page)).toEqual([]);
    await card.getByRole('button', { name: 'Cancel the rest…' }).click();
    await dialog.getByText('Puts back 2').waitFor();
    await dialog.getByLabel('Reason').fill('wrong floor');
    await dialog.getByRole('button', { name: 'Cancel the rest', exact: true }).click();
    await card.getByText('3 of 3 done').waitFor();
    await page.getByText('No group order goes on.').waitFor();
  });

  it('is chosen with the mouse on the wall, and whole in the list as far as the filter shows', async () => {
    const page = await stage.loggedIn(await withGroups());
    const wall = page.getByTestId('wall');
    await wall.click({ position: { x: 80, y: 60 }, modifiers: ['Control'] });
    const bar = page.getByRole('region', { name: 'Chosen rooms' });
    await bar.getByText('1 room chosen').waitFor();
    await wall.click({ position: { x: 400, y: 60 }, modifiers: ['Shift'] });
    await expect.poll(async () => bar.getByRole('status').textContent(), patient).toMatch(/^[2-9] rooms chosen$/);
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'List' }).click();
    await page.getByRole('searchbox').fill('A-01');
    await page.getByText('6 of 48 rooms').waitFor();
    await page.getByRole('checkbox', { name: 'Choose all shown' }).check();
    await bar.getByText('6 rooms chosen').waitFor();
    await page.getByRole('checkbox', { name: 'Choose A-0102' }).uncheck();
    await bar.getByText('5 rooms chosen').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Done' }).click();
    await bar.waitFor({ state: 'detached' });
  });

  it('is chosen by touch, in Chinese, in the dark and on a phone', async () => {
    const core = await withGroups();
    const page = await stage.loggedIn(core, '/', { language: 'zh', theme: 'dark', width: 390 });
    await page.getByRole('button', { name: '选择房间' }).click();
    await page.getByTestId('wall').click({ position: { x: 80, y: 60 } });
    const bar = page.getByRole('region', { name: '已选房间' });
    await bar.getByText('已选 1 间').waitFor();
    await bar.getByText('选择当前显示的全部 48 间').click();
    await bar.getByRole('combobox').selectOption({ label: '保电…' });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('对 47 个开关（阀门）保电').waitFor();
    await dialog.getByText('1 个不操作：保电 1 个。').waitFor();
    expect(await seriousFaults(page, 'dark')).toEqual([]);
    await dialog.getByLabel('原因').fill('高考');
    await dialog.getByRole('button', { name: '保电 47 个' }).click();
    await page.getByRole('article', { name: 'G1 强制分闸' }).getByText('已完成 1/3').waitFor();
    expect(await seriousFaults(page, 'dark')).toEqual([]);
  });

  it('says that it waits for a second person', async () => {
    const core = await withGroups();
    const before = core.override;
    core.override = (message) =>
      message.op === 'startGroup'
        ? { ok: false, refusal: 'needsApproval', detail: 'a second person', approval: 'A1' }
        : before(message);
    const page = await stage.loggedIn(core);
    await page.getByTestId('wall').focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('region', { name: 'Chosen rooms' }).getByRole('button', { name: 'Trip…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('r');
    await dialog.getByRole('button', { name: 'Trip: 47' }).click();
    await dialog.getByText('it waits for a second person').waitFor();
  });
});

describe('the queue of the interlock', () => {
  const held = (n: number) => ({
    ...{ meter: `e-A-010${n}`, utility: 'electricity', room: `A-010${n}`, roomName: `A-010${n}`, account: `acc${n}` },
    ...{ tenant: `Tenant ${n}`, balanceMicro: -yuan(n), warnedMs: n === 3 ? null : NOW_MS - 3_600_000 },
    ...{ cutSinceMs: NOW_MS - 60_000, heldMs: NOW_MS },
  });
  async function withHeld() {
    const core = await withGroups();
    const before = core.override;
    let items = [held(1), held(2), held(3)];
    core.override = (message) => {
      if (message.op === 'getInterlock') return ok({ limit: 10, items });
      if (message.op !== 'releaseInterlock') return before(message);
      const { meters } = message.params as { meters?: string[] };
      const gone = items.filter(({ meter }) => meters?.includes(meter) ?? true);
      items = items.filter((one) => !gone.includes(one));
      void core.say({ interlockHeld: items.length });
      return ok({ released: gone.length });
    };
    await core.say({ interlockHeld: 3 });
    return core;
  }

  it('is reached from the banner, shows who is held, and lets chosen ones or all go', async () => {
    const core = await withHeld();
    const page = await stage.loggedIn(core);
    await page.getByRole('button', { name: 'Review…' }).click();
    const queue = page.getByRole('region', { name: 'Held by the mass-cut interlock' });
    await queue.getByRole('row', { name: /A-0103.*Tenant 3.*−¥3.00.*not warned/ }).waitFor();
    expect(await queue.getByRole('button', { name: 'Release 0 chosen…' }).isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await queue.getByRole('checkbox', { name: 'Choose A-0102' }).check();
    await queue.getByRole('button', { name: 'Release 1 chosen…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('really used up');
    await dialog.getByRole('button', { name: 'Release and cut' }).click();
    await queue.getByRole('button', { name: 'Release all 2…' }).click();
    await dialog.getByLabel('Reason').fill('checked');
    await dialog.getByRole('button', { name: 'Release and cut' }).click();
    await queue.getByText('Nothing is held.').waitFor();
    expect(core.asked('releaseInterlock').map(({ params }) => params)).toEqual([
      { meters: ['e-A-0102'], reason: 'really used up' },
      { reason: 'checked' },
    ]);
  });

  it('speaks Chinese, on a phone', async () => {
    const page = await stage.loggedIn(await withHeld(), '/switching', { language: 'zh', theme: 'dark', width: 390 });
    const queue = page.getByRole('region', { name: '联锁拦下的分闸' });
    await queue.getByRole('button', { name: '全部放行 3 个…' }).waitFor();
    await queue.getByText('未预警').waitFor();
    expect(await seriousFaults(page, 'dark')).toEqual([]);
  });
});

const rules = {
  ...{ quietHours: [{ from: '22:00', to: '08:00' }], quietDays: ['2026-10-01'], warnBeforeCutMs: 1_800_000 },
  ...{ massCutLimit: 10, restoreAbove: '0', thresholdHysteresis: '1', warningRepeats: 0, warningRepeatMs: 86_400_000 },
  ...{ cutHeldMs: 43_200_000, vacantState: 'closed', meterSilentMs: 900_000, arrearsCut: ['electricity', 'water'] },
};
async function withRules() {
  const core = await stage.core(layout, makeTiles(layout));
  core.override = ({ op }) => {
    if (op === 'getSetup') return ok({ buildings: [], lines: [], meters: [], networks: [] });
    if (op === 'getSiteRules') return ok(rules);
    return op === 'setSiteRules' ? ok({ ok: true }) : undefined;
  };
  return core;
}

describe('the rules of the site', () => {
  it('are set on one form that says beside each field what is wrong', async () => {
    const core = await withRules();
    const page = await stage.loggedIn(core, '/site', {}, 'mia');
    await page.getByRole('button', { name: 'Rules' }).click();
    await page.getByLabel('Cuts in ten minutes').fill('0');
    await page.getByText('A number from 1 to 10,000.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Not saved: a field above says what is wrong.').waitFor();
    expect(core.asked('setSiteRules')).toHaveLength(0);
    await page.getByLabel('Cuts in ten minutes').fill('12');
    await page.getByLabel('Day', { exact: true }).fill('2027-02-06');
    await page.getByLabel('up to (optional)').fill('2027-02-05');
    await page.getByText('A day, and a later one if it is several.').waitFor();
    await page.getByLabel('up to (optional)').fill('2027-02-08');
    await page.getByRole('button', { name: 'Add days' }).click();
    await page.getByRole('list', { name: 'Quiet days' }).getByText('2027-02-07').waitFor();
    await page.getByLabel('to', { exact: true }).fill('22:00');
    await page.getByText('It ends when it begins.').waitFor();
    await page.getByLabel('to', { exact: true }).fill('07:30');
    await page.getByRole('checkbox', { name: 'Water' }).uncheck();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved').waitFor();
    expect(core.asked('setSiteRules').map(({ params }) => params)).toEqual([
      {
        ...rules,
        ...{ massCutLimit: 12, quietHours: [{ from: '22:00', to: '07:30' }], arrearsCut: ['electricity'] },
        quietDays: ['2026-10-01', '2027-02-06', '2027-02-07', '2027-02-08'],
      },
    ]);
  });

  it('are shown in Chinese, and set by managers alone', async () => {
    const page = await stage.loggedIn(await withRules(), '/site', { language: 'zh', theme: 'dark', width: 390 });
    await page.getByRole('button', { name: '规则' }).click();
    await page.getByText('这些规则由经理设置。').waitFor();
    expect(await page.getByLabel('十分钟内最多分闸数').isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: '保存' }).count()).toBe(0);
    expect(await seriousFaults(page, 'dark')).toEqual([]);
  });
});

describe('a work tag', () => {
  it('says how many breakers it opens, and which of them are protected otherwise', async () => {
    const core = await stage.core(layout, makeTiles(layout));
    core.override = ({ op }) =>
      op === 'previewTag'
        ? ok({
            opens: 12,
            open: 1,
            silent: 2,
            protected: [{ meter: 'e-A-0101', roomName: 'A-0101', why: 'keepPower' }],
          })
        : undefined;
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByRole('button', { name: 'Tag the room…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('That is 12 breakers and valves closed now. 2 of them do not answer now.').waitFor();
    await dialog.getByText('Also these 1, which are protected otherwise:').waitFor();
    await dialog.getByText('A-0101 e-A-0101 · keep power').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });
});
