/** What a site says of its meter models is kept with it and comes back with it. */
import { expect, it } from 'vitest';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { lineOptions } from '../../server/lines/lineOptions.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

const chosen = { 'acrel-ddsy1352': { relayByte: 'low', settleMs: 700 } } as const;

it('is what its lines are made with, at the import and at every later start', async () => {
  const disk = new MemoryDisk();
  const first = await startCore(disk, { ...plainSite(1), profileOptions: chosen });
  const again = await startCore(disk, null, first.clock);
  for (const { core } of [first, again]) {
    const { profiles } = lineOptions(core.directory.site.profileOptions);
    expect(profiles['acrel-ddsy1352'].status?.swapBytes).toBe(true);
    expect(profiles['acrel-ddsy1352'].control?.settleMs).toBe(700);
    expect(profiles['acrel-dtsy1352'].status?.swapBytes).toBe(false);
    expect(core.directory.site.profileOptions?.['xintai-valve-water'].order).toBe('DCBA');
  }
});

it('is nothing on a site that says nothing, which is read as the sources have it', async () => {
  const { core } = await startCore(new MemoryDisk(), plainSite(1));
  expect(core.directory.site.profileOptions).toBeUndefined();
  expect(lineOptions(undefined).profiles).toEqual(lineOptions(profileOptions()).profiles);
});
