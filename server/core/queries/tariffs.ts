/** Answers about tariffs. */
import { chargeSchema, type Charge, type OpOutcome, type OpParams, type OpResult } from '../../../protocol/ops.ts';
import { compileTariff, priceInterval } from '../../domain/tariff/price.ts';
import { Counters, type OpenLines } from '../../domain/tariff/state.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, type Answers } from './answer.ts';
import { openCharges } from './money.ts';

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

/** A month of one meter is some 3 000 quarter hours: what one page may look at without holding up the core. */
const METERS_A_PAGE = 5;
const SPAN_MS_MAX = 400 * 86_400_000;

async function whatIf(core: Core, { draft, fromMs, toMs, cursor }: OpParams<'whatIf'>): Promise<OpOutcome> {
  const invalid = (detail: string): OpOutcome => ({ ok: false, refusal: 'invalid', detail });
  if (toMs <= fromMs || toMs - fromMs > SPAN_MS_MAX) return invalid('toMs: after fromMs, and 400 days at most');
  const compiled = compileTariff(draft, core.directory.time.zone);
  const [firstMs = Infinity] = compiled.calendar.versionsFromMs;
  if (firstMs > fromMs) return invalid('draft.versions.0.from: before the span that is priced again');
  const all = [...core.meters].filter(([, { state }]) => state.config?.tariff === draft.id);
  const page = all.slice(cursor, cursor + METERS_A_PAGE);
  const items: OpResult<'whatIf'>['items'] = [];
  for (const [meter] of page) {
    const byWallet = new Map<string, { quantity: number; paidMicro: number; draftMicro: number }>();
    let open: OpenLines | null = null;
    const counters = new Counters();
    for await (const charge of chargesOf(core, meter, fromMs, toMs)) {
      const quantity = charge.toIndex - charge.fromIndex;
      const priced = priceInterval(
        compiled,
        { fromMs: charge.fromMs, toMs: charge.toMs, quantity, bands: null },
        open,
        { used: ({ name, tiers }) => counters.get(tiers.countedPer, name), heads: () => 0, openedDay: null },
      );
      open = priced.openLines;
      for (const { countedPer, period, used } of priced.tierUses) counters.set(countedPer, period, used);
      const sum = byWallet.get(charge.wallet) ?? { quantity: 0, paidMicro: 0, draftMicro: 0 };
      sum.quantity += quantity;
      sum.paidMicro += charge.amountMicro;
      sum.draftMicro += priced.totalMicro;
      byWallet.set(charge.wallet, sum);
    }
    for (const [wallet, sum] of byWallet) {
      const state = core.wallets.get(wallet)?.state;
      items.push({ account: state?.account ?? '', holder: state?.holder ?? '', meter, ...sum });
    }
  }
  const done = cursor + page.length;
  return durable(core, () =>
    found<'whatIf'>({ items, done, total: all.length, cursor: done < all.length ? done : null }),
  );
}

/** In order of time; the quarter hour that is still open comes last, from the wallet. */
async function* chargesOf(core: Core, meter: string, fromMs: number, toMs: number): AsyncGenerator<Charge> {
  let last = '';
  let cursor: string | undefined;
  do {
    const page = await core.options.store.range({
      ...{ kind: 'charge', index: `meter:${meter}`, min: fromMs, max: toMs, limit: 500 },
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { id, value } of page.items) {
      last = id;
      yield chargeSchema.parse(value);
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  const wallet = core.meters.get(meter)?.state.place.wallet ?? null;
  for (const charge of wallet === null ? [] : openCharges(core, wallet))
    if (charge.meter === meter && charge.id !== last && charge.toMs <= toMs) yield charge;
}
