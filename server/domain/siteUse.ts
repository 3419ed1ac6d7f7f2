/**
 * What the site used and earned per quarter hour, for the figures of today and yesterday: a projection of the journal that
 * decides nothing. Use counts at the time it was measured, cash at the time it was booked.
 */
import { z } from 'zod';
import type { Transfer } from './ledger.ts';

const QUARTER_MS = 15 * 60_000;
/** Today and yesterday, also over a clock change, and some to spare. */
const QUARTERS_KEPT = 60 * 4;

/** Wh, litres, micro-yuan earned by utility sales, micro-yuan received in cash, by card or transfer less what was paid back. */
const quarter = z.strictObject({
  energyWh: z.int(),
  waterLitres: z.int(),
  earnedMicro: z.int(),
  receivedMicro: z.int(),
});
export type Totals = z.infer<typeof quarter>;
const siteUseSchema = z.strictObject({ quarters: z.record(z.string(), quarter) });
export const SITE_USE_SCHEMA = 1;

/** A forfeited deposit is revenue as well, but no sale of a utility. */
const utilities = [
  { revenue: 'revenue:electricity:', use: 'energyWh' },
  { revenue: 'revenue:water:', use: 'waterLitres' },
] as const;
const nothing: Totals = { energyWh: 0, waterLitres: 0, earnedMicro: 0, receivedMicro: 0 };

export class SiteUse {
  readonly #quarters = new Map<number, Totals>();

  /** `atMs`: site time of the event's commit. */
  fold(event: { readonly type: string; readonly data: unknown }, transfers: readonly Transfer[], atMs: number): void {
    const added = { ...nothing };
    let utility: 'energyWh' | 'waterLitres' | null = null;
    for (const { from, to, amountMicro } of transfers) {
      const sold = utilities.find(({ revenue }) => to.startsWith(revenue));
      if (sold) {
        added.earnedMicro += amountMicro;
        utility = sold.use;
      }
      // A meter that charges itself has given some back.
      if (utilities.some(({ revenue }) => from.startsWith(revenue)) && to.startsWith('onMeter:'))
        added.earnedMicro -= amountMicro;
      if (from.startsWith('cash:')) added.receivedMicro += amountMicro;
      if (to.startsWith('cash:')) added.receivedMicro -= amountMicro;
    }
    const isUse = event.type === 'ConsumptionCharged' || event.type === 'ConsumptionShadowed';
    const charge = isUse && isCharge(event.data) ? event.data : null;
    // What a meter charges itself is earned as it shows it, and used as we read it.
    if (charge?.utility) utility = charge.utility === 'electricity' ? 'energyWh' : 'waterLitres';
    // What cost nothing names no account that would say what it was.
    if (charge && utility !== null) added[utility] = usedIn(charge.lines);
    this.#add(charge ? charge.toMs - 1 : atMs, added);
  }

  /** Σ over [fromMs, toMs), by whole quarter hours; null where nothing was counted: a site that is new, or was away. */
  between(fromMs: number, toMs: number): Totals | null {
    let sum: Totals | null = null;
    for (const [index, one] of this.#quarters) {
      if (index * QUARTER_MS < fromMs || index * QUARTER_MS >= toMs) continue;
      sum = plus(sum ?? nothing, one);
    }
    return sum;
  }

  load(state: unknown): void {
    for (const [index, one] of Object.entries(siteUseSchema.parse(state).quarters))
      this.#quarters.set(Number(index), one);
  }

  capture(): z.infer<typeof siteUseSchema> {
    return { quarters: Object.fromEntries(this.#quarters) };
  }

  #add(atMs: number, added: Totals): void {
    const index = Math.floor(atMs / QUARTER_MS);
    this.#quarters.set(index, plus(this.#quarters.get(index) ?? nothing, added));
    if (this.#quarters.size <= QUARTERS_KEPT) return;
    for (const old of this.#quarters.keys()) if (old <= index - QUARTERS_KEPT) this.#quarters.delete(old);
  }
}

const plus = (a: Totals, b: Totals): Totals => ({
  energyWh: a.energyWh + b.energyWh,
  waterLitres: a.waterLitres + b.waterLitres,
  earnedMicro: a.earnedMicro + b.earnedMicro,
  receivedMicro: a.receivedMicro + b.receivedMicro,
});

/** Of a charge only what is counted here; looked at where it is. */
type Charge = {
  readonly toMs: number;
  readonly lines: readonly Line[];
  readonly utility?: 'electricity' | 'water';
};
type Line = { readonly component: string; readonly quantity: number };

function isCharge(data: unknown): data is Charge {
  if (typeof data !== 'object' || data === null || !('toMs' in data && 'lines' in data)) return false;
  if ('utility' in data && data.utility !== 'electricity' && data.utility !== 'water') return false;
  return Number.isSafeInteger(data.toMs) && Array.isArray(data.lines) && data.lines.every(isLine);
}

function isLine(line: unknown): line is Line {
  if (typeof line !== 'object' || line === null || !('component' in line && 'quantity' in line)) return false;
  return typeof line.component === 'string' && Number.isSafeInteger(line.quantity);
}

/** Each unit once: every component of a tariff has a line for it. */
function usedIn(lines: readonly Line[]): number {
  let used = 0;
  for (const { component, quantity } of lines) if (component === lines[0]?.component) used += quantity;
  return used;
}
