/** Charges of one meter gathered per quarter hour: the grain of statements and charts. */
import type { Transfer } from '../ledger.ts';
import type { Chunk, PricedLine, WalletEvent } from './state.ts';

const QUARTER_MS = 15 * 60_000;
type Charged = Extract<WalletEvent, { type: 'ConsumptionCharged' }>;

const sameLine = (a: PricedLine, b: PricedLine): boolean =>
  a.version === b.version &&
  a.band === b.band &&
  a.tier === b.tier &&
  a.component === b.component &&
  a.toMs >= b.fromMs;

function mergeLines(old: readonly PricedLine[], added: readonly PricedLine[]): PricedLine[] {
  const lines = [...old];
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
  const sums = new Map<string, Transfer>();
  for (const transfer of [...old, ...added]) {
    const key = `${transfer.from}\n${transfer.to}`;
    sums.set(key, { ...transfer, amountMicro: (sums.get(key)?.amountMicro ?? 0) + transfer.amountMicro });
  }
  return [...sums.values()];
}

/** The chunk after one more charge, and whether it is a new one (the old one is then complete). */
export function nextChunk(
  old: Chunk | undefined,
  event: Charged,
  balanceAfterMicro: number,
): { chunk: Chunk; closed: Chunk | null } {
  const quarterMs = Math.floor((event.toMs - 1) / QUARTER_MS) * QUARTER_MS;
  const goesOn =
    old !== undefined &&
    old.quarterMs === quarterMs &&
    event.fromMs >= quarterMs &&
    old.multiplier === event.multiplier;
  if (!goesOn) {
    const { meter, sequence, fromMs, toMs, fromIndex, toIndex, multiplier, estimated, lines, amountMicro, transfers } =
      event;
    const id = `${meter}:${sequence}`;
    return {
      chunk: {
        id,
        quarterMs,
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
        transfers,
      },
      closed: old ?? null,
    };
  }
  return {
    chunk: {
      ...old,
      toMs: event.toMs,
      toIndex: event.toIndex,
      sequence: event.sequence,
      estimated: old.estimated || event.estimated,
      lines: mergeLines(old.lines, event.lines),
      amountMicro: old.amountMicro + event.amountMicro,
      balanceAfterMicro,
      transfers: mergeTransfers(old.transfers, event.transfers),
    },
    closed: null,
  };
}
