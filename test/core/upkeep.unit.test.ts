/** What the clock does: an answer of the store is as old as its question. */
import { afterEach, expect, it, vi } from 'vitest';
import { Upkeep } from '../../server/core/upkeep.ts';
import { SiteClock } from '../../server/runtime/clock.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

afterEach(() => vi.useRealTimers());

it('A core that stood still between question and answer is not confirmed as the writer by that answer', async () => {
  const { core, clock } = await startCore(new MemoryDisk(), plainSite(1));
  let answer = (): void => undefined;
  const store = new MemoryStore(new MemoryDisk());
  store.confirmEpoch = () => new Promise((resolve) => (answer = resolve));
  vi.useFakeTimers();
  const nothing = { watch: () => undefined };
  const upkeep = new Upkeep({
    ...{ core, store, gateway: nothing, lines: nothing, remembering: { write: async () => undefined } as never },
    clock: new SiteClock({ wall: () => 0, mono: () => 0, speed: 1, lastMs: null }),
    ...{ log: { error: () => undefined } as never, onFatal: () => undefined },
  });
  upkeep.start();
  await vi.advanceTimersByTimeAsync(2_000);
  clock.step(60_000);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  upkeep.stop();
  expect(core.context().epochAgeMs).toBe(60_000);
});
