/**
 * The life of one request on a line, as a pure state machine: no timer, no I/O. One request at a time, one timer at a time.
 *
 *   down → idle → gap → waiting → idle            the reply came
 *                        ├ settling → quiet → idle   bytes came, none of them the reply
 *                        └ ending → quiet → idle     the deadline passed
 */
import { assertNever, InvariantError } from '../domain/assert.ts';

export type RequestState =
  | { readonly kind: 'down' }
  | { readonly kind: 'idle' }
  /** Asked; waiting until the wire has been silent long enough. */
  | { readonly kind: 'gap' }
  /** Written; the deadline is running. */
  | { readonly kind: 'waiting' }
  /** As many bytes as expected came without a reply among them; waiting for their end. */
  | { readonly kind: 'settling' }
  /** The deadline fired; one more turn of I/O may bring bytes that are already here. */
  | { readonly kind: 'ending' }
  /** Failed; what still comes is dropped, and only then does the caller hear of it. */
  | { readonly kind: 'quiet'; readonly cause: FailureCause };

/** noReply: nothing matched in time. babble: the wire never fell silent. */
export type FailureCause = 'noReply' | 'babble';

export type RequestEvent =
  | { readonly type: 'up' }
  | { readonly type: 'down' }
  | { readonly type: 'ask' }
  | { readonly type: 'bytes'; readonly verdict: 'more' | 'garbled' | 'match' }
  /** The silence is over, but what was to be written is not wanted any more. */
  | { readonly type: 'withdraw' }
  /** The wire has been busy with noise for longer than any frame takes. */
  | { readonly type: 'babble' }
  | { readonly type: 'timer' };

/** Arming replaces the one timer. `turn` is one turn of the event loop. */
export type TimerName = 'silence' | 'deadline' | 'frameEnd' | 'turn' | 'quiet';

export type RequestAction =
  | { readonly do: 'arm'; readonly timer: TimerName }
  | { readonly do: 'disarm' }
  | { readonly do: 'drop' }
  | { readonly do: 'write' }
  | { readonly do: 'deliver' }
  | { readonly do: 'fail'; readonly cause: FailureCause | 'lineDown' | 'withdrawn' };

export type RequestStep = { readonly state: RequestState; readonly actions: readonly RequestAction[] };

const down: RequestState = { kind: 'down' };
const idle: RequestState = { kind: 'idle' };
const disarm: RequestAction = { do: 'disarm' };
const drop: RequestAction = { do: 'drop' };
const deliver: RequestAction = { do: 'deliver' };
const lineDown: RequestAction = { do: 'fail', cause: 'lineDown' };
const arm = (timer: TimerName): RequestAction => ({ do: 'arm', timer });

const step = (state: RequestState, ...actions: RequestAction[]): RequestStep => ({ state, actions });
const hush = (cause: FailureCause): RequestStep => step({ kind: 'quiet', cause }, arm('quiet'));

function impossible(state: RequestState, event: RequestEvent): never {
  throw new InvariantError(`request: ${event.type} while ${state.kind}`);
}

export function advance(state: RequestState, event: RequestEvent): RequestStep {
  switch (state.kind) {
    case 'down':
      return whenDown(state, event);
    case 'idle':
      return whenIdle(state, event);
    case 'gap':
      return whenInGap(state, event);
    case 'waiting':
    case 'settling':
    case 'ending':
      return whenAsked(state, event);
    case 'quiet':
      return whenQuiet(state, event);
    default:
      return assertNever(state);
  }
}

function whenDown(state: RequestState, event: RequestEvent): RequestStep {
  switch (event.type) {
    case 'up':
      return step(idle);
    case 'down':
      return step(state);
    case 'ask':
      return step(state, lineDown);
    case 'bytes':
    case 'babble':
      return step(state, drop);
    case 'timer':
    case 'withdraw':
      return impossible(state, event);
    default:
      return assertNever(event);
  }
}

function whenIdle(state: RequestState, event: RequestEvent): RequestStep {
  switch (event.type) {
    case 'down':
      return step(down);
    case 'ask':
      return step({ kind: 'gap' }, arm('silence'));
    case 'bytes':
    case 'babble':
      return step(state, drop);
    case 'up':
    case 'timer':
    case 'withdraw':
      return impossible(state, event);
    default:
      return assertNever(event);
  }
}

function whenInGap(state: RequestState, event: RequestEvent): RequestStep {
  switch (event.type) {
    case 'down':
      return step(down, disarm, lineDown);
    case 'bytes':
      return step(state, drop, arm('silence'));
    case 'babble':
      return hush('babble');
    case 'withdraw':
      return step(idle, disarm, { do: 'fail', cause: 'withdrawn' });
    case 'timer':
      return step({ kind: 'waiting' }, drop, { do: 'write' }, arm('deadline'));
    case 'up':
    case 'ask':
      return impossible(state, event);
    default:
      return assertNever(event);
  }
}

type Asked = { readonly kind: 'waiting' | 'settling' | 'ending' };

function whenAsked(state: Asked, event: RequestEvent): RequestStep {
  switch (event.type) {
    case 'down':
      return step(down, disarm, lineDown);
    case 'bytes':
      return event.verdict === 'match' ? step(idle, disarm, deliver) : unmatched(state, event.verdict);
    case 'babble':
      return hush('babble');
    case 'timer':
      return state.kind === 'waiting' ? step({ kind: 'ending' }, arm('turn')) : hush('noReply');
    case 'up':
    case 'ask':
    case 'withdraw':
      return impossible(state, event);
    default:
      return assertNever(event);
  }
}

function unmatched(state: Asked, verdict: 'more' | 'garbled'): RequestStep {
  if (state.kind === 'settling' || (state.kind === 'waiting' && verdict === 'garbled'))
    return step({ kind: 'settling' }, arm('frameEnd'));
  return step(state);
}

function whenQuiet(state: Extract<RequestState, { kind: 'quiet' }>, event: RequestEvent): RequestStep {
  switch (event.type) {
    case 'down':
      return step(down, disarm, lineDown);
    case 'bytes':
      return step(state, drop, arm('quiet'));
    case 'babble':
      return step(state, drop);
    case 'timer':
      return step(idle, { do: 'fail', cause: state.cause });
    case 'up':
    case 'ask':
    case 'withdraw':
      return impossible(state, event);
    default:
      return assertNever(event);
  }
}
