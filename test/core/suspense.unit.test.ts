/** Money that no account is known for: taken in, given to a wallet or paid back, each once, whatever ends in between. */
import { describe, expect, it } from 'vitest';
import type { OpOutcome } from '../../protocol/ops.ts';
import { orderState, type Order, type OrderRow, type Receipt } from '../../protocol/orders.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

function result<T>(outcome: OpOutcome): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result as T;
}
const take = async (site: Running, key: string, amount = '120.50'): Promise<Order> =>
  result(await site.do('receiveSuspense', { amount, channel: 'transfer', note: 'Wang, no room named' }, key));
const assign = (site: Running, order: string, wallet: string, key: string, amount = '120.50'): Promise<OpOutcome> =>
  site.do('assignSuspense', { order, wallet, amount }, key);
const balance = (site: Running, wallet: string): number => site.core.wallets.get(wallet)!.state.balanceMicro / 1e6;
const ledger = (site: Running, account: string): number => site.core.ledger.ledger.balance(account) / 1e6;
const suspended = (site: Running): number =>
  Object.values(site.core.cashbook.state.suspense).reduce((sum, { amountMicro }) => sum + amountMicro, 0) / 1e6;

describe('money in suspense', () => {
  it('is received with a receipt under an account of its own, and listed as open', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(2));
    const order = await take(site, 'a');
    expect(order).toMatchObject({
      kind: 'suspense',
      wallet: null,
      account: null,
      receipt: 1,
      amountMicro: 120_500_000,
    });
    expect([ledger(site, 'suspense'), ledger(site, 'cash:transfer'), suspended(site)]).toEqual([120.5, -120.5, 120.5]);
    const open = result<{ items: OrderRow[] }>(await site.do('getSiteOrders', { state: 'open' }, ''));
    expect(open.items.map(({ id }) => id)).toEqual([order.id]);
    expect(result<{ items: OrderRow[] }>(await site.do('getSiteOrders', { text: 'wang' }, '')).items).toHaveLength(1);
  });

  it('is given to a wallet when the amount is said right, pays its debt first, and its receipt says where it went', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(2, '-20'));
    const { id } = await take(site, 'a');
    expect(await assign(site, id, 'w1', 'b', '120.05')).toMatchObject({ refusal: 'invalid' });
    const given = result<Order>(await assign(site, id, 'w1', 'c'));
    expect(given).toMatchObject({
      kind: 'assignment',
      account: 'a1',
      settles: id,
      receipt: null,
      debtMicro: 20_000_000,
    });
    expect([balance(site, 'w1'), ledger(site, 'suspense'), suspended(site)]).toEqual([100.5, 0, 0]);
    const receipt = result<Receipt>(await site.do('getReceipt', { order: id }, ''));
    expect(receipt).toMatchObject({ holder: 'Tenant 1', room: 'Room 1', settlement: { id: given.id, wallet: 'w1' } });
    expect(orderState(receipt.order)).toBe('settled');
    expect(await assign(site, id, 'w2', 'd')).toMatchObject({ refusal: 'notInSuspense' });
    expect(await site.do('returnSuspense', { order: id, note: 'n' }, 'e')).toMatchObject({ refusal: 'notInSuspense' });
    const totals = result<{ channels: { channel: string; inMicro: number }[] }>(
      await site.do('getOrderTotals', {}, ''),
    );
    expect(totals.channels.find(({ channel }) => channel === 'transfer')?.inMicro).toBe(120_500_000);
  });

  it('is given once when two give it at once, and money comes back into the room', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(2, '0'));
    const { id } = await take(site, 'a');
    const both = await Promise.all([assign(site, id, 'w1', 'b'), assign(site, id, 'w2', 'c')]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(balance(site, 'w1') + balance(site, 'w2')).toBe(120.5);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
  });

  it('goes back into suspense when it was given to the wrong wallet, and to the right one then; the till is as it was', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2, '0'));
    const { id } = await take(site, 'a');
    const wrong = result<Order>(await assign(site, id, 'w1', 'b'));
    result(await site.do('reverse', { order: wrong.id, note: 'wrong room' }, 'c'));
    expect([balance(site, 'w1'), ledger(site, 'suspense'), suspended(site)]).toEqual([0, 120.5, 120.5]);
    expect(await site.do('reverse', { order: wrong.id, note: 'twice' }, 'd')).toMatchObject({ ok: false });
    const again = await startCore(disk, null);
    result(await assign(again, id, 'w2', 'e'));
    expect([balance(again, 'w2'), suspended(again), again.core.ledger.imbalanceMicro]).toEqual([120.5, 0, 0]);
    const totals = result<{ channels: { channel: string; inMicro: number; outMicro: number }[] }>(
      await again.do('getOrderTotals', {}, ''),
    );
    const { inMicro, outMicro } = totals.channels.find(({ channel }) => channel === 'transfer')!;
    expect([inMicro, outMicro]).toEqual([120_500_000, 0]);
  });

  it('tells the tenant when it arrives in a wallet, as a recharge does', async () => {
    const plain = plainSite(1);
    const accounts = plain.accounts.map((account) => ({ ...account, phone: '13800001000' }));
    const site = await startCore(new MemoryDisk(), { ...plain, accounts });
    site.core.notices.channels = new Set(['sms']);
    const notices = { channels: { rechargeArrived: ['sms'] } };
    result(await site.do('setAccountNotices', { account: 'a1', notices }, 'n'));
    const { id } = await take(site, 'a');
    result(await assign(site, id, 'w1', 'b'));
    const told = result<{ items: { kind: string }[] }>(await site.do('getNotices', {}, ''));
    expect(told.items.map(({ kind }) => kind)).toEqual(['rechargeArrived']);
  });

  it('is paid back by the way it came, with a reason', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const { id } = await take(site, 'a');
    expect(await site.do('returnSuspense', { order: id, note: '' }, 'b')).toMatchObject({ refusal: 'invalid' });
    const back = result<Order>(await site.do('returnSuspense', { order: id, note: 'payer asked' }, 'c'));
    expect(back).toMatchObject({ kind: 'suspenseReturn', channel: 'transfer', settles: id });
    expect([ledger(site, 'suspense'), ledger(site, 'cash:transfer')]).toEqual([0, 0]);
    const paid = await site.do('recharge', { wallet: 'w1', amount: '1', channel: 'cash' }, 'd');
    const { id: recharge } = result<Order>(paid);
    expect(await site.do('returnSuspense', { order: recharge, note: 'n' }, 'e')).toMatchObject({ refusal: 'notFound' });
  });

  it('waits for a second person above what one pays back alone, and stays out of a wallet that is full', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '0', { secondPerson: {}, balanceMax: '100' }));
    const { id } = await take(site, 'a', '700');
    expect(await site.do('returnSuspense', { order: id, note: 'n' }, 'b')).toMatchObject({ refusal: 'needsApproval' });
    expect(await assign(site, id, 'w1', 'c', '700')).toMatchObject({ refusal: 'balanceLimit' });
    expect(suspended(site)).toBe(700);
  });

  it('is no business of people limited to buildings', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const { id } = await take(site, 'a');
    const who = { operator: 'l', role: 'operator', buildings: ['A'], provedAgoMs: 0 } as const;
    for (const [op, params] of [
      ['assignSuspense', { order: id, wallet: 'w1', amount: '120.50' }],
      ['returnSuspense', { order: id, note: 'n' }],
      ['getReceipt', { order: id }],
    ] as const)
      expect(await site.intake.do(who, op, params, op)).toMatchObject({ ok: false, refusal: 'outOfScope' });
    expect(await site.intake.do(who, 'getSiteOrders', {}, null)).toMatchObject({ ok: true, result: { items: [] } });
  });

  it('stands in exactly one place after a core that ended after any commit', async () => {
    const copies: MemoryDisk[] = [];
    class Copying extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        copies.push(Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })));
        return head;
      }
    }
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2, '0'), new Stepped(), new Copying(disk), {
      trimEvery: 4,
      tailEvents: 40_000,
    });
    const from = copies.length;
    const { id } = await take(site, 'a');
    await take(site, 'b', '5');
    await assign(site, id, 'w1', 'c');
    expect(copies.length).toBeGreaterThan(from + 2);
    for (const copy of copies.slice(from)) {
      const again = await startCore(copy, null);
      expect(suspended(again)).toBe(ledger(again, 'suspense'));
      const waiting = again.core.cashbook.state.suspense[id] !== undefined;
      expect(balance(again, 'w1')).toBe(waiting ? 0 : 120.5);
      result(await assign(again, id, 'w1', 'c')); // the client had no answer: it asks again
      expect([balance(again, 'w1'), again.core.ledger.imbalanceMicro]).toEqual([120.5, 0]);
    }
  });
});
