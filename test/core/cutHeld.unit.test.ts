/** The alarm "a cut for money is held": there after its time while a hold stands, gone with the cut or the need for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SiteFileInput } from '../../protocol/site.ts';
import { quietMinutesLeft } from '../../server/domain/quiet.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, START_MS, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const LIMIT = 20 * MINUTE;
const rules = { warnBeforeCutMs: 0, cutHeldMs: LIMIT };

const alarmOf = (site: Running, n = 1) => site.core.alarms.alarms[`cutHeld:m${n}`];
const isActive = (site: Running, n = 1): boolean => alarmOf(site, n)?.active ?? false;
const cut = (site: Running): boolean => site.core.meters.get('m1')!.state.causes.moneyExhausted !== undefined;
const act = (site: Running, action: string, key: string): Promise<unknown> =>
  site.do('switchMeter', { meter: 'm1', action, reason: 'r' }, key);

/** Room 1 has used up its money; what holds the cut stood before. */
async function exhausted(
  more: SiteFileInput['site']['rules'],
  before: (site: Running) => Promise<unknown> = () => Promise.resolve(),
): Promise<{ site: Running; disk: MemoryDisk }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(2, '0.10', { ...rules, ...more }));
  await site.read('m1', 0);
  await site.read('m2', 0);
  await before(site);
  await site.pass(MINUTE);
  await site.read('m1', 200);
  await site.settle();
  return { site, disk };
}
const reads = async (site: Running, minutes: number): Promise<void> => {
  for (let i = 0; i < minutes; i++) {
    await site.pass(MINUTE);
    await site.read('m1', 200);
  }
};

describe('a cut for money', () => {
  it('that a person holds is an alarm after its time, and over when the hold is lifted and the cut made', async () => {
    const { site } = await exhausted({}, (one) => act(one, 'hold', 'h'));
    await reads(site, 19);
    expect([cut(site), isActive(site)]).toEqual([false, false]);
    await reads(site, 2);
    expect(alarmOf(site)).toMatchObject({
      ...{ active: true, priority: 2, room: 'r1', meter: 'm1', detail: { hold: 'operatorHold', minutes: 20 } },
    });
    expect(site.core.wall.tiles.get('r1')?.alarm).toBe(2);
    await act(site, 'liftHold', 'l');
    expect([cut(site), isActive(site)]).toEqual([true, false]);
    expect(isActive(site, 2)).toBe(false);
  });

  it('that quiet hours hold is one, until the cut that follows them', async () => {
    const { site } = await exhausted({ quietHours: [{ from: '12:00', to: '12:40' }] });
    await reads(site, 30);
    expect(alarmOf(site)).toMatchObject({ active: true, detail: { hold: 'quietHours' } });
    // Spread over half an hour: held no more, not yet made, and still an alarm.
    let between = 0;
    for (let i = 0; i < 60 && !cut(site); i++) {
      expect(isActive(site)).toBe(true);
      if (site.clock.site() > START_MS + 40 * MINUTE) between += 1;
      await reads(site, 1);
    }
    expect(between).toBeGreaterThan(0);
    expect([cut(site), isActive(site)]).toEqual([true, false]);
  });

  it('that old readings hold is one, and over when money comes', async () => {
    const { site } = await exhausted({}, (one) => act(one, 'hold', 'h'));
    await site.pass(6 * MINUTE);
    await act(site, 'liftHold', 'l');
    expect(cut(site)).toBe(false);
    await site.pass(15 * MINUTE);
    expect(alarmOf(site)).toMatchObject({ active: true, detail: { hold: 'stale' } });
    await site.do('recharge', { wallet: 'w1', amount: '50', channel: 'cash' }, 'r');
    expect([cut(site), isActive(site)]).toEqual([false, false]);
  });

  it('that the interlock holds has the alarm of the interlock alone', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2, '0.10', { ...rules, massCutLimit: 1 }));
    for (const index of [0, 200]) {
      await site.pass(MINUTE);
      for (const meter of ['m2', 'm1']) await site.read(meter, index);
    }
    await reads(site, 30);
    expect(cut(site)).toBe(false);
    expect([isActive(site), site.core.alarms.alarms['interlockHolding:site']?.active]).toEqual([false, true]);
  });

  it('that a person has made in another way is none', async () => {
    const { site } = await exhausted({}, (one) => act(one, 'hold', 'h'));
    await reads(site, 21);
    expect(isActive(site)).toBe(true);
    await act(site, 'forceTrip', 't');
    expect(isActive(site)).toBe(false);
    await act(site, 'release', 'f');
    expect(isActive(site)).toBe(true);
  });

  it('that is held over a restart is one at its time, without a reading', async () => {
    const { site, disk } = await exhausted({}, (one) => act(one, 'hold', 'h'));
    await reads(site, 10);
    const again = await startCore(disk, null, site.clock);
    await again.pass(9 * MINUTE);
    expect(isActive(again)).toBe(false);
    await again.pass(2 * MINUTE);
    expect(isActive(again)).toBe(true);
    const third = await startCore(disk, null, site.clock);
    expect(alarmOf(third)).toMatchObject({ active: true, sinceMs: alarmOf(again)?.sinceMs });
    await third.read('m1', 200);
    await act(third, 'liftHold', 'l');
    expect([cut(third), isActive(third)]).toEqual([true, false]);
  });
});

type Step = 'pass' | 'read' | 'hold' | 'lift' | 'trip' | 'release' | 'pay' | 'use' | 'restart';
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<Step[]>('pass', 'read') },
    { weight: 3, arbitrary: fc.constantFrom<Step[]>('use', 'hold', 'lift') },
    { weight: 1, arbitrary: fc.constantFrom<Step[]>('trip', 'release', 'pay', 'restart') },
  ),
  { minLength: 20, maxLength: 60 },
);

async function take(site: Running, disk: MemoryDisk, step: Step, index: number, key: string): Promise<Running> {
  if (step === 'restart') return startCore(disk, null, site.clock);
  if (step === 'pass') await site.pass(7 * MINUTE);
  else if (step === 'read' || step === 'use') await site.read('m1', index);
  else if (step === 'pay') await site.do('recharge', { wallet: 'w1', amount: '1', channel: 'cash' }, key);
  else {
    const actions = { hold: 'hold', lift: 'liftHold', trip: 'forceTrip', release: 'release' } as const;
    await act(site, actions[step], key);
  }
  return site;
}

it('stands exactly while an unmade cut has waited its time behind a hold, whatever happens', async () => {
  let raised = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const disk = new MemoryDisk();
      const quietHours = [{ from: '13:00', to: '14:00' }];
      let site = await startCore(disk, plainSite(1, '0.10', { ...rules, quietHours }));
      let index = 0;
      await site.read('m1', index);
      for (const [i, step] of script.entries()) {
        if (step === 'use') index += 500;
        site = await take(site, disk, step, index, `k${i}`);
        const { state } = site.core.meters.get('m1')!;
        const wanting = state.cutSinceMs !== null && !cut(site) && !state.causes.forcedTrip;
        if (!wanting) expect(isActive(site)).toBe(false);
        else if (site.clock.site() < state.cutSinceMs! + LIMIT) expect(isActive(site)).toBe(false);
        else {
          const quiet = quietMinutesLeft({ quietHours }, site.core.context().localMinute(site.clock.site())) !== null;
          if (state.operatorHold !== null || quiet) expect(isActive(site)).toBe(true);
          // Otherwise it waits for its turn after quiet hours, or for a reading: what was said stands.
        }
        if (isActive(site)) raised += 1;
      }
    }),
    { numRuns: 60, seed: 5 },
  );
  expect(raised).toBeGreaterThan(20);
});
