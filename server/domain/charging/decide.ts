/**
 * The saga of money on its way into a meter and back: one order at a time, durable before it is written, and over only when
 * the meter shows its purchase count. What a crash or a lost answer leaves open is read, never guessed.
 */
import { assert, assertNever } from '../assert.ts';
import type { Transfer } from '../ledger.ts';
import type { Send } from '../messages.ts';
import type { Outcome } from '../wallet/outcome.ts';
import { neverWritten, orderFollows, reserveBack } from './orders.ts';
import type { Charging, CurrentOrder, Held, MeterOrder, Standing } from './state.ts';
import { believed, keepsLitres, NO_COUNT, type Shown } from './volume.ts';
import { countAfter, countBefore, doubtOf, type Seen, type WritePlan } from './write.ts';

/** An answer was lost: look again after this long. A meter out of reach is looked at again when it answers, or then. */
const AGAIN_MS = 2_000;
const SILENT_MS = 60_000;
export const CHARGING_WAKE = 'charging';

export const onMeter = (meter: string): string => `onMeter:${meter}`;
export const METER_DRIFT = 'meterDrift';

/** The wallet has opened: its meter is kept closed until its money is in. */
export function beginCharging(out: Outcome): void {
  const { charging } = out.state;
  if (!charging) return;
  queueOrder(out, { id: `${out.context.id}-start`, kind: 'start', amountMicro: 0, order: null });
}

export function queueOrder(out: Outcome, order: MeterOrder): void {
  out.emit({ type: 'MeterOrderQueued', order });
}

/** Prices and limits stand in the meter as wanted. */
export function meterSetUp(out: Outcome, found: Standing | null): void {
  const { charging } = out.state;
  if (!charging) return;
  // An order that came meanwhile goes first.
  if (found === null) return charging.current ? undefined : again(out, SILENT_MS);
  if (mustSetUp(charging)) out.emit({ type: 'MeterSetUp', found });
}

/** Limits or prices are to be written before anything else is. */
export const mustSetUp = ({ phase, repriced, current }: Charging): boolean =>
  phase === 'settingUp' || (phase === 'running' && repriced === true && current === null);

/** Use up to now was at the prices before; the meter knows one set of them. */
export function repriceMeter(out: Outcome, pricesMicro: readonly number[]): void {
  const { charging } = out.state;
  // Litres were bought at their price: they are priced anew only while they are out (`prepareSwap`).
  if (charging && keepsLitres(charging.settings)) return;
  if (charging?.phase !== 'running' || sameNumbers(charging.settings.pricesMicro, pricesMicro)) return;
  out.emit({ type: 'MeterPricesChosen', pricesMicro: [...pricesMicro] });
  out.note('MeterPricesChosen', null, {});
}

export const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** What comes next; called after whatever a wallet was told. */
export function advanceCharging(out: Outcome): void {
  const { charging } = out.state;
  if (!charging || charging.held || charging.phase === 'ended') return;
  // Other prices wait for orders: who has paid is not kept waiting by them.
  if (mustSetUp(charging) && (charging.phase === 'settingUp' || charging.queue.length === 0)) return run(out);
  const { last, current, queue } = charging;
  assert(last !== null, 'a meter that was set up has a standing');
  const [first] = queue;
  // It is about to be taken away: what comes in meanwhile goes on the next one.
  if (current === null && charging.backMicro !== undefined) return;
  if (current === null && first)
    out.emit({ type: 'MeterWriteStarted', order: first.id, count: countAfter(last.count) });
  if (out.state.charging?.current) return run(out);
  if (charging.phase === 'running' && !charging.released) out.emit({ type: 'MeterReleased' });
  if (charging.phase === 'ending') end(out);
}

/** Once per order and decision: who runs it keeps one task per meter. */
function run(out: Outcome): void {
  const { id } = out.context;
  if (!out.effects.some(({ type }) => type === 'runMeter')) out.effects.push({ type: 'runMeter', wallet: id });
}

function again(out: Outcome, ms: number): void {
  out.effects.push({ type: 'wake', name: CHARGING_WAKE, atMs: out.context.nowMs + ms });
}

/** An ordinary reading. */
export function meterShows(out: Outcome, shown: Shown): void {
  const { charging } = out.state;
  if (!charging) return;
  const seen = believed(charging, shown);
  // Between the two halves of a write it shows neither: the task that writes looks again and decides.
  if (seen.count === NO_COUNT && charging.current !== null) return;
  observe(out, seen);
}

/** A task has ended, with whatever it saw. */
export function taskEnded(out: Outcome, order: string, seen: Seen, stopped: StopReason | null): void {
  const { charging } = out.state;
  if (charging?.current?.id !== order) return;
  const latest = seen.after ?? seen.before;
  if (latest === null) return again(out, SILENT_MS);
  if (stopped === 'insufficient' && seen.after === null) return drop(out, charging.current);
  observe(out, latest, seen.before);
  const left = out.state.charging?.current;
  if (left?.id === order && !out.state.charging?.held) again(out, AGAIN_MS);
}
export type StopReason = Extract<WritePlan, { do: 'stop' }>['why'];

function drop(out: Outcome, order: CurrentOrder): void {
  out.emit({ type: 'MeterOrderDropped', order: order.id, why: 'insufficient' });
  orderFollows(out, order, 'dropped');
}

/** A reading of the meter: an ordinary one, or the last of a task. `before`: of the same task, before its write. */
export function observe(out: Outcome, seen: Standing, before: Standing | null = null): void {
  const { charging } = out.state;
  if (!charging || charging.last === null || charging.phase === 'ended') return;
  // On its way while the meter was written: what it shows is older than what is booked.
  if (seen.atMs < charging.last.atMs) return;
  const judged = judgeStanding(charging, seen, before);
  switch (judged.is) {
    case 'nothing':
      return fits(out, seen);
    case 'doubtful':
      return hold(out, judged.why, seen);
    case 'used':
      fits(out, seen);
      return out.emit({ type: 'MeterUsed', standing: seen, ...booked(out, charging, 0, judged.usedMicro) });
    case 'written': {
      const { order, boughtMicro, usedMicro } = judged;
      const moves = booked(out, charging, boughtMicro, usedMicro);
      out.emit({ type: 'MeterWritten', order: order.id, boughtMicro, standing: seen, ...moves });
      return written(out, order);
    }
    default:
      return assertNever(judged);
  }
}

type Judged =
  | { readonly is: 'nothing' }
  | { readonly is: 'doubtful'; readonly why: Held['why'] }
  | { readonly is: 'used'; readonly usedMicro: number }
  | {
      readonly is: 'written';
      readonly order: CurrentOrder;
      readonly boughtMicro: number;
      readonly usedMicro: number;
    };

function judgeStanding(charging: Charging, seen: Standing, before: Standing | null): Judged {
  const { current, last, settings, phase } = charging;
  assert(last !== null, 'a standing is compared with the one before');
  if (current && seen.count === current.count) {
    const boughtMicro = boughtBy(current, last, before);
    const usedMicro = last.remainingMicro + boughtMicro - seen.remainingMicro;
    const why = doubtOf(settings, last, seen, usedMicro);
    return why ? { is: 'doubtful', why } : { is: 'written', order: current, boughtMicro, usedMicro };
  }
  if (seen.count !== last.count) return { is: 'doubtful', why: 'count' };
  // Until its start is written, what the meter holds is not ours.
  if (phase === 'starting') return { is: 'nothing' };
  const usedMicro = last.remainingMicro - seen.remainingMicro;
  const why = doubtOf(settings, last, seen, usedMicro);
  if (why) return { is: 'doubtful', why };
  return usedMicro === 0 ? { is: 'nothing' } : { is: 'used', usedMicro };
}

/**
 * What an order has moved into the meter. All of it back is what was read in the task that wrote; where that is lost,
 * the last reading that was booked: what was used in between is then the tenant's to keep.
 */
export function boughtBy({ kind, amountMicro, count }: CurrentOrder, last: Standing, before: Standing | null): number {
  switch (kind) {
    case 'start':
      return 0;
    case 'up':
      return amountMicro;
    case 'down':
      return -amountMicro;
    case 'empty':
      return -(before?.count === countBefore(count) ? before : last).remainingMicro;
    default:
      return assertNever(kind);
  }
}

type Moves = { readonly usedMicro: number; readonly transfers: Transfer[] };
export function booked(
  out: { readonly context: Pick<Outcome['context'], 'id'> },
  { meter, revenue }: Pick<Charging, 'meter' | 'revenue'>,
  boughtMicro: number,
  usedMicro: number,
  driftMicro = 0,
): Moves {
  const transfers = [
    transferOf(`wallet:${out.context.id}`, onMeter(meter), boughtMicro),
    transferOf(onMeter(meter), revenue, usedMicro),
    transferOf(onMeter(meter), METER_DRIFT, driftMicro),
  ];
  return { usedMicro, transfers: transfers.filter(({ amountMicro }) => amountMicro > 0) };
}

/** A negative amount goes the other way. */
const transferOf = (from: string, to: string, amountMicro: number): Transfer =>
  amountMicro >= 0 ? { from, to, amountMicro } : { from: to, to: from, amountMicro: -amountMicro };

function fits(out: Outcome, standing: Standing): void {
  if (out.state.charging?.held) out.emit({ type: 'MeterFits', standing });
}

function hold(out: Outcome, why: Held['why'], seen: Standing): void {
  const { charging } = out.state;
  assert(charging !== undefined, 'only what charges itself is held');
  if (charging.held) return;
  out.emit({ type: 'MeterHeld', held: { why, seen, sinceMs: out.context.nowMs } });
  out.note('MeterMoneyHeld', null, { why, count: seen.count, remainingMicro: seen.remainingMicro });
  if (charging.current) orderFollows(out, charging.current, 'held');
}

/** The order is over: its record says so, and what came back is paid out. */
export function written(out: Outcome, order: CurrentOrder): void {
  reserveBack(out, order);
  orderFollows(out, order, 'done');
  if (order.kind === 'up' || order.kind === 'down')
    out.note('MeterWritten', null, { order: order.id, amountMicro: order.amountMicro, count: order.count });
}

/** The account closes: all of the meter's money comes back before the meter changes hands. Told again after a restart. */
export function endCharging(out: Outcome, tenancy: string): void {
  const { charging } = out.state;
  if (!charging || charging.phase === 'ended') return tellEnded(out, tenancy);
  if (charging.phase === 'ending') return;
  out.emit({ type: 'MeterEnding', tenancy });
  // Never set up, so nothing of ours was ever in it: what waits stays in the wallet.
  if (charging.last !== null) {
    queueOrder(out, { id: `${out.context.id}-end`, kind: 'empty', amountMicro: 0, order: null });
    return;
  }
  end(out);
}

function end(out: Outcome): void {
  const { charging } = out.state;
  const tenancy = charging?.tenancy;
  assert(charging !== undefined && tenancy != null, 'who ends it is told');
  const { transfers } = booked(out, charging, 0, 0, charging.last?.remainingMicro ?? 0);
  for (const order of charging.queue) neverWritten(out, order);
  out.emit({ type: 'MeterEnded', transfers });
  tellEnded(out, tenancy);
}

function tellEnded(out: Outcome, tenancy: string): void {
  out.sends.push({ to: 'tenancy', id: tenancy, message: { type: 'MoneyIsBack', wallet: out.context.id } });
}

/** What the meter is to do: told after each change, and again at recovery; it ignores what it does already. */
export function modeFor(charging: Charging, wallet: string): Send {
  const mode = charging.phase === 'ended' ? 'platform' : charging.released ? 'released' : 'kept';
  return { to: 'meter', id: charging.meter, message: { type: 'ChargeItself', wallet, mode } };
}
