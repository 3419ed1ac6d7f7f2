/** Accounts entered beforehand, opened by one press until each is open, beside one awaited opening after the other. */
import type { SiteFileInput } from '../protocol/site.ts';
import { seconds, type Bench } from './bench.ts';
import { longestBlockMs, Office } from './officeSite.ts';
import { benchSite, nextTurn } from './pulseSite.ts';

const GOAL = { ratio: 3, blockMs: 250 };

const details = {
  ...{ kind: 'person' as const, contact: '', email: '', language: 'zh' as const, idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};

/** Meters that have just been read: each changes hands at once. */
async function entered(accounts: number): Promise<Office> {
  const site: SiteFileInput = { ...benchSite(accounts), accounts: [] };
  const office = await Office.open(site, accounts);
  const ids = Array.from({ length: accounts }, (_, n) => n);
  await Promise.all(
    ids.map((n) =>
      office.ask('saveAccount', {
        ...{ account: `a${n}`, isNew: true, name: `Tenant ${n}`, phone: '', details },
        plan: {
          ...{ rooms: [`r${n}`], meters: [], payment: 'prepaid', creditLimit: '0', deposit: { amount: '100', channel: 'cash' } },
          wallets: [
            {
              ...{ id: `w${n}`, name: '', purpose: 'use', overdraft: '0', thresholds: ['50', '20', '0'] },
              firstRecharge: { amount: '200', channel: 'cash' },
            },
          ],
        },
      }),
    ),
  );
  await office.bench.sweep();
  return office;
}

async function untilOpen({ bench: { core } }: Office, accounts: readonly string[]): Promise<void> {
  while (accounts.some((id) => core.tenancies.state(id).status !== 'open')) {
    core.tick();
    await nextTurn();
  }
  await core.committer.drained();
}

export const bench: Bench = {
  name: 'open',
  summary: 'accounts a second, opened by one press',
  run: async ({ smoke }) => {
    const accounts = smoke ? 60 : 1_000;
    const ids = Array.from({ length: accounts }, (_, n) => `a${n}`);
    const single = await entered(accounts);
    const singleSeconds = await seconds(async () => {
      for (const account of ids) await single.ask('openAccount', { account });
      await untilOpen(single, ids);
    });
    await single.end();
    const office = await entered(accounts);
    let tookSeconds = 0;
    const blockMs = await longestBlockMs(async () => {
      tookSeconds = await seconds(async () => {
        await office.ask('openAccounts', { accounts: ids });
        await untilOpen(office, ids);
      });
    });
    await office.end();
    const [value, baseline] = [accounts / tookSeconds, accounts / singleSeconds];
    const ratio = value / baseline;
    return {
      name: 'open',
      parameters: { accounts, seconds: tookSeconds, longestBlockMs: blockMs, store: 'sqlite' },
      ...{ value, unit: 'accounts/s' },
      baseline: { name: 'one awaited opening after the other', value: baseline },
      ...{ ratio, goal: `ratio >= ${GOAL.ratio}, longestBlockMs <= ${GOAL.blockMs}` },
      met: ratio >= GOAL.ratio && blockMs <= GOAL.blockMs,
    };
  },
};
