/** Meters change hands and tariffs while other things happen: a crash at any event, two claims, a wallet that is not theirs any more. */
import { describe, expect, it } from 'vitest';
import type { OpOutcome } from '../../protocol/ops.ts';
import { StoreError } from '../../server/store/store.ts';
import { cutAt, finest } from '../tools/cutJournal.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const cash = { channel: 'cash' } as const;
const planOf = (room: string, wallet: string, more: object = {}): object => ({
  ...{ rooms: [room], meters: [], wallets: [{ id: wallet, firstRecharge: { amount: '100', ...cash } }] },
  ...more,
});
/** Rooms r1 (account a1, wallet w1), r2 and r3 without an account. */
const site = (): ReturnType<typeof plainSite> => ({
  ...plainSite(3),
  accounts: plainSite(1).accounts,
  tariffs: [flatTariff(), { ...flatTariff('electricity', '3.0000'), id: 'dear' }],
});

let keys = 0;
const ask = (running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  running.do(op, params, `k${(keys += 1)}`, 'administrator');
async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<void> {
  expect(await ask(running, op, params)).toMatchObject({ ok: true });
  await running.settle();
}
const draft = (running: Running, account: string, plan: object): Promise<void> =>
  done(running, 'saveAccount', { account, isNew: true, name: account, details, plan });
const balance = (running: Running, wallet: string): number | undefined =>
  running.core.wallets.get(wallet)?.state.balanceMicro;
const status = (running: Running, account: string): string => running.core.tenancies.state(account).status;

/** What each meter's use has cost, whoever paid. */
function revenue({ core }: Running): number {
  return [...core.ledger.ledger.balances].reduce(
    (sum, [account, micro]) => (account.startsWith('revenue:') ? sum + micro : sum),
    0,
  );
}

function conserved(running: Running): void {
  expect(running.core.ledger.imbalanceMicro).toBe(0);
  expect(running.core.actors.parked).toEqual([]);
  for (const [id, { state }] of running.core.meters) {
    const { wallet } = state.place;
    if (wallet === null) continue;
    const own = running.core.wallets.get(wallet)?.state.meters.find((one) => one.id === id);
    expect(own?.tariff, `the tariff of ${id} in ${wallet}`).toBe(state.config?.tariff);
  }
}

describe('a crash after any turn of any actor', () => {
  it('in an opening loses neither wallet nor first recharge, with or without a meter', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, site());
    for (const meter of ['m1', 'm2']) await running.read(meter, 0);
    const begin = finest(disk).length;
    await draft(running, 'n', planOf('r2', 'wn'));
    await draft(running, 'h', planOf('r1', 'wh'));
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    await done(running, 'handOver', { account: 'a1', next: 'h', settlement: cash });
    await running.pass(HOUR);
    await running.read('m2', 1_000);
    await running.pass(1_000);
    const whole = finest(disk);
    for (let cut = begin; cut <= whole.length; cut++) {
      const entries = whole.slice(0, cut);
      running = await startCore(cutAt(disk, entries), null, running.clock);
      await running.pass(HOUR);
      await running.read('m2', 3_000);
      await running.pass(HOUR);
      await running.read('m2', 6_000);
      await running.pass(1_000);
      expect(revenue(running)).toBe(6_000_000);
      conserved(running);
      for (const [account, wallet] of [
        ['n', 'wn'],
        ['h', 'wh'],
      ] as const) {
        const started = entries.some(({ events }) =>
          events.some(
            ({ key, type }) =>
              (key === `tenancy:${account}` && type === 'OpeningStarted') ||
              // What a hand-over has agreed follows whatever happens.
              (account === 'h' && type === 'HandOverAgreed'),
          ),
        );
        expect(status(running, account)).toBe(started ? 'open' : 'none');
        if (!started) continue;
        expect(running.core.directory.get('account', account)?.wallets).toEqual([wallet]);
        const owner = wallet === 'wn' ? (balance(running, 'owner-r2') ?? 0) + 6_000_000 : 0;
        expect((balance(running, wallet) ?? NaN) + owner, `${wallet} at ${cut}`).toBe(100_000_000);
      }
    }
  });

  it('in a change of tariff charges each unit once, by the tariff its meter has', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, site());
    await running.read('m1', 0);
    const begin = finest(disk).length;
    await done(running, 'assignTariff', { tariff: 'dear', meters: ['m1'] });
    await running.pass(HOUR);
    await running.read('m1', 1_000);
    await running.pass(1_000);
    const whole = finest(disk);
    for (let cut = begin; cut <= whole.length; cut++) {
      const entries = whole.slice(0, cut);
      running = await startCore(cutAt(disk, entries), null, running.clock);
      await running.pass(HOUR);
      await running.read('m1', 1_500);
      await running.pass(1_000);
      conserved(running);
      const before = balance(running, 'w1') ?? NaN;
      await running.pass(HOUR);
      await running.read('m1', 2_500);
      await running.settle();
      const { config } = running.core.meters.get('m1')?.state ?? {};
      expect(before - (balance(running, 'w1') ?? NaN), `cut ${cut}`).toBe(
        config?.tariff === 'dear' ? 3_000_000 : 1_000_000,
      );
    }
  });

  it('between changing hands and the new wallet’s word charges what was measured in between', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, site());
    await running.read('m2', 0);
    await running.pass(HOUR);
    await running.read('m2', 1_000);
    await draft(running, 'n', planOf('r2', 'wn'));
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    await running.pass(HOUR);
    await running.read('m2', 2_000);
    await running.pass(HOUR);
    await running.read('m2', 3_000);
    await running.settle();
    const whole = finest(disk);
    const of = (type: string): number => whole.findLastIndex(({ events }) => events.some((one) => one.type === type));
    const placed = of('MeterPlaced');
    const measured = whole[of('ConsumptionMeasured')];
    const kept = whole.slice(0, placed + 1);
    if (measured) kept.push({ ...measured, number: placed + 2, hash: `h${placed + 2}` });
    running = await startCore(cutAt(disk, kept), null, running.clock);
    await running.pass(HOUR);
    await running.read('m2', 4_000);
    await running.settle();
    expect(balance(running, 'wn')).toBe(98_000_000);
    expect(balance(running, 'owner-r2')).toBe(-2_000_000);
    conserved(running);
  });
});

describe('a wallet that a meter does not draw on any more', () => {
  it('neither cuts it nor closes it', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await running.read('m2', 0);
    await draft(running, 'n', planOf('r2', 'wn'));
    await done(running, 'openAccount', { account: 'n' });
    await running.pass(1_000);
    await running.read('m2', 0);
    await running.pass(1_000);
    expect(running.core.meters.get('m2')?.state.place.wallet).toBe('wn');
    // What another meter of the wallet before was charged may be ahead of its word that this one has left.
    running.core.send({ to: 'meter', id: 'm2', message: { type: 'CutForMoney', wallet: 'owner-r2' } });
    await running.settle();
    expect(running.core.meters.get('m2')?.state.cutSinceMs).toBeNull();
    running.core.send({ to: 'meter', id: 'm2', message: { type: 'CutForMoney', wallet: 'wn' } });
    running.core.send({ to: 'meter', id: 'm2', message: { type: 'RestoreForMoney', wallet: 'owner-r2' } });
    await running.settle();
    expect(running.core.meters.get('m2')?.state.cutSinceMs).not.toBeNull();
  });
});

describe('a meter on its way', () => {
  it('is taken by nobody else', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await draft(running, 'n', planOf('r2', 'wn'));
    await draft(running, 'x', planOf('r3', 'wx', { meters: [{ meter: 'm2', wallet: 'wx', tariff: null }] }));
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    expect(await ask(running, 'openAccount', { account: 'x' })).toMatchObject({
      ...{ ok: false, refusal: 'invalid', detail: 'plan.meters.0.meter: m2 is changing hands already, with n' },
    });
    const meters = [{ meter: 'm2', wallet: 'w1' }];
    expect(await ask(running, 'addMeters', { account: 'a1', rooms: [], meters })).toMatchObject({ refusal: 'invalid' });
  });

  it('is waited for by the account it goes to: that one does not end meanwhile', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await running.read('m1', 0);
    await draft(running, 'n', planOf('r1', 'wn'));
    await running.pass(1_000);
    await done(running, 'handOver', { account: 'a1', next: 'n', settlement: cash });
    expect(await ask(running, 'closeAccount', { account: 'n', settlement: cash })).toMatchObject({
      ...{ ok: false, refusal: 'accountState', detail: 'm1 is on its way to this account, with a1' },
    });
  });

  it('is claimed once by two openings at the same moment', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await draft(running, 'n', planOf('r2', 'wn'));
    await draft(running, 'x', planOf('r2', 'wn'));
    const who = { operator: 'me', role: 'administrator', provedAgoMs: 0 } as const;
    const outcomes = ['n', 'x'].map((account) => running.intake.do(who, 'openAccount', { account }, `both-${account}`));
    await running.settle();
    expect((await Promise.all(outcomes)).map(({ ok }) => ok)).toEqual([true, false]);
    await running.read('m2', 0);
    await running.pass(1_000);
    expect(balance(running, 'wn')).toBe(100_000_000);
    expect(running.core.ledger.ledger.balance('cash:cash')).toBe(-100_000_000);
  });
});

describe('a wallet that has been settled', () => {
  it('gets no meter again, though its account has it for ever', async () => {
    const running = await startCore(new MemoryDisk(), site());
    for (const meter of ['m1', 'm2', 'm3']) await running.read(meter, 0);
    await done(running, 'closeAccount', { account: 'a1', settlement: cash });
    await running.pass(1_000);
    await done(running, 'saveAccount', {
      account: 'a1',
      isNew: false,
      name: 'Again',
      details,
      plan: planOf('r1', 'w2'),
    });
    await done(running, 'openAccount', { account: 'a1' });
    await running.pass(1_000);
    await running.read('m1', 0);
    await running.pass(1_000);
    expect(status(running, 'a1')).toBe('open');
    const meters = [{ meter: 'm2', wallet: 'w1' }];
    expect(await ask(running, 'addMeters', { account: 'a1', rooms: ['r2'], meters })).toMatchObject({
      ...{ ok: false, refusal: 'invalid', detail: 'meters.0.wallet: a wallet of the account' },
    });
    await draft(running, 'n', planOf('r3', 'wn'));
    await done(running, 'openAccount', { account: 'n' });
    await running.pass(1_000);
    await running.read('m3', 0);
    await running.pass(1_000);
    const handOverTo = { account: 'a1', wallet: 'w1' };
    expect(await ask(running, 'closeAccount', { account: 'n', handOverTo, settlement: cash })).toMatchObject({
      ...{ ok: false, refusal: 'invalid' },
    });
  });
});

describe('a reading that was taken while money was on hold', () => {
  it('is no baseline: what was used before the hold is over is charged to the wallet before', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, site());
    await running.read('m2', 0);
    await draft(running, 'n', planOf('r2', 'wn'));
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    disk.failing = new StoreError('away', 'gone');
    running.core.committer.append([], [{ kind: 'x', id: 'x', value: {} }]);
    await running.settle();
    expect(running.core.committer.keeping).toBe(false);
    await running.pass(HOUR);
    await running.read('m2', 1_000);
    disk.failing = null;
    await running.pass(2_000);
    await running.pass(1_000);
    await running.read('m2', 1_000);
    await running.pass(1_000);
    expect(running.core.meters.get('m2')?.state.place.account).toBe('n');
    expect(balance(running, 'owner-r2')).toBe(-1_000_000);
    expect(balance(running, 'wn')).toBe(100_000_000);
  });
});
