/** The screen of notices: every part in both languages, on narrow screens and in the dark, and what may be done there. */
import { describe, expect, it } from 'vitest';
import { defaultNoticeSettings, dutyRosterSchema, type NoticeView } from '../../protocol/notices.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { stageForTests } from '../tools/stage.ts';
import { seriousFaults } from './browser.ts';
import type { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

const stage = stageForTests();

const notice = (n: number, more: Partial<NoticeView> = {}): NoticeView => ({
  ...{ id: `site-1-${n}`, kind: 'lowBalance', account: 'acc-A101', person: null, about: 'w-A101', channel: 'sms' },
  ...{
    address: '13*******34',
    language: 'zh',
    subject: 'A101 余额不足',
    text: `A101 余额 ¥19.${10 + n}，请及时充值。`,
  },
  ...{ atMs: NOW_MS - n * 60_000, state: 'sent', attempts: 1, notBeforeMs: NOW_MS, endedMs: NOW_MS, error: null },
  ...more,
});
const dead = notice(9, { state: 'dead', attempts: 8, error: 'HTTP 503' });
const duty = dutyRosterSchema.parse({
  people: [{ id: 'an', name: 'An', phone: '13900000000', channels: ['sms', 'push'] }],
  shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00', order: ['an'] }],
});
const call = {
  ...{ alarm: 'paidNotPowered:m1', kind: 'paidNotPowered', place: 'A-101', sinceMs: NOW_MS, step: 1 },
  ...{ person: { id: 'an', name: 'An' }, calledMs: NOW_MS, nextMs: NOW_MS + 600_000 },
};

const answers: Partial<Record<OpName, unknown>> = {
  getOutbox: { items: [notice(1, { state: 'queued', attempts: 2 })], waiting: 1, sending: 0, announcements: 1 },
  getNotices: {
    items: [notice(2), notice(3, { state: 'unreachable', channel: null, address: '', text: '' })],
    cursor: null,
  },
  getDeadNotices: { items: [dead], cursor: null },
  getNoticeSettings: {
    settings: { ...defaultNoticeSettings, duty },
    ...{ available: ['email', 'sms'], pushKey: null, onDuty: [{ id: 'an', name: 'An' }], calls: [call] },
  },
  sendNoticeAgain: { ok: true },
};

async function start(): Promise<ScriptedCore> {
  const layout = makeLayout({ buildings: 1, floors: 2, rooms: 3 });
  const core = await stage.core(layout, makeTiles(layout));
  core.override = ({ op }): OpOutcome | undefined =>
    answers[op] === undefined ? undefined : { ok: true, result: answers[op] };
  return core;
}

describe('the screen of notices', () => {
  it.each([
    ['en', 'light', 1280],
    ['zh', 'dark', 1280],
    ['zh', 'light', 390],
    ['en', 'dark', 390],
  ] as const)('%s, %s, %d wide: every part can be read and used', async (language, theme, width) => {
    const page = await stage.loggedIn(await start(), '/notices', { language, theme, width });
    const parts = page.locator('.page .tabs button');
    await parts.first().waitFor();
    expect(await parts.count()).toBe(6);
    const seen = ['¥19.11', '¥19.12', 'HTTP 503', '{balance}', language === 'zh' ? '免打扰' : 'Quiet hours', 'An'];
    for (const [i, text] of seen.entries()) {
      await parts.nth(i).click();
      await page.locator('.page').filter({ hasText: text }).waitFor();
      expect(await seriousFaults(page, theme)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(1);
    }
  });

  it('a dead letter is sent again once, and leaves the list', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/notices');
    await page.getByRole('button', { name: 'Dead letters' }).click();
    await page.getByRole('button', { name: 'Send again' }).dblclick();
    await page.getByText('Nothing has been given up.').waitFor();
    expect(core.asked('sendNoticeAgain').map(({ params }) => params)).toEqual([{ notice: dead.id }]);
  });

  it('the log asks for what was chosen', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/notices');
    await page.getByRole('button', { name: 'Log', exact: true }).click();
    await page.getByRole('searchbox').fill('A101');
    await page.getByLabel('State').selectOption('dead');
    await expect
      .poll(() => core.asked('getNotices').at(-1)?.params, { timeout: 20_000 })
      .toMatchObject({ text: 'A101', state: 'dead' });
  });

  it('a text is previewed, and a place it does not have is named', async () => {
    const page = await stage.loggedIn(await start(), '/notices');
    await page.getByRole('button', { name: 'Texts' }).click();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByLabel('Text', { exact: false }).last().fill('{room} has {balance} and {blance}');
    await page.getByText('Not a place of this notice: {blance}').waitFor();
    await page.getByText('A-101 has ¥12.34 and {blance}').waitFor();
  });
});
