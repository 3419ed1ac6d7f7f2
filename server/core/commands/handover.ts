/** Signing a shift over and taking it. */
import { handoverSheet } from '../handoverSheet.ts';
import type { Routes } from './route.ts';

export const handoverRoutes: Routes<'signHandover' | 'takeHandover' | 'withdrawHandover'> = {
  signHandover: (core, { notes }, request) =>
    core.handovers.take({ type: 'Sign', by: request.operator, sheet: handoverSheet(core), notes }, request, {
      handover: `H${core.handovers.state.taken + 1}`,
    }),
  takeHandover: (core, { handover: id, hash, remark }, request) =>
    core.handovers.take({ type: 'Take', id, by: request.operator, hash, remark }, request, { ok: true }),
  withdrawHandover: (core, { handover: id }, request) =>
    core.handovers.take({ type: 'Withdraw', id, by: request.operator }, request, { ok: true }),
};
