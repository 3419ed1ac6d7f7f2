/** What past use would have cost under a draft: one line an account, whichever wallets its meters have drawn on. */
import type { WhatIfLine } from '../../../protocol/ops/tariffs.ts';

export type AccountLine = Omit<WhatIfLine, 'meter'> & { readonly meters: readonly string[] };

/** Who would pay the most more comes first. */
export function byAccount(found: readonly WhatIfLine[]): AccountLine[] {
  const sums = new Map<string, AccountLine>();
  for (const { account, holder, meter, quantity, paidMicro, draftMicro } of found) {
    const before = sums.get(account) ?? { account, holder, meters: [], quantity: 0, paidMicro: 0, draftMicro: 0 };
    sums.set(account, {
      ...before,
      meters: before.meters.includes(meter) ? before.meters : [...before.meters, meter],
      quantity: before.quantity + quantity,
      paidMicro: before.paidMicro + paidMicro,
      draftMicro: before.draftMicro + draftMicro,
    });
  }
  return [...sums.values()].sort((a, b) => b.draftMicro - b.paidMicro - (a.draftMicro - a.paidMicro));
}
