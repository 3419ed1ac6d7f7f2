/** Repeated warnings while a balance stays below a level (rules.md, "Warn, then cut"). */
import type { Outcome } from './outcome.ts';

export function repeatWarning(out: Outcome): void {
  const { rules, nowMs } = out.context;
  const { level, repeats, lastNoticeMs } = out.state;
  if (level === 0 || lastNoticeMs === null || repeats >= rules.warningRepeats) return;
  if (nowMs < lastNoticeMs + rules.warningRepeatMs) return;
  out.emit({ type: 'WarningRepeated', repeats: repeats + 1, atMs: nowMs });
  out.note('LowMoneyWarned', null, { level, repeat: repeats + 1, balanceMicro: out.state.balanceMicro });
}

/** A room that uses nothing hears of no charge: the next notice has a time of its own. */
export function wakeToRepeat(out: Outcome): void {
  const { rules } = out.context;
  const { level, repeats, lastNoticeMs } = out.state;
  if (level === 0 || lastNoticeMs === null || repeats >= rules.warningRepeats) return;
  out.effects.push({ type: 'wake', name: 'repeat', atMs: lastNoticeMs + rules.warningRepeatMs });
}
