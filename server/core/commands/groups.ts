/** Switching many breakers at once. */
import type { OpParams } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import { previewOf } from '../../domain/group/select.ts';
import type { Core } from '../core.ts';
import { buildingOfRoom } from '../scope.ts';
import { refusal, type Routed, type Routes } from './route.ts';

export const groupRoutes: Routes<'startGroup' | 'cancelGroup'> = {
  startGroup,
  cancelGroup: (_core, { group: id, reason }, request) => ({
    to: 'group',
    message: { type: 'Cancel', id, reason, request },
  }),
};

function startGroup(core: Core, params: OpParams<'startGroup'>, request: Request): Routed {
  const { action, reason, untilMs } = params;
  const candidates = [];
  for (const id of new Set(params.meters)) {
    const candidate = core.groups.candidate(id, request.operator);
    if (!candidate) return refusal('notFound', `there is no meter ${id}, or it has stopped after an error`);
    candidates.push(candidate);
  }
  const { meters, left } = previewOf(action, candidates);
  const found = new Set(candidates.flatMap(({ room }) => buildingOfRoom(core, room) ?? []));
  return {
    to: 'group',
    message: {
      ...{ type: 'Start', action, reason, untilMs: untilMs ?? null, meters, left, buildings: [...found], request },
    },
  };
}
