/** Every action of every role in any order, against the rule's own words. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { switchActions, type SwitchAction } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
type Who = 'anna' | 'bert' | 'boss';
type Step = { action: SwitchAction; who: Who; minutes: number | null; passMinutes: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    action: fc.constantFrom(...switchActions),
    who: fc.constantFrom<Who>('anna', 'bert', 'boss'),
    minutes: fc.option(fc.integer({ min: 1, max: 8 })),
    passMinutes: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 5, maxLength: 30 },
);

/** What stands, with its end. */
type Mind = Map<'tag' | 'keep' | 'trip' | 'close', { by: Who; untilMs: number }>;

/** The refusal that the rule asks for, or what stands afterwards. */
function act(mind: Mind, { action, who }: Step, untilMs: number): 'refused' | 'done' {
  const put = (name: 'tag' | 'keep' | 'trip' | 'close'): void => void mind.set(name, { by: who, untilMs });
  const tag = mind.get('tag');
  switch (action) {
    case 'forceTrip':
      if (mind.has('keep')) return 'refused';
      put('trip');
      mind.delete('close');
      return 'done';
    case 'forceClose':
      if (tag) return 'refused';
      put('close');
      mind.delete('trip');
      return 'done';
    case 'release':
      mind.delete('trip');
      mind.delete('close');
      return 'done';
    case 'keepPower':
      if (tag) return 'refused';
      put('keep');
      return 'done';
    case 'liftKeepPower':
      mind.delete('keep');
      return 'done';
    case 'workTag':
      if (untilMs !== Infinity || (tag && tag.by !== who)) return 'refused';
      put('tag');
      return 'done';
    case 'liftWorkTag':
      if (tag && tag.by !== who && who !== 'boss') return 'refused';
      mind.delete('tag');
      return 'done';
    case 'liftSafetyLock':
    case 'hold':
    case 'liftHold':
      return 'done';
  }
}

function wanted(mind: Mind): string {
  if (mind.has('tag')) return 'open workTag';
  if (mind.has('keep')) return 'closed keepPower';
  if (mind.has('trip')) return 'open forcedTrip';
  if (mind.has('close')) return 'closed forcedClose';
  return 'closed normal';
}

describe('switching', () => {
  it('does and refuses what the rules say, in any order, with ends and restarts; holds open and close nothing', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 3, max: 12 }), async (script, restartEvery) => {
        const disk = new MemoryDisk();
        let site = await startCore(disk, plainSite(1));
        const mind: Mind = new Map();
        for (const [i, step] of script.entries()) {
          await site.pass(step.passMinutes * MINUTE);
          const now = site.clock.site();
          for (const [name, { untilMs }] of mind) if (untilMs <= now) mind.delete(name);
          const untilMs = step.minutes === null ? Infinity : now + step.minutes * MINUTE;
          const expected = act(mind, step, untilMs);
          const outcome = await site.intake.do(
            { operator: step.who, role: step.who === 'boss' ? 'administrator' : 'operator' },
            'switchMeter',
            { meter: 'm1', action: step.action, reason: 'r', ...(step.minutes === null ? {} : { untilMs }) },
            `k${i}`,
          );
          expect([step.action, outcome.ok ? 'done' : 'refused']).toEqual([step.action, expected]);
          if (i % restartEvery === 0) site = await startCore(disk, null, site.clock);
          await site.settle();
          const tile = site.core.wall.tiles.get('r1')?.electricity;
          expect(`${tile?.wanted} ${tile?.cause}`).toBe(wanted(mind));
          if (outcome.ok) expect(Object.values(outcome.result as object).join(' ')).toBe(wanted(mind));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('an end that lies in the past is refused', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const params = { meter: 'm1', action: 'forceTrip', reason: 'r', untilMs: site.clock.site() };
    expect(await site.do('switchMeter', params, 'k')).toMatchObject({ ok: false, refusal: 'invalid' });
  });

  it('an end that is no whole millisecond is refused: what is journaled can be read again', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const params = { meter: 'm1', action: 'hold', reason: 'r', untilMs: site.clock.site() + MINUTE + 0.5 };
    expect(await site.do('switchMeter', params, 'k')).toMatchObject({ ok: false, refusal: 'invalid' });
    expect((await startCore(disk, null, site.clock)).fatal).toEqual([]);
  });
});
