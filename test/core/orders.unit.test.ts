/** All orders of the site: searched, sorted, paged, summed up; refused ones kept with their reasons. */
import { describe, expect, it } from 'vitest';
import type { OpName, OpOutcome, OpResult } from '../../protocol/ops.ts';
import type { Order, OrderRow } from '../../protocol/orders.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
function result<T>(outcome: OpOutcome): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result as T;
}
const list = async (site: Running, params: object = {}): Promise<OrderRow[]> =>
  result<OpResult<'getSiteOrders'>>(await site.do('getSiteOrders', params, '', 'auditor')).items;
const totals = async (site: Running, params: object = {}): Promise<OpResult<'getOrderTotals'>> =>
  result(await site.do('getOrderTotals', params, '', 'auditor'));
const does = async (site: Running, op: OpName, params: object, key: string): Promise<Order> =>
  result(await site.do(op, params, key));

async function someOrders(): Promise<{ site: Running; disk: MemoryDisk; ids: Record<string, string> }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(3, '0'));
  const ids: Record<string, string> = {};
  const step = async (name: string, op: OpName, params: object): Promise<void> => {
    await site.pass(MINUTE);
    ids[name] = (await does(site, op, params, name)).id;
  };
  await step('cash', 'recharge', { wallet: 'w1', amount: '100', channel: 'cash', note: 'from the mother' });
  await step('card', 'recharge', { wallet: 'w2', amount: '50.50', channel: 'card' });
  await step('wrong', 'recharge', { wallet: 'w3', amount: '30', channel: 'cash' });
  await step('back', 'reverse', { order: ids.wrong, note: 'wrong room' });
  await step('refund', 'refund', { wallet: 'w1', amount: '20', channel: 'transfer', note: 'moves out' });
  await step('deposit', 'receiveDeposit', { account: 'a2', amount: '200', channel: 'cash' });
  return { site, disk, ids };
}

describe('the list of all orders', () => {
  it('is newest first, with the names of tenant and room, and sorted the other way or by amount', async () => {
    const { site, ids } = await someOrders();
    const all = await list(site);
    expect(all.map(({ id }) => id)).toEqual(
      ['deposit', 'refund', 'back', 'wrong', 'card', 'cash'].map((name) => ids[name]),
    );
    expect(all[0]).toMatchObject({ holder: 'Tenant 2', roomName: 'Room 2', receipt: 4 });
    expect((await list(site, { descending: 'false' })).map(({ id }) => id)).toEqual(all.map(({ id }) => id).reverse());
    expect((await list(site, { sort: 'amount' })).map(({ amountMicro }) => amountMicro / 1e6)).toEqual([
      200, 100, 50.5, 30, 20, -30,
    ]);
  });

  it('is found by order, receipt, tenant, account, room, note, time, kind, channel, state and operator', async () => {
    const { site, ids } = await someOrders();
    const names = async (params: object): Promise<(string | undefined)[]> => {
      const items = await list(site, params);
      return items.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id)).sort();
    };
    expect(await names({ text: ids.card })).toEqual(['card']);
    expect(await names({ text: ids.card?.slice(2, 9) })).toEqual(['card']);
    expect(await names({ text: '00000003' })).toEqual(['wrong']);
    expect(await names({ text: '00000099' })).toEqual([]);
    expect(await names({ text: 'tenant 1' })).toEqual(['cash', 'refund']);
    // Ids of orders are drawn: one may hold it, too.
    const drawn = Object.keys(ids).filter((name) => ids[name]?.toLowerCase().includes('a2'));
    expect(await names({ text: 'a2' })).toEqual([...new Set(['card', 'deposit', ...drawn])].sort());
    expect(await names({ text: 'ROOM 3' })).toEqual(['back', 'wrong']);
    expect(await names({ text: 'mother' })).toEqual(['cash']);
    expect(await names({ kind: 'recharge', channel: 'cash' })).toEqual(['cash', 'wrong']);
    expect(await names({ state: 'reversed' })).toEqual(['wrong']);
    expect(await names({ operator: 'nobody' })).toEqual([]);
    expect(await names({ operator: 'the-operator', kind: 'refund' })).toEqual(['refund']);
    expect(await names({ fromMs: START_MS + 2 * MINUTE, toMs: START_MS + 3 * MINUTE })).toEqual(['card', 'wrong']);
    expect(await names({ text: ids.card, kind: 'refund' })).toEqual([]);
  });

  it('turns page by page without losing or repeating one, also where few fit', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(4, '0'));
    for (let i = 0; i < 70; i++) {
      await does(
        site,
        'recharge',
        { wallet: `w${(i % 4) + 1}`, amount: String(1 + (i % 9)), channel: 'cash' },
        `k${i}`,
      );
    }
    for (const params of [{}, { text: 'tenant 3' }, { sort: 'amount' }, { descending: 'false' }]) {
      const whole = (await list(site, { ...params, limit: 500 })).map(({ id }) => id);
      const paged: string[] = [];
      let cursor: string | undefined;
      do {
        const page = result<OpResult<'getSiteOrders'>>(
          await site.do('getSiteOrders', { ...params, limit: 7, ...(cursor ? { cursor } : {}) }, ''),
        );
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
      expect(paged).toEqual(whole);
      expect(new Set(paged).size).toBe('text' in params ? 17 : 70);
    }
  });

  it('adds up to what the till and the accounts hold, by channel and by kind', async () => {
    const { site, ids } = await someOrders();
    // What is reserved is in the till still.
    expect((await totals(site)).kinds.find(({ kind }) => kind === 'refund')?.cashMicro).toBe(0);
    await does(site, 'payOutRefund', { order: ids.refund, reference: 'T-1' }, 'out');
    const { count, kinds, channels, whole } = await totals(site);
    expect([count, whole]).toEqual([7, true]);
    expect(Object.fromEntries(kinds.map((one) => [one.kind, [one.count, one.cashMicro / 1e6]]))).toEqual({
      ...{ recharge: [3, 180.5], refund: [1, 0], payout: [1, -20], reversal: [1, -30], deposit: [1, 200] },
    });
    const ledger = site.core.ledger.ledger;
    for (const { channel, inMicro, outMicro } of channels)
      expect(outMicro - inMicro).toBe(ledger.balance(`cash:${channel}`));
    expect((await totals(site, { kind: 'refund' })).count).toBe(1);
  });
});

describe('an order that is refused', () => {
  it('is kept with its reason, moves nothing, and stands in no history of a wallet', async () => {
    const { site, ids, disk } = await someOrders();
    const before = JSON.stringify([...site.core.ledger.ledger.balances]);
    await site.do('refund', { wallet: 'w1', amount: '999', channel: 'cash', note: 'n' }, 'x1');
    await site.pass(MINUTE);
    await site.do('returnDeposit', { account: 'a2', amount: '999', channel: 'cash', note: 'n' }, 'x2');
    const refused = await list(site, { state: 'refused' });
    expect(refused.map(({ kind, amountMicro, refused: why }) => [kind, amountMicro / 1e6, why?.refusal])).toEqual([
      ['depositRefund', 999, 'insufficientBalance'],
      ['refund', 999, 'insufficientBalance'],
    ]);
    expect(JSON.stringify([...site.core.ledger.ledger.balances])).toBe(before);
    const own = result<OpResult<'getOrders'>>(await site.do('getOrders', { wallet: 'w1' }, ''));
    expect(own.items.map(({ id }) => id)).toEqual([ids.refund, ids.cash]);
    expect((await totals(site)).channels.find(({ channel }) => channel === 'cash')?.outMicro).toBe(30_000_000);
    expect(await site.do('reverse', { order: refused[1]?.id, note: 'n' }, 'x3')).toMatchObject({ refusal: 'notFound' });
    expect(await site.do('getReceipt', { order: refused[1]?.id }, '')).toMatchObject({ refusal: 'notFound' });
    expect((await startCore(disk, null)).core.ledger.imbalanceMicro).toBe(0);
  });
});

it('an order of before there were receipts is listed as it is', async () => {
  const { site, disk } = await someOrders();
  const old = {
    ...{ id: 'R-old', kind: 'recharge', wallet: 'w1', account: 'a1', room: 'r1', amountMicro: 1, channel: 'cash' },
    ...{ balanceAfterMicro: 1, atMs: 5, by: 'x', note: '', reverses: null, reversedBy: null },
  };
  disk.records.get('order')?.set('R-old', { value: old, index: { all: 5, 'wallet:w1': 5, 'account:a1': 5 } });
  expect((await list(site)).at(-1)).toMatchObject({ id: 'R-old', holder: 'Tenant 1', receipt: null, refused: null });
});
