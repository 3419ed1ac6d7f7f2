/** Allowances: granted once each period, used before money, never below 0, never paid out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Charge } from '../../protocol/ops.ts';
import {
  HOUR,
  DAY,
  type Site,
  ask,
  done,
  give,
  leap,
  stateOf,
  balance,
  lots,
  inLedger,
  conserved,
  grantsOf,
  statement,
} from '../tools/allowances.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore } from '../tools/siteInMemory.ts';

describe('an allowance of energy', () => {
  it('pays for what is used first, at the price of the line, and money pays for the rest', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    await running.read('m1', 0);
    await give(running);
    expect(lots(running)).toEqual([['2026-06', 1_000]]);
    expect(balance(running)).toBe(100_000_000);
    await running.pass(HOUR);
    await running.read('m1', 400);
    expect([balance(running), lots(running)]).toEqual([100_000_000, [['2026-06', 600]]]);
    await running.pass(HOUR);
    await running.read('m1', 1_500);
    expect([balance(running), lots(running)]).toEqual([99_500_000, [['2026-06', 0]]]);
    expect(inLedger(running, 'allowance')).toBe(-1_000_000);
    expect(inLedger(running, 'revenue:electricity:energy')).toBe(1_500_000);
    conserved(running);
    const { items } = ((await running.do('getCharges', { wallet: 'w1' }, '')) as { result: { items: Charge[] } })
      .result;
    expect(items[0]).toMatchObject({
      amountMicro: 1_100_000,
      allowance: [{ unit: 'kWh', period: '2026-06', quantity: 600, amountMicro: 600_000 }],
      balanceAfterMicro: 99_500_000,
    });
    const [first, ...others] = await statement(running);
    expect(first).toMatchObject({ kind: 'charge', amountMicro: -500_000, balanceAfterMicro: 99_500_000 });
    expect(others.at(-1)).toMatchObject({ kind: 'allowanceGranted', amountMicro: 0, allowance: [{ quantity: 1_000 }] });
  });

  it('is per account, room or person, as they are when it is granted', async () => {
    const plain = plainSite(2);
    const buildings = plain.buildings.map((building) => ({
      ...building,
      floors: building.floors.map((floor) => ({ ...floor, rooms: floor.rooms.map((room) => ({ ...room, heads: 3 })) })),
    }));
    const accounts = plain.accounts.slice(0, 1).map((one) => ({ ...one, rooms: ['r1', 'r2'] }));
    for (const [per, expected] of [
      ['account', 1_000],
      ['room', 2_000],
      ['head', 6_000],
    ] as const) {
      const running = await startCore(new MemoryDisk(), { ...plain, buildings, accounts });
      await give(running, { per });
      expect(lots(running)).toEqual([['2026-06', expected]]);
    }
  });

  it('waits while no person is known, and is granted once some are', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await give(running, { per: 'head' });
    expect(lots(running)).toEqual([]);
    const { core } = running;
    const floor = core.directory.get('floor', 'A1')!;
    core.setConfig('floor', 'A1', { ...floor, rooms: floor.rooms.map((room) => ({ ...room, heads: 2 })) });
    await leap(running, DAY);
    expect(lots(running)).toEqual([['2026-06', 2_000]]);
    expect(grantsOf(disk)).toEqual({ 'kWh 2026-06': 1 });
  });

  it('keeps power on while it lasts though there is no money, and no longer; a new period brings power back', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1, '0', { warnBeforeCutMs: 60_000 }));
    await give(running);
    await running.read('m1', 0);
    await running.pass(5 * 60_000);
    await running.read('m1', 500);
    const cut = (): boolean => running.core.meters.get('m1')?.state.causes.moneyExhausted !== undefined;
    expect([stateOf(running).exhausted, cut()]).toEqual([true, false]);
    await running.pass(HOUR);
    await running.read('m1', 1_000);
    await running.settle();
    expect([balance(running), cut()]).toEqual([0, true]);
    await leap(running, 30 * DAY);
    expect([lots(running).at(-1), cut()]).toEqual([['2026-07', 1_000], false]);
    conserved(running);
  });

  it('is said to be left on the tile and in the list', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    await give(running);
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 250);
    expect(running.core.wall.tiles.get('r1')?.money).toMatchObject({ allowanceWh: 700 });
    expect(await running.do('getAllowances', {}, '')).toMatchObject({
      result: { items: [{ account: 'a1', allowance: { left: 750, granted: '2026-06', unit: 'kWh' } }] },
    });
  });
});

/** 1 yuan up to 1 kWh a month, 2 yuan above. */
function withTiers(): Site {
  const plain = plainSite(1);
  const tiers = { per: 'month' as const, countedPer: 'meter' as const, edges: [{ above: ['1'] }], add: ['0', '1'] };
  return {
    ...plain,
    tariffs: [{ ...flatTariff(), versions: flatTariff().versions.map((one) => ({ ...one, tiers })) }],
  };
}

describe('use that an allowance pays', () => {
  it('counts towards tiers or not, as the allowance says', async () => {
    for (const [tiers, left, used] of [
      // 1 kWh free in tier 1; of the second kWh all is in tier 2.
      ['counted', 98_000_000, 2_000],
      // The second kWh is the first that counts.
      ['notCounted', 99_000_000, 1_000],
    ] as const) {
      const running = await startCore(new MemoryDisk(), withTiers());
      await give(running, { tiers });
      await running.read('m1', 0);
      await running.pass(HOUR);
      await running.read('m1', 1_600);
      await running.pass(HOUR);
      await running.read('m1', 2_000);
      await running.settle();
      expect(balance(running)).toBe(left);
      expect(stateOf(running).tierUse).toMatchObject([{ period: '2026-06', used }]);
      conserved(running);
    }
  });

  it('does not count, whatever it is split into', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }), async (steps) => {
        const running = await startCore(new MemoryDisk(), withTiers());
        await give(running, { tiers: 'notCounted', amount: '0.7' });
        await running.read('m1', 0);
        let index = 0;
        for (const step of steps) {
          await running.pass(HOUR);
          await running.read('m1', (index += step));
        }
        await running.settle();
        const counted = Math.max(0, index - 700);
        expect(balance(running)).toBe(100_000_000 - (counted + Math.max(0, counted - 1_000)) * 1_000);
        conserved(running);
      }),
      { numRuns: 25 },
    );
  });
});

describe('an allowance of money', () => {
  it('is a ledger account of its own, keeps power on, and cannot be paid out', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1, '1', { warnBeforeCutMs: 60_000 }));
    await give(running, { unit: 'yuan', amount: '2.50' });
    expect([inLedger(running, 'allowance'), inLedger(running, 'allowance:w1')]).toEqual([-2_500_000, 2_500_000]);
    await running.read('m1', 0);
    await running.pass(HOUR);
    await running.read('m1', 3_000);
    expect([balance(running), inLedger(running, 'allowance:w1')]).toEqual([500_000, 0]);
    const refund = await ask(running, 'refund', { wallet: 'w1', amount: '1', channel: 'cash', note: 'n' });
    expect(refund).toMatchObject({ ok: false, refusal: 'insufficientBalance' });
    conserved(running);
  });

  it('expires at the end of its period, or carries over, as it says', async () => {
    for (const [unused, left] of [
      ['expires', 4_990_000],
      ['carriesOver', 9_990_000],
    ] as const) {
      const running = await startCore(new MemoryDisk(), plainSite(1));
      await running.read('m1', 0);
      await give(running, { unit: 'yuan', amount: '5', unused });
      await leap(running, 30 * DAY);
      await running.read('m1', 0);
      await leap(running, HOUR);
      // Now that the meter has been charged in July, no use of June can come any more.
      await running.read('m1', 10);
      await leap(running, DAY);
      expect(lots(running, 'yuan')).toEqual([['2026-07', left]]);
      conserved(running);
    }
  });
});

describe('a period', () => {
  it('is granted once, over restarts and clocks that jump', async () => {
    const disk = new MemoryDisk();
    let running = await startCore(disk, plainSite(1));
    await give(running);
    const clock = running.clock;
    for (const days of [10, 10, 10, 1, 40, 0, 3, 25]) {
      await leap(running, days * DAY);
      running = await startCore(disk, null, clock);
    }
    const before = clock.siteMs;
    clock.siteMs -= 50 * DAY;
    running = await startCore(disk, null, clock);
    await leap(running, DAY);
    clock.siteMs = before + 2 * DAY;
    running = await startCore(disk, null, clock);
    await leap(running, HOUR);
    expect(grantsOf(disk)).toEqual({ 'kWh 2026-06': 1, 'kWh 2026-07': 1, 'kWh 2026-08': 1, 'kWh 2026-09': 1 });
    conserved(running);
  });

  it('that was missed is granted late, and pays for its own use; one long gone is skipped by name', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await running.read('m1', 0);
    await give(running);
    // From 1 June noon to 1 August noon: 61 days, evenly 100 Wh a day.
    await leap(running, 61 * DAY);
    await running.read('m1', 6_100);
    await running.settle();
    // 2 950 Wh in June, 3 100 in July, 50 in August: a kWh of each of the first two, and 50 Wh.
    expect(balance(running)).toBe(100_000_000 - (1_950 + 2_100) * 1_000);
    expect(lots(running)).toEqual([
      ['2026-06', 0],
      ['2026-07', 0],
      ['2026-08', 950],
    ]);
    await leap(running, 500 * DAY);
    expect(Object.keys(grantsOf(disk)).length).toBe(3 + 12);
    const [skipped] = (await statement(running)).filter(({ kind }) => kind === 'allowanceSkipped');
    expect(skipped?.allowance[0]?.period).toBe('2026-09 – 2026-12');
    conserved(running);
  });

  it('is not granted again when the allowance is taken back and given anew', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await give(running, { unit: 'yuan', amount: '5' });
    await done(running, 'endAllowance', { accounts: ['a1'], unit: 'yuan' });
    expect([lots(running, 'yuan'), inLedger(running, 'allowance')]).toEqual([[], 0]);
    await give(running, { unit: 'yuan', amount: '7' });
    expect(lots(running, 'yuan')).toEqual([]);
    await leap(running, 30 * DAY);
    expect(lots(running, 'yuan')).toEqual([['2026-07', 7_000_000]]);
    expect(grantsOf(disk)).toEqual({ 'yuan 2026-06': 1, 'yuan 2026-07': 1 });
    conserved(running);
  });

  it('waits for the next one where it is to begin then', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    await give(running, { begins: 'next' });
    expect(lots(running)).toEqual([]);
    await leap(running, 30 * DAY);
    expect(lots(running)).toEqual([['2026-07', 1_000]]);
  });
});

describe('giving', () => {
  it('many accounts the same is one change, and says which field is wrong', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(3));
    const accounts = ['a1', 'a2', 'a3'];
    expect(await ask(running, 'giveAllowance', { accounts, unit: 'kWh', amount: '30' })).toMatchObject({
      result: { given: 3 },
    });
    await running.settle();
    for (const wallet of ['w1', 'w2', 'w3'])
      expect(stateOf(running, wallet).allowances).toMatchObject([{ lots: [{ left: 30_000 }] }]);
    const tried = async (params: object): Promise<string> => {
      const outcome = await ask(running, 'giveAllowance', { accounts, unit: 'kWh', amount: '1', ...params });
      return outcome.ok ? 'given' : outcome.detail;
    };
    expect(await tried({ accounts: ['a1', 'nobody'] })).toBe('accounts.1: there is no account nobody');
    expect(await tried({ unit: 'yuan', amount: '1.234' })).toBe('amount: yuan have at most two decimals');
    expect(await tried({ unit: 'yuan', tiers: 'notCounted' })).toMatch(/^tiers: /);
    expect(await tried({ wallet: 'w1' })).toBe('wallet: of one account only');
    expect(await running.do('giveAllowance', { accounts, unit: 'kWh', amount: '1' }, 'x', 'cashier')).toMatchObject({
      refusal: 'forbidden',
    });
  });

  it('ends with the account: what is left goes, nothing of it is paid out', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    await give(running, { unit: 'yuan', amount: '5' });
    await running.read('m1', 0);
    await running.pass(1_000);
    await done(running, 'closeAccount', { account: 'a1', settlement: { channel: 'cash' } });
    await running.pass(HOUR);
    await running.read('m1', 1_000);
    await running.pass(1_000);
    expect(running.core.tenancies.state('a1').status).toBe('closed');
    expect(inLedger(running, 'cash:cash')).toBe(100_000_000);
    expect([inLedger(running, 'allowance'), inLedger(running, 'allowance:w1')]).toEqual([-1_000_000, 0]);
    expect(running.core.directory.get('account', 'a1')?.allowances).toBeUndefined();
    conserved(running);
  });
});
