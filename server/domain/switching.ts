/** Which state of a breaker or valve is wanted, and what stops a new opening for money (rules.md). */
import { z } from 'zod';
import type { Cause, Hold } from '../../protocol/wall.ts';
import type { Refusal, SwitchAction } from '../../protocol/ops.ts';
import type { Role } from '../../protocol/site.ts';
import { assertNever } from './assert.ts';
import { isManager } from './tag/tags.ts';

/** Causes that are set and ended; the others follow from the room and from nothing. */
export const settableCauses = [
  'workTag',
  'keepPower',
  'safetyLock',
  'emergencyCut',
  'forcedTrip',
  'forcedClose',
  'control',
  'moneyExhausted',
] as const;
export type SettableCause = (typeof settableCauses)[number];

export const causeEntrySchema = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.int(),
  untilMs: z.int().nullable(),
  /** Of a cut for load: how many in a row. */
  tries: z.int().optional(),
  /** The emergency cut or group order it belongs to. */
  job: z.string().optional(),
  /** Of a work tag: who works there, and how to reach them. */
  holder: z.string().optional(),
  phone: z.string().optional(),
});
export type CauseEntry = z.infer<typeof causeEntrySchema>;
export const causesSchema = z.partialRecord(z.enum(settableCauses), causeEntrySchema);
export type Causes = z.infer<typeof causesSchema>;

export type Wanted = { readonly state: 'open' | 'closed'; readonly cause: Cause };

/** "Which state is wanted: the first cause that applies." `tagged`: a work tag hangs on the room or the line. */
export function wantedState(causes: Causes, vacant: 'open' | 'closed' | null, nowMs: number, tagged = false): Wanted {
  const inForce = (cause: SettableCause): boolean => {
    const entry = causes[cause];
    return entry !== undefined && (entry.untilMs === null || entry.untilMs > nowMs);
  };
  if (tagged || inForce('workTag')) return { state: 'open', cause: 'workTag' };
  if (inForce('keepPower')) return { state: 'closed', cause: 'keepPower' };
  if (inForce('safetyLock')) return { state: 'open', cause: 'safetyLock' };
  if (inForce('emergencyCut')) return { state: 'open', cause: 'emergencyCut' };
  if (inForce('forcedTrip')) return { state: 'open', cause: 'forcedTrip' };
  if (inForce('forcedClose')) return { state: 'closed', cause: 'forcedClose' };
  if (inForce('control')) return { state: 'open', cause: 'control' };
  if (vacant !== null) return { state: vacant, cause: 'noAccount' };
  if (inForce('moneyExhausted')) return { state: 'open', cause: 'moneyExhausted' };
  return { state: 'closed', cause: 'normal' };
}

export type CauseChange = {
  readonly set: readonly SettableCause[];
  readonly end: readonly SettableCause[];
  readonly hold: 'set' | 'lift' | null;
};

/** What an operator's action changes, or why it may not. */
export function applyAction(
  action: SwitchAction,
  causes: Causes,
  who: { operator: string; role: Role },
  tagged = false,
): CauseChange | Refusal {
  const change = (set: SettableCause[], end: SettableCause[]): CauseChange => ({ set, end, hold: null });
  switch (action) {
    case 'forceTrip':
      return causes.keepPower ? 'keepPowerInForce' : change(['forcedTrip'], ['forcedClose']);
    case 'forceClose':
      return tagged || causes.workTag ? 'workTagInForce' : change(['forcedClose'], ['forcedTrip']);
    case 'release':
      return change([], ['forcedTrip', 'forcedClose']);
    case 'keepPower':
      return tagged || causes.workTag ? 'workTagInForce' : change(['keepPower'], []);
    case 'liftKeepPower':
      return change([], ['keepPower']);
    case 'workTag':
      return causes.workTag && causes.workTag.by !== who.operator ? 'workTagInForce' : change(['workTag'], []);
    case 'liftWorkTag': {
      const tag = causes.workTag;
      return tag && tag.by !== who.operator && !isManager(who.role) ? 'notYourTag' : change([], ['workTag']);
    }
    case 'liftSafetyLock':
      return change([], ['safetyLock']);
    case 'hold':
      return { set: [], end: [], hold: 'set' };
    case 'liftHold':
      return { set: [], end: [], hold: 'lift' };
    default:
      return assertNever(action);
  }
}

export type HoldFacts = {
  readonly quietMinutesLeft: number | null;
  readonly operatorHold: boolean;
  /** Real ms since the store last confirmed that we are its writer. */
  readonly epochAgeMs: number;
  /** Site ms since the last accepted reading; null when there was none yet. */
  readonly readingAgeMs: number | null;
  readonly freshnessMs: number;
};

export const EPOCH_STALE_MS = 10_000; // rules.md, "Holds"

/** The hold that stops a new opening for money now; the interlock is asked last, by message. */
export function holdFor(facts: HoldFacts): Exclude<Hold, 'interlock' | 'warning'> | null {
  if (facts.epochAgeMs > EPOCH_STALE_MS) return 'stale';
  if (facts.readingAgeMs === null || facts.readingAgeMs > facts.freshnessMs) return 'stale';
  if (facts.operatorHold) return 'operatorHold';
  if (facts.quietMinutesLeft !== null) return 'quietHours';
  return null;
}
