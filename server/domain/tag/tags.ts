/** Work tags on rooms and lines (rules.md, cause 1): hung by one person, lifted by the same or a manager. */
import { z } from 'zod';
import type { Refusal } from '../../../protocol/ops.ts';
import type { Role } from '../../../protocol/site.ts';
import { tagSchema, type Tag } from '../../../protocol/tags.ts';
import { assertNever } from '../assert.ts';

export const tagEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('TagHung'), tag: tagSchema }),
  z.strictObject({ type: z.literal('TagLifted'), id: z.string(), by: z.string(), reason: z.string(), atMs: z.int() }),
]);
export type TagEvent = z.infer<typeof tagEventSchema>;

export const tagsStateSchema = z.strictObject({
  /** How many there have been: numbers the next one. */
  taken: z.int(),
  tags: z.record(z.string(), tagSchema),
});
export type TagsState = z.infer<typeof tagsStateSchema>;
export const TAGS_SCHEMA = 1;
export const initialTags: TagsState = { taken: 0, tags: {} };
const TAGS_MAX = 1_000;

export function evolveTags(state: TagsState, event: TagEvent): TagsState {
  switch (event.type) {
    case 'TagHung':
      return { taken: state.taken + 1, tags: { ...state.tags, [event.tag.id]: event.tag } };
    case 'TagLifted': {
      const { [event.id]: _lifted, ...tags } = state.tags;
      return { ...state, tags };
    }
    default:
      return assertNever(event);
  }
}

export type TagMessage =
  | ({ readonly type: 'Hang' } & Omit<Tag, 'id' | 'sinceMs'>)
  | {
      readonly type: 'Lift';
      readonly id: string;
      readonly by: string;
      readonly role: Role;
      readonly reason: string;
    };
export type TagDecision = { readonly event: TagEvent; readonly tag: Tag } | { refusal: Refusal; detail: string };

export const isManager = (role: Role): boolean => role === 'manager' || role === 'administrator';

export function decideTag(state: TagsState, message: TagMessage, nowMs: number): TagDecision {
  if (message.type === 'Hang') {
    if (Object.keys(state.tags).length >= TAGS_MAX) return { refusal: 'tooMany', detail: 'too many tags hang already' };
    const { type: _type, ...rest } = message;
    const tag: Tag = { ...rest, id: `T${state.taken + 1}`, sinceMs: nowMs };
    return { event: { type: 'TagHung', tag }, tag };
  }
  const { id, by, role, reason } = message;
  const tag = state.tags[id];
  if (!tag) return { refusal: 'notFound', detail: 'this tag has been lifted' };
  if (tag.by !== by && !isManager(role)) return { refusal: 'notYourTag', detail: `${tag.by} or a manager lifts it` };
  return { event: { type: 'TagLifted', id, by, reason, atMs: nowMs }, tag };
}
