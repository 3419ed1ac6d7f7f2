/** Law 4 under random use: each opening for money is held against what was known when it was decided. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const ROOMS = 4;
const LIMIT = 2;
const WARN_MS = 10 * MINUTE;
const FRESH_MS = 5 * MINUTE;
const numbers = Array.from({ length: ROOMS }, (_, i) => i + 1);
const quiet = (atMs: number): boolean => {
  const minute = (atMs - START_MS) / MINUTE; // the clock starts at noon
  return minute >= 40 && minute < 70;
};

type Step = {
  what: 'use' | 'pass' | 'hold' | 'lift' | 'keep' | 'unkeep' | 'pay' | 'unsure' | 'restart' | 'release';
  n: number;
};
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 6, arbitrary: fc.constant('use' as const) },
      { weight: 5, arbitrary: fc.constant('pass' as const) },
      { weight: 4, arbitrary: fc.constantFrom('hold' as const, 'lift' as const, 'pay' as const, 'unsure' as const) },
      {
        weight: 3,
        arbitrary: fc.constantFrom('keep' as const, 'unkeep' as const, 'restart' as const, 'release' as const),
      },
    ),
    n: fc.integer({ min: 1, max: ROOMS }),
  }),
  { minLength: 30, maxLength: 80 },
);

type World = {
  site: Running;
  readonly disk: MemoryDisk;
  readonly index: number[];
  readonly readMs: number[];
  readonly holds: Set<number>;
  /** When each opening was decided; a person's release starts the count anew. */
  opened: number[];
  readonly open: Set<number>;
};

function check(world: World): void {
  const { site, open } = world;
  for (const n of numbers) {
    const { state } = site.core.meters.get(`m${n}`)!;
    const wallet = site.core.wallets.get(`w${n}`)!.state;
    const cause = state.causes.moneyExhausted;
    if (!cause) {
      open.delete(n);
      continue;
    }
    expect(wallet.exhausted).toBe(true);
    if (open.has(n)) continue;
    open.add(n);
    const { sinceMs } = cause;
    expect(wallet.balanceMicro).toBeLessThanOrEqual(0);
    expect(sinceMs - (wallet.warnedMs ?? Infinity)).toBeGreaterThanOrEqual(WARN_MS);
    expect(sinceMs - (world.readMs[n] ?? -Infinity)).toBeLessThanOrEqual(FRESH_MS);
    expect(quiet(sinceMs)).toBe(false);
    expect(world.holds.has(n)).toBe(false);
    world.opened.push(sinceMs);
    expect(world.opened.filter((at) => at > sinceMs - 10 * MINUTE).length).toBeLessThanOrEqual(LIMIT);
  }
}

async function take(world: World, { what, n }: Step, key: string): Promise<void> {
  const { site } = world;
  const act = (action: string): Promise<unknown> =>
    site.do('switchMeter', { meter: `m${n}`, action, reason: 'r' }, key);
  const read = async (): Promise<void> => {
    world.readMs[n] = site.clock.site();
    await site.read(`m${n}`, world.index[n] ?? 0);
  };
  if (what === 'use') {
    await site.pass(MINUTE);
    world.index[n] = (world.index[n] ?? 0) + 100;
    await read();
  } else if (what === 'pass') {
    await site.pass(n * MINUTE);
    await read();
  } else if (what === 'hold') {
    await act('hold');
    world.holds.add(n);
  } else if (what === 'lift') {
    world.holds.delete(n);
    await act('liftHold');
  } else if (what === 'keep') await act('keepPower');
  else if (what === 'unkeep') await act('liftKeepPower');
  else if (what === 'pay') await site.do('recharge', { wallet: `w${n}`, amount: '0.30', channel: 'cash' }, key);
  else if (what === 'restart') world.site = await startCore(world.disk, null, site.clock);
  else if (what === 'release') {
    world.opened = [];
    await site.do('releaseInterlock', { reason: 'r' }, key);
  } else {
    // The store has not said for 11 s that we are its writer: nothing is cut by what is read meanwhile.
    const before = new Set(world.open);
    site.clock.step(11_000);
    const confirmed = site.core.epochConfirmed;
    site.core.epochConfirmed = () => {};
    await site.read(`m${n}`, world.index[n] ?? 0);
    world.readMs[n] = site.clock.site();
    site.core.epochConfirmed = confirmed;
    expect(site.core.meters.get(`m${n}`)?.state.causes.moneyExhausted !== undefined).toBe(before.has(n));
  }
}

describe('law 4: never cut by mistake', () => {
  it('each opening was warned, fresh, out of quiet hours and holds, and within the limit; in the end all is as paid', async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const disk = new MemoryDisk();
        const rules = {
          ...{ warnBeforeCutMs: WARN_MS, massCutLimit: LIMIT },
          quietHours: [{ from: '12:40', to: '13:10' }],
        };
        const site = await startCore(disk, plainSite(ROOMS, '0.20', rules));
        const world: World = { site, disk, index: [], readMs: [], holds: new Set(), opened: [], open: new Set() };
        for (const n of numbers) await take(world, { what: 'pass', n }, `first${n}`);
        for (const [i, step] of script.entries()) {
          await take(world, step, `k${i}`);
          check(world);
          expect(world.site.core.ledger.imbalanceMicro).toBe(0);
        }
        cuts += world.open.size;
        // In the end: nothing stands against it any more, and a person releases what is held.
        for (const n of numbers)
          for (const what of ['lift', 'unkeep'] as const) await take(world, { what, n }, `end-${what}${n}`);
        await world.site.pass(150 * MINUTE);
        for (let round = 0; round < 3; round++) {
          for (const n of numbers) await world.site.read(`m${n}`, world.index[n] ?? 0);
          await world.site.do('releaseInterlock', { reason: 'r' }, `end${round}`);
          await world.site.pass(MINUTE);
        }
        for (const n of numbers) {
          const { balanceMicro } = world.site.core.wallets.get(`w${n}`)!.state;
          const cut = world.site.core.meters.get(`m${n}`)!.state.causes.moneyExhausted !== undefined;
          expect([n, cut]).toEqual([n, balanceMicro <= 0]);
        }
        for (const n of numbers)
          await world.site.do('recharge', { wallet: `w${n}`, amount: '90', channel: 'cash' }, `paid${n}`);
        for (const n of numbers) expect(world.site.core.wall.tiles.get(`r${n}`)?.electricity?.wanted).toBe('closed');
      }),
      { numRuns: 40 },
    );
    expect(cuts).toBeGreaterThan(10);
  });
});
