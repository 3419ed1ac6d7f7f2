/** The list of accounts that is being opened, and what of it is left; lists that are over are records. */
import { z } from 'zod';
import { typedReadingSchema } from '../../../protocol/accounts.ts';
import { openingItemSchema, type OpeningItem } from '../../../protocol/openings.ts';
import { roles } from '../../../protocol/site.ts';
import { assertNever } from '../assert.ts';

const listSchema = z.strictObject({
  id: z.string(),
  /** Each account is opened in this person's name. */
  by: z.string(),
  role: z.enum(roles),
  atMs: z.int(),
  items: z.array(openingItemSchema),
  typed: z.array(z.strictObject({ account: z.string(), ...typedReadingSchema.shape })),
});
export type OpeningList = z.infer<typeof listSchema>;

export const openingsEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('OpeningsStarted'), list: listSchema }),
  z.strictObject({ type: z.literal('OpeningsAnswered'), results: z.array(openingItemSchema) }),
  /** What waits still is not opened. */
  z.strictObject({ type: z.literal('OpeningsCancelled'), by: z.string() }),
  z.strictObject({ type: z.literal('OpeningsEnded'), atMs: z.int() }),
]);
export type OpeningsEvent = z.infer<typeof openingsEventSchema>;

export const openingsStateSchema = z.strictObject({ taken: z.int(), list: listSchema.nullable() });
export type OpeningsState = z.infer<typeof openingsStateSchema>;
export const OPENINGS_SCHEMA = 1;
export const initialOpenings: OpeningsState = { taken: 0, list: null };

export function evolveOpenings(state: OpeningsState, event: OpeningsEvent): OpeningsState {
  const { list } = state;
  const change = (one: (item: OpeningItem) => OpeningItem): OpeningsState => ({
    ...state,
    list: list && { ...list, items: list.items.map(one) },
  });
  switch (event.type) {
    case 'OpeningsStarted':
      return { taken: state.taken + 1, list: event.list };
    case 'OpeningsAnswered': {
      const results = new Map(event.results.map((result) => [result.account, result]));
      return change((item) => results.get(item.account) ?? item);
    }
    case 'OpeningsCancelled':
      return change((item) => (item.state === 'waiting' ? { ...item, state: 'cancelled' } : item));
    case 'OpeningsEnded':
      return { ...state, list: null };
    default:
      return assertNever(event);
  }
}
