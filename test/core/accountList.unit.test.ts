/** The list of accounts: sorted page by page, summed over all that were found. */
import { describe, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

type List = OpResult<'getAccounts'>;

describe('the list of accounts', () => {
  it('is sorted over its pages, either way, and summed over all of them', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(12));
    const amounts = [30, 5, 20];
    for (const [n, amount] of amounts.entries())
      await running.do('recharge', { wallet: `w${n + 1}`, amount: String(amount), channel: 'cash' }, `in-${n}`);
    await running.settle();
    const ask = async (params: object): Promise<List> => {
      const outcome = await running.do('getAccounts', { limit: 5, ...params }, '');
      if (!outcome.ok) throw new Error(outcome.refusal);
      return outcome.result as List;
    };
    const all = async (params: object): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page: List = await ask({ ...params, ...(cursor ? { cursor } : {}) });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== null);
      return ids;
    };
    const first = await ask({});
    const found = await ask({ text: 'a1' });
    expect(first.balanceMicro).toBe((await all({})).reduce((sum, id) => sum + balanceOf(id), 0));
    expect(found.balanceMicro).toBeLessThan(first.balanceMicro);
    expect(await all({ sort: 'id' })).toEqual([...Array(12).keys()].map((n) => `a${n + 1}`));
    expect((await all({ sort: 'balance', descending: 'true' })).slice(0, 3)).toEqual(['a1', 'a3', 'a2']);
    const up = await all({ sort: 'balance' });
    expect(up.slice(-3)).toEqual(['a2', 'a3', 'a1']);
    expect(new Set(up).size).toBe(12);

    function balanceOf(account: string): number {
      return running.core.wallets.get(account.replace('a', 'w'))?.state.balanceMicro ?? 0;
    }
  });
});
