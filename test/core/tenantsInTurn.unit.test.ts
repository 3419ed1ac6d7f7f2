/** Tenants who come, pay, move money and go, in any order and with a core that stops after any commit: all to the cent. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpName } from '../../protocol/ops.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';
import { Books } from '../tools/tenantBooks.ts';

const HOUR = 3_600_000;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const cash = 'cash';
/** Whole cents whatever is used: nothing is dropped at the end. */
const MOST_WH = 3_000;
const wh = fc.nat(MOST_WH / 10).map((tens) => tens * 10);
const room = fc.constantFrom('r1', 'r2');
const which = fc.nat(9);
const yuan = fc.integer({ min: 1, max: 40 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('use' as const), room, wh }) },
  fc.record({ kind: fc.constant('recharge' as const), which, yuan }),
  fc.record({ kind: fc.constant('refund' as const), which, yuan }),
  fc.record({ kind: fc.constant('payOut' as const) }),
  fc.record({ kind: fc.constant('cancel' as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('transfer' as const), room, which, to: which, yuan }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), room, yuan }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), room }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('handOver' as const), room, yuan }) },
  fc.record({ kind: fc.constant('addWallet' as const), room }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('moveMeter' as const), room, which }) },
  fc.record({ kind: fc.constant('deposit' as const), room, yuan }),
  fc.record({ kind: fc.constant('giveBack' as const), room, yuan }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Keeps what the disk held after each commit. */
class RememberingStore extends MemoryStore {
  readonly moments: MemoryDisk[] = [];
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    this.moments.push(Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })));
    return head;
  }
}

type Ask = { readonly op: OpName; readonly params: object; readonly key: string };

/** What a clerk asks the core for in this step, and what the books say once it was done. */
function asksFor(
  books: Books,
  one: Exclude<Step, { kind: 'use' }>,
  n: number,
): { asks: Ask[]; book: (order: string) => void } {
  const ask = (op: OpName, params: object, key = `k${n}`): Ask => ({ op, params, key });
  const just = (op: OpName, params: object, book: (order: string) => void) => ({ asks: [ask(op, params)], book });
  const of = (index: number): string => books.wallet(index);
  const enter = (rooms: string[], amount: number) => ({
    ...{ name: `Tenant ${n}`, phone: '', details },
    plan: {
      ...{ rooms, meters: [], deposit: { amount: '20', channel: cash } },
      wallets: [{ id: `w-${n}`, firstRecharge: { amount: String(amount), channel: cash } }],
    },
  });
  if (one.kind === 'recharge')
    return just('recharge', { wallet: of(one.which), amount: String(one.yuan), channel: cash }, () =>
      books.pay(of(one.which), one.yuan),
    );
  if (one.kind === 'refund')
    return just('refund', { wallet: of(one.which), amount: String(one.yuan), channel: cash, note: 'n' }, (order) =>
      books.reserve(order, of(one.which), one.yuan),
    );
  if (one.kind === 'payOut')
    return just('payOutRefund', { order: books.refund, reference: 'r' }, () => books.endRefund(true));
  if (one.kind === 'cancel')
    return just('cancelRefund', { order: books.refund, note: 'n' }, () => books.endRefund(false));
  const tenant = books.tenant(one.room);
  if (one.kind === 'open') {
    const account = `n-${n}`;
    return {
      asks: [
        ask('saveAccount', { account, isNew: true, ...enter([one.room], one.yuan) }, `k${n}-enter`),
        ask('openAccount', { account }),
      ],
      book: () => books.enter(account, one.room, `w-${n}`, one.yuan, 20),
    };
  }
  const account = tenant ?? 'nobody';
  if (one.kind === 'transfer') {
    const [from, to] = [books.walletOf(account, one.which), books.walletOf(account, one.to)];
    return just('transferMoney', { wallet: from, to, amount: String(one.yuan) }, () =>
      books.transfer(from, to, one.yuan),
    );
  }
  if ((one.kind === 'close' || one.kind === 'handOver') && !books.owesNothing(account, MOST_WH))
    return { asks: [], book: () => undefined };
  if (one.kind === 'close')
    return just('closeAccount', { account, settlement: { channel: cash } }, () => books.leave(account, null));
  if (one.kind === 'handOver') {
    const params = { account, next: `n-${n}`, enter: enter([one.room], one.yuan), settlement: { channel: cash } };
    return just('handOver', params, () => {
      books.enter(`n-${n}`, one.room, `w-${n}`, one.yuan, 20);
      books.leave(account, `w-${n}`);
    });
  }
  if (one.kind === 'addWallet')
    return just('addWallet', { account, newWallet: { id: `w-${n}` } }, () => books.addWallet(account, `w-${n}`));
  if (one.kind === 'moveMeter') {
    const wallet = books.walletOf(account, one.which);
    return just('moveMeters', { account, meters: [{ meter: one.room.replace('r', 'm'), wallet }] }, () =>
      books.move(one.room, wallet),
    );
  }
  const sign = one.kind === 'deposit' ? 1 : -1;
  const more = one.kind === 'deposit' ? {} : { note: 'n' };
  const params = { account, amount: String(one.yuan), channel: cash, ...more };
  return just(one.kind === 'deposit' ? 'receiveDeposit' : 'returnDeposit', params, () =>
    books.deposit(account, sign * one.yuan),
  );
}

function agree(running: Running, books: Books): void {
  const { ledger, wallets, actors } = running.core;
  expect([ledger.imbalanceMicro, ledger.ledger.sumMicro, actors.parked, running.fatal]).toEqual([0, 0, [], []]);
  for (const [id, { state }] of wallets)
    expect([id, ledger.ledger.balance(`wallet:${id}`)]).toEqual([id, state.balanceMicro]);
  const shown = Object.fromEntries(
    Object.keys(books.balances()).map((id) => [id, wallets.get(id)?.state.balanceMicro ?? 0]),
  );
  expect(shown).toEqual(books.balances());
  for (const [account, micro] of books.deposits())
    expect([account, ledger.ledger.balance(`deposit:${account}`)]).toEqual([account, micro]);
  expect(ledger.ledger.balance('refundReserved')).toBe(books.reservedMicro);
  expect(ledger.ledger.balance('cash:cash') + books.cashMicro).toBe(0);
  expect(ledger.ledger.balance('revenue:electricity:energy')).toBe(books.usedMicro);
}

describe('tenants in turn', () => {
  it('pay each unit once and get back the rest to the cent, whatever was asked in which order and where the core stopped', async () => {
    const done = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(12)), { minLength: 6, maxLength: 24 }), async (life) => {
        const clock = new Stepped();
        let store = new RememberingStore(new MemoryDisk());
        let running = await startCore(store.disk, { ...plainSite(2), accounts: plainSite(1).accounts }, clock, store);
        const books = new Books();
        for (const meter of ['m1', 'm2']) await running.read(meter, 0);
        await running.do('addWallet', { account: 'a1', newWallet: { id: 'w1-more' } }, 'more', 'administrator');
        books.addWallet('a1', 'w1-more');
        for (const [n, [one, stopAfter]] of life.entries()) {
          await running.pass(HOUR);
          const from = store.moments.length;
          const asked = one.kind === 'use' ? null : asksFor(books, one, n);
          if (one.kind === 'use') books.use(one.room, one.wh);
          let order = 'none';
          const tell = async (): Promise<boolean> => {
            let ok = true;
            if (one.kind === 'use') await running.read(one.room.replace('r', 'm'), books.index(one.room));
            for (const { op, params, key } of asked?.asks ?? []) {
              const outcome = await running.do(op, params, key, 'administrator');
              ok &&= outcome.ok;
              if (outcome.ok) order = (outcome.result as { id?: string }).id ?? 'none';
            }
            await running.pass(1_000);
            return ok;
          };
          const ok = await tell();
          done.set(one.kind, (done.get(one.kind) ?? 0) + Number(ok));
          const stopped = store.moments[from + stopAfter];
          if (stopped !== undefined) {
            store = new RememberingStore(stopped);
            running = await startCore(stopped, null, clock, store);
          }
          expect([one.kind, await tell()]).toEqual([one.kind, ok]);
          if (ok) asked?.book(order);
          agree(running, books);
        }
      }),
      { numRuns: 60 },
    );
    for (const kind of ['recharge', 'refund', 'transfer', 'open', 'close', 'handOver', 'addWallet', 'deposit'])
      expect([kind, done.get(kind) ?? 0]).not.toEqual([kind, 0]);
  });
});
