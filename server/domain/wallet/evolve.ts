/** The durable state of a wallet after one more event. */
import { assert, assertNever } from '../assert.ts';
import { evolveCharging } from '../charging/evolve.ts';
import { newCharging, type ChargingEvent } from '../charging/state.ts';
import { nextChunk, type Charged } from './chunk.ts';
import { evolveAllowances } from './allowance.ts';
import { drawn } from './draw.ts';
import { addUse } from './pace.ts';
import { countTierUse } from './tierUse.ts';
import { grantsIn } from './temporary.ts';
import { chargedOf, type WalletEvent, type WalletState } from './state.ts';

const REVERSED_KEPT = 64;

/** The list with its item replaced, or added at its end. */
function put<T>(list: readonly T[], item: T, same: (one: T) => boolean): readonly T[] {
  const at = list.findIndex(same);
  if (at === -1) return list.concat([item]);
  const next = list.slice();
  next[at] = item;
  return next;
}

export function evolveWallet(state: WalletState, event: WalletEvent): WalletState {
  switch (event.type) {
    case 'WalletOpened': {
      const { type: _type, transfers: _transfers, openingBalanceMicro, inMeter, ...rest } = event;
      const charging = inMeter && { charging: newCharging(inMeter) };
      return { ...state, ...rest, ...charging, balanceMicro: openingBalanceMicro };
    }
    case 'ConsumptionCharged': {
      const { allowance = [], unbilledMicro: owedMicro = 0 } = event;
      const paidMicro = event.amountMicro - allowance.reduce((sum, draw) => sum + draw.amountMicro, 0) - owedMicro;
      const balanceMicro = state.balanceMicro - paidMicro;
      const unbilledMicro = (state.unbilledMicro ?? 0) + owedMicro;
      assert(Number.isSafeInteger(balanceMicro), 'a balance is a safe integer');
      const paid = {
        ...{ ...state, balanceMicro },
        ...(unbilledMicro === 0 ? {} : { unbilledMicro }),
        ...(allowance.length > 0 ? { allowances: drawn(state.allowances ?? [], allowance) } : {}),
      };
      return measured(paid, event, balanceMicro - unbilledMicro, paidMicro);
    }
    case 'AllowanceGranted':
    case 'AllowanceSkipped':
    case 'AllowanceExpired':
    case 'AllowanceEnded':
      return { ...state, allowances: evolveAllowances(state.allowances ?? [], event) };
    case 'WalletNamed':
      return { ...state, name: event.name };
    case 'ConsumptionShadowed': {
      const { charging } = state;
      assert(charging !== undefined, 'a shadow is of a meter that charges itself');
      const left = state.balanceMicro + (charging.last?.remainingMicro ?? 0);
      const shadowed = { ...charging, shadowMicro: charging.shadowMicro + event.amountMicro };
      const { utility: _utility, ...shadow } = event;
      const increment: Charged = { ...shadow, type: 'ConsumptionCharged', transfers: [] };
      return measured({ ...state, charging: shadowed }, increment, left, event.amountMicro, charging.usedMicro);
    }
    case 'MeterSetUp':
    case 'MeterOrderQueued':
    case 'MeterWriteStarted':
    case 'MeterWritten':
    case 'MeterUsed':
    case 'MeterOrderDropped':
    case 'MeterHeld':
    case 'MeterFits':
    case 'MeterResolved':
    case 'MeterPricesChosen':
    case 'MeterSwapPrepared':
    case 'MeterSwapCalledOff':
    case 'MeterSwapped':
    case 'MeterDrifted':
    case 'MeterReleased':
    case 'MeterEnding':
    case 'MeterEnded':
      return charged(state, event);
    case 'MoneyReceived':
    case 'MoneyAssigned':
    case 'MoneyTransferred':
      return { ...state, balanceMicro: state.balanceMicro + event.amountMicro };
    case 'MoneyRefunded':
      return { ...state, balanceMicro: state.balanceMicro - event.amountMicro };
    case 'RefundReserved': {
      const { order, amountMicro, step } = event;
      const reserved = { ...state.reserved, [order]: { amountMicro, step } };
      return { ...state, balanceMicro: state.balanceMicro - amountMicro, reserved };
    }
    case 'RefundPaid': {
      const { [event.order]: _paid, ...reserved } = state.reserved ?? {};
      return { ...state, reserved };
    }
    case 'RefundReleased': {
      const { [event.order]: _back, ...reserved } = state.reserved ?? {};
      return { ...state, balanceMicro: state.balanceMicro + event.amountMicro, reserved };
    }
    case 'OrderReversed':
      return {
        ...state,
        balanceMicro: state.balanceMicro + event.amountMicro,
        reversed: [...state.reversed, event.original].slice(-REVERSED_KEPT),
      };
    case 'LevelCrossed': {
      const warnedMs = event.last ? (state.warnedMs ?? event.atMs) : null;
      const { toldMicro: _before, ...rest } = state;
      return {
        ...rest,
        level: event.level,
        warnedMs,
        repeats: 0,
        lastNoticeMs: event.warned ? event.atMs : state.lastNoticeMs,
      };
    }
    case 'WarningRepeated':
      return { ...state, repeats: event.repeats, lastNoticeMs: event.atMs };
    case 'MoneyExhausted':
      return { ...state, exhausted: true };
    case 'MoneyRestored':
      return { ...state, exhausted: false };
    case 'TemporaryPowerGranted': {
      const { temporary, month } = event;
      return { ...state, exhausted: false, temporary, granted: { month, count: grantsIn(state, month) + 1 } };
    }
    case 'TemporaryPowerEnded': {
      const { temporary: _over, ...rest } = state;
      return rest;
    }
    case 'TierUseTakenOver':
      return { ...state, tierUse: countTierUse(state, event.uses) };
    case 'ThresholdsSet': {
      const { thresholdsMicro, overdraftMicro, restoreMicro, level, toldMicro, warnedMs } = event;
      const { restoreMicro: _before, toldMicro: _told, ...rest } = state;
      const own = { ...(restoreMicro === null ? {} : { restoreMicro }), ...(toldMicro === null ? {} : { toldMicro }) };
      return { ...rest, ...own, thresholdsMicro, overdraftMicro, level, warnedMs };
    }
    case 'MeterAttached': {
      const { meter, sequence, rooms = state.rooms } = event;
      return {
        ...state,
        rooms,
        meters: [...state.meters, meter],
        startsAfter: { ...state.startsAfter, [meter.id]: sequence },
      };
    }
    case 'MeterDetached': {
      const charged = state.charged.filter(({ meter }) => meter !== event.meter);
      const { [event.meter]: _after, ...startsAfter } = state.startsAfter ?? {};
      const meters = state.meters.filter(({ id }) => id !== event.meter);
      return { ...state, charged, startsAfter, meters, rooms: event.rooms ?? state.rooms };
    }
    case 'WalletSettled': {
      const { refundMicro, depositMicro, remainderMicro, unbilledMicro = 0 } = event;
      const balanceMicro = state.balanceMicro + depositMicro - refundMicro - remainderMicro - unbilledMicro;
      const { temporary: _over, unbilledMicro: _paid, ...rest } = state;
      return { ...rest, balanceMicro, level: 0, exhausted: false, settled: { refundMicro, depositMicro } };
    }
    default:
      return assertNever(event);
  }
}

function charged(state: WalletState, event: ChargingEvent): WalletState {
  assert(state.charging !== undefined, `${event.type} of a wallet whose money is with us`);
  const { charging, balanceMicro } = evolveCharging(state.charging, event);
  return { ...state, charging, balanceMicro: state.balanceMicro + balanceMicro };
}

/** What follows from an increment beside its money. */
function measured(
  state: WalletState,
  event: Charged,
  balanceMicro: number,
  paidMicro: number,
  usedMicro?: number,
): WalletState {
  const { meter, sequence, openLines, tierKey, tierUse, tierUseOthers = [] } = event;
  const chunk = nextChunk(chargedOf(state, meter)?.chunk, event, balanceMicro, usedMicro);
  const chargedNow = put(state.charged, { meter, sequence, openLines, chunk }, (one) => one.meter === meter);
  return {
    ...state,
    charged: chargedNow,
    tierUse:
      tierKey !== null && tierUse
        ? countTierUse({ tierUse: state.tierUse, charged: chargedNow, meters: state.meters }, [
            ...tierUseOthers,
            { key: tierKey, period: tierUse.period, used: tierUse.used },
          ])
        : state.tierUse,
    pace: addUse(state.pace, event.toMs, paidMicro),
  };
}
