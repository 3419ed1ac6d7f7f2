/** What meters showed at a time. */
import type { IndexRow } from '../../../protocol/ops/meters.ts';
import { chargeSchema, type Charge, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import type { Core } from '../core.ts';
import { durable, found, type Answers } from './answer.ts';
import { openCharges } from './money.ts';

export const meterAnswers: Answers<'getIndexes'> = { getIndexes: ({ core }, params) => indexes(core, params) };

type Known = { readonly index: number; readonly atMs: number };

/** The last charged index at or before an instant; what has not moved since shows it still. */
async function indexAt(core: Core, meter: string, atMs: number): Promise<Known | null> {
  const anchor = core.meters.get(meter)?.state.anchor;
  if (anchor && anchor.atMs <= atMs) return { index: anchor.index, atMs: anchor.atMs };
  const ask = { kind: 'charge', index: `meter:${meter}`, limit: 1 } as const;
  const before = await core.options.store.range({ ...ask, max: atMs, newestFirst: true });
  const [last] = before.items;
  if (last) {
    const { toIndex, toMs } = chargeSchema.parse(last.value);
    return { index: toIndex, atMs: toMs };
  }
  // Nothing was charged by then: where the first charge began.
  const after = await core.options.store.range({ ...ask, min: atMs });
  const [next] = after.items;
  if (!next) return null;
  const { fromIndex, fromMs } = chargeSchema.parse(next.value);
  return fromMs <= atMs ? { index: fromIndex, atMs: fromMs } : null;
}

async function quantityBetween(core: Core, meter: string, fromMs: number, toMs: number): Promise<number> {
  let cursor: string | undefined;
  const units = (charge: Charge): number => {
    const component = charge.lines[0]?.component;
    return charge.lines.reduce((sum, line) => sum + (line.component === component ? line.quantity : 0), 0);
  };
  // The quarter that is still open is in the wallet, not in the records.
  const wallet = core.meters.get(meter)?.state.place.wallet ?? null;
  const open = wallet === null ? [] : openCharges(core, wallet).filter((charge) => charge.meter === meter);
  let quantity = open
    .filter(({ toMs: atMs }) => atMs > fromMs && atMs <= toMs)
    .reduce((sum, charge) => sum + units(charge), 0);
  do {
    const page = await core.options.store.range({
      ...{ kind: 'charge', index: `meter:${meter}`, min: fromMs + 1, max: toMs, limit: 500 },
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value } of page.items) {
      const charge = chargeSchema.parse(value);
      if (!open.some(({ id }) => id === charge.id)) quantity += units(charge);
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return quantity;
}

async function indexes(core: Core, params: OpParams<'getIndexes'>): Promise<OpOutcome> {
  const { fromMs, toMs, building } = params;
  if (toMs < fromMs) return { ok: false, refusal: 'invalid', detail: 'toMs: not before fromMs' };
  const meters = [...core.meters].filter(([, { state }]) => {
    if (!state.config) return false;
    if (building === undefined) return true;
    return state.place.room !== null && core.directory.rooms.get(state.place.room)?.building === building;
  });
  const start = Number(params.cursor ?? 0);
  const items: IndexRow[] = [];
  for (const [meter, { state }] of meters.slice(start, start + params.limit)) {
    const { config, place } = state;
    if (!config) continue;
    const from = await indexAt(core, meter, fromMs);
    const to = toMs === fromMs ? from : await indexAt(core, meter, toMs);
    items.push({
      ...{ meter, room: place.room, utility: config.utility, multiplier: config.ct * config.pt, from, to },
      roomName: place.room === null ? null : (core.directory.rooms.get(place.room)?.name ?? null),
      tenant: place.room === null ? null : core.directory.tenantOf(place.room),
      quantity: to && toMs > fromMs ? await quantityBetween(core, meter, fromMs, toMs) : 0,
    });
  }
  const next = start + items.length;
  return durable(core, () =>
    found<'getIndexes'>({ items, total: meters.length, cursor: next < meters.length ? String(next) : null }),
  );
}
