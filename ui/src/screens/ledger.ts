/** Ledger accounts for reading: the wallets of all tenants as one line, everything else by itself. */
export type LedgerAccount = { readonly id: string; readonly balanceMicro: number };
export type LedgerGroup = LedgerAccount & { readonly count: number };

/** The sums stay exact: micro-yuan are integers. */
export function ledgerGroups(accounts: readonly LedgerAccount[]): LedgerGroup[] {
  const groups = new Map<string, { count: number; balanceMicro: number }>();
  for (const { id, balanceMicro } of accounts) {
    const group = id.startsWith('wallet:') ? 'wallet' : id;
    const before = groups.get(group) ?? { count: 0, balanceMicro: 0 };
    groups.set(group, { count: before.count + 1, balanceMicro: before.balanceMicro + balanceMicro });
  }
  return [...groups].map(([id, group]) => ({ id, ...group })).sort((a, b) => a.id.localeCompare(b.id));
}
