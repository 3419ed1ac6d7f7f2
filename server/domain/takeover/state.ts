/** The takeover that is being posted, and how many there have been; those that are done are records. */
import { z } from 'zod';
import { takeoverSchema, type TakeoverView } from '../../../protocol/takeover.ts';
import { assertNever } from '../assert.ts';

export const takeoverEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('TakeoverSigned'), takeover: takeoverSchema }),
  /** All accounts of the parts before `parts` have begun to be opened. */
  z.strictObject({ type: z.literal('TakeoverPosted'), parts: z.int(), accounts: z.int() }),
  z.strictObject({ type: z.literal('TakeoverFinished'), atMs: z.int() }),
]);
export type TakeoverEvent = z.infer<typeof takeoverEventSchema>;

export const takeoverStateSchema = z.strictObject({
  taken: z.int(),
  under: z.strictObject({ takeover: takeoverSchema, parts: z.int(), accounts: z.int() }).nullable(),
});
export type TakeoverState = z.infer<typeof takeoverStateSchema>;
export const TAKEOVER_SCHEMA = 1;
export const initialTakeover: TakeoverState = { taken: 0, under: null };

export function evolveTakeover(state: TakeoverState, event: TakeoverEvent): TakeoverState {
  switch (event.type) {
    case 'TakeoverSigned':
      return { taken: state.taken + 1, under: { takeover: event.takeover, parts: 0, accounts: 0 } };
    case 'TakeoverPosted':
      return { ...state, under: state.under && { ...state.under, parts: event.parts, accounts: event.accounts } };
    case 'TakeoverFinished':
      return { ...state, under: null };
    default:
      return assertNever(event);
  }
}

export const viewOf = (
  { takeover, accounts }: NonNullable<TakeoverState['under']>,
  doneMs: number | null,
): TakeoverView => ({
  ...takeover,
  posted: accounts,
  doneMs,
});
