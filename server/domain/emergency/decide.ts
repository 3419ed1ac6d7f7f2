/**
 * An emergency cut (rules.md): all meters are ordered at once, a portion a look, and each is followed by what is read back
 * of it. Whatever was lost in a crash is ordered again at the next look, as what a meter holds itself says what is missing.
 */
import type { Emergency, ItemState } from '../../../protocol/emergency.ts';
import { assertNever } from '../assert.ts';
import { accept, refuse, type Context, type Decision, type Request, type Send } from '../messages.ts';
import { byState, emergencyOf, evolveEmergency, type EmergencyEvent, type EmergencyState, type Job } from './state.ts';

/** Meters of all jobs in force together: so many results fit into one snapshot. */
export const ITEMS_MAX = 5_000;
/** Told in one look, so that a commit stays small; a line writes a few a second. */
const PORTION = 200;
/** After its last step a restore waits so long for meters that do not answer. */
const LAST_WORD_MS = 2 * 60_000;

/** What is known of a meter. `cutBy`: the job whose emergency cut it holds. */
export type Seen = {
  readonly cutBy: string | null;
  readonly keepPower: boolean;
  readonly wanted: 'open' | 'closed';
  /** As read back; unknown while its meter does not answer. */
  readonly actual: 'open' | 'closed' | 'unknown';
  /** Written as often as the rule says, and not read back. */
  readonly gaveUp: boolean;
};

export type EmergencyMessage =
  | {
      readonly type: 'Start';
      readonly place: Emergency['place'];
      readonly what: Emergency['what'];
      readonly reason: string;
      readonly meters: readonly string[];
      readonly kept: readonly string[];
      readonly request: Request;
    }
  | { readonly type: 'Cancel'; readonly id: string; readonly reason: string; readonly request: Request }
  | { readonly type: 'Restore'; readonly id: string; readonly reason: string; readonly request: Request }
  /** Once a second while a job is in force. */
  | { readonly type: 'Look' };

export type EmergencyContext = Context & {
  /** null: there is no such meter any more. */
  readonly seen: (meter: string) => Seen | null;
};
type Changes = Map<string, ItemState>;

/** The meter holds the cut, or is about to. */
const cut: readonly ItemState[] = ['operating', 'confirmed', 'unconfirmed', 'unknown', 'outranked'];
const letGo: readonly ItemState[] = ['restoring', 'notRestored'];

export function decideEmergency(
  state: EmergencyState,
  message: EmergencyMessage,
  context: EmergencyContext,
): Decision<EmergencyEvent> & { readonly state: EmergencyState } {
  const out = new Out(state, context);
  switch (message.type) {
    case 'Start':
      start(out, message);
      break;
    case 'Cancel':
      cancel(out, message);
      break;
    case 'Restore':
      restore(out, message);
      break;
    case 'Look':
      for (const job of Object.values(state.jobs)) look(out, job);
      break;
    default:
      return assertNever(message);
  }
  out.alarm();
  return out;
}

class Out {
  readonly events: EmergencyEvent[] = [];
  readonly sends: Send[] = [];
  readonly effects: Decision<EmergencyEvent>['effects'][number][] = [];
  readonly records: Decision<EmergencyEvent>['records'][number][] = [];
  readonly before: EmergencyState;
  state: EmergencyState;
  readonly context: EmergencyContext;
  constructor(state: EmergencyState, context: EmergencyContext) {
    this.before = state;
    this.state = state;
    this.context = context;
  }
  emit(event: EmergencyEvent): void {
    this.events.push(event);
    this.state = evolveEmergency(this.state, event);
  }
  answer(request: Request, result: { readonly [key: string]: string | number | boolean }): void {
    const { effect, record } = accept(request, result, this.context.nowMs);
    this.effects.push(effect);
    this.records.push(record);
  }
  no(request: Request, why: Parameters<typeof refuse>[1], detail: string): void {
    this.effects.push(refuse(request, why, detail));
  }
  change(id: string, changes: Changes): void {
    if (changes.size === 0) return;
    const items = [...changes].map(([meter, to]) => ({ meter, state: to }));
    this.emit({ type: 'EmergencyItemsChanged', id, changes: byState(items) });
  }
  order(job: Job, meter: string): void {
    const { id, by, reason } = job;
    this.sends.push({ to: 'meter', id: meter, message: { type: 'EmergencyCut', job: id, by, reason } });
  }
  release(job: Job, meter: string): void {
    this.sends.push({ to: 'meter', id: meter, message: { type: 'EmergencyOver', job: job.id } });
  }
  /** One alarm while there is a job in force. */
  alarm(): void {
    const jobs = Object.values(this.state.jobs);
    if (jobs.length === Object.keys(this.before.jobs).length) return;
    this.sends.push(alarmOf(this.state));
  }
}

/** Said again at recovery: a crash may have come between. */
export function alarmOf({ jobs }: EmergencyState): Send {
  const subject = { room: null, meter: null, line: null };
  const all = Object.values(jobs);
  if (all.length === 0) return { to: 'alarms', message: { type: 'Clear', kind: 'emergencyCut', subject } };
  const places = all.map(({ place }) => place.name).join(', ');
  const detail = {
    places: places.slice(0, 200),
    by: all
      .map(({ by }) => by)
      .join(', ')
      .slice(0, 100),
  };
  return { to: 'alarms', message: { type: 'Raise', kind: 'emergencyCut', subject, detail, carries: all.length } };
}

/** What meters still hold of jobs that have let them go: a crash may have come between. `holding`: meters by the job they hold. */
export function leftBehind({ jobs }: EmergencyState, holding: ReadonlyMap<string, string>): Send[] {
  return [...holding].flatMap(([meter, job]): Send[] => {
    const state = jobs[job]?.items.find((item) => item.meter === meter)?.state;
    const follows = state === 'waiting' || (state !== undefined && [...cut, ...letGo].includes(state));
    return follows ? [] : [{ to: 'meter', id: meter, message: { type: 'EmergencyOver', job } }];
  });
}

function start(out: Out, message: Extract<EmergencyMessage, { type: 'Start' }>): void {
  const { place, what, reason, meters, kept, request } = message;
  const under = Object.values(out.state.jobs).reduce((sum, { items }) => sum + items.length, 0);
  if (meters.length === 0) return out.no(request, 'nothingToCut', 'no breaker is there that may be opened');
  if (under + meters.length + kept.length > ITEMS_MAX)
    return out.no(request, 'tooMany', `at most ${ITEMS_MAX} meters at once: cut by floor`);
  const id = `E${out.state.taken + 1}`;
  const { nowMs } = out.context;
  out.emit({
    ...{ type: 'EmergencyStarted', id, place, what, by: request.operator, reason, atMs: nowMs },
    ...{ meters: [...meters], kept: [...kept] },
  });
  out.answer(request, { emergency: id, meters: meters.length });
  const job = out.state.jobs[id];
  if (job) look(out, job);
}

function cancel(out: Out, { id, reason, request }: Extract<EmergencyMessage, { type: 'Cancel' }>): void {
  const job = out.state.jobs[id];
  if (!job) return out.no(request, 'emergencyOver', 'it is over');
  if (job.restore) {
    const left = job.items.filter(({ state }) => cut.includes(state)).length;
    out.emit({ type: 'EmergencyRestoreStopped', id, by: request.operator, reason, atMs: out.context.nowMs });
    return out.answer(request, { cancelled: left });
  }
  const changes: Changes = new Map();
  for (const { meter, state } of job.items) {
    if (state === 'confirmed' || (state !== 'waiting' && !cut.includes(state))) continue;
    changes.set(meter, 'cancelled');
    out.release(job, meter);
  }
  if (changes.size === 0) return out.no(request, 'nothingToCancel', 'all of it has been read back as open');
  out.change(id, changes);
  out.answer(request, { cancelled: changes.size });
  endIfOver(out, id);
}

function restore(out: Out, { id, reason, request }: Extract<EmergencyMessage, { type: 'Restore' }>): void {
  const job = out.state.jobs[id];
  if (!job) return out.no(request, 'emergencyOver', 'it is over');
  if (job.restore) return out.no(request, 'conflict', 'it is being restored already');
  const { nowMs, rules } = out.context;
  const changes: Changes = new Map();
  for (const { meter, state } of job.items) if (state === 'waiting') changes.set(meter, 'cancelled');
  out.change(id, changes);
  const { meters, pauseMs } = rules.emergencyRestore;
  const started = { by: request.operator, reason, atMs: nowMs, meters, pauseMs, nextMs: nowMs };
  out.emit({ type: 'EmergencyRestoreStarted', id, restore: started });
  out.answer(request, { ok: true });
  const now = out.state.jobs[id];
  if (now) look(out, now);
}

/** What is seen of each meter, then the next portion or step. */
function look(out: Out, job: Job): void {
  const changes: Changes = new Map();
  let portion = PORTION;
  for (const { meter, state } of job.items) {
    const seen = out.context.seen(meter);
    let to: ItemState = state;
    if (state === 'waiting') {
      if (portion-- <= 0) continue;
      out.order(job, meter);
      to = seen === null ? 'unknown' : 'operating';
    } else if (cut.includes(state)) {
      to = seen === null ? 'unknown' : cutState(job, state, seen);
      if (to === 'operating' && seen?.cutBy !== job.id && portion-- > 0) out.order(job, meter);
    } else if (letGo.includes(state)) {
      to = seen === null ? 'notRestored' : goneState(job, seen);
      if (seen?.cutBy === job.id && portion-- > 0) out.release(job, meter);
    }
    if (to !== state) changes.set(meter, to);
  }
  out.change(job.id, changes);
  step(out, job.id);
  endIfOver(out, job.id);
}

function cutState(job: Job, before: ItemState, seen: Seen): ItemState {
  if (seen.cutBy !== null && seen.cutBy !== job.id) return 'taken';
  if (seen.cutBy === null) return seen.keepPower ? 'kept' : 'operating';
  if (seen.wanted === 'closed') return 'outranked';
  if (seen.actual === 'open') return 'confirmed';
  // What was read back as open stays so until something else is read.
  if (seen.actual === 'unknown') return before === 'confirmed' ? before : 'unknown';
  return seen.gaveUp ? 'unconfirmed' : 'operating';
}

function goneState(job: Job, seen: Seen): ItemState {
  if (seen.cutBy === job.id) return 'restoring';
  if (seen.wanted === 'open') return 'staysOpen';
  if (seen.actual === 'closed') return 'restored';
  return seen.actual === 'unknown' || seen.gaveUp ? 'notRestored' : 'restoring';
}

function step(out: Out, id: string): void {
  const job = out.state.jobs[id];
  const { nowMs } = out.context;
  if (!job?.restore || job.restore.nextMs > nowMs) return;
  const next = job.items.filter(({ state }) => cut.includes(state)).slice(0, job.restore.meters);
  if (next.length === 0) return;
  for (const { meter } of next) out.release(job, meter);
  out.change(id, new Map(next.map(({ meter }) => [meter, 'restoring'])));
  out.emit({ type: 'EmergencyRestoreStepped', id, nextMs: nowMs + job.restore.pauseMs });
}

/** Nothing is cut by it any more, and of what was let go all has been seen or waited for. */
function endIfOver(out: Out, id: string): void {
  const job = out.state.jobs[id];
  const { nowMs } = out.context;
  if (!job) return;
  const some = (...states: ItemState[]): boolean => job.items.some(({ state }) => states.includes(state));
  if (some('waiting', 'restoring', ...cut)) return;
  if (job.restore && some('notRestored') && nowMs < job.restore.nextMs - job.restore.pauseMs + LAST_WORD_MS) return;
  out.emit({ type: 'EmergencyEnded', id, atMs: nowMs });
  const value = { emergency: emergencyOf(job, nowMs), items: byState(job.items) };
  const index = { all: job.atMs, [`building:${job.place.building}`]: job.atMs };
  out.records.push({ kind: 'emergency', id, value, index });
}
