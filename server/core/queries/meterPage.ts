/** One meter by itself, as a main or a public one has no room to be looked at in. */
import { chargeSchema, timelineEntrySchema, type OpOutcome, type OpResult } from '../../../protocol/ops.ts';
import { daysCompared } from '../../domain/home.ts';
import { mainIndexSchema } from '../../domain/meter/mainIndex.ts';
import type { MeterCell } from '../cells.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';
import { openCharges } from './money.ts';
import { useSince } from './tree.ts';
import { meterView } from './views.ts';

export const meterPageAnswers: Answers<'getMeter' | 'getMeterTimeline'> = {
  getMeter: ({ core }, { meter }) => meterPage(core, meter),
  getMeterTimeline: async ({ core }, { meter, ...page }) =>
    found<'getMeterTimeline'>(
      await pageOf(core, { kind: 'timeline', index: `meter:${meter}` }, page, timelineEntrySchema),
    ),
};

type Readings = OpResult<'getMeter'>['readings'];
const READINGS = 12;

async function meterPage(core: Core, id: string): Promise<OpOutcome> {
  const cell = core.meters.get(id);
  const config = cell?.state.config;
  if (!cell || !config) return notFound('meter');
  const [dayMs] = daysCompared(core.directory.time, core.context().nowMs).today;
  const [use, readings] = [await useSince(core, id, cell, dayMs), await readingsOf(core, id, cell)];
  const behind = [...core.meters.values()].filter(({ state }) => state.config?.upstream === id).length;
  return durable(core, () => {
    const meter = meterView(core, id, cell);
    if (!meter) return notFound('meter');
    const lineName = core.directory.get('line', config.line)?.name ?? config.line;
    return found<'getMeter'>({ meter, lineName, upstream: config.upstream ?? null, behind, use, readings });
  });
}

/** The last indexes that are kept, newest first: one a quarter hour, and the newest of all. */
async function readingsOf(core: Core, id: string, { state }: MeterCell): Promise<Readings> {
  const { wallet } = state.place;
  const kind = wallet === null ? 'mainIndex' : 'charge';
  const page = await core.options.store.range({ kind, index: `meter:${id}`, newestFirst: true, limit: READINGS });
  const open = wallet === null ? [] : openCharges(core, wallet).filter(({ meter }) => meter === id);
  const charges = wallet === null ? [] : page.items.map(({ value }) => chargeSchema.parse(value));
  const indexes = wallet === null ? page.items.map(({ value }) => mainIndexSchema.parse(value)) : [];
  const all: Readings = [
    ...(state.anchor === null ? [] : [{ atMs: state.anchor.atMs, index: state.anchor.index }]),
    ...[...open, ...charges].map(({ toMs, toIndex }) => ({ atMs: toMs, index: toIndex })),
    ...indexes.map(({ atMs, index }) => ({ atMs, index })),
  ];
  const known = new Map(all.map((one) => [one.atMs, one]));
  return [...known.values()].sort((a, b) => b.atMs - a.atMs).slice(0, READINGS);
}
