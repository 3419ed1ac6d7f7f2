/** A shift handed over: one at a time waits for the incoming operator; signed ones are records. */
import { z } from 'zod';
import { canonicalJson } from '../../../protocol/audit.ts';
import { handoverSchema, type Handover, type HandoverSheet } from '../../../protocol/handover.ts';
import type { Refusal } from '../../../protocol/ops.ts';
import { assertNever } from '../assert.ts';
import type { Digest } from '../audit/chain.ts';
import type { RecordChange } from '../messages.ts';

export const handoverEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('HandoverSigned'), handover: handoverSchema }),
  z.strictObject({
    type: z.literal('HandoverTaken'),
    id: z.string(),
    by: z.string(),
    atMs: z.int(),
    remark: z.string(),
  }),
  z.strictObject({ type: z.literal('HandoverWithdrawn'), id: z.string() }),
]);
export type HandoverEvent = z.infer<typeof handoverEventSchema>;

export const handoverStateSchema = z.strictObject({ taken: z.int(), waiting: handoverSchema.nullable() });
export type HandoverState = z.infer<typeof handoverStateSchema>;
export const HANDOVER_SCHEMA = 1;
export const initialHandover: HandoverState = { taken: 0, waiting: null };

export function evolveHandover(state: HandoverState, event: HandoverEvent): HandoverState {
  return event.type === 'HandoverSigned'
    ? { taken: state.taken + 1, waiting: event.handover }
    : { ...state, waiting: null };
}

export type HandoverMessage =
  | { readonly type: 'Sign'; readonly by: string; readonly sheet: HandoverSheet; readonly notes: string }
  | { readonly type: 'Take'; readonly id: string; readonly by: string; readonly hash: string; readonly remark: string }
  | { readonly type: 'Withdraw'; readonly id: string; readonly by: string };

export type HandoverDecision =
  | { readonly event: HandoverEvent; readonly record: RecordChange }
  | { readonly refusal: Refusal; readonly detail: string };

export function decideHandover(
  state: HandoverState,
  message: HandoverMessage,
  { nowMs, digest }: { readonly nowMs: number; readonly digest: Digest },
): HandoverDecision {
  const { waiting } = state;
  if (message.type === 'Sign') {
    if (waiting) return no('handoverOver', 'a handover waits for the incoming operator already');
    const { sheet, notes, by } = message;
    const handover: Handover = {
      ...{ id: `H${state.taken + 1}`, state: 'waiting', sheet, notes, hash: digest(canonicalJson({ sheet, notes })) },
      ...{ outgoing: { operator: by, atMs: nowMs }, incoming: null },
    };
    return { event: { type: 'HandoverSigned', handover }, record: recordOf(handover) };
  }
  if (!waiting || waiting.id !== message.id) return no('handoverOver', 'it waits no more');
  const { id, by } = message;
  switch (message.type) {
    case 'Take': {
      if (by === waiting.outgoing.operator) return no('ownProposal', 'the incoming operator signs it');
      if (message.hash !== waiting.hash) return no('handoverOver', 'it is not what you were shown');
      const incoming = { operator: by, atMs: nowMs, remark: message.remark };
      const event: HandoverEvent = { type: 'HandoverTaken', id, by, atMs: nowMs, remark: message.remark };
      return { event, record: recordOf({ ...waiting, state: 'taken', incoming }) };
    }
    case 'Withdraw':
      if (by !== waiting.outgoing.operator) return no('forbidden', 'only who signed it withdraws it');
      return { event: { type: 'HandoverWithdrawn', id }, record: recordOf({ ...waiting, state: 'withdrawn' }) };
    default:
      return assertNever(message);
  }
}

const no = (refusal: Refusal, detail: string): HandoverDecision => ({ refusal, detail });

const recordOf = (handover: Handover): RecordChange => ({
  ...{ kind: 'handover', id: handover.id, value: handover, index: { all: handover.outgoing.atMs } },
});
