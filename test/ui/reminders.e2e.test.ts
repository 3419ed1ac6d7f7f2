/** What staff are reminded of on screen: approvals that wait, contracts that end, who changed a tariff. Both languages, narrow and dark. */
import { describe, expect, it } from 'vitest';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { stageForTests } from '../tools/stage.ts';
import { seriousFaults } from './browser.ts';
import type { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

const stage = stageForTests();

const DAY = 86_400_000;
const proposal = {
  ...{ id: 'A7', op: 'refund', params: { wallet: 'w-A101', amount: '800' }, hash: 'a1'.repeat(32), rule: 'refund' },
  ...{ amount: 800_000_000, limit: 500_000_000, proposer: 'anna', role: 'manager', reason: 'moves out' },
  ...{ atMs: NOW_MS, expiresMs: NOW_MS + 9e6, state: 'pending', decidedBy: null, decidedMs: null, note: null },
  about: { tenant: '张伟', rooms: ['A101'], balanceMicro: 1_000_000_000 },
};
const waiting = (...mayApprove: boolean[]) => ({
  items: mayApprove.map((may, n) => ({ ...proposal, id: `A${n + 7}`, mayApprove: may })),
  rules: secondPersonSchema.parse({}),
});
const account = {
  ...{ id: 'acc-A101', name: '张伟', kind: 'person', phone: '13800001234', status: 'open', level: 0 },
  ...{ rooms: [{ id: 'A101', name: 'A101' }], balanceMicro: 5_000_000, depositMicro: 0 },
  contractUntilMs: NOW_MS + 20 * DAY,
  contractEnding: true,
};
const tariff = {
  ...{ id: 'shops', name: 'Shops', utility: 'electricity', holidays: {} },
  versions: [{ from: '2026-01-01T00:00', components: [{ name: 'energy', price: '1' }] }],
};
const versions = { added: ['2026-07-01T00:00', '2026-08-01T00:00'], changed: [], removed: [], holidays: 2, name: '' };
const change = { operator: 'anna', approvedBy: null, versions: null, meters: null };
const answers: Partial<Record<OpName, unknown>> = {
  getApprovals: waiting(true, true, false),
  getAccounts: { items: [account], total: 1, balanceMicro: 5_000_000, depositMicro: 0, cursor: null },
  getApprovalHistory: { items: [], cursor: null },
  getOpenings: { items: [], cursor: null },
  getTariffs: { items: [{ tariff, meters: 60, waiting: 0, chargedUntil: null }] },
  getTariffHistory: {
    items: [
      { ...change, id: '9', atMs: NOW_MS, what: 'assigned', meters: { count: 60, meters: ['E-101', 'E-102'] } },
      { ...change, id: '7', atMs: NOW_MS, what: 'published', approvedBy: 'bert', versions },
      { ...change, id: '3', atMs: NOW_MS, what: 'created' },
    ],
    cursor: null,
  },
};

async function start(): Promise<ScriptedCore> {
  const layout = makeLayout({ buildings: 1, floors: 2, rooms: 3 });
  const core = await stage.core(layout, makeTiles(layout));
  core.status = { ...core.status, approvals: { seq: 1, open: 2 } };
  core.override = ({ op }): OpOutcome | undefined =>
    answers[op] === undefined ? undefined : { ok: true, result: answers[op] };
  return core;
}

describe('what staff are reminded of', () => {
  it.each([
    ['en', 'light', 1280],
    ['zh', 'dark', 1280],
    ['zh', 'light', 390],
    ['en', 'dark', 390],
  ] as const)('%s, %s, %d wide: can be read and used', async (language, theme, width) => {
    const core = await start();
    const zh = language === 'zh';
    const sound = async (): Promise<void> => {
      expect(await seriousFaults(page, theme)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(1);
    };
    const page = await stage.loggedIn(core, '/accounts', { language, theme, width }, 'mia');
    await page.getByText(zh ? '有 2 项申请等待您审批。' : '2 proposals wait for your approval.').waitFor();
    await page.getByLabel(zh ? '合同即将到期' : 'Contracts ending').check();
    await expect
      .poll(() => core.asked('getAccounts').at(-1)?.params, { timeout: 20_000 })
      .toMatchObject({ ending: 'true', sort: 'contractUntil' });
    await sound();
    await page.goto(`${core.url}/tariffs`);
    await page.getByRole('button', { name: zh ? '变更记录…' : 'History…' }).click();
    const dialog = page.getByRole('dialog');
    for (const text of [
      zh ? 'E-101和E-102 等，另有 58 块' : 'E-101 and E-102 and 58 more',
      zh ? '审批人: bert' : 'Approved by: bert',
      zh ? '2026-07-01 00:00和2026-08-01 00:00' : '2026-07-01 00:00 and 2026-08-01 00:00',
      zh ? '日志中没有详细内容。' : 'The log does not hold the details.',
    ])
      await dialog.getByText(text).first().waitFor();
    await sound();
  });

  it('the banner leads to the approvals, and goes when nothing waits any more', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/tariffs', {}, 'mia');
    const banner = page.getByTestId('approvals-wait');
    await banner.getByRole('button', { name: 'Look' }).click();
    await page.getByText('moves out').first().waitFor();
    expect(await banner.count()).toBe(0);
    await page.goto(`${core.url}/tariffs`);
    await banner.waitFor();
    const before = core.override;
    core.override = (message) =>
      message.op === 'getApprovals' ? { ok: true, result: waiting(false) } : before(message);
    core.status = { ...core.status, approvals: { seq: 2, open: 0 } };
    await banner.waitFor({ state: 'detached' });
  });
});
