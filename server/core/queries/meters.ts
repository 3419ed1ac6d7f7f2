/** What meters showed at a time. */
import type { IndexRow } from '../../../protocol/ops/meters.ts';
import { chargeSchema, type Charge, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import { mainIndexSchema } from '../../domain/meter/mainIndex.ts';
import type { MeterState } from '../../domain/meter/state.ts';
import type { Core } from '../core.ts';
import { durable, found, type Answers } from './answer.ts';
import { openCharges } from './money.ts';

export const meterAnswers: Answers<'getIndexes'> = { getIndexes: ({ core }, params) => indexes(core, params) };

type Known = { readonly index: number; readonly atMs: number };

/** The newest index kept at or before an instant; what has not moved since shows it still. */
async function indexAt(core: Core, meter: string, open: readonly Charge[], atMs: number): Promise<Known | null> {
  const anchor = core.meters.get(meter)?.state.anchor;
  if (anchor && anchor.atMs <= atMs) return { index: anchor.index, atMs: anchor.atMs };
  const ask = { index: `meter:${meter}`, limit: 1 } as const;
  const before = { ...ask, max: atMs, newestFirst: true };
  const [charged, noted] = await Promise.all([
    core.options.store.range({ kind: 'charge', ...before }),
    core.options.store.range({ kind: 'mainIndex', ...before }),
  ]);
  // A charge that began before then and ends after it knows where it began.
  const after = await core.options.store.range({ kind: 'charge', ...ask, min: atMs });
  const charges = [...charged.items, ...after.items].map(({ value }) => chargeSchema.parse(value));
  const points: Known[] = [
    ...noted.items.map(({ value }) => mainIndexSchema.parse(value)),
    ...[...charges, ...open].flatMap(({ fromIndex, fromMs, toIndex, toMs }) => [
      { index: fromIndex, atMs: fromMs },
      { index: toIndex, atMs: toMs },
    ]),
  ];
  const [last] = points.filter((point) => point.atMs <= atMs).sort((one, other) => other.atMs - one.atMs);
  return last ? { index: last.index, atMs: last.atMs } : null;
}

type Span = Pick<IndexRow, 'from' | 'to'>;

/** Nothing is charged for a main meter: its indexes tell, unless another one was hung there meanwhile. */
function ofMain({ swappedMs }: MeterState, { from, to }: Span): number | null {
  if (!from || !to || to.index < from.index) return null;
  const isOther = swappedMs !== undefined && swappedMs > from.atMs && swappedMs <= to.atMs;
  return isOther ? null : to.index - from.index;
}

async function chargedBetween(
  core: Core,
  meter: string,
  open: readonly Charge[],
  fromMs: number,
  toMs: number,
): Promise<number> {
  let cursor: string | undefined;
  const units = (charge: Charge): number => {
    const component = charge.lines[0]?.component;
    return charge.lines.reduce((sum, line) => sum + (line.component === component ? line.quantity : 0), 0);
  };
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
    // The quarter that is still open is in the wallet, not in the records.
    const open = openCharges(core, place.wallet ?? '').filter((charge) => charge.meter === meter);
    const from = await indexAt(core, meter, open, fromMs);
    const to = toMs === fromMs ? from : await indexAt(core, meter, open, toMs);
    const charged = (): Promise<number> => chargedBetween(core, meter, open, fromMs, toMs);
    items.push({
      ...{ meter, room: place.room, role: config.role, utility: config.utility, from, to },
      multiplier: config.ct * config.pt,
      roomName: place.room === null ? null : (core.directory.rooms.get(place.room)?.name ?? null),
      tenant: place.room === null ? null : core.directory.tenantOf(place.room),
      quantity: place.wallet === null ? ofMain(state, { from, to }) : to && (await charged()),
    });
  }
  const next = start + items.length;
  return durable(core, () =>
    found<'getIndexes'>({ items, total: meters.length, cursor: next < meters.length ? String(next) : null }),
  );
}
