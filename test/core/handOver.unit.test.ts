/** Handing over to the next tenant: agreed once, and it ends with the next one in, whatever happens to the core. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountView } from '../../protocol/accounts.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const YUAN = 1_000_000;
const cash = { channel: 'cash' } as const;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const plan = {
  ...{ rooms: ['r1'], meters: [], deposit: { amount: '20', channel: 'card' } },
  wallets: [{ id: 'wn', firstRecharge: { amount: '100', channel: 'cash' } }],
};
const enter = { name: 'Neu', phone: '', details, plan };
const hand = { account: 'a1', next: 'n', enter, settlement: cash };

/** Keeps what the disk held after each commit. */
class RememberingStore extends MemoryStore {
  readonly moments: { readonly disk: MemoryDisk; readonly siteMs: number }[] = [];
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
    this.moments.push({ disk, siteMs: batch.atMs });
    return head;
  }
}
/** Room 1 with account a1, which has 100 yuan and pays 1 yuan a kWh; room 2 without an account. */
const start = (store = new MemoryStore(new MemoryDisk())): Promise<Running> =>
  startCore(store.disk, { ...plainSite(2), accounts: plainSite(1).accounts }, new Stepped(), store);
const status = ({ core }: Running, account: string): string => core.tenancies.state(account).status;
const balance = ({ core }: Running, wallet: string): number => core.wallets.get(wallet)?.state.balanceMicro ?? NaN;
const inLedger = ({ core }: Running, account: string): number => core.ledger.ledger.balance(account);
async function view(running: Running, account: string): Promise<AccountView> {
  return ((await running.do('getAccount', { account }, '')) as { result: AccountView }).result;
}
async function use(running: Running, index: number): Promise<void> {
  await running.pass(HOUR);
  await running.read('m1', index);
  await running.pass(1_000);
}
/** Everything was asked for once, and each kWh is paid by exactly one of the two. */
function handedOver(running: Running, disk: MemoryDisk, lastWh: number): void {
  expect([status(running, 'a1'), status(running, 'n')]).toEqual(['closed', 'open']);
  const events = disk.entries.flatMap((entry) => entry.events);
  const moved = events.filter(({ key, type }) => key === 'tenancy:a1' && type === 'MeterMoved');
  expect(moved).toHaveLength(1);
  expect(events.filter(({ key, type }) => key === 'tenancy:n' && type === 'OpeningStarted')).toHaveLength(1);
  const finalWh = (moved[0]!.data as { index: number }).index;
  const placed = events.filter(({ key, type }) => key === 'meter:m1' && type === 'MeterPlaced');
  expect(placed.map(({ data }) => (data as { place: { wallet: string } }).place.wallet).at(-1)).toBe('wn');
  expect(balance(running, 'wn')).toBe(100 * YUAN - (lastWh - finalWh) * 1_000);
  expect(balance(running, 'w1')).toBe(0);
  expect(inLedger(running, 'cash:cash')).toBe(100 * YUAN - finalWh * 1_000 - 100 * YUAN);
  expect(inLedger(running, 'cash:card')).toBe(-20 * YUAN);
  expect(inLedger(running, 'deposit:n')).toBe(20 * YUAN);
  expect(running.core.ledger.imbalanceMicro).toBe(0);
  expect(running.core.actors.parked).toEqual([]);
  expect(running.core.directory.get('account', 'n')).toMatchObject({ rooms: ['r1'], wallets: ['wn'] });
}
/** The core stops after that commit; the next one gets the same request again, and goes on. */
async function afterCrash({ disk, siteMs }: RememberingStore['moments'][number]): Promise<Running> {
  const clock = new Stepped();
  clock.siteMs = siteMs;
  const next = await startCore(disk, null, clock);
  expect(await next.do('handOver', hand, 'hand', 'administrator')).toMatchObject({ ok: true });
  return next;
}

describe('a hand-over', () => {
  it('after a crash at any commit ends with the next tenant in and the one before settled, each unit paid once', async () => {
    const store = new RememberingStore(new MemoryDisk());
    const running = await start(store);
    await running.read('m1', 0);
    await use(running, 1_000);
    const from = store.moments.length;
    expect(await running.do('handOver', hand, 'hand', 'administrator')).toMatchObject({ ok: true });
    for (const index of [2_000, 3_000]) await use(running, index);
    await running.pass(1_000);
    handedOver(running, store.disk, 3_000);
    const moments = store.moments.slice(from);
    expect(moments.length).toBeGreaterThan(3);
    for (const moment of moments) {
      const next = await afterCrash(moment);
      for (const index of [5_000, 6_000]) await use(next, index);
      await next.pass(1_000);
      handedOver(next, moment.disk, 6_000);
    }
  });

  it('goes on however often the core stops on its way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 4 }), async (stops) => {
        let store = new RememberingStore(new MemoryDisk());
        let running = await start(store);
        await running.read('m1', 0);
        let index = 0;
        let from = store.moments.length;
        await running.do('handOver', hand, 'hand', 'administrator');
        for (const stop of stops) {
          await use(running, (index += 500));
          const moments = store.moments.slice(from);
          const { disk, siteMs } = moments[Math.min(stop, moments.length - 1)]!;
          const clock = new Stepped();
          clock.siteMs = siteMs;
          store = new RememberingStore(disk);
          running = await startCore(disk, null, clock, store);
          from = 0;
        }
        for (let i = 0; i < 2; i++) await use(running, (index += 500));
        await running.pass(1_000);
        handedOver(running, store.disk, index);
      }),
      { numRuns: 25 },
    );
  });

  it('is one, though it is asked for twice', async () => {
    const disk = new MemoryDisk();
    const running = await start(new MemoryStore(disk));
    await running.read('m1', 0);
    const ask = (key: string): Promise<OpOutcome> => running.do('handOver', hand, key, 'administrator');
    const [first, second] = await Promise.all([ask('hand'), ask('hand')]);
    expect(first).toEqual(second);
    expect(await ask('another')).toMatchObject({ ok: false });
    await use(running, 1_000);
    await use(running, 2_000);
    handedOver(running, disk, 2_000);
  });

  it('shows both accounts what is waited for, and whom it links', async () => {
    const running = await start();
    await running.read('m1', 0);
    await running.pass(1_000);
    await running.do('handOver', hand, 'hand', 'administrator');
    await running.settle();
    expect(await view(running, 'a1')).toMatchObject({
      ...{ status: 'closing', successor: { id: 'n' } },
      move: { kind: 'close', whole: true, meters: [{ meter: 'm1', placed: null }] },
    });
    expect(await view(running, 'n')).toMatchObject({ status: 'open', predecessor: { id: 'a1' } });
  });

  it('is refused with everything that would stop it', async () => {
    const running = await start();
    await running.read('m1', 1_000);
    await running.do(
      'refund',
      { wallet: 'w1', amount: '5', channel: 'transfer', note: 'n' },
      'refund',
      'administrator',
    );
    await running.settle();
    const typed = [
      { meter: 'm1', reading: '0.5', reason: 'read by hand' },
      { meter: 'm2', reading: '1', reason: 'read by hand' },
    ];
    const outcome = await running.do('handOver', { ...hand, typed }, 'hand', 'administrator');
    expect(outcome).toMatchObject({ ok: false, refusal: 'accountState' });
    const { detail } = outcome as { detail: string };
    expect(detail).toContain('a refund of w1 is still to be paid out or cancelled');
    expect(detail).toContain('the reading typed in of m1 is below its last one');
    expect(detail).toContain('m2 is no meter of this account');
    expect(running.core.directory.get('account', 'n')).toBeUndefined();
    expect(status(running, 'a1')).toBe('none');
  });

  it('does not begin while a reading is unclear', async () => {
    const running = await start();
    await running.read('m1', 1_000);
    await running.pass(1_000);
    for (let i = 0; i < 3; i++) {
      await running.read('m1', 9_000_000);
      await running.pass(1_000);
    }
    expect(running.core.meters.get('m1')?.state.quarantine).not.toBeNull();
    expect(await running.do('handOver', hand, 'hand', 'administrator')).toMatchObject({
      ...{ refusal: 'accountState', detail: 'a reading of m1 is unclear' },
    });
  });

  it('pays out more than one person may only with a second one', async () => {
    const disk = new MemoryDisk();
    const rules = { secondPerson: secondPersonSchema.parse({ refundAbove: '20' }) };
    const running = await startCore(disk, plainSite(1, '100', rules), new Stepped(), new MemoryStore(disk));
    await running.read('m1', 0);
    await running.pass(1_000);
    const waits = await running.do('handOver', hand, 'hand', 'administrator');
    expect(waits).toMatchObject({ ok: false, refusal: 'needsApproval' });
    expect([status(running, 'a1'), status(running, 'n')]).toEqual(['none', 'none']);
    const [proposal] = Object.values(running.core.approvals.state.open);
    const bert = { operator: 'bert', role: 'administrator', provedAgoMs: 0 } as const;
    const given = running.intake.do(bert, 'approve', { approval: proposal?.id, hash: proposal?.hash }, 'yes');
    await running.settle();
    expect(await given).toMatchObject({ ok: true });
    for (const index of [1_000, 2_000]) await use(running, index);
    handedOver(running, disk, 2_000);
  });

  it('takes all rooms and no other', async () => {
    const running = await start();
    await running.read('m1', 0);
    const other = { ...hand, enter: { ...enter, plan: { ...plan, rooms: ['r1', 'r2'] } } };
    expect(await running.do('handOver', other, 'more', 'administrator')).toMatchObject({
      ...{ refusal: 'invalid', detail: 'plan.rooms.1: r2 is no room of the account that hands over' },
    });
  });

  it('is the only way to open an account for rooms that are let', async () => {
    const running = await start();
    await running.do('saveAccount', { account: 'n', isNew: true, ...enter }, 'enter', 'administrator');
    expect(await running.do('openAccount', { account: 'n' }, 'open', 'administrator')).toMatchObject({
      ...{ refusal: 'invalid', detail: 'plan.rooms.0: r1 is let to Tenant 1' },
    });
    const from = { account: 'n', handOverFrom: 'a1' };
    expect(await running.do('openAccount', from, 'from', 'administrator')).toMatchObject({ refusal: 'invalid' });
  });
});
