/** Two alarms of money in a meter: it shows what we did not book, or it charges otherwise than we would. */
import type { AlarmKind } from '../../../protocol/wall.ts';
import { limitsOf } from '../wallet/limits.ts';
import type { Outcome } from '../wallet/outcome.ts';
import type { Charging } from './state.ts';

/** What the meter has taken more than our price of the same readings; negative: less. */
export const driftOf = ({ usedMicro, shadowMicro }: Pick<Charging, 'usedMicro' | 'shadowMicro'>): number =>
  usedMicro - shadowMicro;

/** Whether it differs too much; looked at when the meter has shown its money, not between that and our price of the same reading. */
export function watchDrift(out: Outcome): void {
  const { charging } = out.state;
  if (!charging || charging.last === null) return;
  const { meterDriftMaxMicro } = limitsOf(out.context.rules);
  const on = charging.phase !== 'ended' && Math.abs(driftOf(charging)) > meterDriftMaxMicro;
  if (on !== (charging.drifts ?? false)) out.emit({ type: 'MeterDrifted', on, driftMicro: driftOf(charging) });
}

/** Said when it changes, and once more after a start. */
export function sayCharging(out: Outcome, before: Charging | null, start: boolean): void {
  const { charging } = out.state;
  // The meter may keep another wallet's money by now, and these are alarms of the meter.
  if (!charging || (charging.phase === 'ended' && before?.phase === 'ended')) return;
  const say = (kind: AlarmKind, was: boolean, is: boolean, detail: Record<string, string | number>): void => {
    if (was === is && !start) return;
    const subject = { room: out.state.rooms[0] ?? null, meter: charging.meter, line: null };
    const message = is
      ? ({ type: 'Raise', kind, subject, detail } as const)
      : ({ type: 'Clear', kind, subject } as const);
    out.sends.push({ to: 'alarms', message });
  };
  const { held } = charging;
  const heldDetail = held ? { why: held.why, count: held.seen.count, remainingMicro: held.seen.remainingMicro } : {};
  say('meterMoney', before?.held != null, held !== null, heldDetail);
  say('meterDrift', before?.drifts === true, charging.drifts === true, { driftMicro: driftOf(charging) });
}
