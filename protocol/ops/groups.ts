/** Switching many breakers at once: saying the effect, doing it, cancelling what is not done. */
import { z } from 'zod';
import { GROUP_MAX, groupActions, groupPreviewSchema, groupSchema, groupStates, groupWhats } from '../group.ts';
import { controllers, everyone, id, op, page, reason } from './op.ts';

const action = z.enum(groupActions);

export const groupsOps = {
  previewGroup: op({
    kind: 'query',
    method: 'POST',
    path: '/api/groups/preview',
    who: controllers,
    summary: 'What switching all breakers of these rooms would do now; nothing is written',
    params: z.strictObject({ action, rooms: z.array(id).min(1).max(GROUP_MAX), what: z.enum(groupWhats) }),
    result: groupPreviewSchema,
  }),
  getGroups: op({
    kind: 'query',
    method: 'GET',
    path: '/api/groups',
    who: everyone,
    scope: 'filtered',
    summary: 'Group orders that go on',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(groupSchema) }),
  }),
  getGroupHistory: op({
    kind: 'query',
    method: 'GET',
    path: '/api/groups/history',
    who: everyone,
    scope: 'filtered',
    summary: 'Group orders that are over, newest first',
    params: z.strictObject({ ...page }),
    result: z.strictObject({ items: z.array(groupSchema), cursor: z.string().nullable() }),
  }),
  getGroup: op({
    kind: 'query',
    method: 'GET',
    path: '/api/groups/{group}',
    who: everyone,
    summary: 'A group order with what became of each breaker',
    params: z.strictObject({ group: id }),
    result: z.strictObject({
      group: groupSchema,
      items: z.array(
        z.strictObject({
          meter: z.string(),
          room: z.string().nullable(),
          roomName: z.string().nullable(),
          state: z.enum(groupStates),
        }),
      ),
    }),
  }),
  startGroup: op({
    kind: 'command',
    method: 'POST',
    path: '/api/groups',
    who: controllers,
    reauth: true,
    summary: 'Switch these breakers and valves, each as one person would; protected ones are left out',
    params: z.strictObject({
      action,
      meters: z.array(id).min(1).max(GROUP_MAX),
      reason,
      untilMs: z.int().optional(),
    }),
    result: z.strictObject({ group: z.string(), meters: z.int() }),
  }),
  cancelGroup: op({
    kind: 'command',
    method: 'POST',
    path: '/api/groups/{group}/cancel',
    who: controllers,
    summary: 'Put back as it was what is not read back yet',
    params: z.strictObject({ group: id, reason }),
    result: z.strictObject({ cancelled: z.int() }),
  }),
} as const;
