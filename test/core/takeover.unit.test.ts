/** Taking a running site over: nothing or all of it, exactly once, and each account as its row says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpOutcome } from '../../protocol/ops.ts';
import { takeoverColumns, type TakeoverRow } from '../../protocol/takeover.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, START_MS, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const AS_OF = START_MS - 10 * HOUR;
const DRAFT = 'draft-of-the-test';
const blank: TakeoverRow = {
  ...{ account: '', name: '', phone: '', since: '', deposit: '', purchases: '' },
  ...{ wallet: '', balance: '', debt: '', room: '', meter: '', index: '', tierUsed: '' },
};
const row = (n: number, more: Partial<TakeoverRow> = {}): TakeoverRow => ({
  ...{ ...blank, account: `b${n}`, name: `Bewohner ${n}`, room: `r${n}`, meter: `m${n}`, index: '100' },
  ...more,
});
/** The second and later rooms have no account. */
function site(rooms: number): ReturnType<typeof plainSite> {
  const whole = plainSite(rooms);
  return { ...whole, accounts: whole.accounts.slice(0, 1) };
}
/** 1 yuan up to 10 kWh a year, 2 yuan above; counted for the account. */
function withTiers(): ReturnType<typeof plainSite> {
  const whole = site(3);
  const tiers = { per: 'year' as const, countedPer: 'account' as const, edges: [{ above: ['10'] }], add: ['0', '1'] };
  const tariffs = whole.tariffs.map((tariff) => ({
    ...tariff,
    versions: tariff.versions.map((version) => ({ ...version, tiers })),
  }));
  return { ...whole, tariffs };
}

async function stage(running: Running, rows: readonly TakeoverRow[], draft = DRAFT): Promise<void> {
  for (let part = 0; part * 100 < rows.length; part++) {
    const staged = await running.do(
      'stageTakeover',
      { draft, part, rows: rows.slice(part * 100, (part + 1) * 100) },
      '',
      'manager',
    );
    expect(staged.ok).toBe(true);
  }
}
type Check = {
  accounts: number;
  same: number;
  errorCount: number;
  errors: object[];
  totals: { building: string; accounts: number; balanceMicro: number; debtMicro: number; depositMicro: number }[];
  hash: string;
};
async function check(running: Running, rows: readonly TakeoverRow[], draft = DRAFT): Promise<Check> {
  await stage(running, rows, draft);
  const outcome = await running.do('checkTakeover', { draft, asOfMs: AS_OF }, '', 'manager');
  expect(outcome.ok).toBe(true);
  return (outcome as { result: Check }).result;
}
const attested = (totals: Check['totals']): object[] =>
  totals.map(({ building, accounts, balanceMicro, debtMicro, depositMicro }) => ({
    ...{ building, accounts, balance: (balanceMicro / 1e6).toFixed(2) },
    ...{ debt: (debtMicro / 1e6).toFixed(2), deposit: (depositMicro / 1e6).toFixed(2) },
  }));
async function sign(running: Running, { hash, totals }: Check, more: object = {}, key = 'sign'): Promise<OpOutcome> {
  const params = {
    draft: DRAFT,
    asOfMs: AS_OF,
    hash,
    source: 'Old system, report 5',
    totals: attested(totals),
    ...more,
  };
  return running.do('signTakeover', params, key, 'manager');
}
async function posted(running: Running): Promise<void> {
  while (running.core.takeovers.under) await running.settle();
  await running.pass(1_000);
}
async function takenOver(running: Running, rows: readonly TakeoverRow[]): Promise<void> {
  expect(await sign(running, await check(running, rows))).toMatchObject({ ok: true });
  await posted(running);
}
const balance = (running: Running, id: string): number | undefined => running.core.wallets.get(id)?.state.balanceMicro;
const inLedger = (running: Running, account: string): number => running.core.ledger.ledger.balance(account);
function conserved(running: Running): void {
  expect(running.core.ledger.imbalanceMicro).toBe(0);
  for (const [id, { state }] of running.core.wallets)
    expect(inLedger(running, `wallet:${id}`)).toBe(state.balanceMicro);
  expect(running.core.actors.parked).toEqual([]);
}

describe('a takeover', () => {
  it('gives each wallet its balance or debt, the account its deposit, and charges from the opening index on', async () => {
    const running = await startCore(new MemoryDisk(), site(3));
    const before = inLedger(running, 'takeover');
    await takenOver(running, [
      row(2, { balance: '12.34', deposit: '50', phone: '13800001234', since: '2024-03-01', purchases: '17' }),
      row(3, { debt: '7.005' }),
    ]);
    expect(balance(running, 'w-b2')).toBe(12_340_000);
    expect(balance(running, 'w-b3')).toBe(-7_005_000);
    expect(inLedger(running, 'deposit:b2')).toBe(50_000_000);
    expect(inLedger(running, 'takeover') - before).toBe(-12_340_000 - 50_000_000 + 7_005_000);
    expect(running.core.tenancies.state('b2')).toMatchObject({
      ...{ status: 'open', depositMicro: 50_000_000, openedMs: Date.parse('2024-03-01T00:00:00+08:00') },
    });
    expect(running.core.tenancies.state('b3')).toMatchObject({ status: 'open', openedMs: null });
    // 100 kWh as of ten hours ago; 103.5 kWh now: 3.5 kWh at 1 yuan.
    await running.read('m2', 103_500);
    expect(balance(running, 'w-b2')).toBe(12_340_000 - 3_500_000);
    expect(balance(running, 'owner-r2')).toBe(0);
    const view = await running.do('getAccount', { account: 'b2' }, '', 'manager');
    expect(view).toMatchObject({ result: { takenOver: { purchases: 17, depositMicro: 50_000_000 } } });
    const lines = await running.do('getStatement', { wallet: 'w-b2' }, '', 'manager');
    expect(lines).toMatchObject({
      result: {
        items: [
          { kind: 'charge', balanceAfterMicro: 8_840_000 },
          { kind: 'takeover', amountMicro: 12_340_000, balanceAfterMicro: 12_340_000 },
        ],
      },
    });
    conserved(running);
  });

  it('goes on in the tiers with the use so far', async () => {
    const running = await startCore(new MemoryDisk(), withTiers());
    await takenOver(running, [row(2, { balance: '100', tierUsed: '8' })]);
    // 2 kWh up to the edge at 1 yuan, 3 kWh above at 2 yuan.
    await running.read('m2', 105_000);
    expect(balance(running, 'w-b2')).toBe(100_000_000 - 2_000_000 - 6_000_000);
    conserved(running);
  });

  it('tells no tenant that an account was opened', async () => {
    const running = await startCore(new MemoryDisk(), site(2));
    await takenOver(running, [row(2, { balance: '90' })]);
    expect([...(running.core.options.store as MemoryStore).disk.records.keys()]).not.toContain('notice');
  });

  it('counts from below what a meter was only read at, and refuses what was charged already', async () => {
    const running = await startCore(new MemoryDisk(), site(3));
    await running.read('m2', 104_000);
    await running.read('m3', 99_000);
    await running.pass(HOUR);
    await running.read('m3', 101_000);
    const { errors } = await check(running, [row(2), row(3)]);
    expect(errors).toEqual([{ row: 1, column: 'index', mistake: 'alreadyCharged' }]);
    await takenOver(running, [row(2, { balance: '20' })]);
    await running.read('m2', 104_500);
    expect(balance(running, 'w-b2')).toBe(20_000_000 - 4_500_000);
    conserved(running);
  });

  it('names every mistake beside its row and column', async () => {
    const running = await startCore(new MemoryDisk(), site(4));
    const found = await check(running, [
      row(1),
      row(2, { account: 'a1' }),
      row(3, { balance: '1', debt: '1', deposit: '1.005', since: '2026-02-30', index: '1.2345', purchases: 'x' }),
      row(4, { room: 'r9' }),
      row(4, { name: 'Another', meter: 'm3', index: '', tierUsed: '1' }),
    ]);
    expect(found.errors).toEqual(
      [
        { row: 0, column: 'room', mistake: 'roomLet', about: 'Tenant 1' },
        { row: 0, column: 'meter', mistake: 'meterTaken', about: 'a1' },
        { row: 1, column: 'account', mistake: 'accountExists' },
        { row: 2, column: 'since', mistake: 'date' },
        { row: 2, column: 'purchases', mistake: 'whole' },
        { row: 2, column: 'deposit', mistake: 'cents' },
        { row: 2, column: 'index', mistake: 'register' },
        { row: 2, column: 'debt', mistake: 'balanceAndDebt' },
        { row: 3, column: 'room', mistake: 'noRoom' },
        { row: 3, column: 'meter', mistake: 'notInRoom', about: 'r4' },
        { row: 4, column: 'name', mistake: 'differs', about: 'Bewohner 4' },
        { row: 4, column: 'meter', mistake: 'meterTwice' },
        { row: 4, column: 'index', mistake: 'missing' },
        { row: 4, column: 'tierUsed', mistake: 'noTiers' },
      ].map((one) => expect.objectContaining(one)),
    );
    expect(await sign(running, found)).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(running.core.directory.get('account', 'b3')).toBeUndefined();
  });

  it('is refused unless the report says the same to the cent, naming the field', async () => {
    const running = await startCore(new MemoryDisk(), site(3));
    const found = await check(running, [row(2, { balance: '10.10', deposit: '5' }), row(3, { debt: '2' })]);
    const right = { building: 'A', accounts: 2, balance: '10.10', debt: '2', deposit: '5.00' };
    const said = async (more: object, key: string): Promise<unknown> => {
      const outcome = await sign(running, found, { totals: [{ ...right, ...more }] }, key);
      return outcome.ok ? 'signed' : outcome.detail;
    };
    expect(await said({ balance: '10.11' }, 'k1')).toBe('totals.0.balance: 10.10 in the rows, 10.11 in the report');
    expect(await said({ accounts: 3 }, 'k2')).toBe('totals.0.accounts: 2 in the rows, 3 in the report');
    expect(await said({ building: 'B' }, 'k3')).toBe('totals: those of building A are missing');
    expect(await sign(running, found, { hash: 'another' }, 'k4')).toMatchObject({ ok: false });
    expect(running.core.takeovers.state.taken).toBe(0);
    expect(await said({}, 'k5')).toBe('signed');
    await posted(running);
    const kept = await running.do('getTakeovers', {}, '', 'manager');
    expect(kept).toMatchObject({
      result: { items: [{ id: 'T1', by: 'the-manager', accounts: 2, posted: 2, source: 'Old system, report 5' }] },
    });
  });

  it('does nothing more when the same file comes again, and takes what is new in it', async () => {
    const running = await startCore(new MemoryDisk(), site(3));
    const rows = [row(2, { balance: '10' })];
    await takenOver(running, rows);
    expect(await sign(running, { hash: '', totals: [] } as unknown as Check)).toMatchObject({ refusal: 'conflict' });
    const again = await check(running, rows);
    expect(again).toMatchObject({ accounts: 0, same: 1, errorCount: 0 });
    expect(await sign(running, again, {}, 'again')).toMatchObject({
      ok: false,
      detail: 'rows: all of it has been taken over already',
    });
    const more = await check(running, [...rows, row(3, { debt: '1' })]);
    expect(more).toMatchObject({
      accounts: 1,
      same: 1,
      totals: [{ accounts: 1, balanceMicro: 0, debtMicro: 1_000_000 }],
    });
    const other = await check(running, [row(2, { balance: '11' })], 'another-draft');
    expect(other.errors).toEqual([{ row: 0, column: 'account', mistake: 'accountExists' }]);
    expect(balance(running, 'w-b2')).toBe(10_000_000);
  });

  it('keeps two wallets of an account apart, and gives out the columns it takes', async () => {
    const whole = site(2);
    const [, second] = whole.meters;
    if (!second) throw new Error('two meters');
    const meters = [...whole.meters, { ...second, id: 'm2b', unitId: 200 }];
    const running = await startCore(new MemoryDisk(), { ...whole, meters });
    expect((await check(running, [row(2)])).errors).toEqual([
      { row: 0, column: 'room', mistake: 'meterLeftOut', about: 'm2b' },
    ]);
    const rows = [
      row(2, { wallet: 'wa', balance: '5', deposit: '20' }),
      row(2, { wallet: 'wb', debt: '1.5', meter: 'm2b', index: '3.25' }),
    ];
    await takenOver(running, rows);
    expect([balance(running, 'wa'), balance(running, 'wb')]).toEqual([5_000_000, -1_500_000]);
    const sheet = await running.do('getTakeoverSheet', {}, '', 'manager');
    const items = (sheet as { result: { items: TakeoverRow[] } }).result.items.filter(
      ({ account }) => account === 'b2',
    );
    const empty = { deposit: '20.00', purchases: '0', balance: '5.00', debt: '0.00' };
    expect(items).toEqual([
      { ...rows[0], ...empty },
      { ...rows[1], name: '', balance: '0.00', debt: '1.50' },
    ]);
  });

  it('shows the rows that were signed, page by page, found by any of their names, and what they add up to', async () => {
    const running = await startCore(new MemoryDisk(), site(4));
    await takenOver(running, [
      row(2, { balance: '12.34', deposit: '50', phone: '13800001234', since: '2024-03-01', purchases: '17' }),
      row(3, { debt: '7.005', index: '3.25' }),
    ]);
    expect(await sign(running, await check(running, [row(4)]), {}, 'sign-again')).toMatchObject({ ok: true });
    await posted(running);
    const rowsOf = async (params: object): Promise<{ items: Record<string, unknown>[]; cursor: string | null }> => {
      const answer = await running.do('getTakeoverRows', { takeover: 'T1', ...params }, '', 'manager');
      return (answer as { result: { items: Record<string, unknown>[]; cursor: string | null } }).result;
    };
    const second = {
      ...{ id: 'b2/0', account: 'b2', name: 'Bewohner 2', phone: '13800001234', building: 'A' },
      ...{ sinceMs: Date.parse('2024-03-01T00:00:00+08:00'), depositMicro: 50_000_000, purchases: 17 },
      ...{ wallet: 'w-b2', balanceMicro: 12_340_000, room: 'r2', meter: 'm2', index: 100_000, tierUsed: null },
    };
    const first = await rowsOf({ limit: 1 });
    expect(first.items).toEqual([second]);
    const rest = await rowsOf({ limit: 1, cursor: first.cursor });
    expect(rest.items).toMatchObject([{ account: 'b3', balanceMicro: -7_005_000, index: 3_250, purchases: 0 }]);
    expect(rest.cursor).toBeNull();
    for (const search of ['B2', 'bewohner 2', '00001234', 'w-b2', 'R2', 'm2'])
      expect((await rowsOf({ search })).items).toEqual([second]);
    expect(await rowsOf({ search: 'm4' })).toEqual({ items: [], cursor: null });
    expect((await rowsOf({ takeover: 'T2' })).items).toMatchObject([{ account: 'b4', meter: 'm4' }]);
    const unknown = await running.do('getTakeoverRows', { takeover: 'T9' }, '', 'manager');
    expect(unknown).toMatchObject({ ok: false, refusal: 'notFound' });
    const askedAgain = await running.do('getTakeoverRows', { takeover: 'T1', cursor: 'x' }, '', 'manager');
    expect(askedAgain).toMatchObject({ ok: false, refusal: 'invalid' });
  });
});

const cents = fc.integer({ min: 0, max: 99_999 });
const amount = (value: number): string => (value / 100).toFixed(2);

describe('random files', () => {
  it('leave wallets, deposits and the takeover account at a sum of 0 change, and each account as its row says', async () => {
    const one = fc.record({
      owes: fc.boolean(),
      money: cents,
      deposit: cents,
      index: fc.integer({ min: 0, max: 9_999_999 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 12 }), async (accounts) => {
        const running = await startCore(new MemoryDisk(), site(accounts.length + 1));
        const before = inLedger(running, 'takeover');
        const rows = accounts.map(({ owes, money, deposit, index }, i) =>
          row(i + 2, {
            ...{
              [owes ? 'debt' : 'balance']: amount(money),
              deposit: amount(deposit),
              index: (index / 1_000).toFixed(3),
            },
          }),
        );
        await takenOver(running, rows);
        let sum = 0;
        for (const [i, { owes, money, deposit, index }] of accounts.entries()) {
          const id = `b${i + 2}`;
          const expected = (owes ? 0 - money : money) * 10_000;
          expect(balance(running, `w-${id}`)).toBe(expected);
          expect(running.core.tenancies.state(id)).toMatchObject({ status: 'open', depositMicro: deposit * 10_000 });
          expect(running.core.meters.get(`m${i + 2}`)?.state).toMatchObject({
            place: { account: id, wallet: `w-${id}` },
            anchor: { index, atMs: AS_OF },
          });
          sum += expected + deposit * 10_000;
        }
        expect(inLedger(running, 'takeover') - before + sum).toBe(0);
        conserved(running);
      }),
      { numRuns: 25 },
    );
  });
});

/** Cells as people and programs write them, right and wrong. */
const texts = ['', '0', '7.5', '-1', '1e3', '12,5', 'x', '９', '=1+1', '99999999999', '2024-02-29', '2026-13-01', ' '];
/** Two accounts' rows, with a cell spoiled now and then. */
const anyRow = fc
  .record({
    n: fc.constantFrom(2, 3),
    money: fc.constantFrom({ balance: '7.5' }, { debt: '3.25' }, { deposit: '5', since: '2024-02-29' }),
    spoiled: fc.option(fc.tuple(fc.constantFrom(...takeoverColumns), fc.constantFrom(...texts)), { freq: 2 }),
  })
  .map(({ n, money, spoiled }) => row(n, { ...money, ...(spoiled ? { [spoiled[0]]: spoiled[1] } : {}) }));

describe('any file', () => {
  it('is either named wrong and leaves nothing, or is taken over whole', async () => {
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 3 }), async (rows) => {
        const running = await startCore(new MemoryDisk(), site(3));
        const before = running.core.directory.all('account').length;
        const found = await check(running, rows);
        const signed = await sign(running, found);
        await posted(running);
        expect(signed.ok).toBe(found.errorCount === 0);
        expect(running.core.directory.all('account').length - before).toBe(signed.ok ? found.accounts : 0);
        whole += signed.ok ? 1 : 0;
        conserved(running);
      }),
      { numRuns: 100 },
    );
    expect(whole).toBeGreaterThan(0);
  });
});

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

describe('a crash', () => {
  it('between the rows and the signature leaves nothing that a later takeover would take for its own', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, site(3));
    const left = { value: { accounts: [{ id: 'left-behind' }] }, index: {} };
    disk.records.set('takeoverPart', new Map([['T1/0', left]]));
    await takenOver(running, [row(3, { balance: '4' })]);
    expect(balance(running, 'w-b3')).toBe(4_000_000);
    expect(running.core.directory.get('account', 'left-behind')).toBeUndefined();
    conserved(running);
  });

  it('after any commit leaves nothing, or a takeover that the next start finishes exactly once', async () => {
    const store = new RememberingStore(new MemoryDisk());
    const rooms = 220;
    const running = await startCore(store.disk, site(rooms + 1), new Stepped(), store);
    const rows = Array.from({ length: rooms }, (_, i) => row(i + 2, { balance: amount(100 + i), deposit: '1' }));
    const found = await check(running, rows);
    const from = store.moments.length - 1;
    expect(await sign(running, found)).toMatchObject({ ok: true });
    await posted(running);
    const moments = store.moments.slice(from);
    expect(moments.length).toBeGreaterThan(5);
    const outcomes = new Set<number>();
    for (const { disk, siteMs } of moments) {
      const clock = new Stepped();
      clock.siteMs = siteMs;
      const next = await startCore(disk, null, clock);
      await posted(next);
      const opened = rows.filter(({ account }) => next.core.tenancies.state(account).status === 'open').length;
      outcomes.add(opened);
      if (opened === rooms)
        for (const [i, { account }] of rows.entries()) {
          expect(balance(next, `w-${account}`)).toBe((100 + i) * 10_000);
          expect(next.core.tenancies.state(account).depositMicro).toBe(1_000_000);
        }
      else expect(next.core.directory.get('account', 'b2')).toBeUndefined();
      conserved(next);
    }
    expect([...outcomes].sort()).toEqual([0, rooms]);
  });
});
