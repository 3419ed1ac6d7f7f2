/** Group orders that go on: durable jobs with one result for each breaker; those that are over are records. */
import { z } from 'zod';
import { groupSchema, groupStates, type Group, type GroupState } from '../../../protocol/group.ts';
import { assertNever } from '../assert.ts';

const itemSchema = z.strictObject({ meter: z.string(), state: z.enum(groupStates) });
export type Item = z.infer<typeof itemSchema>;
const { id, action, by, reason, buildings, untilMs, atMs } = groupSchema.shape;
const order = { id, action, by, reason, buildings, untilMs, atMs };
const lists = z.partialRecord(z.enum(groupStates), z.array(z.string()));
const jobSchema = z.strictObject({
  ...order,
  /** Rises from order to order: a meter remembers the last one it has taken. */
  n: z.int(),
  items: z.array(itemSchema),
});
export type Job = z.infer<typeof jobSchema>;

export const groupEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('GroupStarted'), ...order, n: z.int(), items: lists }),
  /** What was seen of several at once. */
  z.strictObject({ type: z.literal('GroupItemsChanged'), id, changes: lists }),
  z.strictObject({ type: z.literal('GroupCancelled'), id, by, reason, atMs }),
  z.strictObject({ type: z.literal('GroupEnded'), id, atMs }),
]);
export type GroupEvent = z.infer<typeof groupEventSchema>;

export const groupsStateSchema = z.strictObject({
  /** How many there have been: numbers the next one. */
  taken: z.int(),
  /** Rises with every change. */
  seq: z.int(),
  jobs: z.record(z.string(), jobSchema),
});
export type GroupsState = z.infer<typeof groupsStateSchema>;
export const GROUPS_SCHEMA = 1;
export const initialGroups: GroupsState = { taken: 0, seq: 0, jobs: {} };

/** Oldest first: an order does not overtake an earlier one at the same meter. */
export const jobsOf = ({ jobs }: GroupsState): Job[] => Object.values(jobs).sort((a, b) => a.n - b.n);

export const itemsOf = (by: z.infer<typeof lists>): Item[] =>
  groupStates.flatMap((state) => (by[state] ?? []).map((meter) => ({ meter, state })));

export function evolveGroups(state: GroupsState, event: GroupEvent): GroupsState {
  const seq = state.seq + 1;
  const put = (job: Job): GroupsState => ({ ...state, seq, jobs: { ...state.jobs, [job.id]: job } });
  if (event.type === 'GroupStarted') {
    const { type: _type, items, ...rest } = event;
    return { ...put({ ...rest, items: itemsOf(items) }), taken: event.n };
  }
  const job = state.jobs[event.id];
  if (!job) return state;
  switch (event.type) {
    case 'GroupItemsChanged': {
      const changed = new Map(itemsOf(event.changes).map((item) => [item.meter, item]));
      return put({ ...job, items: job.items.map((item) => changed.get(item.meter) ?? item) });
    }
    case 'GroupCancelled':
      return { ...state, seq };
    case 'GroupEnded': {
      const { [event.id]: _over, ...jobs } = state.jobs;
      return { ...state, seq, jobs };
    }
    default:
      return assertNever(event);
  }
}

/** As it is shown; over once `endedMs` is given. */
export function groupOf({ items, n: _n, ...rest }: Job, endedMs: number | null = null): Group {
  const counts: Partial<Record<GroupState, number>> = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  return { ...rest, endedMs, counts };
}

/** Breakers by what became of them: how an order is kept in records and in the audit log. */
export function byState(items: readonly Item[]): Partial<Record<GroupState, string[]>> {
  const by: Partial<Record<GroupState, string[]>> = {};
  for (const { meter, state } of items) (by[state] ??= []).push(meter);
  return by;
}

/** An order that is over, as its record. */
export const endedGroupSchema = z.strictObject({ group: groupSchema, items: lists });
