/** Rows of tables that come part by part, in memory until something is made of them. Few at a time, the oldest go first. */
const DRAFTS_MAX = 4;
const ROWS_MAX = 60_000;

export class Drafts<R> {
  readonly #drafts = new Map<string, Map<number, readonly R[]>>();

  /** How many rows it has now; null: too many, and it is gone. */
  put(draft: string, part: number, rows: readonly R[]): number | null {
    const parts = this.#drafts.get(draft) ?? new Map<number, readonly R[]>();
    this.#drafts.delete(draft);
    this.#drafts.set(draft, parts.set(part, rows));
    for (const old of this.#drafts.keys()) if (this.#drafts.size > DRAFTS_MAX) this.#drafts.delete(old);
    const count = [...parts.values()].reduce((sum, one) => sum + one.length, 0);
    if (count <= ROWS_MAX) return count;
    this.#drafts.delete(draft);
    return null;
  }

  /** In the order of their parts. */
  rows(draft: string): readonly R[] | null {
    const parts = this.#drafts.get(draft);
    return parts ? [...parts].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows) : null;
  }

  drop(draft: string): void {
    this.#drafts.delete(draft);
  }
}
