/** What is known of a meter's breaker now. */
import { linkOf, wantedOf } from '../domain/meter/view.ts';
import type { Core } from './core.ts';

export type Seen = {
  readonly wanted: 'open' | 'closed';
  /** As read back; unknown while its meter does not answer. */
  readonly actual: 'open' | 'closed' | 'unknown';
  /** Written as often as the rule says, and not read back. */
  readonly gaveUp: boolean;
};

/** null: its actor does not run. */
export function seenOf(core: Core, id: string): Seen | null {
  const cell = core.meters.get(id);
  if (!cell?.state.config || core.actors.isParked(`meter:${id}`)) return null;
  const { state, live } = cell;
  const context = core.context();
  const wanted = wantedOf(state, context).state;
  return {
    wanted,
    actual: linkOf(state, live, context.nowMs) === 'online' ? live.actual : 'unknown',
    gaveUp: (wanted === 'open' ? live.alarms.tripFailed : live.alarms.paidNotPowered) === true,
  };
}
