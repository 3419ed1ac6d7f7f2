/** Several wallets of one account: opened together or later, meters between them, money between them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountView, StatementLine } from '../../protocol/accounts.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { JournalEntry } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
/** Three rooms: r1 has account a1 with wallet w1. */
const site = (): ReturnType<typeof plainSite> => ({ ...plainSite(3), accounts: plainSite(1).accounts });

let keys = 0;
const ask = (running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  running.do(op, params, `k${(keys += 1)}`);
async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> {
  const outcome = await ask(running, op, params);
  expect(outcome).toMatchObject({ ok: true });
  await running.settle();
  return outcome;
}
const balance = ({ core }: Running, wallet: string): number => core.wallets.get(wallet)?.state.balanceMicro ?? NaN;
const tileWallet = ({ core }: Running, room: string): string | undefined => core.wall.tiles.get(room)?.money?.wallet;
async function view(running: Running, account: string): Promise<AccountView> {
  const outcome = await running.do('getAccount', { account }, '');
  return (outcome as { result: AccountView }).result;
}
async function statement(running: Running, wallet: string): Promise<StatementLine[]> {
  const outcome = await running.do('getStatement', { wallet }, '');
  return (outcome as { result: { items: StatementLine[] } }).result.items;
}
function conserved({ core }: Running): void {
  expect(core.ledger.imbalanceMicro).toBe(0);
  expect(core.ledger.ledger.sumMicro).toBe(0);
  expect(core.actors.parked).toEqual([]);
  for (const [id, { state }] of core.wallets) expect(core.ledger.ledger.balance(`wallet:${id}`)).toBe(state.balanceMicro);
}
const cash = (amount: string): object => ({ firstRecharge: { amount, channel: 'cash' } });
/** Account n with a wallet for each of two meters and one for fees. */
async function opened(running: Running): Promise<void> {
  const plan = {
    rooms: ['r2', 'r3'],
    wallets: [
      { id: 'wa', name: 'Front', ...cash('100') },
      { id: 'wb', ...cash('60') },
      { id: 'wf', name: 'Fees', purpose: 'fee', ...cash('30') },
    ],
    meters: [
      { meter: 'm2', wallet: 'wa' },
      { meter: 'm3', wallet: 'wb' },
    ],
  };
  await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan });
  for (const meter of ['m2', 'm3']) await running.read(meter, 1_000);
  await running.pass(1_000);
  await done(running, 'openAccount', { account: 'n' });
  await running.pass(HOUR);
  for (const meter of ['m2', 'm3']) await running.read(meter, 1_000);
  await running.pass(1_000);
}

describe('an account with a wallet for each meter and one for fees', () => {
  it('charges each meter to its wallet, and shows each room the wallet that pays there', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await running.pass(HOUR);
    await running.read('m2', 3_000);
    await running.read('m3', 6_000);
    await running.settle();
    expect([balance(running, 'wa'), balance(running, 'wb'), balance(running, 'wf')]).toEqual([
      98_000_000, 55_000_000, 30_000_000,
    ]);
    expect([tileWallet(running, 'r2'), tileWallet(running, 'r3')]).toEqual(['wa', 'wb']);
    expect((await view(running, 'n')).wallets).toMatchObject([
      { id: 'wa', name: 'Front', purpose: 'use', thresholdsMicro: [50_000_000, 20_000_000, 0] },
      { id: 'wb', name: '', purpose: 'use' },
      { id: 'wf', name: 'Fees', purpose: 'fee', thresholdsMicro: [] },
    ]);
    conserved(running);
  });

  it('never warns or cuts for the wallet of fees', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    await done(running, 'refund', { wallet: 'wf', amount: '30', channel: 'cash', note: 'all of it' });
    await running.pass(3 * HOUR);
    expect(running.core.wallets.get('wf')?.state).toMatchObject({ balanceMicro: 0, level: 0, exhausted: false });
    expect(await ask(running, 'grantTemporaryPower', { wallet: 'wf', reason: 'r', debt: '5' })).toMatchObject({
      refusal: 'accountState',
    });
  });

  it('refuses a plan whose meters draw on the wallet of fees, or with nothing but that', async () => {
    const running = await startCore(new MemoryDisk(), site());
    const tried = async (wallets: object[], meters: object[]): Promise<unknown> => {
      const plan = { rooms: ['r2'], wallets, meters };
      const outcome = await ask(running, 'saveAccount', { account: 'x', isNew: true, name: 'X', details, plan });
      return outcome.ok ? 'taken' : outcome.detail;
    };
    const fee = { id: 'wf', purpose: 'fee' };
    expect(await tried([fee], [])).toBe('plan.wallets: one at least that meters draw on');
    expect(await tried([{ id: 'wa' }, fee], [{ meter: 'm2', wallet: 'wf' }])).toBe(
      'plan.meters.0.wallet: no meter draws on a wallet for fees',
    );
  });
});

describe('a wallet added to an open account', () => {
  it('takes over a meter at a reading; what was used before is paid by the old one', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, site());
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 1_000);
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'w1b', name: 'Kitchen' } });
    expect((await view(running, 'a1')).move).toBeNull();
    expect(running.core.wallets.get('w1b')?.state).toMatchObject({ level: 0, name: 'Kitchen' });
    await done(running, 'recharge', { wallet: 'w1b', amount: '70', channel: 'card' });
    await running.pass(1_000);
    await done(running, 'moveMeters', { account: 'a1', meters: [{ meter: 'm1', wallet: 'w1b' }] });
    await running.pass(HOUR);
    await running.read('m1', 3_000);
    await running.pass(1_000);
    await running.pass(HOUR);
    await running.read('m1', 7_000);
    await running.settle();
    expect([balance(running, 'w1'), balance(running, 'w1b')]).toEqual([97_000_000, 66_000_000]);
    expect(tileWallet(running, 'r1')).toBe('w1b');
    expect((await view(running, 'a1')).meters).toMatchObject([{ id: 'm1', wallet: 'w1b' }]);
    expect(running.core.meters.get('m1')?.state.place.account).toBe('a1');
    conserved(running);
    const again = await startCore(disk, null, running.clock);
    expect(tileWallet(again, 'r1')).toBe('w1b');
  });

  it('is refused where it cannot be, naming the field', async () => {
    const running = await startCore(new MemoryDisk(), site());
    const tried = async (op: 'addWallet' | 'moveMeters', params: object): Promise<string> => {
      const outcome = await ask(running, op, { account: 'a1', ...params });
      return outcome.ok ? 'done' : outcome.detail;
    };
    expect(await tried('addWallet', { newWallet: { id: 'w1' } })).toBe('newWallet.id: w1 is taken already');
    expect(await tried('addWallet', { newWallet: { id: 'wx', thresholds: ['1', '5'] } })).toBe(
      'newWallet.thresholds: levels from the highest to the lowest',
    );
    const move = (meter: string, wallet: string): object => ({ meters: [{ meter, wallet }] });
    expect(await tried('moveMeters', move('m2', 'w1'))).toBe('meters.0.meter: m2 is no meter of this account');
    expect(await tried('moveMeters', move('m1', 'w1'))).toBe('meters.0.wallet: m1 draws on w1 already');
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'wf', purpose: 'fee' } });
    expect(await tried('moveMeters', move('m1', 'wf'))).toBe(
      'meters.0.wallet: a wallet of the account that is not for fees',
    );
  });

  it('has a name that can be changed', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await done(running, 'renameWallet', { wallet: 'w1', name: 'Shop' });
    expect((await view(running, 'a1')).wallets).toMatchObject([{ id: 'w1', name: 'Shop' }]);
  });
});

describe('money between wallets of an account', () => {
  it('moves whole, stands in both statements with the other named, and needs no receipt', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    const outcome = await done(running, 'transferMoney', { wallet: 'wa', to: 'wf', amount: '25.50', note: 'rent' });
    expect(outcome).toMatchObject({
      result: { kind: 'transfer', amountMicro: -25_500_000, balanceAfterMicro: 74_500_000, receipt: null },
    });
    expect([balance(running, 'wa'), balance(running, 'wf')]).toEqual([74_500_000, 55_500_000]);
    const [out] = await statement(running, 'wa');
    const [arrived] = await statement(running, 'wf');
    expect(out).toMatchObject({ kind: 'transfer', amountMicro: -25_500_000, other: 'wf', note: 'rent' });
    expect(arrived).toMatchObject({ kind: 'transfer', amountMicro: 25_500_000, other: 'wa', balanceAfterMicro: 55_500_000 });
    const totals = await running.do('getOrderTotals', { kind: 'transfer' }, '');
    expect(totals).toMatchObject({ result: { count: 2, kinds: [{ cashMicro: 0 }] } });
    conserved(running);
  });

  it('is refused to strangers, to itself, beyond the balance and above the limit, and what was refused is kept', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(3, '100', { balanceMax: '150' }));
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'w1b' } });
    await done(running, 'recharge', { wallet: 'w1b', amount: '120', channel: 'cash' });
    const tried = async (to: string, amount: string): Promise<unknown> => {
      const outcome = await ask(running, 'transferMoney', { wallet: 'w1', to, amount });
      return outcome.ok ? 'done' : `${outcome.refusal} ${outcome.detail}`;
    };
    expect(await tried('w2', '1')).toBe('invalid to: a wallet of the same account');
    expect(await tried('w1', '1')).toBe('invalid to: another wallet than the one it comes from');
    expect(await tried('w1b', '100.01')).toBe('insufficientBalance more than the wallet holds');
    expect(await tried('w1b', '40')).toMatch(/^balanceLimit at most 30.00/);
    const refused = await running.do('getSiteOrders', { kind: 'transfer', state: 'refused' }, '');
    expect((refused as { result: { items: object[] } }).result.items).toHaveLength(4);
    expect([balance(running, 'w1'), balance(running, 'w1b')]).toEqual([100_000_000, 120_000_000]);
  });

  it('is done once under one id', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await opened(running);
    const params = { wallet: 'wa', to: 'wb', amount: '10' };
    const first = await running.do('transferMoney', params, 'same');
    expect(await running.do('transferMoney', params, 'same')).toEqual(first);
    expect([balance(running, 'wa'), balance(running, 'wb')]).toEqual([90_000_000, 70_000_000]);
  });

  it('gives power back as a recharge does', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1, '1', { warnBeforeCutMs: 60_000 }));
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 2_000);
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'w1b' } });
    await done(running, 'recharge', { wallet: 'w1b', amount: '50', channel: 'cash' });
    await running.pass(2 * 60_000);
    await running.read('m1', 2_000);
    const cut = (): boolean => running.core.meters.get('m1')?.state.causes.moneyExhausted !== undefined;
    expect(cut()).toBe(true);
    await done(running, 'transferMoney', { wallet: 'w1b', to: 'w1', amount: '20' });
    await running.settle();
    expect(cut()).toBe(false);
    conserved(running);
  });

  it('conserves money whatever is moved, used, recharged and refused', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('transfer' as const),
        from: fc.constantFrom('wa', 'wb', 'wf'),
        to: fc.constantFrom('wa', 'wb', 'wf', 'w1'),
        cents: fc.integer({ min: 1, max: 15_000 }),
      }),
      fc.record({ kind: fc.constant('use' as const), meter: fc.constantFrom('m2', 'm3'), wh: fc.integer({ min: 1, max: 9_000 }) }),
      fc.record({ kind: fc.constant('move' as const), meter: fc.constantFrom('m2', 'm3'), to: fc.constantFrom('wa', 'wb') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const running = await startCore(new MemoryDisk(), site());
        await opened(running);
        const index: Record<string, number> = { m2: 1_000, m3: 1_000 };
        for (const one of steps) {
          await running.pass(HOUR);
          if (one.kind === 'use') await running.read(one.meter, (index[one.meter] = (index[one.meter] ?? 0) + one.wh));
          else if (one.kind === 'move') {
            await ask(running, 'moveMeters', { account: 'n', meters: [{ meter: one.meter, wallet: one.to }] });
            await running.pass(1_000);
            await running.read(one.meter, index[one.meter] ?? 0);
            await running.pass(1_000);
          } else {
            const before = balance(running, one.from);
            const amount = (one.cents / 100).toFixed(2);
            const outcome = await ask(running, 'transferMoney', { wallet: one.from, to: one.to, amount });
            const fits = one.from !== one.to && one.to !== 'w1' && one.cents * 10_000 <= before;
            expect(outcome.ok).toBe(fits);
          }
          conserved(running);
        }
        // 190 yuan came in; each unit used cost a yuan per kWh, once.
        const used = (index.m2 ?? 0) + (index.m3 ?? 0) - 2_000;
        const left = balance(running, 'wa') + balance(running, 'wb') + balance(running, 'wf');
        expect(left).toBe(190_000_000 - used * 1_000);
      }),
      { numRuns: 12 },
    );
  });
});

/** The journal up to each commit there was. */
function cuts(disk: MemoryDisk, from: number): MemoryDisk[] {
  return disk.entries.slice(from).map((_entry, i) => {
    const part = new MemoryDisk();
    part.siteId = disk.siteId;
    part.entries = disk.entries.slice(0, from + i + 1) as JournalEntry[];
    const last = part.entries.at(-1);
    if (last) part.head = { number: last.number, hash: last.hash };
    return part;
  });
}

describe('a crash after any commit', () => {
  it('leaves money in one wallet or the other, and a meter on one of them, each unit charged once', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1, '1', { warnBeforeCutMs: 60_000 }));
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 2_000);
    const begin = disk.entries.length;
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'w1b' } });
    await done(running, 'recharge', { wallet: 'w1b', amount: '50', channel: 'cash' });
    await running.pass(2 * 60_000);
    await running.read('m1', 2_000);
    await done(running, 'transferMoney', { wallet: 'w1b', to: 'w1', amount: '20' });
    await done(running, 'moveMeters', { account: 'a1', meters: [{ meter: 'm1', wallet: 'w1b' }] });
    await running.pass(HOUR);
    await running.read('m1', 3_000);
    await running.pass(1_000);
    const parts = cuts(disk, begin);
    expect(parts.length).toBeGreaterThan(8);
    for (const part of parts) {
      const came = part.entries.some(({ events }) => events.some(({ type }) => type === 'MoneyReceived'));
      const next = await startCore(part, null, running.clock);
      await next.pass(HOUR);
      await next.read('m1', 4_000);
      await next.pass(HOUR);
      await next.read('m1', 6_000);
      await next.pass(1_000);
      conserved(next);
      const money = balance(next, 'w1') + (next.core.wallets.has('w1b') ? balance(next, 'w1b') : 0);
      expect(money).toBe(1_000_000 + (came ? 50_000_000 : 0) - 6_000_000);
      const paid = next.core.wallets.get(next.core.meters.get('m1')?.state.place.wallet ?? '')?.state;
      expect(paid?.meters).toMatchObject([{ id: 'm1' }]);
      if (paid && paid.balanceMicro > 0)
        expect(next.core.meters.get('m1')?.state.causes.moneyExhausted).toBeUndefined();
      next.clock.siteMs = running.clock.siteMs;
    }
  });
});

describe('closing an account with several wallets', () => {
  it('settles the one that owes first, so that money can be moved to it from another', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1, '1'));
    await running.read('m1', 0);
    await running.pass(HOUR);
    await done(running, 'addWallet', { account: 'a1', newWallet: { id: 'v1' } });
    await done(running, 'recharge', { wallet: 'v1', amount: '50', channel: 'cash' });
    await running.read('m1', 6_000);
    await done(running, 'closeAccount', { account: 'a1', settlement: { channel: 'cash' } });
    await running.pass(1_000);
    await running.read('m1', 6_000);
    await running.pass(1_000);
    expect((await view(running, 'a1')).settling).toMatchObject([
      { wallet: 'w1', dueMicro: 5_000_000 },
      { wallet: 'v1', dueMicro: 0 },
    ]);
    await done(running, 'transferMoney', { wallet: 'v1', to: 'w1', amount: '5' });
    await done(running, 'settleAccount', { account: 'a1', channel: 'cash' });
    expect((await view(running, 'a1')).status).toBe('closed');
    expect(running.core.ledger.ledger.balance('cash:cash')).toBe(-50_000_000 + 45_000_000);
    conserved(running);
  });
});
