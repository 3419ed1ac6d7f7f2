/** The durable state of a tenancy after one more event. */
import { assert, assertNever } from '../assert.ts';
import type { MovedMeter, TenancyEvent, TenancyState } from './state.ts';

export function evolveTenancy(state: TenancyState, event: TenancyEvent): TenancyState {
  switch (event.type) {
    case 'OpeningStarted': {
      const { holder, rooms, wallets, move } = event;
      if (!move.whole) return { ...state, holder, rooms, newWallets: wallets, move };
      const { openedBy: _before, ...rest } = state;
      const openedBy = move.handOver && { openedBy: move.handOver.id };
      return { ...rest, status: 'opening', holder, rooms, newWallets: wallets, move, ...openedBy };
    }
    case 'HandOverAgreed':
      return { ...state, status: 'closing', handOver: event.handOver };
    case 'ClosingStarted': {
      const { handOver: _begun, ...rest } = state;
      return {
        ...rest,
        status: event.move.whole ? 'closing' : state.status,
        rooms: event.rooms,
        move: event.move,
        settling: event.move.whole ? event.wallets.map((wallet) => ({ wallet, dueMicro: 0 })) : state.settling,
      };
    }
    case 'BaselineTyped':
      return moved(state, event.meter, { baseline: event.baseline, trouble: null });
    case 'MeterMoved':
      return moved(state, event.meter, { placed: { index: event.index, atMs: event.atMs }, trouble: null });
    case 'MeterEmptied': {
      assert(state.move !== null, 'meters change hands in a move');
      const meters = state.move.meters.map((one): MovedMeter => {
        const { keeps, ...rest } = one;
        return keeps === event.wallet ? rest : one;
      });
      return { ...state, move: { ...state.move, meters } };
    }
    case 'MoveTroubled':
      return moved(state, event.meter, { trouble: event.trouble });
    case 'AccountOpened':
      return { ...state, status: 'open', move: null, newWallets: [], openedMs: event.atMs, closedMs: null };
    case 'AccountTakenOver':
      return { ...state, status: 'open', move: null, newWallets: [], openedMs: event.sinceMs, closedMs: null };
    case 'DepositTakenOver':
      return { ...state, depositMicro: state.depositMicro + event.amountMicro };
    case 'MetersMoved':
      return { ...state, move: null, newWallets: [] };
    case 'SettlingStarted': {
      const place = ({ wallet }: { readonly wallet: string }): number => event.order?.indexOf(wallet) ?? 0;
      const settling = [...state.settling].sort((a, b) => place(a) - place(b));
      return { ...state, status: 'settling', move: null, settling };
    }
    case 'SettlementChosen': {
      const { held: _over, paidMicro: _before, ...rest } = state;
      return { ...rest, settlement: event.settlement };
    }
    case 'SettlementHeld':
      return { ...state, settlement: null, held: true };
    case 'WalletSettledFor':
      return {
        ...state,
        depositMicro: state.depositMicro - event.depositMicro,
        paidMicro: (state.paidMicro ?? 0) + event.refundMicro,
        settling: state.settling.filter((one) => one.wallet !== event.wallet),
      };
    case 'PaymentDue':
      return {
        ...state,
        settlement: null,
        settling: state.settling.map((one) =>
          one.wallet === event.wallet ? { ...one, dueMicro: event.dueMicro } : one,
        ),
      };
    case 'AccountClosed': {
      const { paidMicro: _paid, ...rest } = state;
      return { ...rest, status: 'closed', closedMs: event.atMs, settlement: null };
    }
    case 'DepositMoved':
      return {
        ...state,
        depositMicro: state.depositMicro + (event.kind === 'received' ? event.amountMicro : -event.amountMicro),
      };
    default:
      return assertNever(event);
  }
}

function moved(state: TenancyState, meter: string, change: Partial<MovedMeter>): TenancyState {
  assert(state.move !== null, 'meters change hands in a move');
  const meters = state.move.meters.map((one) => (one.meter === meter ? { ...one, ...change } : one));
  return { ...state, move: { ...state.move, meters } };
}
