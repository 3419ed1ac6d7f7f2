/** Setting risers up. Nothing leaves a riser while a work tag hangs on it: whoever works there counts on what was tagged. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

export const riserRoutes: Routes<'saveRiser' | 'removeRiser'> = { saveRiser, removeRiser };

const tagged = (core: Core, id: string): boolean =>
  Object.values(core.tags.state.tags).some(({ on }) => on.kind === 'riser' && on.id === id);

async function saveRiser(core: Core, params: OpParams<'saveRiser'>, request: Request): Promise<OpOutcome> {
  const { isNew, id, name } = params;
  const before = core.directory.get('riser', id);
  if (isNew && before) return refusal('invalid', 'id: this id is used already');
  if (!isNew && (!before || before.removed)) return refusal('notFound', 'there is no such riser');
  const [rooms, meters] = [[...new Set(params.rooms)], [...new Set(params.meters)]];
  const room = rooms.find((one) => !core.directory.rooms.has(one));
  if (room !== undefined) return refusal('invalid', `rooms: there is no room ${room}`);
  const meter = meters.find((one) => !core.meters.has(one));
  if (meter !== undefined) return refusal('invalid', `meters: there is no meter ${meter}`);
  if (rooms.length + meters.length === 0) return refusal('invalid', 'rooms: a room or a meter at least');
  const leaves = [...(before?.rooms ?? []), ...(before?.meters ?? [])].find(
    (one) => !rooms.includes(one) && !meters.includes(one),
  );
  if (leaves !== undefined && tagged(core, id))
    return refusal('workTagInForce', `a work tag hangs on it: ${leaves} stays until it is lifted`);
  return configure(core, request, [{ kind: 'riser', id, value: { id, name, rooms, meters } }], { id });
}

async function removeRiser(core: Core, { riser: id }: OpParams<'removeRiser'>, request: Request): Promise<OpOutcome> {
  const before = core.directory.get('riser', id);
  if (!before || before.removed) return refusal('notFound', 'there is no such riser');
  if (tagged(core, id)) return refusal('workTagInForce', 'a work tag hangs on it');
  return configure(core, request, [{ kind: 'riser', id, value: { ...before, removed: true } }], { ok: true });
}
