/** A statement adds up: opening + in − charged − out is the closing balance, over any time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { give } from '../tools/allowances.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const result = (outcome: OpOutcome): unknown => {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result;
};
const totals = async (site: Running, span: object = {}): Promise<OpResult<'getStatementTotals'>> =>
  result(await site.do('getStatementTotals', { wallet: 'w1', ...span }, '')) as OpResult<'getStatementTotals'>;
let keys = 0;
const order = async (site: Running, op: 'recharge' | 'refund', amount: string): Promise<void> => {
  const note = op === 'refund' ? { note: 'n' } : {};
  result(await site.do(op, { wallet: 'w1', amount, channel: 'cash', ...note }, `k${(keys += 1)}`));
};

it('of the whole and of a part, also of a time in which nothing moved', async () => {
  const site = await startCore(new MemoryDisk(), plainSite(1, '100'));
  expect(await totals(site)).toMatchObject({ openingMicro: 100_000_000, closingMicro: 100_000_000, count: 0 });
  await site.read('m1', 1_000);
  await site.pass(20 * MINUTE);
  await site.read('m1', 3_000);
  await site.pass(20 * MINUTE);
  await order(site, 'recharge', '50');
  await site.pass(20 * MINUTE);
  await order(site, 'refund', '8');
  await site.read('m1', 4_000);
  expect(await totals(site)).toEqual({
    ...{ openingMicro: 100_000_000, inMicro: 50_000_000, chargedMicro: 3_000_000, outMicro: 8_000_000 },
    ...{ closingMicro: 139_000_000, count: 4, whole: true },
  });
  expect(await totals(site, { fromMs: START_MS + 30 * MINUTE, toMs: START_MS + 45 * MINUTE })).toMatchObject({
    ...{ openingMicro: 98_000_000, inMicro: 50_000_000, chargedMicro: 0, outMicro: 0, closingMicro: 148_000_000 },
  });
  expect(await totals(site, { fromMs: START_MS + 50 * MINUTE, toMs: START_MS + 55 * MINUTE })).toMatchObject({
    ...{ openingMicro: 148_000_000, closingMicro: 148_000_000, count: 0 },
  });
});

it('two times that meet have one balance between them', async () => {
  const step = fc.record({ use: fc.integer({ min: 0, max: 900 }), pay: fc.integer({ min: 0, max: 9 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), fc.nat(9), async (steps, cut) => {
      const site = await startCore(new MemoryDisk(), plainSite(1, '100'));
      await site.read('m1', 0);
      let index = 0;
      for (const { use, pay } of steps) {
        await site.pass(15 * MINUTE);
        await site.read('m1', (index += use));
        await site.pass(MINUTE);
        if (pay > 0) await order(site, 'recharge', String(pay));
      }
      const at = START_MS + (Math.min(cut, steps.length) * 16 + 5) * MINUTE;
      const [before, after] = [await totals(site, { toMs: at - 1 }), await totals(site, { fromMs: at })];
      expect(before.count + after.count).toBe((await totals(site)).count);
      if (before.count > 0 && after.count > 0) expect(before.closingMicro).toBe(after.openingMicro);
      expect(after.closingMicro).toBe(site.core.wallets.get('w1')?.state.balanceMicro);
    }),
    { numRuns: 20 },
  );
});

it('counts what an allowance pays neither as charged nor as left', async () => {
  const site = await startCore(new MemoryDisk(), plainSite(1));
  await site.read('m1', 0);
  await give(site);
  await site.pass(20 * MINUTE);
  await site.read('m1', 1_500);
  const sums = await totals(site);
  expect(sums).toMatchObject({ openingMicro: 100_000_000, chargedMicro: 500_000, closingMicro: 99_500_000 });
  expect(await totals(site, { toMs: START_MS + 60 * MINUTE })).toEqual(sums);
});

it('of a post-paid account goes by what is owed, also after its end', async () => {
  const site = await startCore(new MemoryDisk(), { ...plainSite(2), accounts: plainSite(1).accounts });
  const ask = async (op: 'saveAccount' | 'openAccount' | 'closeAccount', params: object): Promise<void> => {
    result(await site.do(op, params, `k${(keys += 1)}`, 'manager'));
    await site.settle();
  };
  const details = {
    ...{ kind: 'company', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
    ...{ contractFromMs: null, contractUntilMs: null, note: '' },
  };
  const deposit = { amount: '20', channel: 'cash' };
  const plan = { rooms: ['r2'], wallets: [{ id: 'wp' }], meters: [], payment: 'postpaid', creditLimit: '5', deposit };
  await ask('saveAccount', { account: 'p', isNew: true, name: 'Post', details, plan });
  await site.read('m2', 1_000);
  await site.pass(1_000);
  await ask('openAccount', { account: 'p' });
  for (const index of [1_000, 4_000]) {
    await site.pass(20 * MINUTE);
    await site.read('m2', index);
  }
  await site.settle();
  const wp = { wallet: 'wp' };
  const owed = { openingMicro: 0, inMicro: 0, chargedMicro: 3_000_000, outMicro: 0, closingMicro: -3_000_000 };
  expect(await totals(site, wp)).toMatchObject(owed);
  await ask('closeAccount', { account: 'p', settlement: { channel: 'cash' } });
  await site.pass(20 * MINUTE);
  await site.read('m2', 4_000);
  await site.settle();
  expect(site.core.wallets.get('wp')?.state.settled).toBeDefined();
  expect(await totals(site, wp)).toMatchObject({ ...owed, inMicro: 3_000_000, closingMicro: 0 });
});
