import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

describe('a pulse', () => {
  it('is priced, deducted and shown, and both folds agree', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 1_000_000);
    await site.pass(60_000);
    await site.read('m1', 1_000_100);
    expect(site.core.wallets.get('w1')?.state.balanceMicro).toBe(99_900_000);
    expect(site.core.ledger.ledger.balance('wallet:w1')).toBe(99_900_000);
    expect(site.core.ledger.ledger.balance('revenue:electricity:energy')).toBe(100_000);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
    expect(site.core.wall.tiles.get('r1')?.money?.balanceMicro).toBe(99_900_000);
    expect(site.core.wall.tiles.get('r1')?.electricity?.today).toBe(100);
  });

  it('goes on where it stopped after a crash', async () => {
    const disk = new MemoryDisk();
    const before = await startCore(disk, plainSite(3));
    for (const meter of ['m1', 'm2', 'm3']) await before.read(meter, 0);
    await before.pass(120_000);
    await before.read('m1', 200);
    const after = await startCore(disk, null, before.clock);
    expect(after.core.wallets.get('w1')?.state).toEqual(before.core.wallets.get('w1')?.state);
    await after.pass(60_000);
    await after.read('m1', 300);
    expect(after.core.wallets.get('w1')?.state.balanceMicro).toBe(100_000_000 - 300_000);
    expect(after.core.ledger.imbalanceMicro).toBe(0);
  });
});

describe('warn, then cut', () => {
  it('warns at the last level, cuts after the warning is old enough, and closes on a recharge', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '0.10', { warnBeforeCutMs: 30 * 60_000 }));
    await site.read('m1', 0);
    await site.pass(60_000);
    await site.read('m1', 200);
    const wallet = (): NonNullable<ReturnType<typeof site.core.wallets.get>>['state'] =>
      site.core.wallets.get('w1')!.state;
    const meter = (): NonNullable<ReturnType<typeof site.core.meters.get>>['state'] =>
      site.core.meters.get('m1')!.state;
    expect(wallet().level).toBe(3);
    expect(wallet().exhausted).toBe(false);
    expect(meter().causes.moneyExhausted).toBeUndefined();
    await site.pass(31 * 60_000);
    expect(wallet().exhausted).toBe(true);
    expect(meter().causes.moneyExhausted).toBeUndefined(); // its last reading is stale
    await site.read('m1', 210);
    expect(meter().causes.moneyExhausted).toBeDefined();
    expect(site.differs).toContain('m1');
    const outcome = await site.do('recharge', { wallet: 'w1', amount: '50.00', channel: 'cash' }, 'k1');
    expect(outcome).toMatchObject({ ok: true });
    expect(wallet().exhausted).toBe(false);
    expect(meter().causes.moneyExhausted).toBeUndefined();
  });

  it('books the same recharge once, however often it is sent', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const params = { wallet: 'w1', amount: '50.00', channel: 'cash' };
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => site.intake.do({ operator: 'o', role: 'operator' }, 'recharge', params, 'same')),
    );
    const again = await startCore(disk, null, site.clock);
    for (let i = 0; i < 50; i++)
      outcomes.push(await again.intake.do({ operator: 'o', role: 'operator' }, 'recharge', params, 'same'));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(again.core.wallets.get('w1')?.state.balanceMicro).toBe(150_000_000);
    const other = await again.intake.do(
      { operator: 'o', role: 'operator' },
      'recharge',
      { ...params, amount: '60.00' },
      'same',
    );
    expect(other).toMatchObject({ ok: false, refusal: 'conflict' });
  });
});
