import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeTransfers } from '../../server/domain/wallet/chunk.ts';
import { initialWallet, storedWallet, walletFromStored, walletStateSchema } from '../../server/domain/wallet/state.ts';

const transfer = fc.record({
  from: fc.constantFrom('wallet:a', 'wallet:b'),
  to: fc.constantFrom('revenue:water:energy', 'revenue:water:sewage', 'rounding'),
  amountMicro: fc.nat(1_000_000),
});
const line = { version: '2026', band: 'flat', tier: 1, component: 'energy', quantity: 10, amountMicro: 5 };
const chunk = {
  ...{ id: 'm:1', quarterMs: 0, fromMs: 0, toMs: 9, fromIndex: 0, toIndex: 10, sequence: 1, multiplier: 1 },
  ...{ estimated: false, lines: [], amountMicro: 5, balanceAfterMicro: 7, balanceBeforeMicro: null, transfers: [] },
};

describe("a wallet's lists", () => {
  test('are stored under their meters and counters, and read back the same', () => {
    const state = {
      ...initialWallet,
      charged: ['m-1', 'm-2'].map((meter, i) => ({
        ...{ meter, sequence: i + 1, chunk },
        openLines: { day: '2026-01-01', lines: [line] },
      })),
      tierUse: [{ key: 'electricity:account:a', period: '2026', used: 10 }],
    };
    const stored = walletStateSchema.parse(JSON.parse(JSON.stringify(storedWallet(state))));
    expect(stored.charged['m-2']).toEqual({ sequence: 2, chunk, openLines: state.charged[1]?.openLines });
    expect(stored.tierUse).toEqual({ 'electricity:account:a': { period: '2026', used: 10 } });
    expect(walletFromStored(stored)).toEqual(state);
  });

  test('keep every micro-yuan of the transfers that are added together', () => {
    fc.assert(
      fc.property(fc.array(transfer), fc.array(transfer), (first, second) => {
        const merged = mergeTransfers(mergeTransfers([], first), second);
        const sums = new Map<string, number>();
        for (const { from, to, amountMicro } of [...first, ...second])
          sums.set(`${from} ${to}`, (sums.get(`${from} ${to}`) ?? 0) + amountMicro);
        expect(merged.map(({ from, to, amountMicro }) => [`${from} ${to}`, amountMicro])).toEqual([...sums]);
      }),
      { seed: 7 },
    );
  });
});
