/** What a wallet stands at when what waits for a bill is counted. */
import { UNBILLED } from '../order.ts';
import type { WalletState } from './state.ts';

/** The balance less what waits for a bill: of a prepaid wallet the balance. */
export const standingMicro = ({ balanceMicro, unbilledMicro = 0 }: WalletState): number => balanceMicro - unbilledMicro;

/** All money that is the tenant's: in the wallet and in a meter that keeps it. */
export const heldMicro = ({ balanceMicro, charging }: WalletState): number =>
  balanceMicro + (charging?.last?.remainingMicro ?? 0);

/** What the tenant stands at wherever the money is: what is shown, and what levels go by. */
export const ownMicro = (state: WalletState): number => heldMicro(state) - (state.unbilledMicro ?? 0);

/** Ledger account of what an account has used and not been billed for. */
export const unbilledOf = ({ account }: Pick<WalletState, 'account'>): string => `${UNBILLED}${account}`;
