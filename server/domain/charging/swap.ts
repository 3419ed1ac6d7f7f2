/**
 * Another meter in the place of one that keeps its money. What the old one holds comes back while it still hangs there, or a
 * person says what it held; the new one is set up and gets it by orders like all others.
 */
import type { Refusal } from '../../../protocol/ops.ts';
import { accept, refuse, type WalletMessage } from '../messages.ts';
import { priceOf } from '../money.ts';
import type { Outcome } from '../wallet/outcome.ts';
import { booked, boughtBy } from './decide.ts';
import { withoutCount } from './evolve.ts';
import type { Charging, ChargingEvent, MeterOrder, MeterSettings } from './state.ts';
import { keepsLitres, litreMicro, wholeLitresMicro } from './volume.ts';
import { explainedMicro } from './write.ts';

/** What the person says of the money in the old meter. */
export type MoneyAtSwap = {
  /** As its display showed; null: it came back before, less what was used since at its own prices. */
  readonly remainingMicro: number | null;
  /** The order that was being written is in that. */
  readonly hasOrder: boolean;
  /** What its tariff costs now, as the new meter is set up with it. */
  readonly pricesMicro: readonly number[];
};
type No = readonly [Refusal, string];
export type SwapEvent = Extract<ChargingEvent, { type: 'MeterSwapped' }>;

/** All money back out of the meter, or into it again: it is kept closed meanwhile. */
export function prepareSwap(out: Outcome, message: Extract<WalletMessage, { type: 'PrepareSwap' }>): void {
  const { action, reason, request } = message;
  const { charging } = out.state;
  const { id, nowMs } = out.context;
  const no = charging ? againstPreparing(charging, action) : (['notFound', 'its money is with us'] as const);
  if (no || !charging) return void out.effects.push(refuse(request, no?.[0] ?? 'notFound', no?.[1] ?? ''));
  const by = request.operator;
  if (action === 'takeBack') {
    const order: MeterOrder = { id: `${id}-back-${nowMs}`, kind: 'empty', amountMicro: 0, order: null };
    out.emit({ type: 'MeterSwapPrepared', order, by, reason });
  } else {
    const repriced = repricedTo(charging, message.pricesMicro);
    const settings = repriced ? { ...charging.settings, pricesMicro: repriced.pricesMicro } : charging.settings;
    const lessMicro = repriced && charging.last ? charging.last.remainingMicro - repriced.remainingMicro : 0;
    const { transfers } = booked(out, charging, 0, lessMicro);
    const order = upOf(`${id}-again-${nowMs}`, fitting(settings, charging.backMicro ?? 0));
    out.emit({ type: 'MeterSwapCalledOff', order, by, reason, transfers, ...(repriced && { repriced }) });
  }
  out.note(action === 'takeBack' ? 'MeterSwapPrepared' : 'MeterSwapCalledOff', by, { reason });
  const { effect, record } = accept(request, { ok: true }, nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

function againstPreparing({ phase, held, current }: Charging, action: 'takeBack' | 'putBack'): No | null {
  if (held) return HELD;
  if (action === 'takeBack')
    return phase === 'running' ? null : ['accountState', 'the meter does not charge itself just now'];
  if (phase !== 'leaving') return ['accountState', 'its money was not asked back for a change of meter'];
  return current ? ['keptByMeter', 'an order is being written into the meter: wait for its end'] : null;
}
const HELD: No = ['keptByMeter', 'say first what became of the money in the meter'];

/** Orders in line are whole litres at the price before: with none it can have another one. */
function repricedTo(
  { settings, last, queue, backMicro }: Charging,
  pricesMicro: readonly number[] | null,
): NonNullable<Extract<ChargingEvent, { type: 'MeterSwapCalledOff' }>['repriced']> | null {
  if (!keepsLitres(settings) || !last || backMicro === undefined || queue.length > 0) return null;
  const [price] = pricesMicro ?? [];
  if (price === undefined || price === settings.pricesMicro[0]) return null;
  const litres = last.remainingMicro / litreMicro(settings);
  const remainingMicro = litres * litreMicro({ pricesMicro: [price] });
  return { pricesMicro: [price], remainingMicro };
}

/** A meter that keeps litres takes whole ones; what is left over stays in the wallet. */
const fitting = (settings: MeterSettings, amountMicro: number): number =>
  keepsLitres(settings) ? wholeLitresMicro(settings, amountMicro) : amountMicro;

/** Below 0: its debt goes with it. */
const upOf = (id: string, amountMicro: number): MeterOrder | null =>
  amountMicro === 0 ? null : { id, kind: 'up', amountMicro, order: null };

type Swap = {
  readonly wallet: string;
  readonly money: MoneyAtSwap;
  /** Last index of the old meter, primary side. */
  readonly index: number;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
};

/** What the wallet's book makes of it; it stands in the commit in which the meter is another one. */
export function swapOut(charging: Charging, swap: Swap): SwapEvent | No {
  const { phase, held, current } = charging;
  if (held) return HELD;
  if (phase === 'ending' || phase === 'ended')
    return ['keptByMeter', 'its account closes: wait until its money is back, or give the meter up'];
  const left = leftOf(charging, swap);
  if (typeof left !== 'number') return left;
  const { wallet, money, index, atMs, by, reason } = swap;
  const goneMicro = (charging.last?.remainingMicro ?? 0) - left;
  const quantity = index - (charging.last?.index ?? index);
  // Cents that a display rounds away are no money out of nothing.
  const mostMicro = explainedMicro(charging.settings, quantity);
  if (goneMicro < -CENT_MICRO) return ['invalid', 'remaining: more than our book of this meter and what was used'];
  const usedMicro = Math.min(Math.max(0, goneMicro), mostMicro);
  const driftMicro = goneMicro - usedMicro;
  // What was on its way is written into the new one, in its order.
  const open = [...(current ? [withoutCount(current)] : []), ...charging.queue].filter(
    ({ kind }) => kind === 'up' || kind === 'down',
  );
  // Whole litres at the price before stay what they are.
  const pricesMicro =
    keepsLitres(charging.settings) && open.length > 0 ? charging.settings.pricesMicro : money.pricesMicro;
  const total = fitting({ ...charging.settings, pricesMicro: [...pricesMicro] }, left + (charging.backMicro ?? 0));
  const start: MeterOrder = { id: `${wallet}-start-${atMs}`, kind: 'start', amountMicro: 0, order: null };
  const up = upOf(`${wallet}-over-${atMs}`, total);
  return {
    type: 'MeterSwapped',
    ...{ backMicro: left, driftMicro, by, reason, pricesMicro: [...pricesMicro] },
    ...booked({ context: { id: wallet } }, charging, -left, usedMicro, driftMicro),
    queue: [start, ...(up ? [up] : []), ...open],
  };
}
const CENT_MICRO = 10_000;

/** What of our book is still in the old meter. */
function leftOf(charging: Charging, { money, index }: Swap): number | No {
  const { last, phase, current, backMicro, settings } = charging;
  // Until its start is written, what it holds is not ours.
  if (last === null || phase === 'settingUp' || phase === 'starting') return 0;
  const { remainingMicro, hasOrder } = money;
  // What the open order moved is in what the display showed, and not in our book: it is written again into the new one.
  if (remainingMicro !== null) return remainingMicro - (hasOrder && current ? boughtBy(current, last, null) : 0);
  if (phase !== 'leaving' || backMicro === undefined || current !== null)
    return ['keptByMeter', 'remaining: take its money back while it answers, or say what it held'];
  const usedMicro = priceOf(Math.min(...settings.pricesMicro), Math.max(0, index - last.index));
  const stepMicro = keepsLitres(settings) ? litreMicro(settings) : CENT_MICRO;
  return last.remainingMicro - Math.floor(usedMicro / stepMicro) * stepMicro;
}
