/** What the core knows of what a takeover's rows name. */
import { plausible } from '../../domain/meter/measure.ts';
import type { TakeoverSite } from '../../domain/takeover/check.ts';
import type { Core } from '../core.ts';

export function takeoverSite(core: Core, asOfMs: number): TakeoverSite {
  const { directory, pricing } = core;
  const movers = core.tenancies.movers();
  const free = new Map<string, string[]>();
  for (const [id, { state }] of core.meters) {
    const { room, account } = state.place;
    if (room === null || account !== null || state.config?.role !== 'tenant') continue;
    const own = free.get(room);
    if (own) own.push(id);
    else free.set(room, [id]);
  }
  return {
    ...{ nowMs: core.context().nowMs, asOfMs, midnight: (day) => directory.time.midnight(day) },
    room: (id) => {
      const place = directory.rooms.get(id);
      return place ? { building: place.building, holder: directory.tenantOf(id) } : null;
    },
    meter: (id) => {
      const state = core.meters.get(id)?.state;
      const config = state?.config;
      if (!config) return null;
      return {
        ...{ isTenant: config.role === 'tenant', room: state.place.room, account: state.place.account },
        ...{ mover: movers.get(id) ?? null, times: config.ct * config.pt, anchor: state.anchor },
        ...{ charged: state.sequence > 0, quarantined: state.quarantine !== null, plausible: plausible(state) },
        tariffFromMs: pricing.fromMs(config.tariff),
      };
    },
    freeMeters: (room) => free.get(room) ?? [],
    hasWallet: (id) => core.wallets.has(id),
    account: (id) => {
      const account = directory.get('account', id);
      return account ? (account.takenOver?.what ?? 'other') : null;
    },
    counter: (meter, account) => {
      const state = core.meters.get(meter)?.state;
      if (!state?.config) return null;
      return pricing.counter(state.config.tariff, { meter, room: state.place.room, account }, asOfMs);
    },
  };
}
