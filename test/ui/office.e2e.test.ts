/** Audit log, second person and handover on screen: both languages, narrow and dark, and what may be done there. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { handoverSections } from '../../protocol/handover.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { stageForTests } from '../tools/stage.ts';
import { seriousFaults } from './browser.ts';
import type { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

const stage = stageForTests();

const hash = 'a1'.repeat(32);
const row = (sequence: number, more: object = {}): object => ({
  ...{ sequence, previous: hash, hash, atMs: NOW_MS, operator: 'anna', role: 'manager', address: '10.0.0.7' },
  ...{ op: 'refund', params: { wallet: 'w-A101' }, targets: ['wallet:w-A101'], outcome: 'done', detail: null },
  ...{
    before: { 'wallet:w-A101': { balanceMicro: 5 } },
    after: { 'wallet:w-A101': { balanceMicro: 4 } },
    approval: null,
  },
  ...more,
});
const about = { tenant: '张伟', rooms: ['A101'], balanceMicro: 1_000_000_000 };
const proposal = {
  ...{ id: 'A7', op: 'refund', params: { wallet: 'w-A101', amount: '800' }, hash, rule: 'refund', amount: 800_000_000 },
  ...{
    limit: 500_000_000,
    proposer: 'anna',
    role: 'manager',
    reason: 'moves out',
    atMs: NOW_MS,
    expiresMs: NOW_MS + 9e6,
  },
  ...{ state: 'pending', decidedBy: null, decidedMs: null, note: null },
};
const line = {
  what: 'batteryLow',
  place: 'A-102',
  meter: 'm-A102',
  by: null,
  reason: null,
  sinceMs: NOW_MS,
  untilMs: null,
};
const sheet = {
  atMs: NOW_MS,
  sections: Object.fromEntries(handoverSections.map((name) => [name, { total: 60, lines: [line] }])),
};
const handover = {
  ...{ id: 'H3', state: 'waiting', sheet, notes: 'water in B2', hash, incoming: null },
  outgoing: { operator: 'bert', atMs: NOW_MS },
};

const answers: Partial<Record<OpName, unknown>> = {
  getAudit: {
    items: [row(3), row(2, { outcome: 'forbidden', detail: 'no', before: null, after: null })],
    cursor: null,
  },
  exportAudit: { items: [row(1), row(2)], head: { sequence: 2, hash } },
  verifyAudit: { entries: 2, head: { sequence: 3, hash }, found: 1, findings: [{ fault: 'missing', from: 1, to: 1 }] },
  getApprovals: { items: [{ ...proposal, mayApprove: true, about }], rules: secondPersonSchema.parse({}) },
  getApprovalHistory: { items: [{ ...proposal, id: 'A6', state: 'rejected', decidedBy: 'bert' }], cursor: null },
  approve: { ok: true },
  getHandover: { now: sheet, waiting: handover },
  getHandovers: { items: [handover], cursor: null },
  takeHandover: { ok: true },
};

async function start(): Promise<ScriptedCore> {
  const layout = makeLayout({ buildings: 1, floors: 2, rooms: 3 });
  const core = await stage.core(layout, makeTiles(layout));
  core.override = ({ op }): OpOutcome | undefined =>
    answers[op] === undefined ? undefined : { ok: true, result: answers[op] };
  return core;
}

describe('audit, approvals and handover', () => {
  it.each([
    ['en', 'light', 1280],
    ['zh', 'dark', 1280],
    ['zh', 'light', 390],
    ['en', 'dark', 390],
  ] as const)('%s, %s, %d wide: can be read and used', async (language, theme, width) => {
    const core = await start();
    for (const [path, text] of [
      ['/audit', '10.0.0.7'],
      ['/approvals', 'moves out'],
      ['/handover', 'water in B2'],
    ] as const) {
      const page = await stage.loggedIn(core, path, { language, theme, width });
      await page.locator('.page').filter({ hasText: text }).waitFor();
      expect(await seriousFaults(page, theme)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(1);
    }
  });

  it('what was done to the log is named with its place, and the export holds the hashes and the end', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/audit');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Entry 1: cut out').waitFor();
    await page.getByRole('button', { name: 'Details of entry 3' }).click();
    await page.getByText('Before', { exact: true }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export with hashes' }).click(),
    ]);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toEqual({ head: { sequence: 2, hash } });
    await page.getByLabel('Person').fill('anna');
    await expect
      .poll(() => core.asked('getAudit').at(-1)?.params, { timeout: 20_000 })
      .toMatchObject({ operator: 'anna' });
  });

  it('an approver confirms the content that was shown, once', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/approvals');
    await page.getByText('张伟').waitFor();
    await page.getByText('¥1,000.00').waitFor();
    await page.getByRole('button', { name: 'Approve…' }).click();
    await page.getByRole('button', { name: 'Approve and do it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(core.asked('approve').map(({ params }) => params)).toEqual([{ approval: 'A7', hash }]);
  });

  it('the incoming operator signs what was shown', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/handover');
    await page.getByLabel('Remark (optional)').fill('seen');
    await page.getByRole('button', { name: 'Take over and sign…' }).click();
    await expect
      .poll(() => core.asked('takeHandover').map(({ params }) => params), { timeout: 20_000 })
      .toEqual([{ handover: 'H3', hash, remark: 'seen' }]);
  });
});
