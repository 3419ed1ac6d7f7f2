/** Answers about tariffs. */
import type { OpOutcome, OpResult } from '../../../protocol/ops.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, type Answers } from './answer.ts';
import { whatIf } from './whatIf.ts';

export const tariffAnswers: Answers<'getTariffs' | 'getTariffMeters' | 'whatIf'> = {
  getTariffs: ({ core }) => durable(core, () => tariffs(core)),
  getTariffMeters: ({ core }, { tariff }) => durable(core, () => meters(core, tariff)),
  whatIf: ({ core }, params) => whatIf(core, params),
};

/** As tariff files write it: "YYYY-MM-DDTHH:MM", wall time at the site. */
export function localMinute(core: Core, atMs: number): string {
  return new Date(core.directory.time.localMs(atMs)).toISOString().slice(0, 16);
}

/**
 * Local minute up to which any meter has been charged by a tariff; null: by none. A version from a minute that the clock
 * shows twice holds from the first of them.
 */
export function chargedUntil(core: Core, tariff: string): string | null {
  let lastMs: number | null = null;
  for (const { state } of core.meters.values())
    if (state.config?.tariff === tariff && state.sequence > 0 && state.anchor)
      lastMs = Math.max(lastMs ?? 0, state.anchor.atMs);
  return lastMs === null ? null : new Date(core.directory.time.latestLocalMs(lastMs)).toISOString().slice(0, 16);
}

function tariffs(core: Core): OpOutcome {
  const used = new Map<string, { meters: number; waiting: number }>();
  const of = (tariff: string): { meters: number; waiting: number } => {
    const known = used.get(tariff) ?? { meters: 0, waiting: 0 };
    used.set(tariff, known);
    return known;
  };
  for (const { state } of core.meters.values()) {
    if (state.config) of(state.config.tariff).meters += 1;
    if (state.nextTariff !== undefined) of(state.nextTariff).waiting += 1;
  }
  const items = core.directory
    .all('tariff')
    .map((tariff) => ({ tariff, ...of(tariff.id), chargedUntil: chargedUntil(core, tariff.id) }));
  return found<'getTariffs'>({ items });
}

function meters(core: Core, id: string): OpOutcome {
  const tariff = core.directory.get('tariff', id);
  if (!tariff) return notFound('tariff');
  const items: OpResult<'getTariffMeters'>['items'] = [];
  for (const [meter, { state }] of core.meters) {
    if (state.config?.utility !== tariff.utility) continue;
    const { room } = state.place;
    const place = room === null ? undefined : core.directory.rooms.get(room);
    items.push({
      ...{ meter, room, roomName: place?.name ?? null, building: place?.building ?? null },
      ...{ tenant: room === null ? null : core.directory.tenantOf(room), tariff: state.config.tariff },
      tags: [...(place?.tags ?? [])],
      next: state.nextTariff ?? null,
    });
  }
  return found<'getTariffMeters'>({ items });
}
