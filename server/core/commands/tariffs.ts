/** Tariffs: published whole, with what has been charged left as it was; meters take a new one up at their next reading. */
import { ASSIGNED_NAMED_MAX } from '../../../protocol/tariffHistory.ts';
import type { OpParams } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import { versionChanges } from '../../domain/tariff/history.ts';
import { publishMistakes } from '../../domain/tariff/publish.ts';
import type { Core } from '../core.ts';
import { assignedKey, versionsKey } from '../queries/tariffHistory.ts';
import { chargedUntil, localMinute } from '../queries/tariffs.ts';
import { configure, refusal, whenDone, type Routed, type Routes } from './route.ts';

export const tariffRoutes: Routes<'saveTariff' | 'assignTariff'> = { saveTariff, assignTariff };

function saveTariff(core: Core, { tariff, isNew }: OpParams<'saveTariff'>, request: Request): Routed {
  const before = core.directory.get('tariff', tariff.id);
  if (isNew && before) return refusal('invalid', 'tariff.id: taken already');
  if (!isNew && !before) return refusal('notFound', 'there is no such tariff');
  const mistakes = publishMistakes(before, tariff, chargedUntil(core, tariff.id));
  if (mistakes.length > 0)
    return refusal('invalid', mistakes.map(({ path, message }) => `tariff.${path}: ${message}`).join('; '));
  core.audit.changed(request.key, versionsKey(tariff.id), null, versionChanges(before, tariff));
  return configure(core, request, [{ kind: 'tariff', id: tariff.id, value: tariff }], { tariff: tariff.id });
}

/** Answered once the choice of every meter is durable. */
async function assignTariff(core: Core, params: OpParams<'assignTariff'>, request: Request): Promise<Routed> {
  const tariff = core.directory.get('tariff', params.tariff);
  if (!tariff) return refusal('notFound', 'there is no such tariff');
  // Use before its first version would have no price.
  if ((tariff.versions[0]?.from ?? '') > localMinute(core, core.context().nowMs))
    return refusal('invalid', `tariff: it holds from ${tariff.versions[0]?.from} only`);
  for (const [i, meter] of params.meters.entries()) {
    const config = core.meters.get(meter)?.state.config;
    if (!config) return refusal('invalid', `meters.${i}: there is no meter ${meter}`);
    if (config.utility !== tariff.utility)
      return refusal('invalid', `meters.${i}: ${meter} measures ${config.utility}`);
  }
  for (const meter of params.meters)
    core.send({
      to: 'meter',
      id: meter,
      message: { type: 'ChooseTariff', tariff: params.tariff, by: request.operator },
    });
  const chosen = (meter: string): boolean => {
    const state = core.meters.get(meter)?.state;
    return (state?.nextTariff ?? state?.config?.tariff) === params.tariff;
  };
  const stuck = await whenDone(core, () => params.meters.every(chosen));
  if (stuck) return stuck;
  const assigned = { count: params.meters.length, meters: params.meters.slice(0, ASSIGNED_NAMED_MAX) };
  core.audit.changed(request.key, assignedKey(params.tariff), null, assigned);
  return configure(core, request, [], { chosen: params.meters.length });
}
