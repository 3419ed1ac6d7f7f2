/** Handing an account over on screen: one command with everything in it, and what a page that is loaded in the middle shows. */
import { describe, expect, it } from 'vitest';
import type { AccountView, ClosingPreview } from '../../protocol/accounts.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { stageForTests } from '../tools/stage.ts';
import type { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, NOW_MS } from './site.ts';

// What the script does not answer is forbidden.
const stage = stageForTests((complaint) => complaint.includes('403'));

const view: AccountView = {
  ...{
    id: 'old',
    name: '张伟',
    kind: 'person',
    phone: null,
    contractEnding: false,
    status: 'open',
    balanceMicro: 0,
    depositMicro: 0,
    level: 0,
  },
  ...{ rooms: [{ id: 'A101', name: 'A101' }], contractUntilMs: null },
  details: {
    ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '', note: '' },
    ...{ contractFromMs: null, contractUntilMs: null },
  },
  ...{ wallets: [], meters: [], arrearsCut: null, plan: null, payment: 'prepaid', move: null, settling: [] },
  ...{ settlementHeld: false, successor: null, predecessor: null, openedMs: NOW_MS, closedMs: null },
};
const preview: ClosingPreview = {
  ...{ wallets: [], depositMicro: 0, depositBackMicro: 0, dueMicro: 0, payoutMicro: 0, secondAboveMicro: null },
  ...{ meters: [], refunds: [], waiting: [], vacantState: 'closed' },
};

async function start(account: AccountView): Promise<ScriptedCore> {
  const layout = makeLayout({ buildings: 1, floors: 2, rooms: 3 });
  const core = await stage.core(layout, makeTiles(layout));
  const answers: Partial<Record<OpName, unknown>> = {
    getAccount: account,
    getAccounts: { items: [], total: 0, cursor: null, balanceMicro: 0, depositMicro: 0 },
    previewClosing: preview,
    getAllowances: { items: [], cursor: null },
    getAccountOrders: { items: [], cursor: null },
    handOver: { account: 'old' },
  };
  core.override = ({ op }): OpOutcome | undefined =>
    answers[op] === undefined ? undefined : { ok: true, result: answers[op] };
  return core;
}

describe('handing an account over', () => {
  it('sends one command with the next tenant in it', async () => {
    const core = await start(view);
    const page = await stage.loggedIn(core, '/accounts?account=old');
    await page.getByRole('button', { name: 'Hand over…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('王芳');
    await dialog.getByRole('button', { name: 'Hand over', exact: true }).click();
    expect(core.asked('handOver')).toEqual([]);
    await dialog.getByLabel('Account number').fill('new');
    await dialog.getByLabel('Deposit').fill('20');
    await dialog.getByLabel('E-mail').fill('wang');
    await dialog.getByRole('button', { name: 'Hand over', exact: true }).click();
    await dialog.getByText('Not an e-mail address.').waitFor();
    await dialog.getByLabel('E-mail').fill('wang@example.com');
    await dialog.getByRole('group', { name: 'Paid by' }).getByRole('button', { name: 'Transfer' }).click();
    await dialog.getByRole('button', { name: 'Hand over', exact: true }).click();
    await dialog.getByRole('button', { name: 'To the next account' }).waitFor();
    expect(core.asked('handOver').map(({ params }) => params)).toMatchObject([
      {
        ...{ account: 'old', next: 'new', typed: [], settlement: { channel: 'cash' } },
        enter: {
          name: '王芳',
          details: { email: 'wang@example.com' },
          plan: { rooms: ['A101'], deposit: { amount: '20', channel: 'transfer' } },
        },
      },
    ]);
    for (const op of ['saveAccount', 'openAccount', 'closeAccount'] as const) expect(core.asked(op)).toEqual([]);
  });

  it.each([
    ['en', 'light', 1280, 'Being handed over to 王芳'],
    ['zh', 'dark', 390, '向 王芳 过户'],
  ] as const)(
    '%s, %s, %d wide: is shown when the page is loaded in the middle',
    async (language, theme, width, text) => {
      const core = await start({ ...view, status: 'closing', handOver: { id: 'new', name: '王芳', sinceMs: NOW_MS } });
      const page = await stage.loggedIn(core, '/accounts?account=old', { language, theme, width });
      await page.getByText(text).waitFor();
      expect(await page.getByRole('button', { name: /^Hand over…|^过户…/ }).count()).toBe(0);
    },
  );
});
