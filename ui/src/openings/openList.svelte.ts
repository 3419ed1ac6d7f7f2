/** Accounts to be opened together: those that fit the filter, what opening each would do, and which are chosen. */
import { SvelteSet } from 'svelte/reactivity';
import type { OpeningPreview } from '../../../protocol/openings.ts';
import type { OpResult } from '../../../protocol/ops.ts';
import { allOf } from '../lib/allOf.ts';
import { query, type Failure } from '../net/api.ts';

type Row = OpResult<'getAccounts'>['items'][number];
const CHECKED_AT_ONCE = 200;
const READING = /^\d{1,9}(\.\d{1,3})?$/;

export class OpenList {
  previews = $state.raw<readonly OpeningPreview[] | null>(null);
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Accounts left out by hand. */
  readonly left = new SvelteSet<string>();
  /** Readings typed, by meter. */
  typed = $state<Record<string, string>>({});
  reason = $state('');
  #stopped = false;

  readonly chosen = $derived(
    (this.previews ?? []).filter(({ account, why }) => why === null && !this.left.has(account)),
  );
  readonly sums = $derived({
    depositMicro: this.chosen.reduce((sum, { depositMicro }) => sum + depositMicro, 0),
    rechargeMicro: this.chosen.reduce((sum, { rechargeMicro }) => sum + rechargeMicro, 0),
    meters: this.chosen.reduce((sum, { meters }) => sum + meters.length, 0),
  });
  /** Typed readings of the chosen accounts, as they are sent. */
  readonly readings = $derived(
    this.chosen.flatMap(({ meters }) =>
      meters.flatMap(({ meter }) => {
        const reading = this.reading(meter);
        return reading === '' ? [] : [{ meter, reading, reason: this.reason.trim() }];
      }),
    ),
  );

  reading(meter: string): string {
    return (this.typed[meter] ?? '').normalize('NFKC').trim().replace(',', '.');
  }
  fits(meter: string): boolean {
    const reading = this.reading(meter);
    return reading === '' || READING.test(reading);
  }

  toggle(account: string): void {
    if (!this.left.delete(account)) this.left.add(account);
  }
  all(chosen: boolean): void {
    this.left.clear();
    if (!chosen) for (const { account } of this.previews ?? []) this.left.add(account);
  }
  stop(): void {
    this.#stopped = true;
  }

  async load(text: string): Promise<void> {
    const filter = { status: 'draft', limit: 500, ...(text === '' ? {} : { text }) } as const;
    const found = await allOf<Row>(
      (cursor) => query('getAccounts', { ...filter, cursor }),
      () => !this.#stopped,
    );
    if (found === null) return;
    if ('ok' in found) {
      this.failure = found;
      return;
    }
    const previews: OpeningPreview[] = [];
    const accounts = found.map(({ id }) => id);
    for (let at = 0; at < accounts.length && !this.#stopped; at += CHECKED_AT_ONCE) {
      this.progress = { done: at, total: accounts.length };
      const answer = await query('checkOpenings', { accounts: accounts.slice(at, at + CHECKED_AT_ONCE) });
      if (!answer.ok) {
        [this.failure, this.progress] = [answer, null];
        return;
      }
      previews.push(...answer.value.items);
    }
    [this.previews, this.progress] = [previews, null];
  }
}
