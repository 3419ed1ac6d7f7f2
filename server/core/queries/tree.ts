/** Answers for the tree of meters. */
import type { OpOutcome, OpResult } from '../../../protocol/ops.ts';
import { daysCompared } from '../../domain/home.ts';
import { mainIndexSchema } from '../../domain/meter/mainIndex.ts';
import { chargedOf } from '../../domain/wallet/state.ts';
import { usedOn } from '../../domain/wallet/view.ts';
import type { MeterCell } from '../cells.ts';
import type { Core } from '../core.ts';
import { durable, found, type Answers } from './answer.ts';

type Use = Pick<OpResult<'getMeterUse'>['items'][number], 'today' | 'sinceMs'>;
/** How old an index may be at midnight to stand for midnight. */
const FRESH_MS = 3_600_000;
const UNKNOWN: Use = { today: null, sinceMs: null };

export const treeAnswers: Answers<'getMeterUse'> = { getMeterUse: ({ core }) => meterUse(core) };

async function meterUse(core: Core): Promise<OpOutcome> {
  const { nowMs } = core.context();
  const [dayMs] = daysCompared(core.directory.time, nowMs).today;
  const items: OpResult<'getMeterUse'>['items'] = [];
  for (const [meter, cell] of core.meters) {
    const { place, anchor } = cell.state;
    items.push({
      meter,
      room: place.room,
      index: anchor?.index ?? null,
      ...(await useSince(core, meter, cell, dayMs)),
    });
  }
  return durable(core, () => found<'getMeterUse'>({ dayMs, items }));
}

export async function useSince(core: Core, meter: string, cell: MeterCell, dayMs: number): Promise<Use> {
  const { wallet } = cell.state.place;
  return wallet === null ? ofMain(core, meter, cell, dayMs) : ofCharged(core, meter, cell, dayMs);
}

/** What its wallet has charged of today; a meter that is read and has charged nothing has used nothing. */
function ofCharged(core: Core, meter: string, { state, live }: MeterCell, dayMs: number): Use {
  const wallet = core.wallets.get(state.place.wallet ?? '')?.state;
  const charged = chargedOf(wallet, meter);
  const used = charged ? usedOn(charged.openLines) : null;
  if (used?.day === core.directory.time.day(dayMs)) return { today: used.quantity, sinceMs: null };
  return (live.lastReadingMs ?? -Infinity) < dayMs ? UNKNOWN : { today: 0, sinceMs: null };
}

/** Nothing is charged for a main meter: its index at midnight is looked up. */
async function ofMain(core: Core, meter: string, { state }: MeterCell, dayMs: number): Promise<Use> {
  if (!state.anchor) return UNKNOWN;
  const ask = { kind: 'mainIndex', index: `meter:${meter}`, limit: 1 } as const;
  const before = await core.options.store.range({ ...ask, max: dayMs, newestFirst: true });
  const [start] =
    before.items.length > 0 ? before.items : (await core.options.store.range({ ...ask, min: dayMs })).items;
  if (!start) return UNKNOWN;
  const { index, atMs } = mainIndexSchema.parse(start.value);
  // A meter that was swapped since counts anew.
  if (state.anchor.index < index) return UNKNOWN;
  // An index that does not move is not noted again: whether an old one stood still until midnight nobody knows.
  const atMidnight = atMs <= dayMs && atMs >= dayMs - FRESH_MS;
  return { today: state.anchor.index - index, sinceMs: atMidnight ? null : atMs };
}
