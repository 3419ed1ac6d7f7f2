/** Charges of one meter gathered per quarter hour: the grain of statements and charts. */
import type { Draw } from '../../../protocol/allowances.ts';
import type { Transfer } from '../ledger.ts';
import type { Chunk, PricedLine, WalletEvent } from './state.ts';

const QUARTER_MS = 15 * 60_000;
export type Charged = Extract<WalletEvent, { type: 'ConsumptionCharged' }>;

const sameLine = (a: PricedLine, b: PricedLine): boolean =>
  a.version === b.version &&
  a.band === b.band &&
  a.tier === b.tier &&
  a.component === b.component &&
  a.toMs >= b.fromMs;

function mergeLines(old: readonly PricedLine[], added: readonly PricedLine[]): PricedLine[] {
  const lines = old.slice();
  for (const line of added) {
    const at = lines.findLastIndex((one) => sameLine(one, line));
    const same = lines[at];
    if (!same) lines.push(line);
    else
      lines[at] = {
        ...same,
        toMs: line.toMs,
        quantity: same.quantity + line.quantity,
        amountMicro: same.amountMicro + line.amountMicro,
      };
  }
  return lines;
}

export function mergeTransfers(old: readonly Transfer[], added: readonly Transfer[]): Transfer[] {
  const sums = old.slice();
  for (const transfer of added) {
    const at = sums.findIndex(({ from, to }) => from === transfer.from && to === transfer.to);
    const same = sums[at];
    if (!same) sums.push(transfer);
    else sums[at] = { from: same.from, to: same.to, amountMicro: same.amountMicro + transfer.amountMicro };
  }
  return sums;
}

function mergeDraws(old: readonly Draw[], added: readonly Draw[]): Draw[] {
  const sums = old.slice();
  for (const draw of added) {
    const at = sums.findIndex(({ unit, period }) => unit === draw.unit && period === draw.period);
    const same = sums[at];
    if (!same) sums.push(draw);
    else {
      const amountMicro = same.amountMicro + draw.amountMicro;
      sums[at] = { ...same, quantity: same.quantity + draw.quantity, amountMicro };
    }
  }
  return sums;
}

const drawnMicro = ({ allowance = [] }: Charged): number => allowance.reduce((sum, draw) => sum + draw.amountMicro, 0);

const quarterOf = (toMs: number): number => Math.floor((toMs - 1) / QUARTER_MS) * QUARTER_MS;

/** The charge belongs to the quarter hour that is open; otherwise that one is complete, and a new one begins. */
export function goesOn(
  old: Chunk,
  { fromMs, toMs, multiplier }: Pick<Charged, 'fromMs' | 'toMs' | 'multiplier'>,
): boolean {
  const quarterMs = quarterOf(toMs);
  return old.quarterMs === quarterMs && fromMs >= quarterMs && old.multiplier === multiplier;
}

/** The chunk after one more charge. `usedMicro`: what a meter that charges itself has taken in all. */
export function nextChunk(
  old: Chunk | undefined,
  event: Charged,
  balanceAfterMicro: number,
  usedMicro: number | undefined,
): Chunk {
  const used = (beforeMicro: number | null): Pick<Chunk, 'used'> =>
    usedMicro === undefined ? {} : { used: { beforeMicro, afterMicro: usedMicro } };
  if (!old || !goesOn(old, event)) {
    const { meter, sequence, fromMs, toMs, fromIndex, toIndex, multiplier, estimated, lines, amountMicro, transfers } =
      event;
    return {
      id: `${meter}:${sequence}`,
      quarterMs: quarterOf(toMs),
      fromMs,
      toMs,
      fromIndex,
      toIndex,
      sequence,
      multiplier,
      estimated,
      lines,
      amountMicro,
      balanceAfterMicro,
      ...(event.allowance ? { allowance: event.allowance } : {}),
      ...used(old ? (old.used?.afterMicro ?? null) : 0),
      balanceBeforeMicro: balanceAfterMicro + amountMicro - drawnMicro(event),
      transfers,
    };
  }
  return {
    ...old,
    toMs: event.toMs,
    toIndex: event.toIndex,
    sequence: event.sequence,
    estimated: old.estimated || event.estimated,
    lines: mergeLines(old.lines, event.lines),
    amountMicro: old.amountMicro + event.amountMicro,
    balanceAfterMicro,
    ...(event.allowance ? { allowance: mergeDraws(old.allowance ?? [], event.allowance) } : {}),
    ...used(old.used?.beforeMicro ?? null),
    transfers: mergeTransfers(old.transfers, event.transfers),
  };
}
