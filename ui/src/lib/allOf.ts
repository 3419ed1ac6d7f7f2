/** All pages of an answer, one after the other. A file with a hole in it would pass for the whole: a failed page ends it. */
import type { Answer, Failure } from '../net/api.ts';

type Page<T> = { readonly items: readonly T[]; readonly cursor: string | null };

/** told: rows so far; false stops. null: it was stopped. */
export async function allOf<T>(
  load: (cursor: string | undefined) => Promise<Answer<Page<T>>>,
  told: (count: number) => boolean,
): Promise<readonly T[] | Failure | null> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await load(cursor);
    if (!answer.ok) return answer;
    items.push(...answer.value.items);
    if (!told(items.length)) return null;
    cursor = answer.value.cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
