/** Warn, then cut: notices, their repeats, the end of causes, and money that comes in at every stage of a cut. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../server/store/store.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const wallet = (site: Running, id = 'w1'): NonNullable<ReturnType<Running['core']['wallets']['get']>>['state'] =>
  site.core.wallets.get(id)!.state;
const meter = (site: Running, id = 'm1'): NonNullable<ReturnType<Running['core']['meters']['get']>>['state'] =>
  site.core.meters.get(id)!.state;
const events = (disk: MemoryDisk, type: string): unknown[] =>
  disk.entries.flatMap((entry) => entry.events.filter((event) => event.type === type).map((event) => event.data));

/** One room with `balance` yuan, at 1 yuan per kWh. */
async function room(
  balance: string,
  rules: SiteFileInput['site']['rules'] = {},
): Promise<{ site: Running; disk: MemoryDisk; use: (wh: number, minutes?: number) => Promise<void> }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(1, balance, rules));
  let index = 0;
  await site.read('m1', index);
  return {
    site,
    disk,
    use: async (wh, minutes = 60) => {
      await site.pass(minutes * MINUTE);
      index += wh;
      await site.read('m1', index);
    },
  };
}

describe('notices', () => {
  it('each crossing makes one, several at once make one at the lowest, wavering makes none', async () => {
    const { disk, use, site } = await room('55');
    const warned = (): number[] =>
      (events(disk, 'LevelCrossed') as { warned: boolean; level: number }[])
        .filter((one) => one.warned)
        .map((one) => one.level);
    await use(5_000); // 50.00
    expect(warned()).toEqual([1]);
    await site.do('recharge', { wallet: 'w1', amount: '0.90', channel: 'cash' }, 'a'); // within the hysteresis
    await use(900);
    expect(warned()).toEqual([1]);
    for (let i = 0; i < 4; i++) await use(13_000); // −2.00: past 20 (38−26) in between
    expect(warned()).toEqual([1, 2, 3]);
    await site.do('recharge', { wallet: 'w1', amount: '53.01', channel: 'cash' }, 'b'); // 51.01: above all
    expect(wallet(site).level).toBe(0);
    await site.do('refund', { wallet: 'w1', amount: '51.01', channel: 'cash', note: 'moving' }, 'c'); // to 0 at once
    expect(warned()).toEqual([1, 2, 3, 3]);
  });

  it('repeat as the plan says, also where nothing is used', async () => {
    const { disk, site } = await room('30', { warningRepeats: 2, warningRepeatMs: 6 * HOUR });
    expect(wallet(site).level).toBe(1);
    await site.pass(5 * HOUR);
    expect(events(disk, 'WarningRepeated')).toHaveLength(0);
    await site.pass(2 * HOUR);
    expect(events(disk, 'WarningRepeated')).toHaveLength(1);
    await site.pass(30 * HOUR);
    expect(events(disk, 'WarningRepeated')).toHaveLength(2);
  });

  it('go on repeating after a restart', async () => {
    const { disk, site } = await room('30', { warningRepeats: 2, warningRepeatMs: 6 * HOUR });
    await site.pass(HOUR);
    const again = await startCore(disk, null, site.clock);
    await again.pass(6 * HOUR);
    expect(events(disk, 'WarningRepeated')).toHaveLength(1);
  });
});

describe('a cut', () => {
  it('leaves the overdraft to the tenant', async () => {
    const disk = new MemoryDisk();
    const plain = plainSite(1, '1', { warnBeforeCutMs: MINUTE });
    const site = await startCore(disk, {
      ...plain,
      accounts: plain.accounts.map((account) => ({
        ...account,
        wallets: [{ id: 'w1', openingBalance: '1', overdraft: '5' }],
      })),
    });
    await site.read('m1', 0);
    await site.pass(HOUR);
    await site.read('m1', 5_990); // −4.99
    await site.pass(HOUR);
    await site.read('m1', 5_990);
    expect(wallet(site).exhausted).toBe(false);
    await site.read('m1', 6_000); // −5.00
    expect(meter(site).causes.moneyExhausted).toBeDefined();
  });

  it('ends above the restore level alone, and what is missing is told', async () => {
    const { site, use } = await room('1', { warnBeforeCutMs: MINUTE, restoreAbove: '10' });
    await use(4_000); // −3.00
    await use(10, 2);
    expect(meter(site).causes.moneyExhausted).toBeDefined();
    const missing = async (): Promise<unknown> => {
      const outcome = await site.do('getRoom', { room: 'r1' }, '', 'viewer');
      return outcome.ok
        ? (outcome.result as { wallets: { missingMicro: number }[] }).wallets[0]?.missingMicro
        : outcome;
    };
    expect(await missing()).toBe(13_020_000); // the debt of 3.01, 10, and a cent above
    await site.do('recharge', { wallet: 'w1', amount: '13.01', channel: 'cash' }, 'a');
    expect(wallet(site).balanceMicro).toBe(10_000_000);
    expect(meter(site).causes.moneyExhausted).toBeDefined();
    expect(await missing()).toBe(10_000);
    await site.do('recharge', { wallet: 'w1', amount: '0.01', channel: 'cash' }, 'b');
    expect(meter(site).causes.moneyExhausted).toBeUndefined();
    expect(await missing()).toBe(0);
  });

  it('is not asked for while the store is away, though the balance is known to be used up', async () => {
    const { site, disk, use } = await room('1', { warnBeforeCutMs: 5 * MINUTE });
    await use(2_000);
    disk.failing = new StoreError('away', 'pulled cable');
    for (let i = 0; i < 10; i++) {
      await site.pass(MINUTE);
      await site.read('m1', 2_000 + i * 10);
    }
    expect(site.core.committer.keeping).toBe(false);
    expect(meter(site).causes.moneyExhausted).toBeUndefined();
    disk.failing = null;
    await site.pass(MINUTE);
    await site.read('m1', 2_100);
    expect(meter(site).causes.moneyExhausted).toBeDefined();
    expect(wallet(site).balanceMicro).toBe(1_000_000 - 2_100_000);
  });
});

describe('money that comes in', () => {
  it.each(['asked and granted', 'held', 'held by an earlier run', 'being released'])(
    'while the opening is %s leaves nothing behind',
    async (stage) => {
      const disk = new MemoryDisk();
      let site = await startCore(disk, plainSite(2, '0.10', { warnBeforeCutMs: MINUTE, massCutLimit: 1 }));
      for (const id of ['m1', 'm2']) await site.read(id, 0);
      await site.pass(5 * MINUTE);
      for (const id of ['m1', 'm2']) await site.read(id, 200);
      await site.pass(2 * MINUTE);
      for (const id of ['m1', 'm2']) await site.read(id, 210);
      expect(site.core.interlock.held).toEqual(['m2']);
      if (stage === 'held by an earlier run') site = await startCore(disk, null, site.clock);
      const paid = stage === 'asked and granted' ? '1' : '2';
      const money = site.do('recharge', { wallet: `w${paid}`, amount: '50', channel: 'cash' }, 'a');
      if (stage === 'being released') await site.do('releaseInterlock', { reason: 'seen' }, 'i');
      await money;
      await site.read(`m${paid}`, 220);
      expect(meter(site, `m${paid}`)).toMatchObject({ cutSinceMs: null, causes: {} });
      expect(site.core.interlock.held).toEqual(paid === '1' ? ['m2'] : []);
      expect(site.core.alarms.alarms['interlockHolding:site']?.active).toBe(paid === '1');
      // What it was asked for before does not stand against it later.
      if (paid !== '2') return;
      await site.pass(20 * MINUTE);
      await site.do('refund', { wallet: 'w2', amount: '49', channel: 'cash', note: 'x' }, 'b');
      await site.read('m2', 1_500);
      await site.pass(5 * MINUTE);
      await site.read('m2', 1_510);
      expect(meter(site, 'm2').causes.moneyExhausted).toBeDefined();
    },
  );
});

describe('an answer of the interlock that comes after the money did', () => {
  it.each(['OpeningHeld', 'OpeningGranted'] as const)(
    '%s neither cuts now nor stands against a cut later',
    async (type) => {
      const { site, use } = await room('0.10', { warnBeforeCutMs: MINUTE });
      site.core.send({ to: 'meter', id: 'm1', message: { type } });
      await site.settle();
      expect(meter(site).causes).toEqual({});
      await use(200);
      await use(10, 2);
      expect(meter(site).causes.moneyExhausted).toBeDefined();
    },
  );
});

describe('what has an end', () => {
  it('ends each at its own time, without waiting for a reading', async () => {
    const { site } = await room('100');
    const until = (minutes: number): number => site.clock.site() + minutes * MINUTE;
    await site.do('switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'works', untilMs: until(5) }, 'a');
    await site.do('switchMeter', { meter: 'm1', action: 'hold', reason: 'talks', untilMs: until(60) }, 'b');
    const told = site.differs.length;
    await site.pass(6 * MINUTE);
    expect(meter(site).causes).toEqual({});
    expect(site.differs.length).toBeGreaterThan(told);
    await site.pass(60 * MINUTE);
    expect(meter(site).operatorHold).toBeNull();
  });

  it('ends each at its own time after a restart', async () => {
    const { site, disk } = await room('100');
    const until = (minutes: number): number => site.clock.site() + minutes * MINUTE;
    await site.do('switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'works', untilMs: until(5) }, 'a');
    await site.do('switchMeter', { meter: 'm1', action: 'hold', reason: 'talks', untilMs: until(60) }, 'b');
    const again = await startCore(disk, null, site.clock);
    await again.pass(6 * MINUTE);
    expect(meter(again).causes).toEqual({});
    expect(meter(again).operatorHold).not.toBeNull();
  });
});
