/** Plans of load and time control, and who gets them. */
import type { OpParams } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import { metersOfPlan } from '../approvalFacts.ts';
import type { Core } from '../core.ts';
import { configure, refusal, whenDone, type Routed, type Routes } from './route.ts';

export const controlRoutes: Routes<'saveControlPlan' | 'removeControlPlan' | 'assignControlPlan'> = {
  saveControlPlan,
  removeControlPlan,
  assignControlPlan,
};

async function saveControlPlan(core: Core, params: OpParams<'saveControlPlan'>, request: Request): Promise<Routed> {
  const { plan: id, isNew, settings } = params;
  const before = core.directory.get('controlPlan', id);
  if (isNew && before) return refusal('invalid', 'plan: this id is used already');
  if (!isNew && (!before || before.removed)) return refusal('notFound', 'there is no such plan');
  const outcome = await configure(core, request, [{ kind: 'controlPlan', id, value: { id, ...settings } }], { id });
  const having = metersOfPlan(core, id);
  core.controls.write(having, request.operator);
  for (const meter of having) core.send({ to: 'meter', id: meter, message: { type: 'Wake', name: 'control' } });
  return outcome;
}

async function removeControlPlan(
  core: Core,
  { plan: id }: OpParams<'removeControlPlan'>,
  request: Request,
): Promise<Routed> {
  const before = core.directory.get('controlPlan', id);
  if (!before || before.removed) return refusal('notFound', 'there is no such plan');
  if (metersOfPlan(core, id).length > 0) return refusal('invalid', 'plan: take it from its meters first');
  return configure(core, request, [{ kind: 'controlPlan', id, value: { ...before, removed: true } }], { ok: true });
}

/** Answered once the choice of every meter is durable; only then is anything written into one. */
async function assignControlPlan(core: Core, params: OpParams<'assignControlPlan'>, request: Request): Promise<Routed> {
  const { plan, meters } = params;
  const chosenPlan = plan === null ? undefined : core.directory.get('controlPlan', plan);
  if (plan !== null && (!chosenPlan || chosenPlan.removed)) return refusal('notFound', 'there is no such plan');
  for (const [n, meter] of meters.entries()) {
    const config = core.meters.get(meter)?.state.config;
    if (!config) return refusal('invalid', `meters.${n}: there is no meter ${meter}`);
    if (!config.hasBreaker || config.utility !== 'electricity')
      return refusal('invalid', `meters.${n}: ${meter} has no breaker to control`);
  }
  for (const id of meters) core.send({ to: 'meter', id, message: { type: 'ChoosePlan', plan, by: request.operator } });
  const chosen = (meter: string): boolean => (core.meters.get(meter)?.state.controlPlan ?? null) === plan;
  const stuck = await whenDone(core, () => meters.every(chosen));
  if (stuck) return stuck;
  const outcome = await configure(core, request, [], { assigned: meters.length });
  core.controls.write(meters, request.operator);
  return outcome;
}
