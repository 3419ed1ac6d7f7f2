/** Load and time control: plans, and which meters have them. */
import { z } from 'zod';
import { controlPlanSchema, controlRowSchema } from '../control.ts';
import { everyone, id, managers, ok, op } from './op.ts';

export const controlOps = {
  getControlPlans: op({
    kind: 'query',
    method: 'GET',
    path: '/api/control/plans',
    who: everyone,
    scope: 'open',
    summary: 'Plans of load and time control, with how many meters have each',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(z.strictObject({ plan: controlPlanSchema, meters: z.int() })) }),
  }),
  getControlMeters: op({
    kind: 'query',
    method: 'GET',
    path: '/api/control/meters',
    who: everyone,
    scope: 'filtered',
    summary: 'Meters with a breaker, their plans, who carries them out, and what is cut by them',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(controlRowSchema) }),
  }),
  saveControlPlan: op({
    kind: 'command',
    method: 'POST',
    path: '/api/control/plans/{plan}',
    who: managers,
    scope: 'site',
    // What it cuts, it cuts at all its meters.
    reauth: true,
    summary: 'Add a plan or change it for all meters that have it',
    params: z.strictObject({ plan: id, isNew: z.boolean(), settings: controlPlanSchema.omit({ id: true }) }),
    result: z.strictObject({ id: z.string() }),
  }),
  removeControlPlan: op({
    kind: 'command',
    method: 'POST',
    path: '/api/control/plans/{plan}/remove',
    who: managers,
    scope: 'site',
    reauth: true,
    summary: 'Take back a plan that no meter has',
    params: z.strictObject({ plan: id }),
    result: ok,
  }),
  assignControlPlan: op({
    kind: 'command',
    method: 'POST',
    path: '/api/control/assign',
    who: managers,
    reauth: true,
    summary: 'Give meters a plan, or take theirs away',
    params: z.strictObject({ plan: id.nullable(), meters: z.array(id).min(1).max(10_000) }),
    result: z.strictObject({ assigned: z.int() }),
  }),
} as const;
