/** Which events are news for a tenant, and what there is to say: pure, exactly one notice for each crossing. */
import type { NoticeKind, NoticeValues, TenantKind } from '../../../protocol/notices.ts';
import type { MeterEvent } from '../meter/state.ts';
import { availableMicro } from '../wallet/allowance.ts';
import { missingMicro } from '../wallet/levels.ts';
import { ownMicro, standingMicro } from '../wallet/standing.ts';
import type { WalletEvent, WalletState } from '../wallet/state.ts';
import { shownOf } from '../wallet/view.ts';

export type News = {
  readonly account: string;
  /** The wallet. */
  readonly about: string;
  readonly notice: { readonly kind: TenantKind; readonly values: NoticeValues } | null;
  /** Older notices about the same wallet that are no longer true. */
  readonly overtakes: { readonly by: NoticeKind; readonly kinds: readonly NoticeKind[] } | null;
};

export type WalletFacts = {
  readonly id: string;
  /** After all events of the same decision. */
  readonly state: WalletState;
  readonly nowMs: number;
  /** Its local day. */
  readonly day: string;
  readonly warnBeforeCutMs: number;
  readonly restoreAboveMicro: number;
  /** Names of its rooms, or of the one it is about. */
  readonly room: string;
};

const warnings: readonly NoticeKind[] = ['lowBalance', 'aboutToTrip'];

export function newsOfWallet(event: WalletEvent, facts: WalletFacts): News | null {
  if (facts.state.kind === 'owner') return null;
  switch (event.type) {
    case 'LevelCrossed': {
      if (event.warned) return warning(facts, event.level);
      // Back above a level: what is still held of the warnings says too little was left.
      return { ...news(facts), overtakes: { by: 'rechargeArrived', kinds: warnings } };
    }
    case 'ThresholdsSet':
      return event.level > 0 ? null : { ...news(facts), overtakes: { by: 'rechargeArrived', kinds: warnings } };
    case 'WarningRepeated':
      return warning(facts, facts.state.level);
    case 'MoneyReceived':
    case 'MoneyAssigned':
      return {
        ...news(facts),
        notice: { kind: 'rechargeArrived', values: { ...common(facts), amount: event.amountMicro } },
      };
    default:
      // All other events move or arrange money without anything for the tenant to do.
      return null;
  }
}

/**
 * Told once for the wallet: at its first breaker that opens and its last that closes. It is told when it is decided, not
 * when it is read back; nothing comes back where something else keeps it open.
 */
export function newsOfMeter(
  event: MeterEvent,
  meter: string,
  facts: WalletFacts & { readonly othersCut: boolean; readonly wanted: 'open' | 'closed' },
): News | null {
  if (facts.state.kind === 'owner' || facts.othersCut) return null;
  if (event.type === 'CauseSet' && event.cause === 'moneyExhausted') {
    const missing = missingMicro(availableMicro(facts.state, facts.day), facts.restoreAboveMicro, true);
    return {
      ...news(facts),
      notice: { kind: 'tripped', values: { ...common(facts), meter, missing } },
      overtakes: { by: 'tripped', kinds: warnings },
    };
  }
  if (event.type === 'CauseEnded' && event.cause === 'moneyExhausted')
    return {
      ...news(facts),
      notice: facts.wanted === 'open' ? null : { kind: 'restored', values: { ...common(facts), meter } },
      overtakes: { by: 'restored', kinds: ['tripped'] },
    };
  return null;
}

const news = ({ id, state }: WalletFacts): News => ({
  account: state.account,
  about: id,
  notice: null,
  overtakes: null,
});

const common = ({ state, room }: WalletFacts): NoticeValues => ({ room, balance: ownMicro(state) });

function warning(facts: WalletFacts, level: number): News {
  const { id, state, nowMs, warnBeforeCutMs, day } = facts;
  if (state.payment === 'postpaid') {
    const limit = -(state.thresholdsMicro[level - 1] ?? 0);
    const values = { room: facts.room, unbilled: -standingMicro(state), limit };
    return { ...news(facts), notice: { kind: 'creditLimit', values }, overtakes: null };
  }
  const last = level === state.thresholdsMicro.length;
  const { hoursLeft } = shownOf(id, state, nowMs, day);
  const values = { ...common(facts), hours: hoursLeft };
  // A meter that keeps its money waits for no warning.
  const waitMs = state.charging ? 0 : warnBeforeCutMs;
  return {
    ...news(facts),
    notice: last
      ? { kind: 'aboutToTrip', values: { ...values, minutes: Math.round(waitMs / 60_000) } }
      : { kind: 'lowBalance', values: { ...values, level: state.thresholdsMicro[level - 1] ?? null } },
    overtakes: { by: last ? 'aboutToTrip' : 'lowBalance', kinds: warnings },
  };
}
