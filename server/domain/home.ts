/** The figures of the home page: in which state each meter is, and the days that are compared. */
import { meterStates } from '../../protocol/views.ts';
import type { LocalTime } from './localTime.ts';
import type { MeterState, MeterLive } from './meter/state.ts';
import type { Context } from './messages.ts';
import { linkOf, shownWanted } from './meter/view.ts';

const DAY_MS = 86_400_000;

/** Each meter is in exactly one: the first that applies, what needs a person before what is as it should be. */
export function homeState(state: MeterState, live: MeterLive, context: Context): (typeof meterStates)[number] {
  if (linkOf(state, live, context.nowMs) !== 'online') return 'silent';
  if (state.quarantine !== null) return 'quarantined';
  if (live.mismatchSinceMs !== null) return 'mismatch';
  const { state: wanted, cause } = shownWanted(state, live, context);
  if (wanted === 'open') return cause === 'moneyExhausted' ? 'openForMoney' : 'openOther';
  return state.config?.role === 'tenant' && state.place.account === null ? 'notOpened' : 'running';
}

/** Local midnight before an instant, also on a day whose clock changes. */
function midnight(time: Pick<LocalTime, 'localMs'>, atMs: number): number {
  const first = atMs - (time.localMs(atMs) % DAY_MS);
  const off = time.localMs(first) % DAY_MS;
  return off === 0 ? first : first + (off > DAY_MS / 2 ? DAY_MS - off : -off);
}

export type Span = readonly [fromMs: number, toMs: number];

/** Today so far, yesterday up to the same time of day, and yesterday whole. */
export function daysCompared(
  time: Pick<LocalTime, 'localMs'>,
  nowMs: number,
): { readonly today: Span; readonly yesterdaySoFar: Span; readonly yesterday: Span } {
  const start = midnight(time, nowMs);
  const before = midnight(time, start - 1);
  return {
    today: [start, nowMs],
    yesterdaySoFar: [before, Math.min(start, before + nowMs - start)],
    yesterday: [before, start],
  };
}
