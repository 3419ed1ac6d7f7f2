/** What of an entity's state a person's decision changes; what it measures and remembers besides is no part of the log. */
import type { InterlockState } from '../interlock.ts';
import type { MeterState } from '../meter/state.ts';
import type { TenancyState } from '../tenancy/state.ts';
import type { WalletState } from '../wallet/state.ts';

type Parts = {
  readonly meter: (state: MeterState) => object;
  readonly wallet: (state: WalletState) => object;
  readonly tenancy: (state: TenancyState) => object;
  readonly interlock: (state: InterlockState) => object;
};
export type AuditedKind = keyof Parts;
export type AuditedState<K extends AuditedKind> = Parameters<Parts[K]>[0];

export const auditedParts: Parts = {
  meter: ({ config, place, causes, operatorHold, quarantine, nextTariff, cutSinceMs }) => ({
    ...{ config, place, ...causes, operatorHold, quarantine, nextTariff, cutSinceMs },
  }),
  wallet: ({ balanceMicro, overdraftMicro, thresholdsMicro, exhausted, temporary }) => ({
    ...{ balanceMicro, overdraftMicro, thresholdsMicro, exhausted, temporary },
  }),
  tenancy: ({ status, holder, rooms, depositMicro }) => ({ status, holder, rooms, depositMicro }),
  interlock: ({ held }) => ({ held: held.length }),
};
