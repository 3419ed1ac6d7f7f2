/** The one owner of alarms: active or cleared × acknowledged or not, shelved, suppressed by cause. */
import { z } from 'zod';
import { alarmSchema, type Alarm } from '../../../protocol/wall.ts';
import { assertNever } from '../assert.ts';
import {
  accept,
  refuse,
  type AlarmMessage,
  type Context,
  type Decision,
  type Effect,
  type RecordChange,
  type Request,
  type Send,
} from '../messages.ts';
import { alarmId, priorities } from './kinds.ts';

/** An event holds the alarm as it is afterwards: an alarm's history is the list of these. */
export const alarmEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('AlarmRaised'), alarm: alarmSchema }),
  z.strictObject({ type: z.literal('AlarmChanged'), alarm: alarmSchema }),
  /** Cleared and acknowledged: it leaves the list. */
  z.strictObject({ type: z.literal('AlarmEnded'), alarm: alarmSchema }),
]);
export type AlarmEvent = z.infer<typeof alarmEventSchema>;

export const alarmsStateSchema = z.strictObject({ seq: z.int(), alarms: z.record(z.string(), alarmSchema) });
export type AlarmsState = z.infer<typeof alarmsStateSchema>;
export const ALARMS_SCHEMA = 1;
export const initialAlarms: AlarmsState = { seq: 0, alarms: {} };

export type AlarmContext = Context & { readonly lineOfMeter: (meter: string) => string | null };

type Out = { events: AlarmEvent[]; sends: Send[]; effects: Effect[]; records: RecordChange[] };

/** Writes one alarm's new state: event, push, history record, room marker. */
function put(out: Out, state: AlarmsState, type: AlarmEvent['type'], changed: Omit<Alarm, 'seq'>): void {
  const alarm: Alarm = { ...changed, seq: state.seq + out.events.length + 1 };
  out.events.push({ type, alarm });
  out.effects.push({ type: 'alarm', alarm });
  out.records.push({
    kind: 'alarm',
    id: `${alarm.id}@${alarm.sinceMs}`,
    value: { ...alarm },
    index: { all: alarm.sinceMs },
  });
  if (alarm.room) {
    const shown = alarm.active && !alarm.suppressedBy && !alarm.shelved;
    out.sends.push({
      to: 'room',
      id: alarm.room,
      message: { type: 'AlarmShown', id: alarm.id, priority: shown ? alarm.priority : 0 },
    });
  }
}

/** An alarm that is over leaves the list once somebody has seen it or nobody was shown it; a shelf keeps its place. */
function settle(out: Out, state: AlarmsState, changed: Omit<Alarm, 'seq'>): void {
  const { active, acknowledged, suppressedBy, shelved } = changed;
  const over = !active && !shelved && (acknowledged !== null || suppressedBy !== null);
  put(out, state, over ? 'AlarmEnded' : 'AlarmChanged', changed);
}

export function decideAlarms(state: AlarmsState, message: AlarmMessage, context: AlarmContext): Decision<AlarmEvent> {
  const out: Out = { events: [], sends: [], effects: [], records: [] };
  switch (message.type) {
    case 'Raise':
      raise(out, state, message, context);
      return out;
    case 'Clear':
      clear(out, state, message, context);
      return out;
    case 'Acknowledge':
      acknowledge(out, state, message.ids, message.request, context);
      return out;
    case 'Shelve':
    case 'Unshelve':
      shelve(out, state, message, context);
      return out;
    case 'Wake':
      for (const alarm of Object.values(state.alarms)) {
        if (alarm.shelved && alarm.shelved.untilMs <= context.nowMs) settle(out, state, { ...alarm, shelved: null });
      }
      return out;
    default:
      return assertNever(message);
  }
}

function raise(
  out: Out,
  state: AlarmsState,
  message: Extract<AlarmMessage, { type: 'Raise' }>,
  context: AlarmContext,
): void {
  const { kind, subject } = message;
  const id = alarmId(kind, subject);
  const old = state.alarms[id];
  const carries = message.carries ?? 0;
  if (old?.active && old.carries === carries) return;
  const line = subject.line ?? (subject.meter ? context.lineOfMeter(subject.meter) : null);
  const dead = kind === 'meterSilent' && line !== null ? state.alarms[`lineDead:${line}`] : undefined;
  put(out, state, old?.active ? 'AlarmChanged' : 'AlarmRaised', {
    id,
    kind,
    priority: priorities[kind],
    room: subject.room,
    meter: subject.meter,
    line,
    detail: { ...message.detail },
    active: true,
    sinceMs: old?.active ? old.sinceMs : context.nowMs,
    clearedMs: null,
    acknowledged: old?.active ? old.acknowledged : null,
    shelved: old?.shelved ?? null,
    suppressedBy: dead?.active ? dead.id : null,
    carries,
  });
  if (kind === 'lineDead') suppress(out, state, line, id);
}

/** A dead line is one alarm carrying its meters. */
function suppress(out: Out, state: AlarmsState, line: string | null, by: string | null): void {
  for (const alarm of Object.values(state.alarms)) {
    if (alarm.kind === 'meterSilent' && alarm.line === line && alarm.active && alarm.suppressedBy !== by) {
      put(out, state, 'AlarmChanged', { ...alarm, suppressedBy: by });
    }
  }
}

function clear(
  out: Out,
  state: AlarmsState,
  message: Extract<AlarmMessage, { type: 'Clear' }>,
  context: AlarmContext,
): void {
  const old = state.alarms[alarmId(message.kind, message.subject)];
  if (!old?.active) return;
  settle(out, state, { ...old, active: false, clearedMs: context.nowMs });
  if (message.kind === 'lineDead') suppress(out, state, old.line, null);
}

function acknowledge(out: Out, state: AlarmsState, ids: readonly string[], request: Request, context: Context): void {
  let count = 0;
  for (const id of new Set(ids)) {
    const alarm = state.alarms[id];
    if (!alarm || alarm.acknowledged) continue;
    count += 1;
    const acknowledged = { by: request.operator, atMs: context.nowMs };
    settle(out, state, { ...alarm, acknowledged });
  }
  const { effect, record } = accept(request, { acknowledged: count }, context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

function shelve(
  out: Out,
  state: AlarmsState,
  message: Extract<AlarmMessage, { type: 'Shelve' | 'Unshelve' }>,
  context: Context,
): void {
  const { request } = message;
  const alarm = state.alarms[message.id];
  if (!alarm) {
    out.effects.push(refuse(request, 'notFound', 'there is no such alarm any more'));
    return;
  }
  if (message.type === 'Shelve') {
    const untilMs = context.nowMs + message.minutes * 60_000;
    put(out, state, 'AlarmChanged', { ...alarm, shelved: { by: request.operator, reason: message.reason, untilMs } });
    out.effects.push({ type: 'wake', name: `shelf:${alarm.id}`, atMs: untilMs });
  } else if (alarm.shelved) settle(out, state, { ...alarm, shelved: null });
  const { effect, record } = accept(request, { ok: true }, context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

export function evolveAlarms(state: AlarmsState, event: AlarmEvent): AlarmsState {
  const { alarm } = event;
  switch (event.type) {
    case 'AlarmRaised':
    case 'AlarmChanged':
      return { seq: alarm.seq, alarms: { ...state.alarms, [alarm.id]: alarm } };
    case 'AlarmEnded': {
      const { [alarm.id]: _ended, ...rest } = state.alarms;
      return { seq: alarm.seq, alarms: rest };
    }
    default:
      return assertNever(event);
  }
}

/** Only the run that raised these could end them; a new one raises them again where they are still so. */
const ofOneRun: readonly Alarm['kind'][] = ['actorParked', 'clockJump', 'storeAway', 'ledgerNotZero', 'flappingLink'];

export function leftByEarlierRun(state: AlarmsState): Send[] {
  return Object.values(state.alarms).flatMap(({ kind, active, room, meter, line }): Send[] =>
    active && ofOneRun.includes(kind)
      ? [{ to: 'alarms', message: { type: 'Clear', kind, subject: { room, meter, line } } }]
      : [],
  );
}

export function outstandingOfAlarms(state: AlarmsState): Effect[] {
  return Object.values(state.alarms).flatMap((alarm): Effect[] =>
    alarm.shelved ? [{ type: 'wake', name: `shelf:${alarm.id}`, atMs: alarm.shelved.untilMs }] : [],
  );
}
