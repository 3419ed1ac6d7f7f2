/** Answers about group orders. */
import { z } from 'zod';
import { groupSchema } from '../../../protocol/group.ts';
import { previewOf } from '../../domain/group/select.ts';
import { endedGroupSchema, groupOf, itemsOf, jobsOf, type Item } from '../../domain/group/state.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';

export const groupAnswers: Answers<'previewGroup' | 'getGroups' | 'getGroupHistory' | 'getGroup'> = {
  previewGroup: ({ core, who }, { action, rooms, what }) =>
    durable(core, () => {
      const { groups } = core;
      const candidates = groups.metersIn(rooms, what).flatMap((id) => groups.candidate(id, who.operator) ?? []);
      return found<'previewGroup'>(previewOf(action, candidates));
    }),
  getGroups: ({ core }) =>
    durable(core, () => found<'getGroups'>({ items: jobsOf(core.groups.state).map((job) => groupOf(job)) })),
  getGroupHistory: async ({ core }, page) => {
    const { items, cursor } = await pageOf(
      core,
      { kind: 'group', index: 'all' },
      page,
      z.object({ group: groupSchema }),
    );
    return found<'getGroupHistory'>({ items: items.map(({ group }) => group), cursor });
  },
  getGroup: async ({ core }, { group: id }) => {
    const job = core.groups.state.jobs[id];
    if (job)
      return durable(core, () =>
        found<'getGroup'>({ group: groupOf(job), items: job.items.map((item) => withRoom(core, item)) }),
      );
    const record = await core.options.store.get('group', id);
    if (!record) return notFound('group order');
    const { group, items } = endedGroupSchema.parse(record);
    return found<'getGroup'>({ group, items: itemsOf(items).map((item) => withRoom(core, item)) });
  },
};

function withRoom(core: Core, { meter, state }: Item) {
  const room = core.meters.get(meter)?.state.place.room ?? null;
  return { meter, state, room, roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? null) };
}
