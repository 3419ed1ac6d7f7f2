/** Totals of a takeover by building, and whether the report of the system before says the same, to the cent. */
import type { AttestedTotals, BuildingTotals, TakenAccount } from '../../../protocol/takeover.ts';
import { CENT, formatCents, parseYuan } from '../money.ts';

/** Half a cent and more of a whole building is one: rows may be finer than its report. */
const toCent = (micro: number): number => Math.round(micro / CENT) * CENT;

export function totalsOf(accounts: readonly TakenAccount[], nameOf: (building: string) => string): BuildingTotals[] {
  const sums = new Map<string, BuildingTotals>();
  for (const { building, wallets, depositMicro } of accounts) {
    const before = sums.get(building);
    const balances = wallets.map(({ balanceMicro }) => balanceMicro);
    sums.set(building, {
      ...{ building, name: nameOf(building), accounts: (before?.accounts ?? 0) + 1 },
      balanceMicro: balances.reduce((sum, one) => sum + Math.max(0, one), before?.balanceMicro ?? 0),
      debtMicro: balances.reduce((sum, one) => sum + Math.max(0, -one), before?.debtMicro ?? 0),
      depositMicro: (before?.depositMicro ?? 0) + depositMicro,
    });
  }
  return [...sums.values()].map((one) => ({
    ...one,
    ...{
      balanceMicro: toCent(one.balanceMicro),
      debtMicro: toCent(one.debtMicro),
      depositMicro: toCent(one.depositMicro),
    },
  }));
}

/** What differs, naming the field; null: they match. */
export function mismatch(found: readonly BuildingTotals[], attested: readonly AttestedTotals[]): string | null {
  for (const one of found) {
    const i = attested.findIndex(({ building }) => building === one.building);
    const said = attested[i];
    if (!said) return `totals: those of building ${one.building} are missing`;
    if (said.accounts !== one.accounts)
      return `totals.${i}.accounts: ${one.accounts} in the rows, ${said.accounts} in the report`;
    for (const field of ['balance', 'debt', 'deposit'] as const)
      if (parseYuan(said[field]) !== one[`${field}Micro`])
        return `totals.${i}.${field}: ${formatCents(one[`${field}Micro`])} in the rows, ${said[field]} in the report`;
  }
  const stranger = attested.findIndex(({ building }) => !found.some((one) => one.building === building));
  return stranger === -1 ? null : `totals.${stranger}.building: the rows have no account there`;
}
