/** How a meter's breaker or valve stands against what is wanted. */
import { assertNever } from '../domain/assert.ts';
import type { ControlSpec } from './profiles/profile.ts';
import type { FieldView } from './switching.ts';
import type { MeterReading, WantedState } from './types.ts';

/**
 * own: left to its own money, whatever that does.
 * A platform-charged Acrel meter is as wanted only in forced mode: out of it, its own empty balance may cut at any time.
 * Relays that disagree, or a valve between its ends, are not as wanted either.
 * An open breaker must carry no current: a welded contact shows the bit and goes on feeding.
 */
export function fieldView(reading: MeterReading | null, wanted: WantedState, control: ControlSpec): FieldView {
  if (reading === null) return 'unknown';
  // Where a model has no forced control there is nothing to release.
  if (wanted === 'own') return reading.status.forced === true ? 'differs' : 'asWanted';
  if (reading.status.forced === false || reading.status.switchState !== wanted) return 'differs';
  switch (wanted) {
    case 'closed':
      return 'asWanted';
    case 'open':
      return carriesCurrent(reading, control) ? 'differs' : 'asWanted';
    default:
      return assertNever(wanted);
  }
}

function carriesCurrent(reading: MeterReading, control: ControlSpec): boolean {
  if (control.openAmpsMax === null) return false;
  const limit = control.openAmpsMax;
  return (reading.live.amps ?? []).some((amps) => amps >= limit);
}
