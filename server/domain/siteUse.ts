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

/** Of a charge event only what is counted here. */
const chargeSchema = z.compile(
  z.object({ toMs: z.int(), lines: z.array(z.object({ component: z.string(), quantity: z.int() })) }),
);

const nothing: Totals = { energyWh: 0, waterLitres: 0, earnedMicro: 0, receivedMicro: 0 };

export class SiteUse {
  readonly #quarters = new Map<number, Totals>();

  /** `atMs`: site time of the event's commit. */
  fold(event: { readonly type: string; readonly data: unknown }, transfers: readonly Transfer[], atMs: number): void {
    const added = { ...nothing };
    let utility: 'energyWh' | 'waterLitres' | null = null;
    for (const { from, to, amountMicro } of transfers) {
      if (to.startsWith('revenue:')) {
        added.earnedMicro += amountMicro;
        utility = to.startsWith('revenue:water:') ? 'waterLitres' : 'energyWh';
      }
      if (from.startsWith('cash:')) added.receivedMicro += amountMicro;
      if (to.startsWith('cash:')) added.receivedMicro -= amountMicro;
    }
    const charge = event.type === 'ConsumptionCharged' ? chargeSchema.safeParse(event.data) : null;
    // What cost nothing names no account that would say what it was.
    if (charge?.success && utility !== null) added[utility] = usedIn(charge.data.lines);
    this.#add(charge?.success ? charge.data.toMs - 1 : atMs, added);
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

/** Each unit once: every component of a tariff has a line for it. */
function usedIn(lines: readonly { readonly component: string; readonly quantity: number }[]): number {
  let used = 0;
  for (const { component, quantity } of lines) if (component === lines[0]?.component) used += quantity;
  return used;
}
