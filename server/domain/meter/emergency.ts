/** An emergency cut as one meter holds it: a cause of its own, so that ending it ends nothing else. */
import type { MeterMessage } from '../messages.ts';
import { followUp, tryToOpen } from './breaker.ts';
import type { Outcome } from './outcome.ts';
import { wantedOf } from './view.ts';

/** A later cut takes over from an earlier one. */
export function emergencyCut(out: Outcome, message: Extract<MeterMessage, { type: 'EmergencyCut' }>): void {
  const { job, by, reason } = message;
  const { causes, config } = out.state;
  if (!config?.hasBreaker || causes.emergencyCut?.job === job) return;
  const wanted = wantedOf(out.state, out.context);
  if (wanted.cause === 'keepPower') return;
  const entry = { by, reason, sinceMs: out.context.nowMs, untilMs: null, job };
  out.emit({ type: 'CauseSet', cause: 'emergencyCut', entry });
  out.note('EmergencyCut', by, { job, reason });
  followUp(out, wanted.state);
}

export function emergencyOver(out: Outcome, job: string): void {
  if (out.state.causes.emergencyCut?.job !== job) return;
  const before = wantedOf(out.state, out.context).state;
  out.emit({ type: 'CauseEnded', cause: 'emergencyCut', by: job });
  out.note('CauseEnded', null, { cause: 'emergencyCut' });
  followUp(out, before);
  tryToOpen(out);
}
