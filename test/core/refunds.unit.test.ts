/** A refund step by step: reserved, paid out or released; each movement once, whatever crashes or repeats. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { orderState, type Order, type OrderRow } from '../../protocol/orders.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, Stepped, type Running } from '../tools/siteInMemory.ts';

function result<T>(outcome: OpOutcome): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result as T;
}
let keys = 0;
const key = (): string => `k${(keys += 1)}`;
const refund = async (site: Running, amount = '30', channel = 'cash', id = key()): Promise<Order> =>
  result(await site.do('refund', { wallet: 'w1', amount, channel, note: 'moves out' }, id));
/** Yuan in the wallet, on their way, and in the till by channel, which the ledger sees from the other side. */
const money = (site: Running): readonly number[] => {
  const { ledger } = site.core.ledger;
  const of = (account: string, sign: 1 | -1): number => (sign * ledger.balance(account)) / 1e6 + 0;
  return [
    ...[of('wallet:w1', 1), of('refundReserved', 1)],
    ...[of('cash:cash', -1), of('cash:card', -1), of('cash:transfer', -1)],
  ];
};
const orders = async (site: Running, params: object = {}): Promise<OrderRow[]> =>
  result<OpResult<'getSiteOrders'>>(await site.do('getSiteOrders', params, '')).items;
const walletOf = async (site: Running): Promise<OpResult<'getRoom'>['wallets'][number] | undefined> =>
  result<OpResult<'getRoom'>>(await site.do('getRoom', { room: 'r1' }, '')).wallets[0];

describe('a refund', () => {
  it('leaves the balance when it is reserved, and the till when it is paid out', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 1_000);
    await site.pass(60_000);
    const order = await refund(site);
    expect([orderState(order), order.payout?.readMs, order.balanceAfterMicro]).toEqual([
      'toPayOut',
      START_MS,
      70_000_000,
    ]);
    expect(money(site)).toEqual([70, 30, 0, 0, 0]);
    expect(await walletOf(site)).toMatchObject({ balanceMicro: 70_000_000, reservedMicro: 30_000_000 });
    // What is reserved cannot be had twice.
    expect(await site.do('refund', { wallet: 'w1', amount: '70.01', channel: 'cash', note: 'n' }, key())).toMatchObject(
      { refusal: 'insufficientBalance' },
    );
    const paid = result<Order>(await site.do('payOutRefund', { order: order.id }, key(), 'cashier'));
    expect(money(site)).toEqual([70, 0, -30, 0, 0]);
    expect(await walletOf(site)).toMatchObject({ balanceMicro: 70_000_000, reservedMicro: 0 });
    expect(paid).toMatchObject({ kind: 'payout', settles: order.id, by: 'the-cashier' });
    const [row] = await orders(site, { kind: 'refund', state: 'booked' });
    expect(row).toMatchObject({ id: order.id, settledBy: paid.id, payout: { step: 'paid', by: 'the-cashier' } });
  });

  it('that is cancelled is back in the wallet, and the statement still adds up line by line', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site);
    await site.pass(60_000);
    const back = result<Order>(await site.do('cancelRefund', { order: order.id, note: 'stays' }, key()));
    expect(money(site)).toEqual([100, 0, 0, 0, 0]);
    expect(back).toMatchObject({ kind: 'refundRelease', reverses: order.id, balanceAfterMicro: 100_000_000 });
    await site.pass(60_000);
    const second = await refund(site, '10');
    result(await site.do('payOutRefund', { order: second.id }, key()));
    const { items } = result<OpResult<'getStatement'>>(await site.do('getStatement', { wallet: 'w1' }, ''));
    expect(items.map(({ kind, amountMicro }) => [kind, amountMicro / 1e6])).toEqual([
      ['refund', -10],
      ['refundRelease', 30],
      ['refund', -30],
    ]);
    for (const [n, line] of items.slice(0, -1).entries())
      expect(line.balanceAfterMicro - line.amountMicro).toBe(items[n + 1]?.balanceAfterMicro);
    expect(orderState((await orders(site, { text: order.id }))[0]!)).toBe('cancelled');
  });

  it('is paid out or cancelled once: by the same id again with the same answer, by another not at all', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site, '30', 'cash', 'same');
    expect((await refund(site, '30', 'cash', 'same')).id).toBe(order.id);
    const first = await site.do('payOutRefund', { order: order.id }, 'out');
    expect(await site.do('payOutRefund', { order: order.id }, 'out')).toEqual(first);
    for (const [op, params] of [
      ['payOutRefund', { order: order.id }],
      ['cancelRefund', { order: order.id, note: 'n' }],
    ] as const)
      expect(await site.do(op, params, key())).toMatchObject({ refusal: 'payoutOver' });
    expect(money(site)).toEqual([70, 0, -30, 0, 0]);
  });

  it('of which two people decide at once goes to one of them', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site);
    const outcomes = await Promise.all([
      site.do('payOutRefund', { order: order.id }, key()),
      site.do('cancelRefund', { order: order.id, note: 'n' }, key()),
      site.do('payOutRefund', { order: order.id }, key()),
    ]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const [wallet = 0, reserved, cash = 0] = money(site);
    expect([wallet - cash, reserved]).toEqual([100, 0]);
  });

  it('by card or transfer needs the reference of its payment', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site, '5', 'transfer');
    expect(await site.do('payOutRefund', { order: order.id, reference: ' ' }, key())).toMatchObject({
      refusal: 'invalid',
    });
    result(await site.do('payOutRefund', { order: order.id, reference: 'BOC 77' }, key()));
    expect((await orders(site, { text: order.id }))[0]?.payout).toMatchObject({ reference: 'BOC 77' });
  });

  it('is taken back only once it is paid out; before that it is cancelled', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site);
    expect(await site.do('reverse', { order: order.id, note: 'n' }, key())).toMatchObject({ refusal: 'payoutOver' });
    result(await site.do('payOutRefund', { order: order.id }, key()));
    const reversal = result<Order>(await site.do('reverse', { order: order.id, note: 'n' }, key()));
    expect(reversal.reverses).toBe(order.id);
    expect(money(site)).toEqual([100, 0, 0, 0, 0]);
  });

  it('on its way stands against closing the account; while that closes none is ordered', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const order = await refund(site);
    expect(await site.do('closeAccount', { account: 'a1' }, key())).toMatchObject({ refusal: 'accountState' });
    result(await site.do('payOutRefund', { order: order.id }, key()));
    expect(await site.do('closeAccount', { account: 'a1' }, key())).toMatchObject({ ok: true });
    expect(await site.do('refund', { wallet: 'w1', amount: '1', channel: 'cash', note: 'n' }, key())).toMatchObject({
      refusal: 'accountState',
    });
  });

  it('of before there were steps is taken back as it was', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const old = {
      ...{ id: 'F-old', kind: 'refund', wallet: 'w1', account: 'a1', room: 'r1', amountMicro: 5_000_000 },
      ...{ channel: 'cash', balanceAfterMicro: 1, atMs: 5, by: 'x', note: '', reverses: null, reversedBy: null },
    };
    disk.records.set('order', new Map([['F-old', { value: old, index: { all: 5, 'wallet:w1': 5 } }]]));
    expect(orderState((await orders(site))[0]!)).toBe('booked');
    expect(await site.do('payOutRefund', { order: 'F-old' }, key())).toMatchObject({ refusal: 'notFound' });
    result(await site.do('reverse', { order: 'F-old', note: 'n' }, key()));
    expect(money(site)).toEqual([105, 0, 5, 0, 0]);
  });

  it('reads all meters of the wallet when it is asked to, and says what it cannot know', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    expect((await walletOf(site))?.readings).toEqual({ meters: 1, oldestMs: null });
    const asked: string[] = [];
    if (site.core.lines) site.core.lines = { ...site.core.lines, readNow: (meter) => asked.push(meter) };
    expect(await site.do('readWallet', { wallet: 'w1' }, key(), 'cashier')).toMatchObject({ result: { meters: 1 } });
    expect(asked).toEqual(['m1']);
    expect((await refund(site)).payout?.readMs).toBeNull();
  });
});

type Step = { readonly what: 'refund' | 'payOut' | 'cancel' | 'recharge'; readonly n: number; readonly yuan: number };
const steps = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what']>('refund', 'refund', 'payOut', 'cancel', 'recharge'),
    n: fc.nat(5),
    yuan: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 25 },
);

it('whatever is ordered, paid out and cancelled in whatever order: no money appears or is lost', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const site = await startCore(new MemoryDisk(), plainSite(1));
      const ids: string[] = [];
      /** Kept apart from the code: balance, on its way by order, till. */
      let [balance, till] = [100, 0];
      const open = new Map<string, number>();
      for (const { what, n, yuan } of all) {
        const id = ids[n % Math.max(1, ids.length)] ?? 'F-none';
        const held = open.get(id);
        if (what === 'recharge') {
          result(await site.do('recharge', { wallet: 'w1', amount: String(yuan), channel: 'cash' }, key()));
          [balance, till] = [balance + yuan, till + yuan];
        } else if (what === 'refund') {
          const params = { wallet: 'w1', amount: String(yuan), channel: 'cash', note: 'n' };
          const outcome = await site.do('refund', params, key());
          expect(outcome.ok).toBe(yuan <= balance);
          if (!outcome.ok) continue;
          const order = result<Order>(outcome).id;
          ids.push(order);
          open.set(order, yuan);
          balance -= yuan;
        } else if (what === 'payOut') {
          expect((await site.do('payOutRefund', { order: id }, key())).ok).toBe(held !== undefined);
          till -= held ?? 0;
          open.delete(id);
        } else {
          expect((await site.do('cancelRefund', { order: id, note: 'n' }, key())).ok).toBe(held !== undefined);
          balance += held ?? 0;
          open.delete(id);
        }
        const onItsWay = [...open.values()].reduce((sum, one) => sum + one, 0);
        expect(money(site).slice(0, 3)).toEqual([balance, onItsWay, till]);
        expect(site.core.ledger.imbalanceMicro).toBe(0);
      }
    }),
    { numRuns: 25 },
  );
});

/** Keeps what the disk held after each commit. */
class RememberingStore extends MemoryStore {
  readonly moments: MemoryDisk[] = [];
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    this.moments.push(Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })));
    return head;
  }
}

it('from every commit of a refund a new start carries it on: repeated under its ids, each step counts once', async () => {
  for (const end of ['payOutRefund', 'cancelRefund'] as const) {
    const store = new RememberingStore(new MemoryDisk());
    const clock = new Stepped();
    const site = await startCore(store.disk, plainSite(1), clock, store);
    const before = store.moments.length - 1;
    const order = await refund(site, '30', 'cash', 'reserve');
    result(await site.do(end, end === 'payOutRefund' ? { order: order.id } : { order: order.id, note: 'n' }, 'end'));
    expect(store.moments.length).toBeGreaterThan(before + 2);
    for (const disk of store.moments.slice(before)) {
      const again = await startCore(disk, null, clock);
      const { id } = await refund(again, '30', 'cash', 'reserve');
      result(await again.do(end, end === 'payOutRefund' ? { order: id } : { order: id, note: 'n' }, 'end'));
      expect(money(again)).toEqual(end === 'payOutRefund' ? [70, 0, -30, 0, 0] : [100, 0, 0, 0, 0]);
      expect(again.core.ledger.imbalanceMicro).toBe(0);
      expect(again.core.wallets.get('w1')?.state.balanceMicro).toBe(end === 'payOutRefund' ? 70_000_000 : 100_000_000);
    }
  }
});
