/** The printed number of a meter finds its room. */
import { expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

it('A part of a printed number finds the meters that have it and the rooms they are in, and no others', async () => {
  const plain = plainSite(3);
  const numbers = ['202500001', '202500002', undefined];
  const meters = plain.meters.map((meter, i) => ({ ...meter, ...(numbers[i] && { number: numbers[i] }) }));
  const site = await startCore(new MemoryDisk(), { ...plain, meters });
  const find = async (number: string) => {
    const outcome = await site.do('findMeters', { number }, '', 'viewer');
    return outcome.ok ? outcome.result : outcome.refusal;
  };
  expect(await find('0002')).toEqual({ items: [{ meter: 'm2', number: '202500002', room: 'r2' }] });
  expect(await find('2025')).toMatchObject({ items: [{ room: 'r1' }, { room: 'r2' }] });
  expect(await find('2026')).toEqual({ items: [] });
  expect(await find('02')).toBe('invalid');
});
