/** When a tenant is reminded that a contract ends: once for each end, from so many days before it on. */

export const DAY_MS = 86_400_000;

export type Contract = {
  readonly contractUntilMs?: number | null | undefined;
  /** The end that was told last. */
  readonly contractToldMs?: number | undefined;
};

/** It ends within so many days, or has ended. */
export const endsSoon = (untilMs: number | null | undefined, nowMs: number, days: number): boolean =>
  untilMs != null && untilMs - days * DAY_MS <= nowMs;

/** Late, after a time off or a clock put right, rather than never; but an end as long past is no news. */
export function reminderDue({ contractUntilMs, contractToldMs }: Contract, nowMs: number, days: number): boolean {
  if (contractUntilMs == null || contractUntilMs === contractToldMs) return false;
  return endsSoon(contractUntilMs, nowMs, days) && nowMs < contractUntilMs + days * DAY_MS;
}
