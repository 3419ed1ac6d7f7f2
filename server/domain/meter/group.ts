/** A group order as one meter takes it: once, as an ordinary switching of its own, and put back as it was when cancelled. */
import type { GroupAction } from '../../../protocol/group.ts';
import { assert } from '../assert.ts';
import { leftOut } from '../group/select.ts';
import type { MeterMessage } from '../messages.ts';
import { applyAction, type CauseChange, type Causes } from '../switching.ts';
import { applyChange, followUp, tryToOpen } from './breaker.ts';
import type { Outcome } from './outcome.ts';
import type { MeterState } from './state.ts';
import { wantedOf } from './view.ts';

type Switched = Pick<MeterState, 'causes' | 'operatorHold'>;

const orderId = (n: number): string => `G${n}`;

/** What the action changes where nothing stands against it. */
function changeOf(action: GroupAction, by: string): CauseChange {
  const change = applyAction(action, {}, { operator: by, role: 'operator' });
  assert(typeof change !== 'string', `${action} is refused by nothing`);
  return change;
}

/** Nobody has switched it otherwise since. */
export function asLeft({ causes, operatorHold }: Switched, n: number, action: GroupAction): boolean {
  const { set, end, hold } = changeOf(action, '');
  const own = orderId(n);
  if (hold === 'set' && operatorHold?.job !== own) return false;
  if (hold === 'lift' && operatorHold !== null) return false;
  return set.every((cause) => causes[cause]?.job === own) && end.every((cause) => causes[cause] === undefined);
}

export function groupSwitch(out: Outcome, message: Extract<MeterMessage, { type: 'GroupSwitch' }>): void {
  const { n, action, by, reason, untilMs } = message;
  const { state, context } = out;
  const { config, causes, operatorHold } = state;
  if (config === null || (state.group?.n ?? 0) >= n) return;
  const tagged = causes.workTag !== undefined || context.tagsOn(state.place.room, config.line, config.id).length > 0;
  const refusal =
    untilMs !== null && untilMs <= context.nowMs ? 'endPassed' : leftOut(action, { ...config, causes, tagged });
  const change = changeOf(action, by);
  const touched = [...change.set, ...change.end].flatMap((cause) => (causes[cause] ? [[cause, causes[cause]]] : []));
  const before = { causes: Object.fromEntries(touched) as Causes, hold: change.hold === null ? null : operatorHold };
  out.emit({ type: 'GroupTaken', taken: { n, refusal, before } });
  if (refusal !== null) return;
  const entry = { by, reason, sinceMs: context.nowMs, untilMs, job: orderId(n) };
  applyChange(out, change, entry, action);
}

/** Taken or not: from here on it takes this order no more. */
export function groupUndo(out: Outcome, { n, action }: Extract<MeterMessage, { type: 'GroupUndo' }>): void {
  const { group } = out.state;
  if ((group?.n ?? 0) > n || (group?.n === n && group.undone)) return;
  const taken = group?.n === n ? group : { n, refusal: null, before: { causes: {}, hold: null } };
  const put = group?.n === n && group.refusal === null && asLeft(out.state, n, action);
  const wanted = wantedOf(out.state, out.context).state;
  out.emit({ type: 'GroupTaken', taken: { ...taken, undone: true } });
  if (!put) return;
  const { set, hold } = changeOf(action, '');
  const by = orderId(n);
  for (const cause of set) if (!taken.before.causes[cause]) out.emit({ type: 'CauseEnded', cause, by });
  for (const [cause, entry] of Object.entries(taken.before.causes) as [keyof Causes, Causes[keyof Causes]][])
    if (entry) out.emit({ type: 'CauseSet', cause, entry });
  if (hold !== null && taken.before.hold) out.emit({ type: 'HoldSet', entry: taken.before.hold });
  else if (hold === 'set') out.emit({ type: 'HoldLifted', by });
  out.note('GroupUndone', null, { order: by });
  followUp(out, wanted);
  tryToOpen(out);
}
