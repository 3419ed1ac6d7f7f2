/** Doubtful readings, gaps, clocks and restarts: each unit is charged once, and a doubtful one by a person alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const balance = (site: Running): number => site.core.wallets.get('w1')?.state.balanceMicro ?? NaN;
const usedWh = (site: Running): number => (1_000_000_000 - balance(site)) / 1_000;
const rich = plainSite(1, '1000');
const decide = (site: Running, action: 'release' | 'discard', key: string): ReturnType<Running['do']> =>
  site.do('resolveQuarantine', { meter: 'm1', action, reason: 'seen' }, key);
const three = async (site: Running, index: number): Promise<void> => {
  for (let i = 0; i < 3; i++) await site.read('m1', index);
};

describe('a held value', () => {
  it('that lies behind what was charged since is not released: it would be charged again', async () => {
    const site = await startCore(new MemoryDisk(), rich);
    await site.read('m1', 50_000);
    await three(site, 49_900);
    await site.pass(HOUR);
    await site.read('m1', 51_000);
    expect(usedWh(site)).toBe(1_000);
    expect(await decide(site, 'release', 'a')).toMatchObject({ ok: false, refusal: 'invalid' });
    await site.pass(HOUR);
    await site.read('m1', 52_000);
    expect(usedWh(site)).toBe(2_000);
    expect(await decide(site, 'discard', 'b')).toMatchObject({ ok: true });
  });

  it('that was a reset is a new start, once', async () => {
    const site = await startCore(new MemoryDisk(), rich);
    await site.read('m1', 50_000);
    await three(site, 100);
    expect(await decide(site, 'release', 'a')).toMatchObject({ ok: true });
    expect(await decide(site, 'release', 'b')).toMatchObject({ ok: false, refusal: 'nothingHeld' });
    await site.pass(HOUR);
    await site.read('m1', 900);
    expect(usedWh(site)).toBe(800);
  });

  it('is still held, with its alarm, after a restart', async () => {
    const disk = new MemoryDisk();
    const first = await startCore(disk, rich);
    await first.read('m1', 0);
    await three(first, 500_000);
    const site = await startCore(disk, null, first.clock);
    await site.read('m1', 500_010);
    expect(usedWh(site)).toBe(0);
    expect(site.core.alarms.alarms['quarantine:m1']?.active).toBe(true);
    expect(await decide(site, 'release', 'a')).toMatchObject({ ok: true });
    await site.pass(MINUTE);
    await site.read('m1', 500_020);
    expect(usedWh(site)).toBe(500_020);
  });

  it('that was discarded and is read again is held again, however long it took and over a restart', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, rich);
    await site.read('m1', 0);
    await site.pass(HOUR);
    await site.read('m1', 0);
    await three(site, 10_000);
    await site.pass(3 * HOUR);
    expect(await decide(site, 'discard', 'a')).toMatchObject({ ok: true });
    await site.read('m1', 10_000);
    expect(usedWh(site)).toBe(0);
    site = await startCore(disk, null, site.clock);
    await three(site, 10_000);
    expect(usedWh(site)).toBe(0);
    expect(site.core.alarms.alarms['quarantine:m1']?.active).toBe(true);
    expect(await decide(site, 'discard', 'b')).toMatchObject({ ok: true });
    await site.read('m1', 500);
    await site.pass(HOUR);
    await site.read('m1', 10_000);
    expect(usedWh(site)).toBe(10_000);
  });

  it.each(['notANumber', 'allOnes'] as const)('that is no value (%s) can only be discarded', async (index) => {
    const site = await startCore(new MemoryDisk(), rich);
    await site.read('m1', 50);
    for (let i = 0; i < 3; i++) await site.read('m1', 0, { index });
    expect(await decide(site, 'release', 'a')).toMatchObject({ ok: false, refusal: 'invalid' });
    await site.pass(MINUTE);
    await site.read('m1', 60);
    expect(usedWh(site)).toBe(10);
    expect(await decide(site, 'discard', 'b')).toMatchObject({ ok: true });
    expect(site.core.alarms.alarms['quarantine:m1']?.active).toBe(false);
  });
});

describe('flow through an open breaker', () => {
  it('is no less an alarm while its state cannot be told, and what passes goes on counting', async () => {
    const site = await startCore(new MemoryDisk(), rich);
    const active = (): boolean => site.core.alarms.alarms['flowThroughOpen:m1']?.active ?? false;
    const still = { amps: [0] };
    await site.read('m1', 0, { switchState: 'open', ...still });
    await site.read('m1', 10, { switchState: null, ...still });
    await site.pass(MINUTE);
    await site.read('m1', 30, { switchState: 'open', ...still });
    expect(active()).toBe(true);
    await site.read('m1', 30, { switchState: null, ...still });
    expect(active()).toBe(true);
    await site.read('m1', 30, { switchState: 'closed' });
    expect(active()).toBe(false);
  });
});

describe('time', () => {
  it('a gap is caught up on return, charged once and marked estimated', async () => {
    const site = await startCore(new MemoryDisk(), rich);
    await site.read('m1', 0);
    await site.pass(2 * HOUR);
    const last = (): { quantity: number; estimated: boolean } | undefined =>
      site.core.meters.get('m1')!.state.pending.at(-1);
    await site.read('m1', 8_000);
    expect(last()).toMatchObject({ quantity: 8_000, estimated: true });
    await site.pass(MINUTE);
    await site.read('m1', 8_010);
    expect(last()).toMatchObject({ quantity: 10, estimated: false });
    expect(usedWh(site)).toBe(8_010);
  });

  it('a clock that went back makes no interval of negative length', async () => {
    const site = await startCore(new MemoryDisk(), rich);
    await site.read('m1', 0);
    await site.pass(10 * MINUTE);
    await site.read('m1', 100);
    site.clock.siteMs -= 5 * MINUTE;
    await site.read('m1', 110);
    await site.pass(10 * MINUTE);
    await site.read('m1', 200);
    const { pending } = site.core.meters.get('m1')!.state;
    for (const { fromMs, toMs } of pending) expect(toMs).toBeGreaterThanOrEqual(fromMs);
    expect(usedWh(site)).toBe(200);
  });

  it('a multiplier stands in the charge, and a rollover near the end loses nothing', async () => {
    const plain = plainSite(1, '1000');
    const site = await startCore(new MemoryDisk(), {
      ...plain,
      meters: plain.meters.map((meter) => ({ ...meter, ct: 10, rating: 150_000 })),
    });
    await site.read('m1', 9_999_999_000);
    await site.pass(HOUR);
    await site.read('m1', 500);
    expect(usedWh(site)).toBe(1_500);
    expect(site.core.meters.get('m1')!.state.pending.at(-1)).toMatchObject({ multiplier: 10, toIndex: 500 });
  });
});

describe('each unit is charged once', () => {
  const FAR = 50_000_000; // beyond what the rating passes in all the time a script can take
  type Step = {
    kind: 'use' | 'repeat' | 'late' | 'wild' | 'noNumber' | 'allOnes' | 'restart' | 'discard' | 'gap';
    n: number;
  };
  const kind = fc.oneof(
    { weight: 5, arbitrary: fc.constant('use' as const) },
    { weight: 6, arbitrary: fc.constantFrom('repeat' as const, 'late' as const, 'wild' as const, 'noNumber' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('allOnes' as const, 'restart' as const, 'discard' as const, 'gap' as const),
    },
  );
  const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ kind, n: fc.integer({ min: 1, max: 200 }) }), {
    minLength: 5,
    maxLength: 40,
  });

  it('however readings repeat, come late, run wild or meet a restart: what the register gave, once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const disk = new MemoryDisk();
        let site = await startCore(disk, rich);
        let index = 1_000_000;
        await site.read('m1', index);
        const discard = async (key: string): Promise<void> => {
          if (!site.core.meters.get('m1')!.state.quarantine) return;
          expect((await decide(site, 'discard', key)).ok).toBe(true);
        };
        for (const [i, step] of script.entries()) {
          if (step.kind === 'use') {
            await site.pass(MINUTE);
            index += step.n;
            await site.read('m1', index);
          } else if (step.kind === 'repeat') await site.read('m1', index);
          else if (step.kind === 'late') await site.read('m1', index - step.n);
          else if (step.kind === 'wild') await site.read('m1', index + FAR + step.n);
          else if (step.kind === 'noNumber') await site.read('m1', 0, { index: 'notANumber' });
          else if (step.kind === 'allOnes') await site.read('m1', 0, { index: 'allOnes' });
          else if (step.kind === 'restart') site = await startCore(disk, null, site.clock);
          else if (step.kind === 'discard') await discard(`d${i}`);
          else await site.pass(step.n * MINUTE);
          expect(usedWh(site)).toBeLessThanOrEqual(index - 1_000_000);
          expect([...site.fatal, ...site.core.actors.parked]).toEqual([]);
          expect(site.core.ledger.imbalanceMicro).toBe(0);
        }
        await discard('last');
        await site.pass(10 * MINUTE);
        await site.read('m1', index);
        await site.read('m1', index);
        expect(usedWh(site)).toBe(index - 1_000_000);
      }),
      { numRuns: 60 },
    );
  });
});
