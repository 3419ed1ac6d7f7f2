/** The wallet: prices, deducts, warns, and says when its breakers are to open or to close again. */
import { storable, type JsonObject } from '../json.ts';
import { assert, assertNever } from '../assert.ts';
import { sayCharging, watchDrift } from '../charging/alarms.ts';
import {
  advanceCharging,
  beginCharging,
  endCharging,
  meterSetUp,
  meterShows,
  modeFor,
  repriceMeter,
  taskEnded,
} from '../charging/decide.ts';
import { resolveMeter } from '../charging/resolve.ts';
import { prepareSwap } from '../charging/swap.ts';
import type { Transfer } from '../ledger.ts';
import { accept, type Decision, type Effect, type RecordChange, type Send, type WalletMessage } from '../messages.ts';
import { availableMicro, followAllowances, unitOf, usableOf } from './allowance.ts';
import { goesOn, type Charged } from './chunk.ts';
import { cover, isUncounted, revenueOf, type Covered } from './draw.ts';
import { cutDecision, levelOf } from './levels.ts';
import { limitsOf } from './limits.ts';
import { repeatWarning, wakeToRepeat } from './repeats.ts';
import { receive, recharge, reverse, takeSuspense } from './orders.ts';
import { Outcome, type Priced, type PriceRequest, type WalletContext } from './outcome.ts';
import { payOut, releaseRefund, reserveRefund } from './refund.ts';
import { nothing, show, showAtStart, showMeter } from './show.ts';
import { ownMicro, unbilledOf } from './standing.ts';
import { chargedOf, usedInAny, type Chunk, type WalletEvent, type WalletState } from './state.ts';
import { endTemporaryByHand, followTemporary, grantTemporary } from './temporary.ts';
import { attach, detach, settle } from './tenancy.ts';
import { transfer } from './transfer.ts';
import { powerReturnsAbove, setThresholds } from './thresholds.ts';

export function decideWallet(
  state: WalletState,
  message: WalletMessage,
  context: WalletContext,
): Decision<WalletEvent> & { readonly state: WalletState } {
  const out = new Outcome(state, context);
  if (message.type !== 'Open') followAllowances(out);
  let cause = nothing;
  switch (message.type) {
    case 'Open':
      open(out, message);
      break;
    case 'ChargeConsumption':
      cause = { meter: message.meter, monoMs: message.monoMs, shown: message.shown ?? null };
      if (!charge(out, message)) {
        showMeter(out, cause);
        return out;
      }
      break;
    case 'Recharge':
      recharge(out, message);
      break;
    case 'Refund':
      reserveRefund(out, message);
      break;
    case 'PayOut':
      payOut(out, message);
      break;
    case 'ReleaseRefund':
      releaseRefund(out, message);
      break;
    case 'Transfer':
      transfer(out, message);
      break;
    case 'Rename':
      rename(out, message);
      break;
    case 'TakeSuspense':
      takeSuspense(out, message);
      break;
    case 'Reverse':
      reverse(out, message);
      break;
    case 'AttachMeter':
      attach(out, message);
      break;
    case 'DetachMeter':
      detach(out, message);
      break;
    case 'Settle':
      settle(out, message);
      break;
    case 'GrantTemporary':
      grantTemporary(out, message);
      break;
    case 'EndTemporary':
      endTemporaryByHand(out, message);
      break;
    case 'MeterShows':
      meterShows(out, message.standing);
      break;
    case 'RepriceMeter':
      repriceMeter(out, message.pricesMicro);
      break;
    case 'MeterSetUp':
      meterSetUp(out, message.found);
      break;
    case 'MeterTaskEnded':
      taskEnded(out, message.order, message.seen, message.stopped);
      break;
    case 'ResolveMeter':
      resolveMeter(out, message);
      break;
    case 'PrepareSwap':
      prepareSwap(out, message);
      break;
    case 'EndCharging':
      endCharging(out, message.tenancy);
      break;
    case 'SetThresholds':
      setThresholds(out, message);
      break;
    case 'Wake':
      break;
    default:
      return assertNever(message);
  }
  followCharging(out, state, message);
  if (!out.state.settled) followBalance(out);
  if (message.type === 'Wake' && message.name === 'start') showAtStart(out);
  else show(out, cause);
  return out;
}

function rename(out: Outcome, { name, request }: Extract<WalletMessage, { type: 'Rename' }>): void {
  if (name !== (out.state.name ?? '')) out.emit({ type: 'WalletNamed', name, by: request.operator });
  const { effect, record } = accept(request, { ok: true }, out.context.nowMs);
  out.effects.push(effect);
  out.records.push(record);
}

function open(out: Outcome, message: Extract<WalletMessage, { type: 'Open' }>): void {
  const { type: _type, openingBalanceMicro, firstRecharge, tenancy, tierUses = [], ...rest } = message;
  if (tenancy) out.sends.push({ to: 'tenancy', id: tenancy, message: { type: 'WalletReady' } });
  if (out.state.account !== '') return; // told again after a restart: it is open
  const wallet = `wallet:${out.context.id}`;
  const amountMicro = Math.abs(openingBalanceMicro);
  const transfers: Transfer[] =
    amountMicro === 0
      ? []
      : openingBalanceMicro > 0
        ? [{ from: 'takeover', to: wallet, amountMicro }]
        : [{ from: wallet, to: 'takeover', amountMicro }];
  out.emit({
    type: 'WalletOpened',
    ...rest,
    thresholdsMicro: [...rest.thresholdsMicro],
    rooms: [...rest.rooms],
    meters: [...rest.meters],
    openingBalanceMicro,
    transfers,
  });
  beginCharging(out);
  if (tierUses.length > 0) out.emit({ type: 'TierUseTakenOver', uses: [...tierUses] });
  if (firstRecharge) receive(out, { ...firstRecharge, note: '' });
}

/** The money in its meter: what comes next, what the meter is to do, and what of it is an alarm. */
function followCharging(out: Outcome, before: WalletState, message: WalletMessage): void {
  if (!out.state.charging) return;
  // A task that has seen nothing, or not enough, has set its own wake-up.
  const paused = (message.type === 'MeterTaskEnded' || message.type === 'MeterSetUp') && out.effects.length > 0;
  if (!paused) advanceCharging(out);
  const { charging } = out.state;
  const mode = modeFor(charging, out.context.id);
  const attached = message.type === 'AttachMeter' || (message.type === 'Wake' && message.name === 'start');
  const told = before.charging && sameMode(modeFor(before.charging, out.context.id), mode);
  if (out.state.meters.some(({ id }) => id === charging.meter) && (attached || !told)) out.sends.push(mode);
  if (message.type !== 'ChargeConsumption') watchDrift(out);
  sayCharging(out, before.charging ?? null, message.type === 'Wake' && message.name === 'start');
}

const sameMode = (a: Send, b: Send): boolean =>
  a.to === 'meter' &&
  b.to === 'meter' &&
  'mode' in a.message &&
  'mode' in b.message &&
  a.message.mode === b.message.mode;

/** The last sequence of a meter that needs no charge from this wallet any more. */
export function chargedUpTo(state: WalletState | undefined, meter: string): number {
  return chargedOf(state, meter)?.sequence ?? state?.startsAfter?.[meter] ?? 0;
}

/** Takes exactly the next sequence; a repeat is ignored (false), a gap is an assert. */
function charge(out: Outcome, message: Extract<WalletMessage, { type: 'ChargeConsumption' }>): boolean {
  const { meter, consumption } = message;
  const { state, context } = out;
  const before = chargedOf(state, meter);
  const last = chargedUpTo(state, meter);
  if (consumption.sequence <= last) return false;
  assert(consumption.sequence === last + 1, `charge ${meter}#${consumption.sequence} follows #${last}`);
  const own = state.meters.find((one) => one.id === meter);
  assert(own !== undefined, `meter ${meter} does not draw on wallet ${context.id}`);
  const request: PriceRequest = {
    ...{ tariff: own.tariff, meter, room: own.room, account: state.account, consumption },
    openLines: before?.openLines ?? null,
    used: (key, period) => usedInAny([state, ...context.otherWallets()], key, period),
  };
  const keptByMeter = state.charging?.meter === meter;
  const { priced, covered } = keptByMeter ? { priced: context.price(request), covered: null } : priceWith(out, request);
  const { sequence, fromMs, toMs, fromIndex, toIndex, multiplier, estimated } = consumption;
  const increment = {
    ...{ meter, sequence, fromMs, toMs, fromIndex, toIndex, multiplier, estimated },
    lines: priced.lines,
    openLines: priced.openLines,
    ...tierUseOf(priced.tierUses),
    amountMicro: priced.totalMicro,
  };
  if (before && !goesOn(before.chunk, increment)) out.records.push(chargeRecord(out, meter, own.tariff, before.chunk));
  // A meter that charges itself has deducted it already: ours is the price to compare with.
  if (keptByMeter) out.emit({ type: 'ConsumptionShadowed', ...increment, utility: context.utilityOf(own.tariff) });
  else {
    const payer = state.payment === 'postpaid' ? unbilledOf(state) : `wallet:${context.id}`;
    const draws = covered?.draws ?? [];
    out.emit({
      ...{ type: 'ConsumptionCharged', ...increment },
      ...(draws.length > 0 ? { allowance: [...draws] } : {}),
      ...(state.payment === 'postpaid'
        ? { unbilledMicro: draws.reduce((left, { amountMicro }) => left - amountMicro, priced.totalMicro) }
        : {}),
      transfers: revenueOf(payer, context.id, priced, covered?.parts ?? null),
    });
  }
  out.movement = chargedOf(out.state, meter)?.chunk.id ?? null;
  return true;
}

function tierUseOf(uses: Priced['tierUses']): Pick<Charged, 'tierKey' | 'tierUse' | 'tierUseOthers'> {
  const last = uses.at(-1);
  if (!last) return { tierKey: null, tierUse: null };
  const { key: tierKey, ...tierUse } = last;
  return { tierKey, tierUse, ...(uses.length > 1 ? { tierUseOthers: uses.slice(0, -1) } : {}) };
}

/** The price, and what of it an allowance pays: priced once more where that does not count towards tiers. */
function priceWith(out: Outcome, request: PriceRequest): { priced: Priced; covered: Covered | null } {
  const { context, state } = out;
  const { allowances = [] } = state;
  const priced = context.price(request);
  if (allowances.length === 0) return { priced, covered: null };
  const utility = context.utilityOf(request.tariff);
  const covered = cover(priced, utility, allowances);
  if (covered.byTierPeriod.size === 0 || !isUncounted(context.allowances(), utility)) return { priced, covered };
  const again = context.price({ ...request, uncounted: covered.byTierPeriod });
  return { priced: again, covered: cover(again, utility, allowances) };
}

/** A finished quarter hour of charges as it is kept for statements and charts. */
export function chargeRecord(
  { context, state }: Pick<Outcome, 'context' | 'state'>,
  meter: string,
  tariff: string,
  chunk: Chunk,
): RecordChange {
  return {
    kind: 'charge',
    id: chunk.id,
    value: chargeValue(context, state, meter, tariff, chunk),
    index: { [`wallet:${context.id}`]: chunk.toMs, [`meter:${meter}`]: chunk.toMs },
  };
}

export function chargeValue(
  context: Pick<WalletContext, 'id' | 'utilityOf'>,
  { charging }: Pick<WalletState, 'charging'>,
  meter: string,
  tariff: string,
  chunk: Chunk,
): JsonObject {
  const { quarterMs: _quarter, used, ...rest } = chunk;
  const took = used && used.beforeMicro !== null ? { tookMicro: used.afterMicro - used.beforeMicro } : {};
  const shadow = charging?.meter === meter ? { shadow: true, ...took } : {};
  return storable({ ...rest, ...shadow, wallet: context.id, meter, tariff, utility: context.utilityOf(tariff) });
}

/** After each change of the balance: levels, warnings, exhausted or restored. */
function followBalance(out: Outcome): void {
  const { context } = out;
  const { rules, nowMs } = context;
  if (out.state.kind === 'owner') return;
  // Nothing can run out where no meter draws: it is warned when one does.
  if (out.state.meters.length === 0 && out.state.level === 0 && !out.state.exhausted) return;
  const levels = out.state.thresholdsMicro;
  // Wherever it is: here, on its way to the meter, or in it.
  const balanceMicro = ownMicro(out.state);
  const available = availableMicro(out.state, context.localDay(nowMs));
  const level = levelOf(available, levels, out.state.level, limitsOf(rules).hysteresisMicro);
  if (level !== out.state.level) {
    const warned = level > out.state.level;
    out.emit({
      type: 'LevelCrossed',
      level,
      balanceMicro,
      atMs: nowMs,
      warned,
      last: level === levels.length,
    });
    if (warned)
      out.note(out.state.payment === 'postpaid' ? 'CreditLimitReached' : 'LowMoneyWarned', null, {
        level,
        thresholdMicro: levels[level - 1] ?? 0,
        balanceMicro,
      });
  } else repeatWarning(out);
  wakeToRepeat(out);
  lowMoney(out);
  // Its limit warns, and cuts nothing; a meter that keeps the money cuts by it, at its own moment.
  if (out.state.payment === 'postpaid' || out.state.charging) return;
  followTemporary(out);
  if (out.state.temporary) return;
  if (out.state.exhausted) {
    if (available <= powerReturnsAbove(out)) return followCover(out);
    out.emit({ type: 'MoneyRestored', atMs: nowMs });
    out.note('MoneyRestored', null, { balanceMicro: out.state.balanceMicro });
    tellMeters(out);
    return;
  }
  const cut = cutDecision({
    balanceMicro: available,
    overdraftMicro: out.state.overdraftMicro,
    warnedMs: out.state.warnedMs,
    warnBeforeCutMs: rules.warnBeforeCutMs,
    nowMs,
  });
  if (cut === 'no') return;
  if (typeof cut === 'number') {
    out.effects.push({ type: 'wake', name: 'cut', atMs: cut });
    return;
  }
  out.emit({ type: 'MoneyExhausted', atMs: nowMs });
  out.note('MoneyExhausted', null, { balanceMicro: out.state.balanceMicro });
  tellMeters(out);
}

/** The list "Low money": an entry while the wallet is below a level. */
function lowMoney(out: Outcome): void {
  if (out.events.every(({ type }) => type !== 'LevelCrossed' && type !== 'ThresholdsSet')) return;
  const { id } = out.context;
  const below = out.state.level > 0;
  out.records.push({
    kind: 'lowMoney',
    id,
    value: below ? { wallet: id } : null,
    ...(below ? { index: { all: ownMicro(out.state) } } : {}),
  });
}

function tellMeters({ sends, state, context }: Outcome): void {
  const { utilityOf, localDay, nowMs } = context;
  sends.push(...wordsFor(context.id, state, utilityOf, localDay(nowMs)));
}

/** While an allowance in units is left, the meters that it pays for are not cut, though the money is used up. */
function wordsFor(wallet: string, state: WalletState, utilityOf: WalletContext['utilityOf'], day: string): Send[] {
  return state.meters.map(({ id, tariff }): Send => {
    const paid = !state.exhausted || usableOf(state, unitOf(utilityOf(tariff)), day) > 0;
    return { to: 'meter', id, message: { type: paid ? 'RestoreForMoney' : 'CutForMoney', wallet } };
  });
}

/** Without money: an allowance that came, was used up or is over decides by itself. */
function followCover(out: Outcome): void {
  const moved = out.events.some(
    (event) => event.type.startsWith('Allowance') || (event.type === 'ConsumptionCharged' && event.allowance),
  );
  if (moved) tellMeters(out);
}

/** What the state still intends: released at recovery, before the lines open. */
type Outstanding = { effects: Effect[]; sends: Send[] };
type Surroundings = {
  readonly warnBeforeCutMs: number;
  readonly utilityOf: WalletContext['utilityOf'];
  /** Local day of now. */
  readonly day: string;
};
export function outstandingOfWallet(
  id: string,
  state: WalletState,
  { warnBeforeCutMs, utilityOf, day }: Surroundings,
): Outstanding {
  // Its own wake-up at the start asks what is open at its meter.
  if (state.charging) return { effects: [], sends: [] };
  return {
    effects:
      state.exhausted || state.warnedMs === null
        ? []
        : [{ type: 'wake', name: 'cut', atMs: state.warnedMs + warnBeforeCutMs }],
    // Both ways: a crash may have come between the wallet's commit and its meters'.
    sends: wordsFor(id, state, utilityOf, day),
  };
}
