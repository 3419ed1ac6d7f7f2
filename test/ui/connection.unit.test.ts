import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs, firstStep, step, type Connection, type ConnectionEvent } from '../../ui/src/net/connection.ts';
import { BuildingSequences } from '../../ui/src/net/sequence.ts';

const run = (events: readonly ConnectionEvent[], random = 0.5) => {
  let state: Connection = firstStep.next;
  const effects = firstStep.effects.map((effect) => effect.do);
  for (const event of events) {
    const next = step(state, event, 1000, random);
    state = next.next;
    effects.push(...next.effects.map((effect) => effect.do));
  }
  return { state, effects };
};

describe('the connection', () => {
  it('greets when open and is live when greeted', () => {
    expect(run([{ type: 'opened' }, { type: 'greeted' }])).toEqual({
      state: { phase: 'live' },
      effects: ['connect', 'hello'],
    });
  });

  it('waits longer after each failure and comes back to the shortest wait once it was live', () => {
    const lost = run([{ type: 'closed' }, { type: 'due' }, { type: 'closed' }, { type: 'due' }, { type: 'closed' }]);
    expect(lost.state).toEqual({ phase: 'waiting', attempt: 3, untilMs: 1000 + backOffMs(2, 0.5) });
    const again = run([{ type: 'opened' }, { type: 'greeted' }, { type: 'closed' }]);
    expect(again.state).toEqual({ phase: 'waiting', attempt: 1, untilMs: 1000 + backOffMs(0, 0.5) });
  });

  it('asks for the session when the handshake fails, since a page cannot see why', () => {
    expect(run([{ type: 'closed' }]).effects).toEqual(['connect', 'askSession', 'wait']);
    expect(run([{ type: 'opened' }, { type: 'greeted' }, { type: 'closed' }]).effects).not.toContain('askSession');
  });

  it('gives a silent connection up', () => {
    expect(run([{ type: 'opened' }, { type: 'greeted' }, { type: 'silent' }]).effects).toEqual([
      'connect',
      'hello',
      'close',
      'wait',
    ]);
  });

  it('stays ended after the session is over or the protocol does not fit', () => {
    for (const reason of ['session', 'protocol'] as const) {
      const ended = run([
        { type: 'opened' },
        { type: 'bye', reason },
        { type: 'closed' },
        { type: 'due' },
        { type: 'hurry' },
      ]);
      expect(ended.state).toEqual({ phase: 'ended', why: reason });
      expect(ended.effects.filter((effect) => effect === 'connect')).toHaveLength(1);
    }
  });

  it('hurries only while it waits', () => {
    expect(run([{ type: 'hurry' }]).effects).toEqual(['connect']);
    expect(run([{ type: 'closed' }, { type: 'hurry' }]).effects).toEqual(['connect', 'askSession', 'wait', 'connect']);
  });

  it('never has two connections at once, in whatever order things happen', () => {
    const events = fc.constantFrom<ConnectionEvent>(
      { type: 'opened' },
      { type: 'greeted' },
      { type: 'closed' },
      { type: 'silent' },
      { type: 'due' },
      { type: 'hurry' },
      { type: 'bye', reason: 'slow' },
      { type: 'bye', reason: 'shutdown' },
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 40 }), (happened) => {
        let state: Connection = firstStep.next;
        for (const event of happened) {
          const { next, effects } = step(state, event, 0, 0.5);
          if (effects.some((effect) => effect.do === 'connect')) expect(state.phase).toBe('waiting');
          if (effects.some((effect) => effect.do === 'wait')) expect(next.phase).toBe('waiting');
          state = next;
        }
      }),
      { seed: 3 },
    );
  });

  it('spreads its attempts: never below a quarter of the wait, never above 15 s', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const ms = backOffMs(attempt, random);
        expect(ms).toBeGreaterThanOrEqual(125);
        expect(ms).toBeLessThanOrEqual(15_000);
      }),
      { seed: 4 },
    );
    expect(backOffMs(9, 0)).not.toBe(backOffMs(9, 0.9));
  });
});

describe('frames of a building', () => {
  it('are applied one after the other', () => {
    const sequences = new BuildingSequences();
    sequences.snapshot('b1', 7);
    expect([sequences.frame('b1', 8), sequences.frame('b1', 9)]).toEqual(['apply', 'apply']);
  });

  it('ask for one snapshot at a hole and skip until it comes', () => {
    const sequences = new BuildingSequences();
    sequences.snapshot('b1', 7);
    expect([sequences.frame('b1', 9), sequences.frame('b1', 10)]).toEqual(['resync', 'skip']);
    sequences.snapshot('b1', 10);
    expect([sequences.frame('b1', 10), sequences.frame('b1', 11)]).toEqual(['skip', 'apply']);
  });

  it('of an unknown building are a hole', () => {
    expect(new BuildingSequences().frame('b9', 1)).toBe('resync');
  });

  it('count anew after a reconnect', () => {
    const sequences = new BuildingSequences();
    sequences.snapshot('b1', 70);
    sequences.forget();
    sequences.snapshot('b1', 1);
    expect(sequences.frame('b1', 2)).toBe('apply');
  });
});
