/** What an Acrel meter does by itself besides its money: the power limit and the time control of its first loop. */
import type { SavedAcrel } from './saved.ts';

const MINUTE_MS = 60_000;

/** Above the limit it opens, tries again after its minutes, and after so many tries in a row waits for a person. */
export function watchLoad(state: SavedAcrel, watts: number, localMs: number): void {
  const [on = 0, maxWatts = 0, , , recoverMinutes = 0, triesMax = 0] = state.loadLimit;
  const trip = state.loadTrip;
  if (on !== 1 || maxWatts === 0 || watts <= maxWatts) return;
  const count = (trip?.count ?? 0) + 1;
  state.loadTrip = { count, untilLocalMs: count > triesMax ? null : localMs + recoverMinutes * MINUTE_MS };
}

/** Neither of the two holds the relay open at this local time. */
export function keepsClosed(state: SavedAcrel, localMs: number): boolean {
  const trip = state.loadTrip;
  if (trip !== null && (trip.untilLocalMs === null || localMs < trip.untilLocalMs)) return false;
  return timeAllows(state.timeControl, localMs);
}

/** Slots are state (1 on, 2 off), minute, hour; before the first one of a day its last one holds. */
function timeAllows(words: readonly number[], localMs: number): boolean {
  const [on = 0, mask = 0, ...rest] = words;
  if (on !== 1) return true;
  const bytes = rest.flatMap((word) => [word >>> 8, word & 0xff]);
  const at = new Date(localMs);
  const weekday = at.getUTCDay() === 0 ? 7 : at.getUTCDay();
  const from = (mask & (1 << weekday)) === 0 ? 0 : 24;
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes();
  const slots = Array.from({ length: 8 }, (_, slot) => bytes.slice(from + 3 * slot, from + 3 * slot + 3))
    .filter(([state = 0]) => state !== 0)
    .map(([state = 0, slotMinute = 0, hour = 0]) => ({ on: state === 1, start: hour * 60 + slotMinute }));
  return (slots.findLast((slot) => slot.start <= minute) ?? slots.at(-1))?.on ?? true;
}
