/** Receipts: consecutive over the site, in the commit of their order, printed once as original. */
import { describe, expect, it } from 'vitest';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { Order, Receipt } from '../../protocol/orders.ts';
import { StoreError, type Batch, type Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

function result<T>(outcome: OpOutcome): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result as T;
}
const pay = async (site: Running, key: string, amount = '10', wallet = 'w1'): Promise<Order> =>
  result(await site.do('recharge', { wallet, amount, channel: 'cash' }, key));
const receiptOf = async (site: Running, order: string): Promise<Receipt> =>
  result(await site.do('getReceipt', { order }, '', 'viewer'));
const issued = (disk: MemoryDisk): unknown[] =>
  disk.entries.flatMap(({ events }) => events.filter(({ type }) => type === 'ReceiptIssued').map(({ data }) => data));

describe('receipt numbers', () => {
  it('follow one another over wallets, deposits and first recharges', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2));
    const orders = [await pay(site, 'a'), await pay(site, 'b', '5', 'w2')];
    const deposit = result<Order>(
      await site.do('receiveDeposit', { account: 'a1', amount: '100', channel: 'card' }, 'c'),
    );
    await site.do('refund', { wallet: 'w1', amount: '1', channel: 'cash', note: 'n' }, 'd');
    const last = await pay(site, 'e');
    expect([...orders, deposit, last].map(({ receipt }) => receipt)).toEqual([1, 2, 3, 4]);
    expect(issued(disk)).toEqual([...orders, deposit, last].map(({ id }, i) => ({ number: i + 1, order: id })));
  });

  it('are given once for a repeated request, and none for a refused one', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const both = await Promise.all([pay(site, 'same'), pay(site, 'same')]);
    expect(both.map(({ receipt }) => receipt)).toEqual([1, 1]);
    await site.do('recharge', { wallet: 'none', amount: '10', channel: 'cash' }, 'x');
    await site.do('recharge', { wallet: 'w1', amount: '-1', channel: 'cash' }, 'y');
    expect((await pay(site, 'next')).receipt).toBe(2);
    expect(issued(disk)).toHaveLength(2);
  });

  it('of many at once have no gap and no double', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(20));
    const orders = await Promise.all(
      Array.from({ length: 200 }, (_, i) => pay(site, `k${i}`, '1', `w${(i % 20) + 1}`)),
    );
    expect(orders.map(({ receipt }) => receipt).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  });

  it('go on after a core that ended after any commit, also where the store was away meanwhile', async () => {
    const copies: MemoryDisk[] = [];
    let away = false;
    class Copying extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        if (away) throw new StoreError('away', 'pulled cable');
        const head = await super.commit(batch);
        copies.push(Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })));
        return head;
      }
    }
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(3), new Stepped(), new Copying(disk), {
      trimEvery: 4,
      tailEvents: 40_000,
    });
    for (let i = 0; i < 6; i++) await pay(site, `k${i}`, '1', `w${(i % 3) + 1}`);
    away = true;
    const body = { wallet: 'w1', amount: '1', channel: 'cash' };
    const waiting = site.intake.do({ operator: 'the-operator', role: 'operator' }, 'recharge', body, 'away');
    while (site.core.committer.keeping) await new Promise((resolve) => setImmediate(resolve));
    away = false;
    site.clock.step(60_000);
    expect(result<Order>(await waiting).receipt).toBe(7);
    for (const copy of copies.slice(3)) {
      const again = await startCore(copy, null);
      const numbers = (): number[] =>
        [...(copy.records.get('order')?.values() ?? [])]
          .map(({ value }) => Number(value.receipt))
          .sort((a, b) => a - b);
      const before = numbers();
      expect(before).toEqual(before.map((_, i) => i + 1));
      // What a client had no answer to, it sends again: no number is lost on it.
      for (let i = 0; i < 6; i++) await pay(again, `k${i}`, '1', `w${(i % 3) + 1}`);
      expect(numbers()).toEqual(Array.from({ length: Math.max(6, before.length) }, (_, i) => i + 1));
    }
  });
});

describe('a receipt', () => {
  it('says what paid the debt, for whom, where, by whom, and what made it void', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '-3.50'));
    const { id } = await pay(site, 'a', '10');
    expect(await receiptOf(site, id)).toMatchObject({
      order: { receipt: 1, amountMicro: 10_000_000, debtMicro: 3_500_000, balanceAfterMicro: 6_500_000 },
      ...{ holder: 'Tenant 1', room: 'Room 1', building: 'A', site: 'Test', cashier: 'the-operator' },
      ...{ prints: 0, reversal: null },
    });
    const partly = await pay(site, 'b', '10');
    expect(partly.debtMicro).toBe(0);
    await site.do('reverse', { order: id, note: 'wrong room' }, 'v');
    const receipt = await receiptOf(site, id);
    expect(receipt.reversal).toMatchObject({ note: 'wrong room', by: 'the-operator' });
    expect(receipt.order.reversedBy).toBe(receipt.reversal?.id);
    expect(receipt.order.receipt).toBe(1);
  });

  it('is an original once; each later print is a copy and counted, the same request the same print', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const { id } = await pay(site, 'a');
    const prints = await Promise.all(
      ['1', '2', '3'].map((key) =>
        site.intake.do({ operator: 'a', role: 'cashier' }, 'printReceipt', { order: id }, key),
      ),
    );
    expect(prints.map((one) => result<{ copy: number }>(one).copy)).toEqual([0, 1, 2]);
    const again = await startCore(disk, null);
    const repeat = await again.intake.do({ operator: 'a', role: 'cashier' }, 'printReceipt', { order: id }, '3');
    expect(result<{ copy: number }>(repeat).copy).toBe(2);
    expect((await receiptOf(again, id)).prints).toBe(3);
    expect(result<{ copy: number }>(await again.do('printReceipt', { order: id }, '4')).copy).toBe(3);
  });

  it('is none of a refund, and prints are no business of a viewer', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const paid = await pay(site, 'a');
    const back = result<Order>(await site.do('refund', { wallet: 'w1', amount: '1', channel: 'cash', note: 'n' }, 'b'));
    expect(await site.do('getReceipt', { order: back.id }, '')).toMatchObject({ ok: false, refusal: 'notFound' });
    expect(await site.do('printReceipt', { order: back.id }, 'c')).toMatchObject({ ok: false, refusal: 'notFound' });
    expect(await site.do('printReceipt', { order: paid.id }, 'd', 'viewer')).toMatchObject({ refusal: 'forbidden' });
  });
});
