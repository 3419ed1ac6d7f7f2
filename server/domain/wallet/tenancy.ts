/** A wallet gains and loses meters, and ends: its money is paid out in whole cents or found to be owed. */
import type { Transfer } from '../ledger.ts';
import type { Send, WalletMessage } from '../messages.ts';
import { newOrder, orderRecord } from '../order.ts';
import { endAllowance, unitOf, usableOf } from './allowance.ts';
import { settleWallet } from '../tenancy/payout.ts';
import { chargeRecord } from './decide.ts';
import type { Outcome } from './outcome.ts';
import { standingMicro, unbilledOf } from './standing.ts';
import { chargedOf } from './state.ts';

type Message<T extends WalletMessage['type']> = Extract<WalletMessage, { type: T }>;

export function attach(out: Outcome, { meter, sequence }: Message<'AttachMeter'>): void {
  const { rooms, meters } = out.state;
  if (meters.some(({ id }) => id === meter.id)) return;
  const isNew = meter.room !== null && out.state.kind === 'tenant' && !rooms.includes(meter.room);
  out.emit({ type: 'MeterAttached', meter, sequence, ...(isNew ? { rooms: [...rooms, meter.room] } : {}) });
  const { utilityOf, localDay, nowMs } = out.context;
  if (!out.state.exhausted || usableOf(out.state, unitOf(utilityOf(meter.tariff)), localDay(nowMs)) > 0) return;
  out.sends.push({ to: 'meter', id: meter.id, message: { type: 'CutForMoney', wallet: out.context.id } });
}

/** Its open quarter hour is finished with it. */
export function detach(out: Outcome, { meter }: Message<'DetachMeter'>): void {
  const { state } = out;
  const own = state.meters.find(({ id }) => id === meter);
  if (!own) return;
  const chunk = chargedOf(state, meter)?.chunk;
  if (chunk) out.records.push(chargeRecord(out, meter, own.tariff, chunk));
  const others = state.meters.filter(({ id }) => id !== meter);
  const { room } = own;
  const gone = state.kind === 'tenant' && room !== null && others.every((each) => each.room !== room);
  // Of a wallet that pays for nothing any more, the last rooms say where it belongs.
  const rooms = gone && others.length > 0 ? { rooms: state.rooms.filter((each) => each !== room) } : {};
  out.emit({ type: 'MeterDetached', meter, ...rooms });
  if (gone) out.sends.push({ to: 'room', id: room, message: { type: 'WalletGone', wallet: out.context.id } });
}

/**
 * Debt is paid from the deposit; what is left over is paid out, floored to the cent, the rest recorded under `rounding`
 * (rules.md, "Money and quantities"). Debt beyond the deposit is due first: nothing moves then.
 */
export function settle(out: Outcome, message: Message<'Settle'>): void {
  const { state, context } = out;
  const { tenancy } = message;
  const tell = (answer: Extract<Send, { to: 'tenancy' }>['message']): void =>
    void out.sends.push({ to: 'tenancy', id: tenancy, message: answer });
  if (state.settled) return tell({ type: 'Settled', wallet: context.id, ...state.settled });
  if (state.meters.length > 0 || (state.charging && state.charging.phase !== 'ended'))
    return tell({ type: 'SettleLater' });
  for (const own of state.allowances ?? []) endAllowance(out, own);
  const { unbilledMicro = 0 } = state;
  const settlement = settleWallet(standingMicro(state), message.offerMicro);
  const { refundMicro, depositMicro, dueMicro, remainderMicro } = settlement;
  if (dueMicro > 0) return tell({ type: 'SettleDue', wallet: context.id, dueMicro });
  if (message.atMostMicro !== undefined && refundMicro > message.atMostMicro)
    return tell({ type: 'SettleOver', order: message.order });
  const wallet = `wallet:${context.id}`;
  const moves: Transfer[] = [
    { from: `deposit:${tenancy}`, to: wallet, amountMicro: depositMicro },
    { from: wallet, to: unbilledOf(state), amountMicro: unbilledMicro },
    { from: wallet, to: `cash:${message.channel}`, amountMicro: refundMicro },
    remainderMicro >= 0
      ? { from: wallet, to: 'rounding', amountMicro: remainderMicro }
      : { from: 'rounding', to: wallet, amountMicro: -remainderMicro },
  ];
  const { order, channel, by, note } = message;
  const transfers = moves.filter(({ amountMicro }) => amountMicro > 0);
  out.emit({
    ...{ type: 'WalletSettled', order, channel, by, note, refundMicro, depositMicro, remainderMicro, transfers },
    ...(unbilledMicro === 0 ? {} : { unbilledMicro }),
  });
  const value = newOrder({
    ...{ id: `${order}-${context.id}`, kind: 'settlement', wallet: context.id, account: state.account },
    ...{ holder: state.holder, room: state.rooms[0] ?? null, amountMicro: refundMicro, channel },
    ...{ balanceAfterMicro: 0, atMs: context.nowMs, by, note, transfers },
  });
  out.records.push(orderRecord(value), { kind: 'lowMoney', id: context.id, value: null });
  out.note('WalletSettled', by, { order, refundMicro, depositMicro, remainderMicro });
  tell({ type: 'Settled', wallet: context.id, depositMicro, refundMicro });
}
