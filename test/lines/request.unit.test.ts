import { describe, expect, it } from 'vitest';
import { advance, type RequestEvent, type RequestState } from '../../server/lines/request.ts';

const states = {
  down: { kind: 'down' },
  idle: { kind: 'idle' },
  gap: { kind: 'gap' },
  waiting: { kind: 'waiting' },
  settling: { kind: 'settling' },
  ending: { kind: 'ending' },
  quiet: { kind: 'quiet', cause: 'noReply' },
} as const satisfies Record<string, RequestState>;

const events = {
  up: { type: 'up' },
  down: { type: 'down' },
  ask: { type: 'ask' },
  more: { type: 'bytes', verdict: 'more' },
  garbled: { type: 'bytes', verdict: 'garbled' },
  match: { type: 'bytes', verdict: 'match' },
  babble: { type: 'babble' },
  withdraw: { type: 'withdraw' },
  timer: { type: 'timer' },
} as const satisfies Record<string, RequestEvent>;

/** State after and actions in order; `!` is a broken invariant. */
const table: Record<keyof typeof states, Record<keyof typeof events, string>> = {
  down: {
    up: 'idle',
    down: 'down',
    ask: 'down fail:lineDown',
    more: 'down drop',
    garbled: 'down drop',
    match: 'down drop',
    babble: 'down drop',
    withdraw: '!',
    timer: '!',
  },
  idle: {
    up: '!',
    down: 'down',
    ask: 'gap arm:silence',
    more: 'idle drop',
    garbled: 'idle drop',
    match: 'idle drop',
    babble: 'idle drop',
    withdraw: '!',
    timer: '!',
  },
  gap: {
    up: '!',
    down: 'down disarm fail:lineDown',
    ask: '!',
    more: 'gap drop arm:silence',
    garbled: 'gap drop arm:silence',
    match: 'gap drop arm:silence',
    babble: 'quiet(babble) arm:quiet',
    withdraw: 'idle disarm fail:withdrawn',
    timer: 'waiting drop write arm:deadline',
  },
  waiting: {
    up: '!',
    down: 'down disarm fail:lineDown',
    ask: '!',
    more: 'waiting',
    garbled: 'settling arm:frameEnd',
    match: 'idle disarm deliver',
    babble: 'quiet(babble) arm:quiet',
    withdraw: '!',
    timer: 'ending arm:turn',
  },
  settling: {
    up: '!',
    down: 'down disarm fail:lineDown',
    ask: '!',
    more: 'settling arm:frameEnd',
    garbled: 'settling arm:frameEnd',
    match: 'idle disarm deliver',
    babble: 'quiet(babble) arm:quiet',
    withdraw: '!',
    timer: 'quiet(noReply) arm:quiet',
  },
  ending: {
    up: '!',
    down: 'down disarm fail:lineDown',
    ask: '!',
    more: 'ending',
    garbled: 'ending',
    match: 'idle disarm deliver',
    babble: 'quiet(babble) arm:quiet',
    withdraw: '!',
    timer: 'quiet(noReply) arm:quiet',
  },
  quiet: {
    up: '!',
    down: 'down disarm fail:lineDown',
    ask: '!',
    more: 'quiet(noReply) drop arm:quiet',
    garbled: 'quiet(noReply) drop arm:quiet',
    match: 'quiet(noReply) drop arm:quiet',
    babble: 'quiet(noReply) drop',
    withdraw: '!',
    timer: 'idle fail:noReply',
  },
};

function outcome(state: RequestState, event: RequestEvent): string {
  let step;
  try {
    step = advance(state, event);
  } catch {
    return '!';
  }
  const after = step.state.kind === 'quiet' ? `quiet(${step.state.cause})` : step.state.kind;
  const actions = step.actions.map((action) => {
    if (action.do === 'arm') return `arm:${action.timer}`;
    return action.do === 'fail' ? `fail:${action.cause}` : action.do;
  });
  return [after, ...actions].join(' ');
}

const pairs = (Object.keys(states) as (keyof typeof states)[]).flatMap((state) =>
  (Object.keys(events) as (keyof typeof events)[]).map((event) => [state, event] as const),
);

describe('the life of a request', () => {
  it.each(pairs)('%s, on %s, is as tabled', (state, event) => {
    expect(outcome(states[state], events[event])).toBe(table[state][event]);
  });

  it('tells of each request exactly once, whatever happens, and never has a timer running in a state that waits for none', () => {
    const seen = new Set<string>();
    /** Walks every reachable (state, open request, timer) and checks the bookkeeping. */
    const walk = (state: RequestState, open: boolean, timer: boolean): void => {
      const key = JSON.stringify([state, open, timer]);
      if (seen.has(key)) return;
      seen.add(key);
      expect(timer).toBe(['gap', 'waiting', 'settling', 'ending', 'quiet'].includes(state.kind));
      expect(open).toBe(timer);
      for (const event of Object.values(events)) {
        if (outcome(state, event) === '!' || (event.type === 'timer' && !timer)) continue;
        const step = advance(state, event);
        let armed = timer && event.type !== 'timer';
        let answers = 0;
        for (const action of step.actions) {
          if (action.do === 'arm') armed = true;
          if (action.do === 'disarm') armed = false;
          if (action.do === 'deliver' || action.do === 'fail') answers += 1;
        }
        const asked = open || event.type === 'ask';
        expect(answers).toBeLessThanOrEqual(asked ? 1 : 0);
        walk(step.state, asked && answers === 0, armed);
      }
    };
    walk(states.down, false, false);
    expect(seen.size).toBe(8);
  });
});
