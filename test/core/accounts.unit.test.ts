/** Opening and closing: each increment is charged once, to whoever had the meter; money is conserved; a crash loses no step. */
import { describe, expect, it } from 'vitest';
import type { AccountView } from '../../protocol/accounts.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '110101199001011234', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
const wallet = (id: string, more: object = {}): object => ({ id, ...more });
const plan = (room: string, id: string, more: object = {}): object => ({
  rooms: [room],
  wallets: [wallet(id, { firstRecharge: { amount: '100', channel: 'cash' } })],
  meters: [],
  ...more,
});

/** Two rooms, the second without an account. */
function site(): ReturnType<typeof plainSite> {
  const whole = plainSite(2);
  return { ...whole, accounts: whole.accounts.slice(0, 1) };
}

/** Long enough for any step in here below the meter's rating. */
const HOUR = 3_600_000;
let keys = 0;
async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> {
  keys += 1;
  const outcome = await running.do(op, params, `k${keys}`);
  expect(outcome).toMatchObject({ ok: true });
  await running.settle();
  return outcome;
}
async function view(
  running: Running,
  account: string,
  role: 'administrator' | 'viewer' = 'administrator',
): Promise<AccountView> {
  const outcome = await running.do('getAccount', { account }, '', role);
  expect(outcome.ok).toBe(true);
  return (outcome as { result: AccountView }).result;
}
const balance = (running: Running, id: string): number | undefined => running.core.wallets.get(id)?.state.balanceMicro;
const inLedger = (running: Running, account: string): number => running.core.ledger.ledger.balance(account);
const conserved = (running: Running): void => {
  expect(running.core.ledger.imbalanceMicro).toBe(0);
  for (const [id, { state }] of running.core.wallets)
    expect(inLedger(running, `wallet:${id}`)).toBe(state.balanceMicro);
  expect(running.core.actors.parked).toEqual([]);
};

/** A second room of five persons; 1 yuan up to the edge, 2 yuan above. */
function withTiers(tiers: object): ReturnType<typeof site> {
  const whole = site();
  const edges = [{ above: ['1'] }];
  const versions = whole.tariffs[0]!.versions.map((version) => ({
    ...version,
    tiers: { per: 'month' as const, countedPer: 'meter' as const, edges, add: ['0', '1'], ...tiers },
  }));
  const rooms = (floor: (typeof whole.buildings)[number]['floors'][number]): typeof floor => ({
    ...floor,
    rooms: floor.rooms.map((room) => (room.id === 'r2' ? { ...room, heads: 5 } : room)),
  });
  return {
    ...whole,
    buildings: whole.buildings.map((one) => ({ ...one, floors: one.floors.map(rooms) })),
    tariffs: whole.tariffs.map((tariff) => ({ ...tariff, versions })),
  };
}
/** The owner uses 0.6 kWh, a new tenant 1 kWh: what he pays, in micro-yuan. */
async function tenantPays(tiers: object): Promise<number> {
  const running = await startCore(new MemoryDisk(), withTiers(tiers));
  await running.read('m2', 1_000);
  await running.pass(HOUR);
  await running.read('m2', 1_600);
  await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan: plan('r2', 'wn') });
  await done(running, 'openAccount', { account: 'n' });
  await running.read('m2', 1_600);
  await running.pass(HOUR);
  await running.read('m2', 2_600);
  await running.settle();
  conserved(running);
  return 100_000_000 - (balance(running, 'wn') ?? 0);
}

describe('tiers of a new tenant', () => {
  it('start at zero, or take over what was counted before, as the tariff says', async () => {
    expect(await tenantPays({})).toBe(1_000_000);
    expect(await tenantPays({ newTenant: 'startsAtZero' })).toBe(1_000_000);
    expect(await tenantPays({ newTenant: 'takesOver' })).toBe(1_600_000);
  });

  it('have more below their edges for a large household', async () => {
    const household = [{ heads: 5, more: '0.5' }];
    expect(await tenantPays({ newTenant: 'takesOver', household })).toBe(1_100_000);
    expect(await tenantPays({ newTenant: 'takesOver', household: [{ heads: 6, more: '0.5' }] })).toBe(1_600_000);
  });

  it('have a twelfth of a year for every month left', async () => {
    const year = { per: 'year', starts: '01-01', edges: [{ above: ['1.2'] }] };
    expect(await tenantPays(year)).toBe(1_000_000);
    const months = 13 - Number(new Date(START_MS + 8 * HOUR).toISOString().slice(5, 7));
    const tierTwo = Math.max(0, 1_000 - months * 100);
    expect(await tenantPays({ ...year, opening: 'byMonths' })).toBe(1_000_000 + tierTwo * 1_000);
  });
});

describe('opening an account', () => {
  it('charges the owner up to the live reading and the tenant from it on', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await running.read('m2', 1_000);
    await running.pass(HOUR);
    await running.read('m2', 1_500);
    await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan: plan('r2', 'wn') });
    expect((await view(running, 'n')).status).toBe('draft');
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    expect(await view(running, 'n')).toMatchObject({
      status: 'opening',
      move: { meters: [{ meter: 'm2', placed: null }] },
    });
    await running.pass(HOUR);
    await running.read('m2', 1_600);
    await running.pass(1_000);
    expect(await view(running, 'n')).toMatchObject({
      status: 'open',
      move: null,
      meters: [{ id: 'm2', wallet: 'wn' }],
    });
    await running.pass(HOUR);
    await running.read('m2', 2_600);
    await running.settle();
    expect(balance(running, 'wn')).toBe(99_000_000);
    expect(balance(running, 'owner-r2')).toBe(-600_000);
    expect(running.core.rooms.get('r2')?.state.tenant).toBe('Neu');
    conserved(running);
  });

  it('takes a typed reading while the meter does not answer, and refuses one below the last', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await running.read('m2', 1_000);
    await running.pass(HOUR);
    await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan: plan('r2', 'wn') });
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n', typed: [{ meter: 'm2', reading: '0.5', reason: 'offline' }] });
    expect((await view(running, 'n')).move?.meters).toMatchObject([{ trouble: 'belowLastReading', placed: null }]);
    await done(running, 'typeBaseline', { account: 'n', meter: 'm2', reading: '3', reason: 'read on site' });
    await running.pass(1_000);
    expect((await view(running, 'n')).status).toBe('open');
    expect(balance(running, 'owner-r2')).toBe(-2_000_000);
    expect(balance(running, 'wn')).toBe(100_000_000);
    conserved(running);
  });

  it('refuses a room that is let, a meter twice, and a wallet that exists, naming the field', async () => {
    const running = await startCore(new MemoryDisk(), site());
    const tried = async (given: object): Promise<unknown> => {
      keys += 1;
      const outcome = await running.do(
        'saveAccount',
        { account: `x${keys}`, isNew: true, name: 'X', details, plan: given },
        `k${keys}`,
      );
      return outcome.ok ? 'taken' : outcome.detail;
    };
    expect(await tried(plan('r1', 'wn'))).toBe('taken');
    const let_ = await running.do('openAccount', { account: `x${keys}` }, 'let');
    expect(let_).toMatchObject({ ok: false, detail: 'plan.rooms.0: r1 is let to Tenant 1' });
    expect(await tried(plan('r2', 'w1'))).toBe('plan.wallets.0.id: w1 is taken already');
    const twice = [
      { meter: 'm2', wallet: 'wn' },
      { meter: 'm2', wallet: 'wn' },
    ];
    expect(await tried(plan('r2', 'wn', { meters: twice }))).toBe('plan.meters.1.meter: m2 stands here twice');
  });
});

describe('closing an account', () => {
  it('settles to the cent, records the remainder, and gives the room back to the owner', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await done(running, 'receiveDeposit', { account: 'a1', amount: '30', channel: 'card' });
    await running.read('m1', 1_000);
    await running.pass(HOUR);
    await running.read('m1', 1_007);
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'a1', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m1', 1_017);
    await running.pass(1_000);
    expect(await view(running, 'a1')).toMatchObject({ status: 'closed', depositMicro: 0, rooms: [{ id: 'r1' }] });
    expect(balance(running, 'w1')).toBe(0);
    expect(inLedger(running, 'rounding')).toBe(3_000);
    expect(inLedger(running, 'cash:cash')).toBe(129_980_000);
    expect(inLedger(running, 'cash:card')).toBe(-30_000_000);
    expect(running.core.rooms.get('r1')?.state.tenant).toBeNull();
    await running.pass(HOUR);
    await running.read('m1', 1_100);
    await running.settle();
    expect(balance(running, 'owner-r1')).toBe(-83_000);
    const late = await running.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'late');
    expect(late).toMatchObject({ ok: false, refusal: 'accountState' });
    conserved(running);
  });

  it('takes a debt from the deposit first, and waits for what is still due', async () => {
    const running = await startCore(new MemoryDisk(), { ...site(), accounts: plainSite(1, '1').accounts });
    await done(running, 'receiveDeposit', { account: 'a1', amount: '2', channel: 'cash' });
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 6_000);
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'a1', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m1', 6_000);
    await running.pass(1_000);
    expect(await view(running, 'a1')).toMatchObject({
      status: 'settling',
      settling: [{ wallet: 'w1', dueMicro: 3_000_000 }],
    });
    await done(running, 'recharge', { wallet: 'w1', amount: '3', channel: 'cash' });
    await done(running, 'settleAccount', { account: 'a1', channel: 'cash' });
    expect(await view(running, 'a1')).toMatchObject({ status: 'closed', depositMicro: 0 });
    expect(inLedger(running, 'deposit:a1')).toBe(0);
    conserved(running);
  });

  it('pays the deposit out once, though it is asked for while the account is being settled', async () => {
    const running = await startCore(new MemoryDisk(), { ...site(), accounts: plainSite(1, '1').accounts });
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 6_000);
    await done(running, 'closeAccount', { account: 'a1' });
    await running.read('m1', 6_000);
    await running.pass(1_000);
    await done(running, 'receiveDeposit', { account: 'a1', amount: '12', channel: 'cash' });
    const who = { operator: 'me', role: 'administrator', provedAgoMs: 0 } as const;
    const back = { account: 'a1', amount: '12', channel: 'cash', forfeit: false, note: 'moves out' };
    const outcomes = [
      running.intake.do(who, 'settleAccount', { account: 'a1', channel: 'cash' }, 'settle'),
      running.intake.do(who, 'returnDeposit', back, 'return'),
    ];
    await running.settle();
    expect((await Promise.all(outcomes)).map(({ ok }) => ok)).toEqual([true, false]);
    expect(inLedger(running, 'deposit:a1')).toBe(0);
    expect(inLedger(running, 'cash:cash')).toBe(-5_000_000);
    conserved(running);
  });

  it('hands all meters to the next tenant at one reading', async () => {
    const running = await startCore(new MemoryDisk(), site());
    await running.read('m1', 1_000);
    await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan: plan('r1', 'wn') });
    await done(running, 'openAccount', { account: 'n', handOverFrom: 'a1' });
    expect((await view(running, 'n')).status).toBe('open');
    await running.pass(1_000);
    const handOverTo = { account: 'n', wallet: 'wn' };
    await done(running, 'closeAccount', { account: 'a1', handOverTo, settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m1', 2_000);
    await running.pass(HOUR);
    await running.read('m1', 4_000);
    await running.settle();
    expect(await view(running, 'a1')).toMatchObject({ status: 'closed', successor: { id: 'n', name: 'Neu' } });
    expect((await view(running, 'n')).predecessor).toEqual({ id: 'a1', name: 'Tenant 1' });
    expect(balance(running, 'wn')).toBe(98_000_000);
    expect(inLedger(running, 'cash:cash')).toBe(99_000_000 - 100_000_000);
    expect(running.core.rooms.get('r1')?.state).toMatchObject({ tenant: 'Neu', wallets: [{ shown: { wallet: 'wn' } }] });
    conserved(running);
    expect(await view(running, 'n', 'viewer')).toMatchObject({ details: { idNumber: '110***********1234' } });
  });
});

describe('an account that is saved again', () => {
  it('keeps how its tenant is told of things, its rooms and its wallets', async () => {
    const running = await startCore(new MemoryDisk(), site());
    const notices = { wechat: 'o-1' };
    await done(running, 'setAccountNotices', { account: 'a1', notices });
    await done(running, 'saveAccount', { account: 'a1', isNew: false, name: 'Another', details });
    expect(running.core.directory.get('account', 'a1')).toMatchObject({
      ...{ name: 'Another', rooms: ['r1'], wallets: ['w1'], notices },
    });
    expect(running.core.wall.tiles.get('r1')).toMatchObject({ tenant: 'Another', money: { wallet: 'w1' } });
  });
});

describe('a typed reading for an account that is not there', () => {
  it('is refused and starts none', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, site());
    const params = { account: 'nobody', meter: 'm1', reading: '1', reason: 'read' };
    expect(await running.do('typeBaseline', params, 'none')).toMatchObject({ ok: false, refusal: 'notFound' });
    expect(disk.entries.flatMap(({ events }) => events.filter(({ key }) => key.startsWith('tenancy:')))).toEqual([]);
  });
});

describe('a meter that is named twice in a closing', () => {
  it('counts once: the account goes on with the other one', async () => {
    const accounts = site().accounts.map((one) => ({ ...one, rooms: ['r1', 'r2'] }));
    const running = await startCore(new MemoryDisk(), { ...site(), accounts });
    await running.read('m1', 0);
    await running.read('m2', 0);
    await done(running, 'closeAccount', { account: 'a1', meters: ['m1', 'm1'] });
    await running.pass(1_000);
    expect(await view(running, 'a1')).toMatchObject({
      ...{ status: 'open', move: null, rooms: [{ id: 'r2' }], meters: [{ id: 'm2' }] },
    });
    conserved(running);
  });
});

describe('a crash between any two commits', () => {
  it('leaves nothing undone and nothing charged twice', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, site());
    await running.read('m2', 1_000);
    await done(running, 'saveAccount', { account: 'n', isNew: true, name: 'Neu', details, plan: plan('r2', 'wn') });
    await running.pass(1_000);
    await done(running, 'openAccount', { account: 'n' });
    await running.pass(HOUR);
    await running.read('m2', 1_600);
    await running.pass(1_000);
    await running.read('m2', 2_600);
    await running.settle();
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'n', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m2', 2_700);
    await running.pass(1_000);
    expect((await view(running, 'n')).status).toBe('closed');
    const whole = disk.entries;
    for (let cut = 1; cut < whole.length; cut++) {
      const part = new MemoryDisk();
      part.siteId = disk.siteId;
      part.entries = whole.slice(0, cut);
      const last = part.entries.at(-1);
      if (!last) continue;
      part.head = { number: last.number, hash: last.hash };
      // From the first good value of its register on, everything is charged to somebody.
      if (!part.entries.some(({ events }) => events.some(({ type }) => type === 'IndexAnchored'))) continue;
      running = await startCore(part, null, running.clock);
      await running.pass(HOUR);
      await running.read('m2', 5_000);
      await running.pass(2_000);
      const state = running.core.tenancies.state('n');
      expect(['none', 'open', 'closed']).toContain(state.status);
      expect(state.move).toBeNull();
      await running.pass(HOUR);
      await running.read('m2', 6_000);
      await running.settle();
      const charged = ['wn', 'owner-r2'].reduce((sum, id) => sum + inLedgerOfUse(running, id), 0);
      expect(charged).toBe(5_000_000);
      conserved(running);
    }
  });
});

/** What a wallet was charged, from the ledger's other side: money in less money out less what is left. */
function inLedgerOfUse(running: Running, id: string): number {
  const state = running.core.wallets.get(id)?.state;
  if (!state) return 0;
  if (state.settled) return 100_000_000 - state.settled.refundMicro - Math.round(inLedger(running, 'rounding'));
  return (id === 'wn' ? 100_000_000 : 0) - state.balanceMicro;
}
