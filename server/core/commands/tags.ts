/** Work tags on rooms and lines, and keep power for a whole room. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { Tag } from '../../../protocol/tags.ts';
import { auditedParts } from '../../domain/audit/parts.ts';
import type { Request } from '../../domain/messages.ts';
import { applyAction } from '../../domain/switching.ts';
import type { Core } from '../core.ts';
import { configure, refusal, whenDone, type Routes } from './route.ts';

type Named = Readonly<Partial<Record<'room' | 'line' | 'riser', string | undefined>>>;

/** The room or line that the parameters name. */
export function placeOf(core: Core, { room, line, riser }: Named): Tag['on'] | OpOutcome {
  const on: Tag['on'] =
    room !== undefined
      ? { kind: 'room', id: room }
      : line !== undefined
        ? { kind: 'line', id: line }
        : { kind: 'riser', id: riser ?? '' };
  return isThere(core, on) ? on : refusal('notFound', `there is no such ${on.kind}`);
}

export const tagRoutes: Routes<'hangTag' | 'liftTag' | 'keepRoomPower'> = {
  hangTag: (core, { room, line, riser, holder, phone, reason }, request) => {
    const on = placeOf(core, { room, line, riser });
    if ('ok' in on) return on;
    return core.tags.take({ type: 'Hang', on, by: request.operator, holder, phone, reason }, request);
  },
  liftTag: (core, { tag: id, reason }, request) =>
    core.tags.take({ type: 'Lift', id, by: request.operator, role: request.role, reason }, request),
  keepRoomPower,
};

function isThere({ directory }: Core, { kind, id }: Tag['on']): boolean {
  if (kind === 'room') return directory.rooms.has(id);
  if (kind === 'line') return directory.get('line', id) !== undefined;
  const riser = directory.get('riser', id);
  return riser !== undefined && !riser.removed;
}

/** All of them or none: each is asked first whether it may. */
async function keepRoomPower(
  core: Core,
  { room, keep, reason, untilMs }: OpParams<'keepRoomPower'>,
  request: Request,
): Promise<OpOutcome> {
  if (!core.directory.rooms.has(room)) return refusal('notFound', 'there is no such room');
  const action = keep ? 'keepPower' : 'liftKeepPower';
  const cells = [...core.meters].filter(([, { state }]) => state.place.room === room && state.config?.hasBreaker);
  if (cells.length === 0) return refusal('noBreaker', 'no meter of this room has a breaker or valve');
  if (untilMs !== undefined && untilMs <= core.context().nowMs)
    return refusal('invalid', 'untilMs: the end lies in the past');
  for (const [id, { state }] of cells) {
    const other = core.selections.other(id, request.operator);
    if (other !== null) return refusal('selected', `${other} has ${id} in hand`);
    const tagged = core.tags.on(room, state.config?.line ?? '', id).length > 0;
    const change = keep && tagged ? 'workTagInForce' : applyAction(action, state.causes, request);
    if (typeof change === 'string') return refusal(change, `${id}: ${action} is refused`);
  }
  const before = new Map(cells.map(([id, { state }]) => [id, auditedParts.meter(state)]));
  for (const [id] of cells)
    core.send({
      to: 'meter',
      id,
      message: { type: 'Switch', action, reason, untilMs: untilMs ?? null, request, part: true },
    });
  const stuck = await whenDone(core, () =>
    cells.every(([, cell]) => (cell.state.causes.keepPower !== undefined) === keep),
  );
  if (stuck) return stuck;
  for (const [id, { state }] of cells)
    core.audit.changed(request.key, `meter:${id}`, before.get(id) ?? null, auditedParts.meter(state));
  return configure(core, request, [], { meters: cells.length });
}
