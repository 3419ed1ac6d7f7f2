/** What a draft would cost, by account. */
import { describe, expect, it } from 'vitest';
import { byAccount } from '../../ui/src/tariffs/whatIfLines.ts';

const line = (account: string, meter: string, paidMicro: number, draftMicro: number) => ({
  ...{ account, holder: `Tenant ${account}`, meter, quantity: 1_000, paidMicro, draftMicro },
});

describe('what a draft would cost', () => {
  it('is one line an account, a meter that has changed wallets named once, the greatest rise first', () => {
    const found = [
      line('a', 'm1', 100, 90),
      line('b', 'm3', 100, 180),
      line('a', 'm2', 50, 70),
      line('a', 'm1', 10, 30),
    ];
    expect(byAccount(found)).toEqual([
      { account: 'b', holder: 'Tenant b', meters: ['m3'], quantity: 1_000, paidMicro: 100, draftMicro: 180 },
      { account: 'a', holder: 'Tenant a', meters: ['m1', 'm2'], quantity: 3_000, paidMicro: 160, draftMicro: 190 },
    ]);
  });
});
