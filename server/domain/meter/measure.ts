/** From a good reading to an increment on its way to the wallet that pays for it. */
import { assert } from '../assert.ts';
import type { Consumption, ReadingInput } from '../messages.ts';
import { mainIndexRecord } from './mainIndex.ts';
import { models } from './models.ts';
import type { Outcome } from './outcome.ts';
import type { judge, Plausible } from './reading.ts';
import type { MeterState } from './state.ts';

/** Charges not yet taken by a (parked) wallet; beyond this the register keeps them and measuring waits. */
const PENDING_MAX = 100;

export function plausible(state: MeterState): Plausible {
  const config = state.config;
  assert(config !== null, 'the meter is not registered');
  const model = models[config.profile];
  const multiplier = config.ct * config.pt;
  return {
    rating: config.rating,
    step: model.step * multiplier,
    registerEnd: model.registerEnd === null ? null : model.registerEnd * multiplier,
  };
}

export function measure(
  out: Outcome,
  reading: ReadingInput,
  verdict: Exclude<ReturnType<typeof judge>, { kind: 'doubtful' }>,
): void {
  const { state, live } = out;
  const config = state.config;
  assert(config !== null && typeof reading.index === 'number', 'a good reading has an index');
  if (verdict.kind === 'first')
    out.emit({
      type: 'IndexAnchored',
      anchor: {
        index: reading.index,
        atMs: reading.atMs,
        bands: config.bandsFromMeter && reading.bands ? [...reading.bands] : null,
      },
    });
  if (verdict.kind === 'first' && state.place.wallet === null)
    out.records.push(mainIndexRecord(out.context.id, reading.atMs, reading.index));
  if (verdict.kind === 'forward') {
    assert(state.anchor !== null, 'an increment has an anchor');
    if (state.pending.length >= PENDING_MAX) return;
    const fromMs = Math.max(state.anchor.atMs, live.lastSeenMs ?? 0);
    charge(
      out,
      reading.index,
      verdict.quantity,
      fromMs,
      Math.max(fromMs, reading.atMs),
      config.bandsFromMeter ? reading.bands : null,
      reading.monoMs,
    );
  }
  live.lastSeenMs = reading.atMs;
}

/** Everything up to `toIndex` is charged to the wallet that has the meter now. */
export function charge(
  out: Outcome,
  toIndex: number,
  quantity: number,
  fromMs: number,
  toMs: number,
  bandsNow: readonly number[] | null,
  monoMs: number,
): void {
  const { state, context } = out;
  const { config, anchor, place } = state;
  assert(config !== null && anchor !== null, 'only an anchored meter is charged');
  const kept = bandsNow === null ? null : [...bandsNow];
  if (place.wallet === null) {
    assert(config.role === 'main', `meter ${context.id} has no wallet`);
    out.emit({ type: 'IndexNoted', anchor: { index: toIndex, atMs: toMs, bands: kept } });
    out.records.push(mainIndexRecord(context.id, toMs, toIndex));
    return;
  }
  const before = anchor.bands;
  const bands = kept && before ? kept.map((value, band) => value - (before[band] ?? 0)) : null;
  const consumption: Consumption = {
    sequence: state.sequence + 1,
    fromMs,
    toMs,
    fromIndex: anchor.index,
    toIndex,
    quantity,
    bands: bands?.every((value) => value >= 0) ? bands : null,
    multiplier: config.ct * config.pt,
    estimated: toMs - fromMs > config.freshnessMs,
  };
  out.emit({
    type: 'ConsumptionMeasured',
    consumption: { ...consumption, bands: consumption.bands && [...consumption.bands] },
    bandsNow: kept,
    wallet: place.wallet,
    account: place.account ?? 'owner',
    charged: context.charged,
  });
  out.sends.push({
    to: 'wallet',
    id: place.wallet,
    message: { type: 'ChargeConsumption', meter: context.id, consumption, monoMs },
  });
}
