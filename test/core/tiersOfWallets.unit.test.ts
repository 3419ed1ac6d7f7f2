/** Tiers are counted per account or meter, whichever wallets pay: nobody begins below again by moving a meter. */
import { describe, expect, it } from 'vitest';
import { done as doneBy } from '../tools/allowances.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

describe('tiers counted over an account with two wallets', () => {
  const HOUR = 3_600_000;
  /** 1 yuan up to 10 kWh a month, 2 yuan above. */
  async function twoWallets(countedPer: 'account' | 'meter', disk = new MemoryDisk()): Promise<Running> {
    const whole = plainSite(2);
    const [first] = whole.accounts;
    const [tariff] = whole.tariffs;
    const tiers = { per: 'month' as const, countedPer, edges: [{ above: ['10'] }], add: ['0', '1'] };
    const running = await startCore(disk, {
      ...whole,
      accounts: [{ ...first!, rooms: ['r1', 'r2'] }],
      tariffs: [{ ...tariff!, versions: tariff!.versions.map((version) => ({ ...version, tiers })) }],
    });
    await running.read('m1', 0);
    await running.read('m2', 0);
    await doneBy(running, 'addWallet', { account: 'a1', newWallet: { id: 'w1b', name: '' } });
    return running;
  }
  async function move(running: Running, meter: string, wallet: string, index: number): Promise<void> {
    await running.pass(1_000);
    await doneBy(running, 'moveMeters', { account: 'a1', meters: [{ meter, wallet }] });
    await running.pass(1_000);
    await running.read(meter, index);
    await running.pass(1_000);
    expect(running.core.meters.get(meter)?.state.place.wallet).toBe(wallet);
  }
  async function read(running: Running, meter: string, index: number): Promise<void> {
    await running.pass(HOUR);
    await running.read(meter, index);
    await running.settle();
  }
  const spent = ({ core }: Running): number =>
    -core.ledger.ledger.balance('takeover') -
    ['w1', 'w1b'].reduce((sum, id) => sum + (core.wallets.get(id)?.state.balanceMicro ?? NaN), 0);

  it('add up over its wallets, also after a restart', async () => {
    const disk = new MemoryDisk();
    let running = await twoWallets('account', disk);
    await move(running, 'm2', 'w1b', 0);
    await read(running, 'm1', 8_000);
    await read(running, 'm2', 4_000);
    expect(spent(running)).toBe(14_000_000);
    running = await startCore(disk, null, running.clock);
    await read(running, 'm1', 9_000);
    expect(spent(running)).toBe(16_000_000);
  });

  it('go on where a meter moves to another wallet of the same tenant, and back', async () => {
    const running = await twoWallets('meter');
    await read(running, 'm1', 8_000);
    await move(running, 'm1', 'w1b', 8_000);
    await read(running, 'm1', 11_000);
    expect(spent(running)).toBe(12_000_000);
    await move(running, 'm1', 'w1', 11_000);
    await read(running, 'm1', 12_000);
    expect(spent(running)).toBe(14_000_000);
  });
});
