/** The life of the wall's connection as a pure state machine: no timer, no socket, no clock of its own. */
import type { ServerMessage } from '../../../protocol/wall.ts';

export type ByeReason = Extract<ServerMessage, { readonly type: 'bye' }>['reason'];

/** `attempt` counts the failures since the wall was last live. Times are monotonic ms. */
export type Connection =
  | { readonly phase: 'connecting'; readonly attempt: number }
  /** Open, hello sent, not greeted yet. */
  | { readonly phase: 'greeting'; readonly attempt: number }
  | { readonly phase: 'live' }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly untilMs: number }
  | { readonly phase: 'ended'; readonly why: 'session' | 'protocol' };

export type ConnectionEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'greeted' }
  | { readonly type: 'bye'; readonly reason: ByeReason }
  | { readonly type: 'closed' }
  /** Nothing was heard for `SILENT_MS`. */
  | { readonly type: 'silent' }
  | { readonly type: 'due' }
  /** The network came back or the tab is looked at again. */
  | { readonly type: 'hurry' };

export type ConnectionEffect =
  | { readonly do: 'connect' }
  | { readonly do: 'hello' }
  | { readonly do: 'close' }
  | { readonly do: 'wait'; readonly ms: number }
  /** A refused handshake looks like any other failure to a page: ask the API whether we are still logged in. */
  | { readonly do: 'askSession' }
  | { readonly do: 'sessionEnded' };

export type Step = { readonly next: Connection; readonly effects: readonly ConnectionEffect[] };

/** A status comes every second: five missing ones are a dead connection. */
export const SILENT_MS = 5_000;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MOST_MS = 15_000;

/** Doubling with full jitter above a quarter, so that a thousand walls do not come back at once. `random` is in [0, 1). */
export function backOffMs(attempt: number, random: number): number {
  const most = Math.min(BACK_OFF_MOST_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(most * (0.25 + 0.75 * random));
}

export const firstStep: Step = { next: { phase: 'connecting', attempt: 0 }, effects: [{ do: 'connect' }] };

function wait(attempt: number, nowMs: number, random: number, effects: readonly ConnectionEffect[]): Step {
  const ms = backOffMs(attempt, random);
  const next = { phase: 'waiting', attempt: attempt + 1, untilMs: nowMs + ms } as const;
  return { next, effects: [...effects, { do: 'wait', ms }] };
}

function onBye(state: Connection, reason: ByeReason, nowMs: number, random: number): Step {
  if (reason === 'session') return { next: { phase: 'ended', why: 'session' }, effects: [{ do: 'sessionEnded' }] };
  if (reason === 'protocol') return { next: { phase: 'ended', why: 'protocol' }, effects: [] };
  return wait('attempt' in state ? state.attempt : 0, nowMs, random, [{ do: 'close' }]);
}

export function step(state: Connection, event: ConnectionEvent, nowMs: number, random: number): Step {
  const stay: Step = { next: state, effects: [] };
  if (state.phase === 'ended') return stay;
  switch (event.type) {
    case 'opened':
      if (state.phase !== 'connecting') return stay;
      return { next: { phase: 'greeting', attempt: state.attempt }, effects: [{ do: 'hello' }] };
    case 'greeted':
      return state.phase === 'greeting' ? { next: { phase: 'live' }, effects: [] } : stay;
    case 'bye':
      return onBye(state, event.reason, nowMs, random);
    case 'closed':
      if (state.phase === 'waiting') return stay;
      if (state.phase === 'live') return wait(0, nowMs, random, []);
      return wait(state.attempt, nowMs, random, [{ do: 'askSession' }]);
    case 'silent':
      if (state.phase === 'waiting') return stay;
      return wait(state.phase === 'live' ? 0 : state.attempt, nowMs, random, [{ do: 'close' }]);
    case 'due':
    case 'hurry':
      if (state.phase !== 'waiting') return stay;
      return { next: { phase: 'connecting', attempt: state.attempt }, effects: [{ do: 'connect' }] };
    default: {
      const never: never = event;
      throw new Error(`unknown event ${JSON.stringify(never)}`);
    }
  }
}
