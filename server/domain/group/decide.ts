/**
 * A group order: each meter is told once, a portion a look, and followed by what is read back of it. What a crash loses is
 * told again at the next look, as each meter remembers the last order it has taken and takes none twice.
 */
import type { GroupAction, GroupState, LeftOut } from '../../../protocol/group.ts';
import { assertNever } from '../assert.ts';
import { accept, refuse, type Context, type Decision, type Request, type Send } from '../messages.ts';
import { asLeft } from '../meter/group.ts';
import type { MeterState } from '../meter/state.ts';
import { aimOf } from './select.ts';
import type { TakenBy } from './taken.ts';
import { byState, evolveGroups, groupOf, jobsOf, type GroupEvent, type GroupsState, type Job } from './state.ts';

/** Of all orders that go on: so many results fit into one snapshot. */
export const ITEMS_MAX = 5_000;
/** Told in one look, so that a commit stays small; a line writes a few a second. */
const PORTION = 200;

/** What is known of a meter. */
export type Seen = Pick<MeterState, 'causes' | 'operatorHold'> & {
  readonly group: TakenBy | null;
  readonly wanted: 'open' | 'closed';
  /** As read back; unknown while its meter does not answer. */
  readonly actual: 'open' | 'closed' | 'unknown';
  /** Written as often as the rule says, and not read back. */
  readonly gaveUp: boolean;
};

export type GroupMessage =
  | {
      readonly type: 'Start';
      readonly action: GroupAction;
      readonly reason: string;
      readonly untilMs: number | null;
      readonly meters: readonly string[];
      readonly left: readonly { readonly meter: string; readonly why: LeftOut }[];
      readonly buildings: readonly string[];
      readonly request: Request;
    }
  | { readonly type: 'Cancel'; readonly id: string; readonly reason: string; readonly request: Request }
  /** Once a second while an order goes on. */
  | { readonly type: 'Look' };

export type GroupContext = Context & {
  /** null: its actor does not run. */
  readonly seen: (meter: string) => Seen | null;
};
type GroupDecision = Decision<GroupEvent> & { readonly state: GroupsState };

/** Not done, as far as is known: these can be cancelled. */
export const undone: readonly GroupState[] = ['waiting', 'stored', 'unconfirmed', 'unknown', 'outranked'];
const followed: ReadonlySet<GroupState> = new Set([...undone, 'cancelling']);

export function decideGroups(state: GroupsState, message: GroupMessage, context: GroupContext): GroupDecision {
  const out = new Out(state, context);
  switch (message.type) {
    case 'Start':
      start(out, message);
      break;
    case 'Cancel':
      cancel(out, message);
      break;
    case 'Look':
      lookAtAll(out);
      break;
    default:
      assertNever(message);
  }
  return out;
}

class Out implements GroupDecision {
  readonly events: GroupEvent[] = [];
  readonly sends: Send[] = [];
  readonly effects: GroupDecision['effects'][number][] = [];
  readonly records: GroupDecision['records'][number][] = [];
  state: GroupsState;
  readonly context: GroupContext;
  constructor(state: GroupsState, context: GroupContext) {
    this.state = state;
    this.context = context;
  }
  emit(event: GroupEvent): void {
    this.events.push(event);
    this.state = evolveGroups(this.state, event);
  }
  answer(request: Request, result: { readonly [key: string]: string | number }): void {
    const { effect, record } = accept(request, result, this.context.nowMs);
    this.effects.push(effect);
    this.records.push(record);
  }
  change(id: string, changes: ReadonlyMap<string, GroupState>): void {
    if (changes.size === 0) return;
    const items = [...changes].map(([meter, state]) => ({ meter, state }));
    this.emit({ type: 'GroupItemsChanged', id, changes: byState(items) });
  }
  order({ n, action, by, reason, untilMs }: Job, meter: string): void {
    this.sends.push({ to: 'meter', id: meter, message: { type: 'GroupSwitch', n, action, by, reason, untilMs } });
  }
  undo({ n, action }: Job, meter: string): void {
    this.sends.push({ to: 'meter', id: meter, message: { type: 'GroupUndo', n, action } });
  }
}

function start(out: Out, message: Extract<GroupMessage, { type: 'Start' }>): void {
  const { action, reason, untilMs, meters, left, buildings, request } = message;
  const no = (...why: [Parameters<typeof refuse>[1], string]): unknown => out.effects.push(refuse(request, ...why));
  const under = jobsOf(out.state).reduce((sum, { items }) => sum + items.length, 0);
  if (meters.length === 0) return void no('nothingToSwitch', 'all of them are left out');
  if (untilMs !== null && untilMs <= out.context.nowMs) return void no('invalid', 'untilMs: the end lies in the past');
  if (under + meters.length + left.length > ITEMS_MAX)
    return void no('tooMany', `at most ${ITEMS_MAX} breakers at once: wait until earlier orders are over`);
  const n = out.state.taken + 1;
  const id = `G${n}`;
  const items = [
    ...meters.map((meter) => ({ meter, state: 'waiting' as const })),
    ...left.map(({ meter, why }) => ({ meter, state: why })),
  ];
  out.emit({
    ...{ type: 'GroupStarted', id, n, action, reason, untilMs, by: request.operator, buildings: [...buildings] },
    ...{ atMs: out.context.nowMs, items: byState(items) },
  });
  out.answer(request, { group: id, meters: meters.length });
  lookAtAll(out);
}

/** What may be on its way to its meter is cancelled once the meter says so. */
function cancel(out: Out, { id, reason, request }: Extract<GroupMessage, { type: 'Cancel' }>): void {
  const job = out.state.jobs[id];
  const of = job?.items.filter(({ state }) => undone.includes(state)) ?? [];
  if (!job || of.length === 0)
    return void out.effects.push(refuse(request, 'nothingToCancel', 'all of it has been read back'));
  out.emit({ type: 'GroupCancelled', id, by: request.operator, reason, atMs: out.context.nowMs });
  out.change(id, new Map(of.map(({ meter }) => [meter, 'cancelling'])));
  for (const { meter } of of) out.undo(job, meter);
  out.answer(request, { cancelled: of.length });
}

function lookAtAll(out: Out): void {
  /** At these an earlier order waits still. */
  const busy = new Set<string>();
  let portion = PORTION;
  for (const job of jobsOf(out.state)) {
    const changes = new Map<string, GroupState>();
    const late = out.context.nowMs >= job.atMs + out.context.rules.meterSilentMs;
    for (const { meter, state } of job.items) {
      if (!followed.has(state)) continue;
      const seen = out.context.seen(meter);
      const taken = seen !== null && (seen.group?.n ?? 0) >= job.n;
      const free = !busy.has(meter);
      if (!taken) busy.add(meter);
      let to: GroupState = state;
      if (state === 'cancelling') {
        if (taken && (seen.group?.n !== job.n || seen.group.undone === true)) to = 'cancelled';
        else if (seen !== null) out.undo(job, meter);
      } else if (taken) to = stateOf(job, seen, late);
      else if (seen === null || late) to = 'unknown';
      else if (free && portion-- > 0) out.order(job, meter);
      if (to !== state) changes.set(meter, to);
    }
    out.change(job.id, changes);
    endIfOver(out, job.id, late);
  }
}

function stateOf({ n, action }: Job, seen: Seen, late: boolean): GroupState {
  const { group, wanted, actual, gaveUp } = seen;
  if (group?.n !== n) return 'replaced';
  if (group.refusal !== null) return group.refusal;
  if (group.undone || !asLeft(seen, n, action)) return 'replaced';
  if (action === 'hold' || action === 'liftHold') return 'confirmed';
  const aim = aimOf(action);
  if (aim !== null && wanted !== aim) return 'outranked';
  if (actual === wanted) return 'confirmed';
  if (actual === 'unknown') return 'unknown';
  return gaveUp || late ? 'unconfirmed' : 'stored';
}

/** All is known, or the time is over after which a silent meter is an alarm: then unknown is the result. */
function endIfOver(out: Out, id: string, late: boolean): void {
  const job = out.state.jobs[id];
  const some = (...states: GroupState[]): boolean => job?.items.some(({ state }) => states.includes(state)) ?? false;
  if (!job || some('waiting', 'stored', 'cancelling') || (!late && some('unknown', 'unconfirmed'))) return;
  const { nowMs } = out.context;
  out.emit({ type: 'GroupEnded', id, atMs: nowMs });
  const value = { group: groupOf(job, nowMs), items: byState(job.items) };
  out.records.push({ kind: 'group', id, value, index: { all: job.atMs } });
}
