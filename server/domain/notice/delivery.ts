/** One notice on one channel on its way out, the events of its life, and the outbox that holds what is not over yet. */
import { z } from 'zod';
import {
  noticeChannels,
  noticeKinds,
  noticeLanguages,
  type NoticeState,
  type NoticeView,
} from '../../../protocol/notices.ts';
import { assert, assertNever } from '../assert.ts';
import type { RecordChange } from '../messages.ts';

export const deliverySchema = z.strictObject({
  /** `site-shard-number`: known before it is sent, the same at every attempt. */
  id: z.string(),
  kind: z.enum(noticeKinds),
  account: z.string().nullable(),
  person: z.string().nullable(),
  /** Wallet or alarm it is about. */
  about: z.string(),
  channel: z.enum(noticeChannels),
  address: z.string(),
  language: z.enum(noticeLanguages),
  subject: z.string(),
  text: z.string(),
  /** The places of the text by name, formatted: for providers that keep the templates themselves. */
  values: z.record(z.string(), z.string()),
  atMs: z.int(),
  notBeforeMs: z.int(),
  attempts: z.int(),
  sending: z.boolean(),
});
export type Delivery = z.infer<typeof deliverySchema>;
/** What is not known before it is in an outbox. */
export type Draft = Omit<Delivery, 'id' | 'attempts' | 'sending'>;

const id = z.string();
const atMs = z.int();
export const outboxEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('DeliveryQueued'), delivery: deliverySchema }),
  /** Handed to the sender once this is durable. */
  z.strictObject({ type: z.literal('DeliveryStarted'), id, attempt: z.int(), atMs }),
  z.strictObject({ type: z.literal('DeliverySent'), id, atMs }),
  z.strictObject({ type: z.literal('DeliveryFailed'), id, atMs, error: z.string(), notBeforeMs: z.int() }),
  /** Given up: a dead letter. */
  z.strictObject({ type: z.literal('DeliveryDied'), id, atMs, error: z.string() }),
  /** What it says no longer holds. */
  z.strictObject({ type: z.literal('DeliveryWithdrawn'), id, atMs, by: z.enum(noticeKinds) }),
]);
export type OutboxEvent = z.infer<typeof outboxEventSchema>;

export const outboxStateSchema = z.strictObject({
  /** Deliveries ever taken in: the number in the next one's id. */
  taken: z.int(),
  pending: z.record(z.string(), deliverySchema),
});
export type OutboxState = z.infer<typeof outboxStateSchema>;
export const OUTBOX_SCHEMA = 1;
export const initialOutbox: OutboxState = { taken: 0, pending: {} };

export function evolveOutbox(state: OutboxState, event: OutboxEvent): OutboxState {
  if (event.type === 'DeliveryQueued') {
    const { delivery } = event;
    // Sent again after it had died, it comes back under its own id and is not counted twice.
    const number = Number(delivery.id.slice(delivery.id.lastIndexOf('-') + 1));
    return { taken: Math.max(state.taken, number), pending: { ...state.pending, [delivery.id]: delivery } };
  }
  const delivery = state.pending[event.id];
  assert(delivery !== undefined, `delivery ${event.id} is in the outbox`);
  const { [event.id]: _over, ...rest } = state.pending;
  switch (event.type) {
    case 'DeliveryStarted':
      return { ...state, pending: { ...rest, [event.id]: { ...delivery, attempts: event.attempt, sending: true } } };
    case 'DeliveryFailed':
      return {
        ...state,
        pending: { ...rest, [event.id]: { ...delivery, sending: false, notBeforeMs: event.notBeforeMs } },
      };
    case 'DeliverySent':
    case 'DeliveryDied':
    case 'DeliveryWithdrawn':
      return { ...state, pending: rest };
    default:
      return assertNever(event);
  }
}

/** `13******78`: enough to recognise. */
export function maskedAddress(address: string): string {
  const at = address.indexOf('@');
  const name = at > 0 ? address.slice(0, at) : address;
  const shown = name.length > 7 ? 2 : name.length > 2 ? 1 : 0;
  const hidden = '*'.repeat(Math.max(2, name.length - 2 * shown));
  return `${name.slice(0, shown)}${hidden}${shown === 0 ? '' : name.slice(-shown)}${at > 0 ? address.slice(at) : ''}`;
}

/** As the log and the screens have it. */
export function noticeView(
  delivery: Delivery,
  state: NoticeState,
  endedMs: number | null,
  error: string | null,
): NoticeView {
  const { sending: _sending, values: _values, address, ...rest } = delivery;
  return { ...rest, address: maskedAddress(address), state, endedMs, error };
}

/** Nothing leaves, but staff see in the log whom the site cannot reach. */
export function unreachable(
  id: string,
  who: Pick<Delivery, 'kind' | 'about' | 'account' | 'person'>,
  nowMs: number,
): RecordChange {
  const nothing = {
    channel: null,
    address: '',
    language: 'zh',
    subject: '',
    text: '',
    attempts: 0,
    error: null,
  } as const;
  const value: NoticeView = {
    id,
    ...who,
    ...nothing,
    atMs: nowMs,
    state: 'unreachable',
    notBeforeMs: nowMs,
    endedMs: nowMs,
  };
  return { kind: 'notice', id, value, index: indexOf(who.account, nowMs) };
}

/** Where the log finds an entry. */
export const indexOf = (account: string | null, atMs: number): Readonly<Record<string, number>> => ({
  all: atMs,
  ...(account === null ? {} : { [`account:${account}`]: atMs }),
});
