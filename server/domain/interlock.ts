/** Mass-cut interlock: more than N openings for money in ten minutes on a site wait for a person (rules.md). */
import { z } from 'zod';
import { assertNever } from './assert.ts';
import { accept, refuse, type Context, type Decision, type InterlockMessage, type Send } from './messages.ts';

export const INTERLOCK_WINDOW_MS = 10 * 60_000; // rules.md, "Mass-cut interlock"

export const interlockEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('OpeningGranted'), meter: z.string(), atMs: z.int() }),
  z.strictObject({ type: z.literal('OpeningHeld'), meter: z.string(), atMs: z.int().optional() }),
  z.strictObject({ type: z.literal('OpeningDropped'), meter: z.string() }),
  z.strictObject({ type: z.literal('HeldReleased'), by: z.string(), reason: z.string() }),
  z.strictObject({
    type: z.literal('SomeReleased'),
    meters: z.array(z.string()),
    by: z.string(),
    reason: z.string(),
  }),
]);
export type InterlockEvent = z.infer<typeof interlockEventSchema>;

export const interlockStateSchema = z.strictObject({
  /** Site times of the openings granted in the last window. */
  granted: z.array(z.int()),
  held: z.array(z.string()),
  /** Since when each is held; absent: it is not known. */
  since: z.record(z.string(), z.int()).optional(),
});
export type InterlockState = z.infer<typeof interlockStateSchema>;
export const INTERLOCK_SCHEMA = 1;
export const initialInterlock: InterlockState = { granted: [], held: [] };

const subject = { room: null, meter: null, line: null };
const holding = (count: number): Send => ({
  to: 'alarms',
  message: { type: 'Raise', kind: 'interlockHolding', subject, detail: { held: count }, carries: count },
});
const over: Send = { to: 'alarms', message: { type: 'Clear', kind: 'interlockHolding', subject } };

export function decideInterlock(
  state: InterlockState,
  message: InterlockMessage,
  context: Context,
): Decision<InterlockEvent> {
  switch (message.type) {
    case 'AskToOpen':
      return ask(state, message.meter, context);
    case 'Withdraw': {
      if (!state.held.includes(message.meter)) return { events: [], sends: [], effects: [], records: [] };
      const left = state.held.length - 1;
      return {
        events: [{ type: 'OpeningDropped', meter: message.meter }],
        sends: [left === 0 ? over : holding(left)],
        effects: [],
        records: [],
      };
    }
    case 'Release':
      return release(state, message, context);
    default:
      return assertNever(message);
  }
}

function ask(state: InterlockState, meter: string, context: Context): Decision<InterlockEvent> {
  const recent = state.granted.filter((atMs) => atMs > context.nowMs - INTERLOCK_WINDOW_MS);
  if (state.held.includes(meter)) {
    // Asked again, after a restart.
    return {
      events: [],
      sends: [{ to: 'meter', id: meter, message: { type: 'OpeningHeld' } }, holding(state.held.length)],
      effects: [],
      records: [],
    };
  }
  if (state.held.length === 0 && recent.length < context.rules.massCutLimit) {
    return {
      events: [{ type: 'OpeningGranted', meter, atMs: context.nowMs }],
      sends: [{ to: 'meter', id: meter, message: { type: 'OpeningGranted' } }],
      effects: [],
      records: [],
    };
  }
  return {
    events: [{ type: 'OpeningHeld', meter, atMs: context.nowMs }],
    sends: [{ to: 'meter', id: meter, message: { type: 'OpeningHeld' } }, holding(state.held.length + 1)],
    effects: [],
    records: [],
  };
}

/** All that are held, or those of them that are named. */
function release(
  { held }: InterlockState,
  { meters, reason, request }: Extract<InterlockMessage, { type: 'Release' }>,
  { nowMs }: Context,
): Decision<InterlockEvent> {
  const gone = meters === null ? held : held.filter((meter) => meters.includes(meter));
  if (gone.length === 0)
    return { events: [], sends: [], effects: [refuse(request, 'nothingHeld', 'no such opening is held')], records: [] };
  const by = request.operator;
  const all = gone.length === held.length;
  const { effect, record } = accept(request, { released: gone.length }, nowMs);
  return {
    events: [all ? { type: 'HeldReleased', by, reason } : { type: 'SomeReleased', meters: [...gone], by, reason }],
    sends: [
      ...gone.map((meter): Send => ({ to: 'meter', id: meter, message: { type: 'OpeningGranted' } })),
      all ? over : holding(held.length - gone.length),
    ],
    effects: [effect],
    records: [record],
  };
}

/** What a crash may have come in between: its alarm, and what its meters do not ask for any more. */
export function outstandingOfInterlock(state: InterlockState, asksStill: (meter: string) => boolean): Send[] {
  const paid = state.held.filter((meter) => !asksStill(meter));
  return [
    state.held.length === 0 ? over : holding(state.held.length),
    ...paid.map((meter): Send => ({ to: 'interlock', message: { type: 'Withdraw', meter } })),
  ];
}

function without(state: InterlockState, meters: readonly string[]): InterlockState {
  const held = state.held.filter((meter) => !meters.includes(meter));
  if (!state.since) return { ...state, held };
  const since = Object.fromEntries(Object.entries(state.since).filter(([meter]) => !meters.includes(meter)));
  return { ...state, held, since };
}

export function evolveInterlock(state: InterlockState, event: InterlockEvent): InterlockState {
  switch (event.type) {
    case 'OpeningGranted':
      return {
        ...state,
        granted: [...state.granted.filter((atMs) => atMs > event.atMs - INTERLOCK_WINDOW_MS), event.atMs],
      };
    case 'OpeningHeld': {
      const { meter, atMs } = event;
      const held = [...state.held, meter];
      return atMs === undefined ? { ...state, held } : { ...state, held, since: { ...state.since, [meter]: atMs } };
    }
    case 'OpeningDropped':
      return without(state, [event.meter]);
    case 'SomeReleased':
      return without(state, event.meters);
    case 'HeldReleased':
      return { granted: [], held: [] };
    default:
      return assertNever(event);
  }
}
