/** What an allowance pays of a charge: units first, in time order, at the price of their own line; then yuan. */
import Big from 'big.js';
import type { AllowanceRule, Draw } from '../../../protocol/allowances.ts';
import { assert } from '../assert.ts';
import type { Transfer } from '../ledger.ts';
import { ALLOWANCE, allowanceAccount, fits, unitOf, type AllowanceState } from './allowance.ts';
import { mergeTransfers } from './chunk.ts';
import type { Priced } from './outcome.ts';

export type Covered = {
  readonly draws: readonly Draw[];
  /** Of each line, by what pays it. */
  readonly parts: readonly { readonly quotaMicro: number; readonly yuanMicro: number }[];
  /** Use that was paid in units, by the period of the tiers it would count in. */
  readonly byTierPeriod: ReadonlyMap<string, number>;
};

/** amount × part / whole, half away from zero. */
const shareOf = (amountMicro: number, part: number, whole: number): number =>
  part === whole ? amountMicro : new Big(amountMicro).times(part).div(whole).round(0, Big.roundHalfUp).toNumber();

export function cover(
  { lines, marks }: Pick<Priced, 'lines' | 'marks'>,
  utility: 'electricity' | 'water',
  allowances: readonly AllowanceState[],
): Covered {
  const draws = new Map<string, Draw>();
  const lotsOf = (unit: Draw['unit']): { period: string; left: number; own: AllowanceState }[] =>
    allowances.flatMap((own) => (own.unit === unit ? own.lots.map((lot) => ({ ...lot, own })) : []));
  const [quota, yuan] = [lotsOf(unitOf(utility)), lotsOf('yuan')];
  const byTierPeriod = new Map<string, number>();
  const note = (unit: Draw['unit'], period: string, quantity: number, amountMicro: number): void => {
    const before = draws.get(`${unit}${period}`);
    draws.set(`${unit}${period}`, {
      ...{ unit, period, quantity: (before?.quantity ?? 0) + quantity },
      amountMicro: (before?.amountMicro ?? 0) + amountMicro,
    });
  };
  const parts = lines.map(() => ({ quotaMicro: 0, yuanMicro: 0 }));
  for (const { from, to, quantity, day, tierPeriod } of segmentsOf(lines, marks)) {
    let paid = 0;
    for (const lot of quota) {
      const part = fits(lot.own, lot.period, day) ? Math.min(lot.left, quantity - paid) : 0;
      if (part === 0) continue;
      let amountMicro = 0;
      for (let i = from; i < to; i++) {
        const [line, own] = [lines[i], parts[i]];
        if (!line || !own) continue;
        // Cumulative, so that lots that share a line pay it whole.
        const upTo = shareOf(line.amountMicro, paid + part, quantity);
        amountMicro += upTo - own.quotaMicro;
        own.quotaMicro = upTo;
      }
      paid += part;
      lot.left -= part;
      note(lot.own.unit, lot.period, part, amountMicro);
    }
    if (paid > 0 && tierPeriod !== null) byTierPeriod.set(tierPeriod, (byTierPeriod.get(tierPeriod) ?? 0) + paid);
    for (let i = from; i < to; i++) {
      const [line, own] = [lines[i], parts[i]];
      if (!line || !own) continue;
      for (const lot of yuan) {
        const open = line.amountMicro - own.quotaMicro - own.yuanMicro;
        const part = fits(lot.own, lot.period, day) ? Math.min(lot.left, Math.max(0, open)) : 0;
        if (part === 0) continue;
        own.yuanMicro += part;
        lot.left -= part;
        note('yuan', lot.period, part, part);
      }
    }
  }
  return { draws: [...draws.values()], parts, byTierPeriod };
}

type Segment = {
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
  readonly day: string;
  readonly tierPeriod: string | null;
};

/** A part of the use has a line for each component: they stand together, and begin with the same one. */
function segmentsOf(lines: Priced['lines'], marks: Priced['marks']): Segment[] {
  const segments: Segment[] = [];
  const seen = new Set<string>();
  for (const [i, { component, quantity, fromMs, tier }] of lines.entries()) {
    const before = lines[i - 1];
    const last = segments.at(-1);
    const same = before?.fromMs === fromMs && before.tier === tier && !seen.has(component);
    if (last && same) segments[segments.length - 1] = { ...last, to: i + 1 };
    else {
      const mark = marks[i];
      assert(mark !== undefined, 'each line has its day');
      segments.push({ from: i, to: i + 1, quantity, ...mark });
      seen.clear();
    }
    seen.add(component);
  }
  return segments;
}

/** What each component's account gets, and from whom. */
export function revenueOf(
  payer: string,
  wallet: string,
  { lines, revenueOf: accountOf }: Pick<Priced, 'lines' | 'revenueOf'>,
  parts: Covered['parts'] | null,
): Transfer[] {
  const each = lines.flatMap(({ component, amountMicro }, i) => {
    const to = accountOf(component);
    const part = parts?.[i];
    if (!part) return [{ from: payer, to, amountMicro }];
    const { quotaMicro, yuanMicro } = part;
    return [
      { from: payer, to, amountMicro: amountMicro - quotaMicro - yuanMicro },
      { from: ALLOWANCE, to, amountMicro: quotaMicro },
      { from: allowanceAccount(wallet), to, amountMicro: yuanMicro },
    ];
  });
  const sums = each.length === 1 ? each : mergeTransfers([], each);
  return sums.every(({ amountMicro }) => amountMicro > 0) ? sums : sums.filter(({ amountMicro }) => amountMicro > 0);
}

/** The lots after a charge has drawn on them. */
export function drawn(allowances: readonly AllowanceState[], draws: readonly Draw[]): AllowanceState[] {
  return allowances.map((own) => ({
    ...own,
    lots: own.lots.map((lot) => {
      const used = draws.find(({ unit, period }) => unit === own.unit && period === lot.period)?.quantity ?? 0;
      assert(used <= lot.left, 'an allowance never falls below 0');
      return { ...lot, left: lot.left - used };
    }),
  }));
}

/** Whether what the allowance pays is left out of the tiers. */
export const isUncounted = (rules: readonly AllowanceRule[], utility: 'electricity' | 'water'): boolean =>
  rules.some(({ unit, tiers }) => unit === unitOf(utility) && tiers === 'notCounted');
