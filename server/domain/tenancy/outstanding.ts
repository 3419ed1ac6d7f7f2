/** What an account's opening, closing or hand-over still has to tell others. */
import type { Send } from '../messages.ts';
import type { TenancyState } from './state.ts';

/** Where its meters are; of a wallet without meters so far, the account's. */
function roomsOf({ move, rooms }: TenancyState, wallet: string): readonly string[] {
  const own = move?.meters.flatMap((one) => (one.wallet === wallet && one.room !== null ? [one.room] : [])) ?? [];
  return own.length > 0 ? [...new Set(own)] : rooms;
}

/** What may still be paid out; undefined: as much as there is. */
export const leftOf = ({ settlement, paidMicro = 0 }: TenancyState): number | undefined =>
  settlement?.atMostMicro === undefined ? undefined : Math.max(0, settlement.atMostMicro - paidMicro);

/** What is still to be done: released at recovery, and after each step; receivers ignore what they have done. */
export function outstandingOfTenancy(state: TenancyState, id: string): Send[] {
  const { move, settlement, handOver } = state;
  const sends: Send[] = [];
  if (handOver) sends.push({ to: 'tenancy', id: handOver.next, message: { type: 'OpenNext', from: id, handOver } });
  if (move?.kind === 'open') {
    for (const opened of state.newWallets) {
      const { id: wallet, firstRecharge, takenOver, inMeter, ...rest } = opened;
      sends.push({
        to: 'wallet',
        id: wallet,
        message: {
          ...{ type: 'Open', account: id, holder: state.holder, kind: 'tenant' },
          ...{ openingBalanceMicro: takenOver?.balanceMicro ?? 0, tierUses: takenOver?.tierUses ?? [] },
          ...{ ...rest, rooms: roomsOf(state, wallet), meters: [] },
          ...{ tenancy: id, firstRecharge: firstRecharge && { ...firstRecharge, by: move.by } },
          ...(inMeter && { inMeter }),
        },
      });
    }
  }
  for (const one of move?.meters ?? []) {
    if (one.placed !== null || one.trouble !== null) continue;
    if (one.keeps !== undefined) {
      sends.push({ to: 'wallet', id: one.keeps, message: { type: 'EndCharging', tenancy: id } });
      continue;
    }
    sends.push({
      to: 'meter',
      id: one.meter,
      message: {
        ...{ type: 'Place', tenancy: id, tariff: one.tariff, baseline: one.baseline, vacant: one.vacant },
        place: { room: one.room, wallet: one.wallet, account: one.account },
        ...{ by: move?.by ?? '', sinceMs: move?.sinceMs ?? 0 },
      },
    });
  }
  const [first] = state.settling;
  if (state.status === 'settling' && settlement && first)
    sends.push({
      to: 'wallet',
      id: first.wallet,
      message: {
        ...{ type: 'Settle', tenancy: id, offerMicro: state.depositMicro },
        ...{ ...settlement, atMostMicro: leftOf(state) },
      },
    });
  return sends;
}
