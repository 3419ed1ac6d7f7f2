/** Allowances that were taken back, and are given again later. */
import { describe, expect, it } from 'vitest';
import { DAY, done, give, grantsOf, inLedger, leap, lots } from '../tools/allowances.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

describe('an allowance that begins again after a pause', () => {
  it('grants nothing for the time between', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    const yuan = { unit: 'yuan', amount: '5', unused: 'carriesOver' };
    await give(running, yuan);
    await done(running, 'endAllowance', { accounts: ['a1'], unit: 'yuan' });
    await leap(running, 95 * DAY);
    await give(running, yuan);
    expect(lots(running, 'yuan')).toEqual([['2026-09', 5_000_000]]);
    expect(grantsOf(disk)).toEqual({ 'yuan 2026-06': 1, 'yuan 2026-09': 1 });
    expect(inLedger(running, 'allowance')).toBe(-5_000_000);
  });

  it('of years that are months again begins with the month that was chosen', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await give(running);
    await give(running, { period: 'year' });
    await leap(running, 95 * DAY);
    await give(running);
    await leap(running, 30 * DAY);
    expect(grantsOf(disk)).toEqual({ 'kWh 2026-06': 1, 'kWh 2026-10': 1 });
  });

  it('of years, then months, then years again grants no year twice', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await give(running, { period: 'year' });
    await give(running);
    await leap(running, 31 * DAY);
    await done(running, 'endAllowance', { accounts: ['a1'], unit: 'kWh' });
    await give(running, { period: 'year' });
    await leap(running, DAY);
    expect(grantsOf(disk)).toEqual({ 'kWh 2026': 1, 'kWh 2026-07': 1 });
  });
});
