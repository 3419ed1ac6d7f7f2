import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS, SnapshotPlan } from '../../server/runtime/snapshots.ts';
import type { JsonObject, Snapshot, StoredEvent } from '../../server/store/store.ts';

const capture = (): { schema: number; state: JsonObject } => ({ schema: 1, state: {} });
const eventsOf = (first: number, count: number): StoredEvent[] =>
  Array.from({ length: count }, (_, i) => ({ key: `meter:m${first + i}`, type: 'IndexNoted', v: 1, data: {} }));

/** Commits 100 events of actors in turn; `exact` says whether no later commit was begun. Returns what was written down. */
function commits(
  actors: number,
  count: number,
  exact: (number: number) => boolean,
): { written: number[]; floor: number } {
  const plan = new SnapshotPlan({ ...BOUNDS, trimEvery: 1_000_000 }, 0, new Map());
  const written: number[] = [];
  let floor = 0;
  for (let number = 1; number <= count; number++) {
    const events = eventsOf((number * 100) % actors, 100);
    const sealed = plan.seal(number, events, exact(number) ? capture : null);
    written.push(sealed.snapshots.length);
    floor = plan.durable({ number, hash: '' }) ?? floor;
  }
  return { written, floor };
}

describe('Snapshots', () => {
  it('are taken once in four events', () => {
    const { written } = commits(1_000, 200, () => true);
    expect(written.slice(2).every((count) => count === 26)).toBe(true);
  });

  it('that could not be taken while commits waited are made up for, within bounds', () => {
    const { written } = commits(4_000, 400, (number) => number % 20 === 0);
    expect(written.reduce((sum, count) => sum + count, 0) / 400).toBeGreaterThan(24);
    expect(Math.max(...written)).toBeLessThanOrEqual(400);
  });

  it('leave no more to replay than four events an actor and what comes between two trims', () => {
    for (const exact of [() => true, (number: number) => number % 4 === 0]) {
      const { floor } = commits(2_000, 1_000, exact);
      expect(100 * (1_000 - floor)).toBeLessThan(4 * 2_000 + 20_000 + 4_000);
    }
  });

  it('let no event be trimmed that no durable snapshot holds', () => {
    const commit = fc.record({ actors: fc.array(fc.nat(12), { maxLength: 6 }), exact: fc.boolean() });
    fc.assert(
      fc.property(fc.array(commit, { minLength: 30, maxLength: 120 }), (run) => {
        const plan = new SnapshotPlan({ trimEvery: 5, tailEvents: 8 }, 0, new Map());
        const held = new Map<string, number>();
        const touched = new Map<string, number[]>();
        let number = 0;
        const durable = (snapshots: readonly Snapshot[]): void => {
          const floor = plan.durable({ number, hash: '' });
          for (const { key, commit: upTo } of snapshots) held.set(key, upTo);
          if (floor === null) return;
          for (const [key, numbers] of touched)
            for (const one of numbers) if (one < floor) expect(held.get(key)).toBeGreaterThanOrEqual(one);
        };
        for (const { actors, exact } of run) {
          number += 1;
          const events = actors.flatMap((actor) => eventsOf(actor, 1));
          for (const { key } of events) touched.set(key, [...(touched.get(key) ?? []), number]);
          durable(plan.seal(number, events, exact ? capture : null).snapshots);
          const caughtUp = exact ? plan.idle({ number, hash: '' }, capture) : null;
          if (!caughtUp) continue;
          number += 1;
          durable(caughtUp.snapshots);
        }
      }),
    );
  });

  it('are written down while nothing waits until the tail is short, longest behind first', () => {
    const actors = 50_000;
    const plan = new SnapshotPlan({ ...BOUNDS, trimEvery: 1_000_000 }, 0, new Map());
    let number = 0;
    const durable = (): number | null => plan.durable({ number, hash: '' });
    while (number < actors / 100) {
      plan.seal((number += 1), eventsOf((number - 1) * 100, 100), null);
      durable();
    }
    expect(plan.tailEvents).toBe(actors);
    const written: string[] = [];
    for (;;) {
      const planned = plan.idle({ number, hash: '' }, capture);
      if (!planned) break;
      written.push(...planned.snapshots.map(({ key }) => key));
      expect(planned.snapshots.every(({ commit }) => commit === number)).toBe(true);
      number += 1;
      durable();
    }
    expect(plan.tailEvents).toBeLessThanOrEqual(BOUNDS.tailEvents);
    expect(written).toEqual(Array.from({ length: written.length }, (_, i) => `meter:m${i}`));
    expect(written.length).toBeLessThan(actors - BOUNDS.tailEvents + 1_000);
  });

  it('are not written down while nothing waits and the tail is short', () => {
    const plan = new SnapshotPlan({ ...BOUNDS, trimEvery: 1_000_000 }, 0, new Map());
    plan.seal(1, eventsOf(0, 100), null);
    plan.durable({ number: 1, hash: '' });
    expect(plan.tailEvents).toBe(100);
    expect(plan.idle({ number: 1, hash: '' }, capture)).toBeNull();
  });
});
