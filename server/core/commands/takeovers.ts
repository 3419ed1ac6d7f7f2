/** Signing a takeover. */
import type { Routes } from './route.ts';

export const takeoverRoutes: Routes<'signTakeover'> = {
  signTakeover: (core, params, request) => core.takeovers.sign(params, request),
};
