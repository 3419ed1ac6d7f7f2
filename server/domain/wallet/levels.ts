/** Warning levels (rules.md, "Warn, then cut"): each crossing makes exactly one notice, several at once the lowest. */

/** How many levels (highest first) the balance has fallen to or below; on the way up a level is left only above it plus the hysteresis. */
export function levelOf(
  balanceMicro: number,
  thresholdsMicro: readonly number[],
  before: number,
  hysteresisMicro: number,
): number {
  let level = 0;
  for (const threshold of thresholdsMicro) {
    const leaveAt = level < before ? threshold + hysteresisMicro : threshold;
    if (balanceMicro > leaveAt) break;
    level += 1;
  }
  return level;
}

export type CutFacts = {
  readonly balanceMicro: number;
  readonly overdraftMicro: number;
  /** When the warning at the last level was given; null while above it. */
  readonly warnedMs: number | null;
  readonly warnBeforeCutMs: number;
  readonly nowMs: number;
};

/** 'no' while money is left, 'cut' when the warning is old enough, else the instant at which it will be. */
export function cutDecision(facts: CutFacts): 'no' | 'cut' | number {
  if (facts.balanceMicro > -facts.overdraftMicro) return 'no';
  if (facts.warnedMs === null) return 'no';
  const at = facts.warnedMs + facts.warnBeforeCutMs;
  return facts.nowMs >= at ? 'cut' : at;
}

/** What must come in before power returns: the balance has to rise above the restore level. One cent above, as payments are in cents. */
export function missingMicro(balanceMicro: number, restoreAboveMicro: number, exhausted: boolean): number {
  if (!exhausted) return 0;
  return Math.max(0, (Math.floor((restoreAboveMicro - balanceMicro) / 10_000) + 1) * 10_000);
}
