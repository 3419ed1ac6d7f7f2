/** Switching, reading, and what becomes of a doubtful reading. */
import { primaryIndex } from '../approvalFacts.ts';
import { forMeter, refusal, type Routes } from './route.ts';

export const roomRoutes: Routes<'switchMeter' | 'readMeter' | 'resolveQuarantine' | 'releaseInterlock'> = {
  switchMeter: (core, { meter, action, reason, untilMs, holder, phone }, request) => {
    const other = core.selections.other(meter, request.operator);
    // A work tag protects a person: it waits for nobody.
    if (other !== null && action !== 'workTag') return refusal('selected', `${other} has it in hand`);
    const message = { type: 'Switch', action, reason, untilMs: untilMs ?? null, request, holder, phone } as const;
    return forMeter(core, meter, { to: 'meter', id: meter, message });
  },
  readMeter: (core, { meter }, request) =>
    forMeter(core, meter, { to: 'meter', id: meter, message: { type: 'ReadNow', request } }),
  resolveQuarantine: (core, { meter, action, reason, reading }, request) => {
    if (action !== 'correct')
      return forMeter(core, meter, {
        to: 'meter',
        id: meter,
        message: { type: 'ResolveQuarantine', action, reason, request },
      });
    const index = primaryIndex(core, meter, reading ?? '0') ?? 0;
    return forMeter(core, meter, {
      to: 'meter',
      id: meter,
      message: { type: 'CorrectReading', index, reason, request },
    });
  },
  releaseInterlock: (_core, { meters = null, reason }, request) => ({
    to: 'interlock',
    message: { type: 'Release', meters, reason, request },
  }),
};
