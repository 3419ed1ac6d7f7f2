/** What a wallet stands at when what waits for a bill is counted. */
import type { WalletState } from './state.ts';

/** The balance less what waits for a bill: of a prepaid wallet the balance. */
export const standingMicro = ({ balanceMicro, unbilledMicro = 0 }: WalletState): number => balanceMicro - unbilledMicro;

/** Ledger account of what an account has used and not been billed for. */
export const unbilledOf = ({ account }: Pick<WalletState, 'account'>): string => `unbilled:${account}`;
