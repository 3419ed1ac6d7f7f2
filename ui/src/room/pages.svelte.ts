/** A list that comes page by page, newest first; fresh first pages replace it, older ones are added. */
import type { Answer, Failure } from '../net/api.ts';

type Page<T> = { readonly items: T[]; readonly cursor: string | null };

export class Pages<T extends { readonly id: string }> {
  items = $state.raw<readonly T[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  cursor = $state<string | null>(null);
  busy = $state(false);
  readonly #load: (cursor: string | undefined) => Promise<Answer<Page<T>>>;
  #turned = false;

  constructor(load: (cursor: string | undefined) => Promise<Answer<Page<T>>>) {
    this.#load = load;
  }

  /** The newest page. Older ones that were opened stay below it. */
  async refresh(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const answer = await this.#load(undefined);
    this.busy = false;
    if (!answer.ok) {
      this.failure = answer;
      return;
    }
    this.failure = null;
    const fresh = answer.value.items;
    const known = fresh.map(({ id }) => id);
    const older = this.#turned ? (this.items ?? []).filter(({ id }) => !known.includes(id)) : [];
    this.items = [...fresh, ...older];
    if (!this.#turned) this.cursor = answer.value.cursor;
  }

  async more(): Promise<void> {
    if (this.busy || this.cursor === null) return;
    this.busy = true;
    const answer = await this.#load(this.cursor);
    this.busy = false;
    if (!answer.ok) {
      this.failure = answer;
      return;
    }
    this.#turned = true;
    const known = (this.items ?? []).map(({ id }) => id);
    this.items = [...(this.items ?? []), ...answer.value.items.filter(({ id }) => !known.includes(id))];
    this.cursor = answer.value.cursor;
  }
}
