/** What settling an account pays out; the wallets' own settling and every look ahead at it use the same. */
import { CENT } from '../money.ts';

export type SettledWallet = {
  /** Paid out, whole cents. */
  readonly refundMicro: number;
  /** Debt that the deposit pays. */
  readonly depositMicro: number;
  /** Debt beyond the deposit, whole cents: nothing moves before it is paid. */
  readonly dueMicro: number;
  /** Below a cent, dropped and recorded; negative when it was a debt. */
  readonly remainderMicro: number;
};

/** One wallet, with what the deposit still offers (rules.md, "Money and quantities"). */
export function settleWallet(balanceMicro: number, offerMicro: number): SettledWallet {
  // + 0: a debt below a cent is no negative zero.
  const wholeMicro = Math.trunc(balanceMicro / CENT) * CENT + 0;
  const debtMicro = Math.max(0, -wholeMicro);
  const depositMicro = Math.min(debtMicro, offerMicro);
  const refundMicro = Math.max(0, wholeMicro);
  return { refundMicro, depositMicro, dueMicro: debtMicro - depositMicro, remainderMicro: balanceMicro - wholeMicro };
}

export type Payout = {
  readonly wallets: readonly SettledWallet[];
  /** Of the deposit: what is left for the tenant. */
  readonly depositBackMicro: number;
  readonly dueMicro: number;
  /** Over the counter in all. */
  readonly payoutMicro: number;
};

/** All wallets one after the other, as they are now. */
export function payoutOf(balancesMicro: readonly number[], depositMicro: number): Payout {
  let offerMicro = depositMicro;
  const wallets = balancesMicro.map((balanceMicro) => {
    const one = settleWallet(balanceMicro, offerMicro);
    offerMicro -= one.depositMicro;
    return one;
  });
  const dueMicro = wallets.reduce((sum, one) => sum + one.dueMicro, 0);
  const refunds = wallets.reduce((sum, one) => sum + one.refundMicro, 0);
  return { wallets, depositBackMicro: offerMicro, dueMicro, payoutMicro: refunds + offerMicro };
}
