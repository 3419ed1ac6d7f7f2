/** Post-paid accounts: use accrues to `unbilled`, a limit warns, nothing is cut, and closing settles what was used. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountView, StatementLine } from '../../protocol/accounts.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { JournalEntry } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const details = {
  ...{ kind: 'company', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
/** Two rooms, r2 without an account. */
const site = (): ReturnType<typeof plainSite> => ({
  ...plainSite(2, '100', { warnBeforeCutMs: 60_000 }),
  accounts: plainSite(1).accounts,
});

let keys = 0;
const ask = (running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  running.do(op, params, `k${(keys += 1)}`, 'manager');
async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<void> {
  expect(await ask(running, op, params)).toMatchObject({ ok: true });
  await running.settle();
}
const stateOf = ({ core }: Running, wallet = 'wp') => core.wallets.get(wallet)!.state;
const inLedger = ({ core }: Running, account: string): number => core.ledger.ledger.balance(account);
async function view(running: Running): Promise<AccountView> {
  return ((await running.do('getAccount', { account: 'p' }, '')) as { result: AccountView }).result;
}
function conserved(running: Running): void {
  const { core } = running;
  expect(core.ledger.imbalanceMicro).toBe(0);
  expect(core.ledger.ledger.sumMicro).toBe(0);
  expect(core.actors.parked).toEqual([]);
  const unbilled = [...core.wallets.values()].reduce((sum, { state }) => sum + (state.unbilledMicro ?? 0), 0);
  expect(inLedger(running, 'unbilled:p')).toBe(0 - unbilled);
  for (const [id, { state }] of core.wallets) expect(inLedger(running, `wallet:${id}`)).toBe(state.balanceMicro);
}
/** Account p in room r2, from index 1 000 on. */
async function opened(running: Running, more: object = {}): Promise<void> {
  const plan = { rooms: ['r2'], wallets: [{ id: 'wp' }], meters: [], payment: 'postpaid', creditLimit: '5', ...more };
  await done(running, 'saveAccount', { account: 'p', isNew: true, name: 'Post', details, plan });
  await running.read('m2', 1_000);
  await running.pass(1_000);
  await done(running, 'openAccount', { account: 'p' });
  await running.pass(HOUR);
  await running.read('m2', 1_000);
  await running.pass(1_000);
}

describe('a post-paid account', () => {
  it('accrues what is used to its unbilled account, and its balance stays', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await running.pass(HOUR);
    await running.read('m2', 4_000);
    await running.settle();
    expect(stateOf(running)).toMatchObject({ balanceMicro: 0, unbilledMicro: 3_000_000, payment: 'postpaid' });
    expect(inLedger(running, 'unbilled:p')).toBe(-3_000_000);
    expect(inLedger(running, 'revenue:electricity:energy')).toBe(3_000_000);
    expect(await view(running)).toMatchObject({
      payment: 'postpaid',
      balanceMicro: -3_000_000,
      wallets: [{ payment: 'postpaid', unbilledMicro: 3_000_000, balanceMicro: -3_000_000 }],
    });
    const { items } = (
      (await running.do('getStatement', { wallet: 'wp' }, '')) as { result: { items: StatementLine[] } }
    ).result;
    expect(items).toMatchObject([{ kind: 'charge', amountMicro: -3_000_000, balanceAfterMicro: -3_000_000 }]);
    conserved(running);
  });

  it('is warned once at its credit limit, stands in the list, and is never cut', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await running.pass(HOUR);
    await running.read('m2', 5_900);
    expect(stateOf(running)).toMatchObject({ level: 0 });
    for (const index of [6_000, 7_000, 20_000]) {
      await running.pass(HOUR);
      await running.read('m2', index);
    }
    await running.pass(3 * HOUR);
    expect(stateOf(running)).toMatchObject({ level: 1, exhausted: false, unbilledMicro: 19_000_000 });
    expect(running.core.meters.get('m2')?.state).toMatchObject({ causes: {}, cutSinceMs: null });
    expect(await running.do('getLowMoney', {}, '')).toMatchObject({ result: { items: [{ wallet: { id: 'wp' } }] } });
    const room = (await running.do('getTimeline', { room: 'r2' }, '')) as { result: { items: { kind: string }[] } };
    expect(room.result.items.filter(({ kind }) => kind === 'CreditLimitReached')).toHaveLength(1);
    expect(await ask(running, 'grantTemporaryPower', { wallet: 'wp', reason: 'r', debt: '50' })).toMatchObject({
      refusal: 'accountState',
    });
    expect(running.core.wall.tiles.get('r2')?.money).toMatchObject({ payment: 'postpaid', level: 1, levels: 1 });
  });

  it('gets another limit while it is open: warned once of each, in the list while above it, and after a crash too', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, site());
    await opened(running);
    const use = async (index: number): Promise<void> => {
      await running.pass(HOUR);
      await running.read('m2', index);
      await running.settle();
    };
    const warned = async (): Promise<number> => {
      const room = (await running.do('getTimeline', { room: 'r2' }, '')) as { result: { items: { kind: string }[] } };
      return room.result.items.filter(({ kind }) => kind === 'CreditLimitReached').length;
    };
    const listed = async (): Promise<number> =>
      ((await running.do('getLowMoney', {}, '')) as { result: { items: unknown[] } }).result.items.length;
    await use(7_000);
    expect([await warned(), await listed()]).toEqual([1, 1]);
    await done(running, 'setCreditLimit', { wallet: 'wp', limit: '10' });
    expect([await warned(), await listed()]).toEqual([1, 0]);
    running = await startCore(disk, null, running.clock);
    expect(stateOf(running)).toMatchObject({ level: 0, thresholdsMicro: [-10_000_000] });
    await use(10_900);
    expect(await warned()).toBe(1);
    await use(11_500);
    expect([await warned(), await listed()]).toEqual([2, 1]);
    await done(running, 'setCreditLimit', { wallet: 'wp', limit: '0' });
    expect([await warned(), await listed()]).toEqual([2, 0]);
    await use(20_000);
    expect([await warned(), await listed()]).toEqual([2, 0]);
    await done(running, 'setCreditLimit', { wallet: 'wp', limit: '3' });
    expect([await warned(), await listed()]).toEqual([3, 1]);
    expect(running.core.meters.get('m2')?.state).toMatchObject({ causes: {}, cutSinceMs: null });
    conserved(running);
  });

  it('takes no alarm amounts, and a prepaid one no credit limit', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    const levels = { thresholds: ['10', '0'], overdraft: '0', restore: null };
    expect(await ask(running, 'setThresholds', { wallet: 'wp', ...levels })).toMatchObject({ refusal: 'accountState' });
    expect(await ask(running, 'setCreditLimit', { wallet: 'w1', limit: '5' })).toMatchObject({
      refusal: 'accountState',
    });
    expect(await ask(running, 'setCreditLimit', { wallet: 'wp', limit: '-5' })).toMatchObject({ refusal: 'invalid' });
    expect(stateOf(running).thresholdsMicro).toEqual([-5_000_000]);
  });

  it('has no limit where none is set', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running, { creditLimit: '0' });
    await running.pass(HOUR);
    await running.read('m2', 60_000);
    expect(stateOf(running)).toMatchObject({ level: 0, thresholdsMicro: [] });
  });

  it('uses its allowance first; the rest is unbilled', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await done(running, 'giveAllowance', { accounts: ['p'], unit: 'kWh', amount: '1' });
    await running.pass(HOUR);
    await running.read('m2', 3_500);
    await running.settle();
    expect(stateOf(running)).toMatchObject({ balanceMicro: 0, unbilledMicro: 1_500_000 });
    conserved(running);
  });

  it('owes at closing what is unbilled: due as a payment, after deposit and balance', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await done(running, 'receiveDeposit', { account: 'p', amount: '1', channel: 'cash' });
    await running.pass(HOUR);
    await running.read('m2', 4_000);
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'p', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m2', 4_500);
    await running.pass(1_000);
    expect(await view(running)).toMatchObject({
      status: 'settling',
      settling: [{ wallet: 'wp', dueMicro: 2_500_000, balanceMicro: -3_500_000 }],
    });
    await done(running, 'recharge', { wallet: 'wp', amount: '2.50', channel: 'cash' });
    await done(running, 'settleAccount', { account: 'p', channel: 'cash' });
    expect((await view(running)).status).toBe('closed');
    expect([inLedger(running, 'unbilled:p'), inLedger(running, 'deposit:p')]).toEqual([0, 0]);
    expect(inLedger(running, 'cash:cash')).toBe(-3_500_000);
    conserved(running);
  });

  it('pays back only what it does not owe', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await done(running, 'recharge', { wallet: 'wp', amount: '10', channel: 'cash' });
    await running.pass(HOUR);
    await running.read('m2', 5_000);
    const refund = (amount: string): Promise<OpOutcome> =>
      ask(running, 'refund', { wallet: 'wp', amount, channel: 'cash', note: 'n' });
    expect(await refund('6.01')).toMatchObject({ refusal: 'insufficientBalance' });
    expect(await refund('6')).toMatchObject({ ok: true, result: { balanceAfterMicro: 0 } });
  });

  it('conserves money whatever is used, paid and closed', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('use' as const), wh: fc.integer({ min: 1, max: 9_000 }) }),
      fc.record({ kind: fc.constant('pay' as const), cents: fc.integer({ min: 1, max: 3_000 }) }),
      fc.record({ kind: fc.constant('back' as const), cents: fc.integer({ min: 1, max: 3_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const running = await startCore(new MemoryDisk(), site());
        await opened(running);
        let index = 1_000;
        for (const one of steps) {
          await running.pass(HOUR);
          if (one.kind === 'use') await running.read('m2', (index += one.wh));
          else {
            const amount = (one.cents / 100).toFixed(2);
            const cash = { wallet: 'wp', amount, channel: 'cash', note: 'n' };
            const outcome = await ask(running, one.kind === 'pay' ? 'recharge' : 'refund', cash);
            if (one.kind === 'back' && outcome.ok)
              await done(running, 'payOutRefund', { order: (outcome.result as { id: string }).id });
          }
          await running.settle();
          conserved(running);
        }
        const used = (index - 1_000) * 1_000;
        expect(inLedger(running, 'unbilled:p')).toBe(0 - used);
        await running.pass(1_000);
        await done(running, 'closeAccount', { account: 'p', settlement: { channel: 'card' } });
        await running.pass(HOUR);
        await running.read('m2', index);
        await running.pass(1_000);
        const [due] = (await view(running)).settling;
        if (due) {
          const cents = Math.ceil(due.dueMicro / 10_000);
          await done(running, 'recharge', { wallet: 'wp', amount: (cents / 100).toFixed(2), channel: 'card' });
          await done(running, 'settleAccount', { account: 'p', channel: 'card' });
        }
        expect((await view(running)).status).toBe('closed');
        conserved(running);
        // What came in less what went out is what was used, to less than a cent.
        const cashMicro = -inLedger(running, 'cash:cash') - inLedger(running, 'cash:card');
        expect(Math.abs(cashMicro - used)).toBeLessThan(10_000);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a crash after any commit', () => {
  it('leaves each unit unbilled once, and the account closes with what it owes', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, site());
    const begin = disk.entries.length;
    await opened(running);
    await running.pass(HOUR);
    await running.read('m2', 4_000);
    await done(running, 'recharge', { wallet: 'wp', amount: '50', channel: 'cash' });
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'p', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m2', 4_500);
    await running.pass(1_000);
    expect((await view(running)).status).toBe('closed');
    for (let cut = begin + 1; cut <= disk.entries.length; cut++) {
      const part = new MemoryDisk();
      part.siteId = disk.siteId;
      part.entries = disk.entries.slice(0, cut) as JournalEntry[];
      const last = part.entries.at(-1)!;
      part.head = { number: last.number, hash: last.hash };
      const next = await startCore(part, null, running.clock);
      await next.pass(HOUR);
      await next.read('m2', 5_000);
      await next.pass(1_000);
      conserved(next);
      expect(inLedger(next, 'revenue:electricity:energy')).toBe(
        next.core.meters.get('m2')!.state.sequence === 0 ? 0 : 4_000_000,
      );
      const { status } = next.core.tenancies.state('p');
      const closing = part.entries.some(({ events }) => events.some(({ type }) => type === 'ClosingStarted'));
      if (closing) expect(status).toBe('closed');
    }
  });
});
