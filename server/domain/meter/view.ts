/** A meter as its room's tile and the drawer show it. */
import type { Hold, UtilityTile } from '../../../protocol/wall.ts';
import { assert } from '../assert.ts';
import type { Context } from '../messages.ts';
import { quietMinutesLeft } from '../quiet.ts';
import { holdFor, wantedState, type Wanted } from '../switching.ts';
import { isItsOwn } from './itself.ts';
import type { MeterLive, MeterState } from './state.ts';

export function wantedOf(state: MeterState, context: Pick<Context, 'rules' | 'nowMs' | 'tagsOn'>): Wanted {
  const config = state.config;
  assert(config !== null, 'the meter is not registered');
  const tenant = state.place.account !== null;
  const vacant = tenant || config.role !== 'tenant' ? null : (state.vacant ?? context.rules.vacantState);
  const tagged = context.tagsOn(state.place.room, config.line, config.id).length > 0;
  return wantedState(state.causes, vacant, context.nowMs, tagged);
}

/** Cause 8 concerns this meter: its utility is one that arrears cut. */
export const isCutForMoney = ({ config, place }: MeterState, context: Pick<Context, 'cutsForMoney'>): boolean =>
  config?.role === 'tenant' && config.hasBreaker && context.cutsForMoney(place.account, config.utility);

/** What stops the opening that the wallet asks for; null when it asks for none or it has gone through. */
export function holdOf(state: MeterState, live: MeterLive, context: Context): Hold | null {
  if (state.cutSinceMs === null || state.causes.moneyExhausted || !state.config) return null;
  if (!isCutForMoney(state, context)) return null;
  const hold = holdFor({
    quietMinutesLeft: quietMinutesLeft(
      context.rules,
      context.localMinute(context.nowMs),
      context.localDay(context.nowMs),
    ),
    operatorHold:
      state.operatorHold !== null &&
      (state.operatorHold.untilMs === null || state.operatorHold.untilMs > context.nowMs),
    epochAgeMs: context.epochAgeMs,
    readingAgeMs: live.lastReadingMs === null ? null : context.nowMs - live.lastReadingMs,
    freshnessMs: state.config.freshnessMs,
  });
  return hold ?? (live.interlock === 'held' ? 'interlock' : null);
}

export function linkOf(state: MeterState, live: MeterLive, nowMs: number): 'online' | 'stale' | 'never' {
  if (live.lastReadingMs === null) return live.online === false || state.anchor ? 'stale' : 'never';
  const fresh = nowMs - live.lastReadingMs <= (state.config?.freshnessMs ?? 0);
  return live.online !== false && fresh ? 'online' : 'stale';
}

/** Of a meter whose own money decides, what it does is what is wanted. */
export function shownWanted(state: MeterState, live: MeterLive, context: Context): Wanted {
  if (!isItsOwn(state, live, context) || live.actual !== 'open') return wantedOf(state, context);
  return { state: 'open', cause: 'moneyExhausted' };
}

export function tileOf(
  id: string,
  state: MeterState,
  live: MeterLive,
  context: Context,
): Omit<UtilityTile, 'today' | 'todayMicro'> {
  const config = state.config;
  assert(config !== null, 'the meter is not registered');
  const wanted = shownWanted(state, live, context);
  const link = linkOf(state, live, context.nowMs);
  return {
    meter: id,
    look:
      config.role !== 'tenant'
        ? 'public'
        : state.place.account === null
          ? 'notOpened'
          : config.hasBreaker
            ? 'breaker'
            : 'noRelay',
    wanted: wanted.state,
    actual: link === 'online' ? live.actual : 'unknown',
    cause: wanted.cause,
    hold: holdOf(state, live, context),
    mismatchSinceMs: live.mismatchSinceMs,
    link,
    lastReadingMs: live.lastReadingMs,
    rate: link === 'online' ? (config.utility === 'water' ? live.flow : live.watts) : null,
    quarantined: state.quarantine !== null,
  };
}
