/** Opening and closing an account: what is still to be done is always in the state, and told again after a crash. */
import { assert, assertNever } from '../assert.ts';
import type { CashbookEvent } from '../cashbook.ts';
import {
  accept,
  refuse,
  type Context,
  type Request,
  type Decision,
  type Effect,
  type RecordChange,
  type Send,
  type TenancyMessage,
} from '../messages.ts';
import { depositOrder, moveDeposit } from './deposit.ts';
import { evolveTenancy } from './evolve.ts';
import { leftOf, outstandingOfTenancy } from './outstanding.ts';
import type { HandOver, Move, MovedMeter, Settlement, TenancyEvent, TenancyState } from './state.ts';

export type TenancyContext = Context & {
  readonly id: string;
  readonly isOpen: (wallet: string) => boolean;
  readonly balanceOf: (wallet: string) => number;
};

export class Outcome {
  readonly events: TenancyEvent[] = [];
  readonly sends: Send[] = [];
  readonly effects: Effect[] = [];
  readonly records: RecordChange[] = [];
  readonly besides: CashbookEvent[] = [];
  state: TenancyState;
  readonly context: TenancyContext;
  constructor(state: TenancyState, context: TenancyContext) {
    this.state = state;
    this.context = context;
  }
  emit(event: TenancyEvent): void {
    this.events.push(event);
    this.state = evolveTenancy(this.state, event);
  }
  answer(request: Parameters<typeof accept>[0], result: object): void {
    const { effect, record } = accept(request, result, this.context.nowMs);
    this.effects.push(effect);
    this.records.push(record);
  }
}

export function decideTenancy(
  state: TenancyState,
  message: TenancyMessage,
  context: TenancyContext,
): Decision<TenancyEvent> & { readonly state: TenancyState } {
  const out = new Outcome(state, context);
  switch (message.type) {
    case 'StartOpening':
      startOpening(out, message);
      break;
    case 'TakeOver':
      takeOver(out, message);
      break;
    case 'StartClosing':
      startClosing(out, message);
      break;
    case 'HandOver':
      handOver(out, message);
      break;
    case 'OpenNext':
      openNext(out, message);
      break;
    case 'NextOpened':
      if (out.state.handOver?.id === message.handOver) closeTowards(out, out.state.handOver);
      break;
    case 'TypeBaseline':
      typeBaseline(out, message);
      break;
    case 'WalletReady':
      finishMove(out);
      break;
    case 'MoneyIsBack':
      if (!out.state.move?.meters.some(({ keeps }) => keeps === message.wallet)) break;
      out.emit({ type: 'MeterEmptied', wallet: message.wallet });
      out.sends.push(...outstandingOfTenancy(out.state, context.id));
      break;
    case 'MeterPlaced':
      meterPlaced(out, message);
      break;
    case 'PlaceRefused':
      if (waitsFor(out.state, message.meter))
        out.emit({ type: 'MoveTroubled', meter: message.meter, trouble: message.why });
      break;
    case 'ChooseSettlement':
      chooseSettlement(out, message);
      break;
    case 'Settled':
      settled(out, message);
      break;
    case 'SettleDue':
      if (out.state.settling.some(({ wallet }) => wallet === message.wallet))
        out.emit({ type: 'PaymentDue', wallet: message.wallet, dueMicro: message.dueMicro });
      break;
    case 'SettleOver':
      if (out.state.settlement?.order === message.order) out.emit({ type: 'SettlementHeld', order: message.order });
      break;
    case 'SettleLater':
      out.effects.push({ type: 'wake', name: 'settle', atMs: context.nowMs });
      break;
    case 'MoveDeposit':
      moveDeposit(out, message);
      break;
    case 'Wake':
      out.sends.push(...outstandingOfTenancy(out.state, context.id));
      break;
    default:
      return assertNever(message);
  }
  return out;
}

type Message<T extends TenancyMessage['type']> = Extract<TenancyMessage, { type: T }>;

function startOpening(out: Outcome, message: Message<'StartOpening'>): void {
  const { request, whole, meters } = message;
  const { id, nowMs } = out.context;
  const { status, move: under } = out.state;
  const fits = whole ? ['none', 'closed'] : ['none', 'open'];
  if (!fits.includes(status) || under) return busy(out, request);
  begin(out, message, {
    ...{ kind: 'open', by: request.operator, sinceMs: nowMs, whole },
    meters: meters.map((one): MovedMeter => ({ ...one, account: id, trouble: null, placed: null })),
  });
  out.answer(request, { account: id });
}

type Begun = Pick<Message<'StartOpening'>, 'holder' | 'rooms' | 'wallets' | 'deposit'>;
function begin(out: Outcome, { holder, rooms, wallets, deposit }: Begun, move: Move): void {
  out.emit({ type: 'OpeningStarted', holder, rooms: [...rooms], wallets: [...wallets], move });
  if (deposit) depositOrder(out, 'received', { ...deposit, note: '', by: move.by });
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  finishMove(out);
}

function handOver(out: Outcome, { handOver: agreed, request }: Message<'HandOver'>): void {
  const { status, move } = out.state;
  if ((status !== 'none' && status !== 'open') || move) return busy(out, request);
  out.emit({ type: 'HandOverAgreed', handOver: agreed });
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  out.answer(request, { account: out.context.id });
}

function openNext(out: Outcome, { from, handOver: { id, by, opening } }: Message<'OpenNext'>): void {
  const { status, move, openedBy } = out.state;
  if (openedBy !== id) {
    assert(
      (status === 'none' || status === 'closed') && move === null,
      'whoever takes over was free when it was agreed',
    );
    const handedOver = { id, from };
    begin(out, opening, {
      ...{ kind: 'open', by, sinceMs: out.context.nowMs, whole: true, meters: [], handOver: handedOver },
    });
  } else if (status !== 'opening') out.sends.push(nextOpened(from, id));
}

const nextOpened = (from: string, handOver: string): Send => ({
  ...{ to: 'tenancy', id: from, message: { type: 'NextOpened', handOver } },
});

function closeTowards(out: Outcome, { by, closing }: HandOver): void {
  const { rooms, wallets, meters, settlement } = closing;
  const move: Move = { kind: 'close', by, sinceMs: out.context.nowMs, whole: true, meters };
  beginClosing(out, { type: 'ClosingStarted', rooms, wallets, move }, settlement);
}

function takeOver(out: Outcome, message: Message<'TakeOver'>): void {
  const { takeover, holder, sinceMs, rooms, wallets, meters, depositMicro, by } = message;
  const { id, nowMs } = out.context;
  if (out.state.status !== 'none') return; // told again after a restart: it has begun
  const move: Move = {
    ...{ kind: 'open', by, sinceMs: nowMs, whole: true, takenOver: { takeover, sinceMs } },
    meters: meters.map((one): MovedMeter => ({ ...one, account: id, trouble: null, placed: null })),
  };
  out.emit({ type: 'OpeningStarted', holder, rooms: [...rooms], wallets: [...wallets], move });
  if (depositMicro > 0) {
    const transfers = [{ from: 'takeover', to: `deposit:${id}`, amountMicro: depositMicro }];
    out.emit({ type: 'DepositTakenOver', amountMicro: depositMicro, takeover, transfers });
  }
  out.sends.push(...outstandingOfTenancy(out.state, id));
  finishMove(out);
}

function busy(out: Outcome, request: Request): void {
  const { move, status } = out.state;
  const why = move ? 'meters of the account are changing hands already' : `the account is ${status}`;
  out.effects.push(refuse(request, 'accountState', why));
}

function startClosing(out: Outcome, message: Message<'StartClosing'>): void {
  const { request, meters, whole, rooms, wallets, settlement } = message;
  const { id, nowMs } = out.context;
  const { status, move: under } = out.state;
  if ((status !== 'none' && status !== 'open') || under) return busy(out, request);
  const move: Move = {
    ...{ kind: 'close', by: request.operator, sinceMs: nowMs, whole },
    meters: meters.map((one): MovedMeter => ({ ...one, trouble: null, placed: null })),
  };
  beginClosing(out, { type: 'ClosingStarted', rooms: [...rooms], wallets: [...wallets], move }, settlement);
  out.answer(request, { account: id });
}

function beginClosing(
  out: Outcome,
  started: Extract<TenancyEvent, { type: 'ClosingStarted' }>,
  settlement: Settlement | null,
): void {
  out.emit(started);
  if (started.move.whole && settlement) out.emit({ type: 'SettlementChosen', settlement });
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  finishMove(out);
}

function typeBaseline(out: Outcome, { request, meter, index, reason }: Message<'TypeBaseline'>): void {
  if (!waitsFor(out.state, meter))
    return void out.effects.push(refuse(request, 'notFound', 'no reading of this meter is waited for'));
  out.emit({
    type: 'BaselineTyped',
    meter,
    baseline: { kind: 'typed', index, reason, by: request.operator },
  });
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  out.answer(request, { ok: true });
}

const waitsFor = ({ move }: TenancyState, meter: string): boolean =>
  move?.meters.some((one) => one.meter === meter && one.placed === null) ?? false;

function meterPlaced(out: Outcome, { meter, index }: Message<'MeterPlaced'>): void {
  if (!waitsFor(out.state, meter)) return;
  out.emit({ type: 'MeterMoved', meter, index, atMs: out.context.nowMs });
  finishMove(out);
}

function finishMove(out: Outcome): void {
  const { move, newWallets } = out.state;
  const { nowMs, id, isOpen, balanceOf } = out.context;
  if (!move || move.meters.some(({ placed }) => placed === null)) return;
  // Until each wallet has taken its first money, the state says that it has to be opened.
  if (move.kind === 'open' && newWallets.some((wallet) => !isOpen(wallet.id))) return;
  if (!move.whole) return out.emit({ type: 'MetersMoved', atMs: nowMs });
  if (move.takenOver) return out.emit({ type: 'AccountTakenOver', atMs: nowMs, sinceMs: move.takenOver.sinceMs });
  if (move.kind === 'open') {
    out.emit({ type: 'AccountOpened', atMs: nowMs });
    if (move.handOver) out.sends.push(nextOpened(move.handOver.from, move.handOver.id));
    return;
  }
  const order = out.state.settling.map(({ wallet }) => wallet).sort((a, b) => balanceOf(a) - balanceOf(b));
  out.emit({ type: 'SettlingStarted', atMs: nowMs, ...(order.length > 1 ? { order } : {}) });
  out.sends.push(...outstandingOfTenancy(out.state, id));
  finishSettling(out);
}

function chooseSettlement(out: Outcome, { request, settlement }: Message<'ChooseSettlement'>): void {
  if (out.state.status !== 'settling')
    return void out.effects.push(refuse(request, 'accountState', 'the account is not being settled'));
  out.emit({ type: 'SettlementChosen', settlement });
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  finishSettling(out);
  out.answer(request, { ok: true });
}

function settled(out: Outcome, { wallet, depositMicro, refundMicro }: Message<'Settled'>): void {
  if (!out.state.settling.some((one) => one.wallet === wallet)) return;
  out.emit({ type: 'WalletSettledFor', wallet, depositMicro, refundMicro });
  // One wallet at a time: what the deposit still holds is offered to the next.
  out.sends.push(...outstandingOfTenancy(out.state, out.context.id));
  finishSettling(out);
}

function finishSettling(out: Outcome): void {
  const { status, settling, settlement, depositMicro } = out.state;
  if (status !== 'settling' || settling.length > 0 || settlement === null) return;
  if (depositMicro > (leftOf(out.state) ?? Infinity))
    return out.emit({ type: 'SettlementHeld', order: settlement.order });
  if (depositMicro > 0)
    depositOrder(out, 'refunded', {
      ...{ order: `${settlement.order}-D`, amountMicro: depositMicro, channel: settlement.channel },
      ...{ note: settlement.note, by: settlement.by },
    });
  out.emit({ type: 'AccountClosed', atMs: out.context.nowMs });
}
