/** A life of readings, swaps and multipliers in any order, with a kill after any commit: each unit is charged once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAt, finest } from '../tools/cutJournal.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const START_MICRO = 100_000_000_000;
/** 1.0000 yuan a kWh. */
const MICRO_PER_WH = 1_000;

/** The meter in its cabinet, and what a careful clerk would have charged for it. */
type Truth = { index: number; ct: number; wh: number };

const step = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), wh: fc.nat(900) }),
  fc.record({
    ...{ kind: fc.constant('swap' as const), wh: fc.nat(900) },
    ...{ first: fc.nat(5_000), ct: fc.integer({ min: 1, max: 3 }) },
  }),
  fc.record({ kind: fc.constant('multiplier' as const), wh: fc.nat(900), ct: fc.integer({ min: 1, max: 3 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const kWh = (wh: number): string => (wh / 1000).toFixed(3);

/** What happens in the field happens once; what the core is asked for may be asked again, under the same key. */
function happen(truth: Truth, one: Step, key: string): (running: Running) => Promise<void> {
  const old = { ...truth };
  truth.index += one.wh;
  truth.wh += one.wh * old.ct;
  const last = kWh(truth.index);
  if (one.kind === 'swap') truth.index = one.first;
  if (one.kind !== 'read') truth.ct = one.ct;
  const { index, ct } = truth;
  const ask = async (running: Running, op: 'swapMeter' | 'changeMultiplier', params: object): Promise<void> => {
    const outcome = await running.do(op, { meter: 'm1', reason: 'test', ct, pt: 1, ...params }, key, 'administrator');
    expect(outcome).toMatchObject({ ok: true });
  };
  return async (running) => {
    if (one.kind === 'read') await running.read('m1', index * ct, { times: ct });
    else if (one.kind === 'multiplier') await ask(running, 'changeMultiplier', { reading: last });
    else {
      const other = { number: '77', unitId: 1, profile: 'acrel-ddsy1352' };
      await ask(running, 'swapMeter', { ...other, last, first: kWh(index) });
    }
    await running.settle();
  };
}

describe('the life of a meter', () => {
  it('is charged to the Wh, whatever was swapped and after whichever turn the core was killed', async () => {
    const cuts = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(7)), { minLength: 1, maxLength: 12 }), async (life) => {
        const clock = new Stepped();
        let disk = new MemoryDisk();
        let running = await startCore(disk, plainSite(1, '100000'), clock);
        const truth: Truth = { index: 1_000, ct: 1, wh: 0 };
        await running.read('m1', truth.index, { times: 1 });
        for (const [n, [one, killAfter]] of life.entries()) {
          await running.pass(HOUR);
          const before = finest(disk).length;
          const told = happen(truth, one, `k${n}`);
          await told(running);
          const turns = finest(disk);
          const cut = before + killAfter;
          if (cut <= turns.length) {
            const kept = turns.slice(0, cut);
            disk = cutAt(disk, kept);
            running = await startCore(disk, null, clock);
            const types = kept.slice(before).flatMap(({ events }) => events.map(({ type }) => type));
            cuts.add(`${one.kind} ${types.join(' ')}`);
            // What was answered is asked for no more: the answer stands beside its event.
            if (!types.includes('MeterRenewed')) await told(running);
          }
          const number = life.slice(0, n + 1).some(([{ kind }]) => kind === 'swap') ? '77' : null;
          await running.read('m1', truth.index * truth.ct, { times: truth.ct, number });
          expect(running.core.wallets.get('w1')?.state.balanceMicro).toBe(START_MICRO - truth.wh * MICRO_PER_WH);
          expect(running.core.meters.get('m1')?.state.quarantine).toBeNull();
          expect(running.core.ledger.imbalanceMicro).toBe(0);
          expect(running.core.actors.parked).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
    // Nothing of it, the meter's part alone, and all of it.
    for (const kind of ['read', 'swap', 'multiplier'])
      expect([...cuts].filter((cut) => cut.startsWith(kind)).length, [...cuts].join('\n')).toBeGreaterThan(2);
  });
});
