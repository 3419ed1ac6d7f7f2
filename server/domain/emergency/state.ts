/** Emergency cuts in force: durable jobs with one result for each breaker; those that are over are records. */
import { z } from 'zod';
import {
  emergencySchema,
  itemStates,
  type Emergency,
  type EmergencyPhase,
  type ItemState,
} from '../../../protocol/emergency.ts';
import { assertNever } from '../assert.ts';

const itemSchema = z.strictObject({ meter: z.string(), state: z.enum(itemStates) });
export type Item = z.infer<typeof itemSchema>;
const { id, place, what, by, reason, atMs, restore } = emergencySchema.shape;
const jobSchema = z.strictObject({ id, place, what, by, reason, atMs, restore, items: z.array(itemSchema) });
export type Job = z.infer<typeof jobSchema>;

export const emergencyEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('EmergencyStarted'),
    ...{ id, place, what, by, reason, atMs },
    meters: z.array(z.string()),
    /** Left out: keep power. */
    kept: z.array(z.string()),
  }),
  /** What was seen or ordered of several at once. */
  z.strictObject({
    type: z.literal('EmergencyItemsChanged'),
    id,
    changes: z.partialRecord(z.enum(itemStates), z.array(z.string())),
  }),
  z.strictObject({ type: z.literal('EmergencyRestoreStarted'), id, restore: restore.unwrap() }),
  z.strictObject({ type: z.literal('EmergencyRestoreStepped'), id, nextMs: z.int() }),
  z.strictObject({ type: z.literal('EmergencyRestoreStopped'), id, by: z.string(), reason: z.string(), atMs }),
  z.strictObject({ type: z.literal('EmergencyEnded'), id, atMs }),
]);
export type EmergencyEvent = z.infer<typeof emergencyEventSchema>;

export const emergencyStateSchema = z.strictObject({
  /** How many there have been: numbers the next one. */
  taken: z.int(),
  /** Rises with every change. */
  seq: z.int(),
  jobs: z.record(z.string(), jobSchema),
});
export type EmergencyState = z.infer<typeof emergencyStateSchema>;
export const EMERGENCY_SCHEMA = 1;
export const initialEmergency: EmergencyState = { taken: 0, seq: 0, jobs: {} };

export function evolveEmergency(state: EmergencyState, event: EmergencyEvent): EmergencyState {
  const seq = state.seq + 1;
  const put = (job: Job): EmergencyState => ({ ...state, seq, jobs: { ...state.jobs, [job.id]: job } });
  if (event.type === 'EmergencyStarted') {
    const { type: _type, meters, kept, ...rest } = event;
    const items = [
      ...meters.map((meter): Item => ({ meter, state: 'waiting' })),
      ...kept.map((meter): Item => ({ meter, state: 'kept' })),
    ];
    return { ...put({ ...rest, restore: null, items }), taken: state.taken + 1 };
  }
  const job = state.jobs[event.id];
  if (!job) return state;
  switch (event.type) {
    case 'EmergencyItemsChanged': {
      const changed = new Map<string, ItemState>();
      for (const [to, meters] of Object.entries(event.changes))
        for (const meter of meters) changed.set(meter, to as ItemState);
      const items = job.items.map((item) => {
        const to = changed.get(item.meter);
        return to === undefined ? item : { meter: item.meter, state: to };
      });
      return put({ ...job, items });
    }
    case 'EmergencyRestoreStarted':
      return put({ ...job, restore: event.restore });
    case 'EmergencyRestoreStepped':
      return put({ ...job, restore: job.restore && { ...job.restore, nextMs: event.nextMs } });
    case 'EmergencyRestoreStopped':
      return put({ ...job, restore: null });
    case 'EmergencyEnded': {
      const { [event.id]: _over, ...jobs } = state.jobs;
      return { ...state, seq, jobs };
    }
    default:
      return assertNever(event);
  }
}

function countsOf(items: readonly Item[]): Emergency['counts'] {
  const counts: Partial<Record<ItemState, number>> = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function phaseOf({ items, restore }: Job): EmergencyPhase {
  if (restore) return 'restoring';
  return items.some(({ state }) => state === 'waiting' || state === 'operating') ? 'cutting' : 'cut';
}

/** As it is shown; over once `endedMs` is given. */
export function emergencyOf(job: Job, endedMs: number | null = null): Emergency {
  const { items, ...rest } = job;
  return { ...rest, phase: endedMs === null ? phaseOf(job) : 'over', endedMs, counts: countsOf(items) };
}

/** Meters by what became of them: how a job is kept in records and in the audit log. */
export function byState(items: readonly Item[]): Partial<Record<ItemState, string[]>> {
  const lists: Partial<Record<ItemState, string[]>> = {};
  for (const { meter, state } of items) (lists[state] ??= []).push(meter);
  return lists;
}

/** A job that is over, as its record. */
export const endedJobSchema = z.strictObject({
  emergency: emergencySchema,
  items: z.partialRecord(z.enum(itemStates), z.array(z.string())),
});
