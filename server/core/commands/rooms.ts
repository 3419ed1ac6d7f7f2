/** Switching, reading, and what becomes of a doubtful reading. */
import { forMeter, type Routes } from './route.ts';

export const roomRoutes: Routes<'switchMeter' | 'readMeter' | 'resolveQuarantine' | 'releaseInterlock'> = {
  switchMeter: (core, { meter, action, reason, untilMs }, request) =>
    forMeter(core, meter, {
      to: 'meter',
      id: meter,
      message: { type: 'Switch', action, reason, untilMs: untilMs ?? null, request },
    }),
  readMeter: (core, { meter }, request) =>
    forMeter(core, meter, { to: 'meter', id: meter, message: { type: 'ReadNow', request } }),
  resolveQuarantine: (core, { meter, action, reason }, request) =>
    forMeter(core, meter, { to: 'meter', id: meter, message: { type: 'ResolveQuarantine', action, reason, request } }),
  releaseInterlock: (_core, { reason }, request) => ({
    to: 'interlock',
    message: { type: 'Release', reason, request },
  }),
};
