/** Opening a list of accounts. */
import type { Routes } from './route.ts';

export const openingRoutes: Routes<'openAccounts' | 'cancelOpenings'> = {
  openAccounts: (core, params, request) => core.openings.start(params, request),
  cancelOpenings: (core, { openings }, request) => core.openings.cancel(openings, request),
};
