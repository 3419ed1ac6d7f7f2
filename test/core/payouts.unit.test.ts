/** No path pays money out past the second person: not in parts, not by closing, not by what comes in meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import { ops, type OpName, type OpOutcome } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { payoutOf } from '../../server/domain/tenancy/payout.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const LIMIT = 20_000_000;
const cash = { channel: 'cash' };
const rules = { secondPerson: secondPersonSchema.parse({ refundAbove: '20' }) };
const who = (operator: string): Who => ({ operator, role: 'administrator', provedAgoMs: 0 });
const [anna, bert] = [who('anna'), who('bert')];

let keys = 0;
async function ask(site: Running, op: OpName, params: object, by: Who = anna): Promise<OpOutcome> {
  keys += 1;
  const outcome = site.intake.do(by, op, params, `k${keys}`);
  await site.settle();
  return outcome;
}
const refused = (outcome: OpOutcome): string | null => (outcome.ok ? null : outcome.refusal);
async function done(site: Running, op: OpName, params: object): Promise<{ id: string }> {
  const outcome = await ask(site, op, params);
  expect([op, refused(outcome)]).toEqual([op, null]);
  return (outcome as { result: { id: string } }).result;
}
async function approve(site: Running, id: string): Promise<OpOutcome> {
  const hash = site.core.approvals.state.open[id]?.hash ?? '';
  const outcome = await ask(site, 'approve', { approval: id, hash }, bert);
  for (let i = 0; i < 3; i++) await site.settle();
  return outcome;
}
/** Read until all is charged that was used, so that meters can leave. */
async function readings(site: Running): Promise<void> {
  await site.pass(1_000);
  await site.read('m1', 1_000);
  await site.pass(1_000);
}
const paidOut = (disk: MemoryDisk, fromEntry = 0): number =>
  disk.entries
    .slice(fromEntry)
    .flatMap(({ events }) => events)
    .flatMap(({ data }) => (data.transfers ?? []) as { to: string; amountMicro: number }[])
    .reduce((sum, { to, amountMicro }) => sum + (to.startsWith('cash:') ? amountMicro : 0), 0);
const stateOf = (disk: MemoryDisk, id: string): unknown => disk.records.get('approval')?.get(id)?.value.state;
const status = (site: Running): string => site.core.tenancies.state('a1').status;

async function begun(balance = '100', disk = new MemoryDisk()): Promise<{ site: Running; disk: MemoryDisk }> {
  const site = await startCore(disk, plainSite(1, balance, rules));
  await site.read('m1', 1_000);
  // The last reading is older than what is ordered now.
  await site.pass(1_000);
  return { site, disk };
}

describe('closing an account', () => {
  it('asks for the password and, above the limit, for a second person', async () => {
    const { site, disk } = await begun();
    const close = { account: 'a1', settlement: cash };
    const unproved: Who = { operator: 'anna', role: 'administrator' };
    expect(refused(await ask(site, 'closeAccount', close, unproved))).toBe('proofNeeded');
    expect(await ask(site, 'closeAccount', close)).toMatchObject({ refusal: 'needsApproval', approval: 'A1' });
    expect(site.core.approvals.state.open.A1).toMatchObject({ amount: 100_000_000, limit: LIMIT });
    await readings(site);
    expect([status(site), paidOut(disk)]).toEqual(['none', 0]);
    expect(refused(await approve(site, 'A1'))).toBeNull();
    await readings(site);
    expect([status(site), paidOut(disk)]).toEqual(['closed', 100_000_000]);
  });

  it('does not do what was approved when it would pay out more by then', async () => {
    const { site, disk } = await begun();
    await ask(site, 'closeAccount', { account: 'a1', settlement: cash });
    await done(site, 'recharge', { wallet: 'w1', amount: '0.01', ...cash });
    await approve(site, 'A1');
    expect(stateOf(disk, 'A1')).toBe('failed');
    expect([status(site), paidOut(disk)]).toEqual(['none', 0]);
  });

  it('holds the settlement when money comes in after it began, and pays after a second person has seen that', async () => {
    for (const balance of ['15', '100']) {
      const { site, disk } = await begun(balance);
      const closing = await ask(site, 'closeAccount', { account: 'a1', settlement: cash });
      if (!closing.ok) await approve(site, 'A1');
      await done(site, 'recharge', { wallet: 'w1', amount: '15', ...cash });
      const before = disk.entries.length;
      await readings(site);
      expect([status(site), paidOut(disk, before)]).toEqual(['settling', 0]);
      expect(site.core.tenancies.state('a1')).toMatchObject({ settlement: null, held: true });
      const asked = await ask(site, 'settleAccount', { account: 'a1', ...cash });
      expect(asked).toMatchObject({ refusal: 'needsApproval' });
      await approve(site, asked.ok ? '' : (asked.approval ?? ''));
      expect(status(site)).toBe('closed');
      expect(paidOut(disk)).toBe((Number(balance) + 15) * 1_000_000);
      expect(site.core.ledger.imbalanceMicro).toBe(0);
    }
  });

  it('holds a deposit that came in meanwhile, and is the same after a crash at any commit', async () => {
    const { site, disk } = await begun('15');
    await done(site, 'closeAccount', { account: 'a1', settlement: cash });
    await done(site, 'receiveDeposit', { account: 'a1', amount: '10', ...cash });
    await readings(site);
    expect([status(site), paidOut(disk)]).toEqual(['settling', 15_000_000]);
    expect(site.core.tenancies.state('a1')).toMatchObject({ settling: [], settlement: null, held: true });
    for (let cut = 1; cut <= disk.entries.length; cut++) {
      const part = new MemoryDisk();
      part.siteId = disk.siteId;
      part.entries = disk.entries.slice(0, cut);
      const last = part.entries.at(-1);
      if (!last || !part.entries.some(({ events }) => events.some(({ type }) => type === 'DepositMoved'))) continue;
      part.head = { number: last.number, hash: last.hash };
      const again = await startCore(part, null, site.clock, new MemoryStore(part));
      await again.pass(HOUR);
      await readings(again);
      await again.settle();
      expect([cut, status(again), paidOut(part)]).toEqual([cut, 'settling', 15_000_000]);
    }
    expect(refused(await ask(site, 'settleAccount', { account: 'a1', ...cash }))).toBe('needsApproval');
    await approve(site, 'A1');
    expect([status(site), paidOut(disk)]).toEqual(['closed', 25_000_000]);
  });

  it('lets nothing else pay out once its settlement has been decided on', async () => {
    const { site, disk } = await begun('15');
    const paid = await done(site, 'recharge', { wallet: 'w1', amount: '2', ...cash });
    await done(site, 'receiveDeposit', { account: 'a1', amount: '2', ...cash });
    await done(site, 'closeAccount', { account: 'a1', settlement: cash });
    const refund = { wallet: 'w1', amount: '1', ...cash, note: 'n' };
    expect(refused(await ask(site, 'refund', refund))).toBe('accountState');
    expect(refused(await ask(site, 'reverse', { order: paid.id, note: 'n' }))).toBe('accountState');
    const back = { account: 'a1', amount: '2', ...cash, note: 'n' };
    expect(refused(await ask(site, 'returnDeposit', back))).toBe('accountState');
    await readings(site);
    expect([status(site), paidOut(disk)]).toEqual(['closed', 19_000_000]);
  });
});

/** On its way back over the counter. */
const reserved = (site: Running): number => site.core.ledger.ledger.balance('refundReserved');

describe('money back in parts', () => {
  const refund = (amount: string) => ({ wallet: 'w1', amount, ...cash, note: 'n' });

  it('counts together within 24 hours, whatever it is called', async () => {
    const { site, disk } = await begun();
    await done(site, 'receiveDeposit', { account: 'a1', amount: '12', ...cash });
    await done(site, 'refund', refund('12'));
    expect(refused(await ask(site, 'refund', refund('8.01')))).toBe('needsApproval');
    expect(site.core.approvals.state.open.A1).toMatchObject({ amount: 8_010_000, limit: 8_000_000 });
    for (const forfeit of [false, true]) {
      const deposit = { account: 'a1', amount: '9', ...cash, forfeit, note: 'n' };
      expect(refused(await ask(site, 'returnDeposit', deposit))).toBe('needsApproval');
    }
    await done(site, 'refund', refund('8'));
    expect(refused(await ask(site, 'refund', refund('0.01')))).toBe('needsApproval');
    expect([reserved(site), paidOut(disk)]).toEqual([20_000_000, 0]);
    site.clock.step(24 * HOUR + 60_000);
    await site.settle();
    await done(site, 'refund', refund('20'));
  });

  it('does not count what was taken back', async () => {
    const { site } = await begun();
    const mistaken = await done(site, 'refund', refund('12'));
    await done(site, 'cancelRefund', { order: mistaken.id, note: 'another tenant' });
    await done(site, 'refund', refund('20'));
  });

  it('counts as much at the same moment as one after the other', async () => {
    const { site } = await begun();
    const outcomes = [1, 2, 3, 4].map((n) => site.intake.do(anna, 'refund', refund('9'), `once-${n}`));
    await site.settle();
    expect((await Promise.all(outcomes)).filter(({ ok }) => ok)).toHaveLength(2);
    expect(reserved(site)).toBe(18_000_000);
  });

  it('is proposed with the password only', async () => {
    const { site } = await begun();
    const unproved: Who = { operator: 'anna', role: 'administrator' };
    expect(refused(await ask(site, 'refund', refund('50'), unproved))).toBe('proofNeeded');
    expect(site.core.approvals.state.open).toEqual({});
  });
});

/** Everything that a person may order, with all it could pay out, above the limit. */
const greedy = (orders: { recharge: string; suspense: string }): Partial<Record<OpName, object>> => ({
  refund: { wallet: 'w1', amount: '90', ...cash, note: 'n' },
  reverse: { order: orders.recharge, note: 'n' },
  returnSuspense: { order: orders.suspense, note: 'n' },
  returnDeposit: { account: 'a1', amount: '60', ...cash, note: 'n' },
  closeAccount: { account: 'a1', settlement: cash },
  saveAccount: { ...paramsOf(1).saveAccount, account: 'a2' },
});
/** By hand: what is put before a second person here, and pays out. */
const pays: readonly OpName[] = ['closeAccount', 'refund', 'returnDeposit', 'returnSuspense', 'reverse'];

describe('no path that pays money out', () => {
  it('escapes the second person, operation by operation', async () => {
    const asked: OpName[] = [];
    for (const op of Object.keys(ops) as OpName[]) {
      if (ops[op].kind !== 'command') continue;
      const { site, disk } = await begun();
      const recharge = (await done(site, 'recharge', { wallet: 'w1', amount: '30', ...cash })).id;
      const suspense = (await done(site, 'receiveSuspense', { amount: '30', channel: 'cash', note: 'n' })).id;
      await done(site, 'receiveDeposit', { account: 'a1', amount: '60', ...cash });
      const before = disk.entries.length;
      const outcome = await ask(site, op, greedy({ recharge, suspense })[op] ?? paramsOf(1)[op]);
      await readings(site);
      expect([op, paidOut(disk, before) <= LIMIT]).toEqual([op, true]);
      if (refused(outcome) === 'needsApproval') asked.push(op);
      site.core.actors.stop();
    }
    expect(asked.filter((op) => pays.includes(op)).sort()).toEqual(pays);
  });

  it('is written anywhere but where these tests have been', () => {
    const root = join(import.meta.dirname, '../../server');
    const found = (readdirSync(root, { recursive: true, encoding: 'utf8' }) as string[])
      .filter((name) => name.endsWith('.ts') && readFileSync(join(root, name), 'utf8').includes('`cash:'))
      .map((name) => name.replaceAll('\\', '/'));
    expect(found.sort()).toEqual([
      'domain/suspense.ts',
      'domain/tenancy/deposit.ts',
      'domain/wallet/orders.ts',
      'domain/wallet/refund.ts',
      'domain/wallet/tenancy.ts',
    ]);
  });
});

describe('what settling pays out', () => {
  it('conserves: balances and deposit are what is paid, dropped or still due', () => {
    const micro = fc.integer({ min: -300_000_000, max: 300_000_000 });
    fc.assert(
      fc.property(fc.array(micro, { maxLength: 5 }), fc.nat(200_000_000), (balances, deposit) => {
        const { wallets, payoutMicro, dueMicro, depositBackMicro } = payoutOf(balances, deposit);
        const dropped = wallets.reduce((sum, one) => sum + one.remainderMicro, 0);
        const had = balances.reduce((sum, one) => sum + one, deposit);
        expect(payoutMicro + dropped - dueMicro).toBe(had);
        expect(depositBackMicro).toBeGreaterThanOrEqual(0);
        for (const one of wallets) {
          expect(Math.abs(one.remainderMicro)).toBeLessThan(10_000);
          expect(one.refundMicro % 10_000).toBe(0);
        }
      }),
      { seed: 20261125 },
    );
  });
});
