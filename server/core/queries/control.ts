/** Plans of load and time control, and the meters that have them. */
import { durable, found, type Answers } from './answer.ts';

export const controlAnswers: Answers<'getControlPlans' | 'getControlMeters'> = {
  getControlPlans: ({ core }) =>
    durable(core, () => {
      const counts = new Map<string, number>();
      for (const { state } of core.meters.values())
        if (state.controlPlan !== undefined) counts.set(state.controlPlan, (counts.get(state.controlPlan) ?? 0) + 1);
      const plans = core.directory.all('controlPlan').filter(({ removed }) => !removed);
      const items = plans.map(({ removed: _isHere, ...plan }) => ({ plan, meters: counts.get(plan.id) ?? 0 }));
      return found<'getControlPlans'>({ items });
    }),
  getControlMeters: ({ core }) => durable(core, () => found<'getControlMeters'>({ items: core.controls.rows() })),
};
