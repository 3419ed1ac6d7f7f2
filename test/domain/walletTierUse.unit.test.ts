import { describe, expect, it } from 'vitest';
import {
  initialWallet,
  storedWallet,
  usedIn,
  walletFromStored,
  walletStateSchema,
  type WalletState,
} from '../../server/domain/wallet/state.ts';
import { countTierUse } from '../../server/domain/wallet/tierUse.ts';

const key = 'electricity:account:a';
const chunk = {
  ...{ id: 'm:1', quarterMs: 0, fromMs: 0, toMs: 9, fromIndex: 0, toIndex: 10, sequence: 1, multiplier: 1 },
  ...{ estimated: false, lines: [], amountMicro: 5, balanceAfterMicro: 7, balanceBeforeMicro: null, transfers: [] },
};
/** Meters, each charged up to a day. */
const wallet = (days: Record<string, string>, tierUse: WalletState['tierUse']): WalletState => ({
  ...initialWallet,
  meters: Object.keys(days).map((id) => ({ id, tariff: 't', room: null })),
  charged: Object.entries(days).map(([meter, day]) => ({
    ...{ meter, sequence: 1, chunk },
    openLines: { day, lines: [] },
  })),
  tierUse,
});
const january = { key, period: '2026-01', used: 10 };
const february = { key, period: '2026-02', used: 3 };

describe('the counters of tiers in a wallet', () => {
  it('keep a period as long as a meter may still bring late use into it', () => {
    const days = { a: '2026-02-01', b: '2026-01-31' };
    const counted = countTierUse(wallet(days, [january]), [february]);
    expect(counted).toEqual([january, february]);
    const after = wallet(days, countTierUse(wallet(days, counted), [{ ...january, used: 12 }]));
    expect([usedIn(after, key, '2026-01'), usedIn(after, key, '2026-02')]).toEqual([12, 3]);
  });

  it('drop it when every meter is past it, and at once where there is one meter', () => {
    expect(countTierUse(wallet({ a: '2026-02-01', b: '2026-02-02' }, [january]), [february])).toEqual([february]);
    expect(countTierUse(wallet({ a: '2026-02-01' }, [january]), [february])).toEqual([february]);
    const year = { key, period: '2025-07-01', used: 1 };
    const b = '2026-07-01';
    expect(countTierUse(wallet({ a: '2026-06-30', b }, [year]), [february])).toEqual([year, february]);
    expect(countTierUse(wallet({ a: '2026-07-01', b }, [year]), [february])).toEqual([february]);
  });

  it('are stored and read back the same', () => {
    const other = { key: 'water:meter:w', period: '2026-01-01', used: 5 };
    const state = wallet({ a: '2026-02-01', b: '2026-01-31' }, [january, february, other]);
    const stored = walletStateSchema.parse(JSON.parse(JSON.stringify(storedWallet(state))));
    expect(walletFromStored(stored).tierUse).toEqual(state.tierUse);
  });
});
