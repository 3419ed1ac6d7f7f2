/**
 * The outbox: queued → sending → sent, or failed and tried again after a growing pause, or a dead letter. Nothing is lost by
 * a crash: what was being sent is sent again under the same id, and the receiver knows it by that.
 */
import type { NoticeKind, SendResult } from '../../../protocol/notices.ts';
import type { RecordChange } from '../messages.ts';
import {
  indexOf,
  noticeView,
  type Delivery,
  type Draft,
  evolveOutbox,
  type OutboxEvent,
  type OutboxState,
} from './delivery.ts';

/** One shard's; a snapshot of a full one stays well below what a commit holds. One more dies at once, and is shown. */
export const PENDING_MAX = 150;
/** Together with the pauses below: about two hours of trying. Not measured: chosen to outlast a provider's restart. */
export const ATTEMPTS_MAX = 8;
const PAUSE_MS = { first: 30_000, max: 3_600_000 };
const ERROR_MAX = 300;

/** Pause after the n-th failed attempt; `jitter` 0 … 1 spreads it over half to whole. */
export function pauseMs(attempts: number, jitter: number): number {
  const whole = Math.min(PAUSE_MS.max, PAUSE_MS.first * 2 ** (attempts - 1));
  return Math.round(whole / 2 + (whole / 2) * jitter);
}

export type OutboxMessage =
  | { readonly type: 'Queue'; readonly drafts: readonly Draft[]; readonly overtakes: Overtakes | null }
  | { readonly type: 'Start'; readonly id: string }
  | { readonly type: 'Finish'; readonly id: string; readonly result: SendResult; readonly jitter: number }
  /** A dead letter comes back, under its own id. */
  | { readonly type: 'Again'; readonly delivery: Delivery };

/** News that make older notices about the same wallet untrue, where these have not been tried yet. */
export type Overtakes = {
  readonly about: string;
  readonly by: NoticeKind;
  readonly kinds: readonly NoticeKind[];
};

export type OutboxContext = { readonly nowMs: number; readonly prefix: string };
export type OutboxDecision = {
  readonly state: OutboxState;
  readonly events: readonly OutboxEvent[];
  readonly records: readonly RecordChange[];
};

class Out {
  state: OutboxState;
  readonly events: OutboxEvent[] = [];
  readonly records: RecordChange[] = [];
  constructor(state: OutboxState) {
    this.state = state;
  }
  emit(event: OutboxEvent): void {
    this.state = evolveOutbox(this.state, event);
    this.events.push(event);
  }
}

export function decideOutbox(state: OutboxState, message: OutboxMessage, context: OutboxContext): OutboxDecision {
  const out = new Out(state);
  switch (message.type) {
    case 'Queue':
      if (message.overtakes) withdraw(out, message.overtakes, context);
      for (const draft of message.drafts) queue(out, draft, context);
      break;
    case 'Start':
      start(out, message.id, context);
      break;
    case 'Finish':
      finish(out, message, context);
      break;
    case 'Again':
      again(out, message.delivery, context);
      break;
  }
  return out;
}

function queue(out: Out, draft: Draft, { nowMs, prefix }: OutboxContext): void {
  const full = Object.keys(out.state.pending).length >= PENDING_MAX;
  const id = `${prefix}-${out.state.taken + 1}`;
  const delivery: Delivery = { id, ...draft, attempts: 0, sending: false };
  out.emit({ type: 'DeliveryQueued', delivery });
  if (full) die(out, delivery, 'the outbox is full', nowMs);
  else log(out, delivery, null);
}

function again(out: Out, dead: Delivery, { nowMs }: OutboxContext): void {
  if (out.state.pending[dead.id]) return;
  const delivery: Delivery = { ...dead, attempts: 0, sending: false, notBeforeMs: nowMs };
  out.emit({ type: 'DeliveryQueued', delivery });
  out.records.push({ kind: 'deadNotice', id: dead.id, value: null });
  log(out, delivery, null);
}

function withdraw(out: Out, { about, by, kinds }: Overtakes, { nowMs }: OutboxContext): void {
  for (const delivery of Object.values(out.state.pending)) {
    if (delivery.about !== about || delivery.attempts > 0 || !kinds.includes(delivery.kind)) continue;
    out.emit({ type: 'DeliveryWithdrawn', id: delivery.id, atMs: nowMs, by });
    out.records.push(logEntry(delivery, 'withdrawn', nowMs, null));
  }
}

function start(out: Out, id: string, { nowMs }: OutboxContext): void {
  const delivery = out.state.pending[id];
  if (!delivery) return;
  // A crash in the middle of each attempt counts: what ends the process must not do so for ever.
  if (delivery.attempts >= ATTEMPTS_MAX) return die(out, delivery, 'every attempt ended without an answer', nowMs);
  out.emit({ type: 'DeliveryStarted', id, attempt: delivery.attempts + 1, atMs: nowMs });
}

/** A success counts whichever attempt it belongs to; a failure only while one is under way. */
function finish(out: Out, message: Extract<OutboxMessage, { type: 'Finish' }>, { nowMs }: OutboxContext): void {
  const { id, result, jitter } = message;
  const delivery = out.state.pending[id];
  if (!delivery) return;
  if (result.ok) {
    out.emit({ type: 'DeliverySent', id, atMs: nowMs });
    out.records.push(logEntry(delivery, 'sent', nowMs, null));
    return;
  }
  if (!delivery.sending) return;
  const error = result.error.slice(0, ERROR_MAX);
  if (result.nowhere) {
    // Nothing to send again: there is nobody at the other end.
    out.emit({ type: 'DeliveryDied', id, atMs: nowMs, error });
    out.records.push(logEntry(delivery, 'unreachable', nowMs, error));
    return;
  }
  if (result.permanent || delivery.attempts >= ATTEMPTS_MAX) return die(out, delivery, error, nowMs);
  const notBeforeMs = nowMs + pauseMs(delivery.attempts, jitter);
  out.emit({ type: 'DeliveryFailed', id, atMs: nowMs, error, notBeforeMs });
  const now = out.state.pending[id];
  if (now) log(out, now, error);
}

function die(out: Out, delivery: Delivery, error: string, nowMs: number): void {
  out.emit({ type: 'DeliveryDied', id: delivery.id, atMs: nowMs, error });
  out.records.push(logEntry(delivery, 'dead', nowMs, error));
  // Kept whole, with its address: it may be sent again.
  out.records.push({
    kind: 'deadNotice',
    id: delivery.id,
    value: { delivery, error, diedMs: nowMs },
    index: { all: nowMs },
  });
}

function log(out: Out, delivery: Delivery, error: string | null): void {
  out.records.push(logEntry(delivery, 'queued', null, error));
}

function logEntry(
  delivery: Delivery,
  state: 'queued' | 'sent' | 'dead' | 'withdrawn' | 'unreachable',
  endedMs: number | null,
  error: string | null,
): RecordChange {
  const { account, atMs } = delivery;
  return {
    kind: 'notice',
    id: delivery.id,
    value: noticeView(delivery, state, endedMs, error),
    index: indexOf(account, atMs),
  };
}

/** Which may be handed to a sender now: due, and not under way in this run. Oldest first. */
export function dueOf(state: OutboxState, nowMs: number, underWay: ReadonlySet<string>): Delivery[] {
  return Object.values(state.pending).filter(
    (delivery) => !underWay.has(delivery.id) && (delivery.sending || delivery.notBeforeMs <= nowMs),
  );
}
