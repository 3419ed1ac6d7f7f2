/** What every adapter must do alike. Each test gets a place of its own, which can be opened again and again. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvariantError } from '../../server/domain/assert.ts';
import {
  StoreError,
  type BadSnapshot,
  type Batch,
  type Head,
  type JsonObject,
  type RecordPage,
  type RecordQuery,
  type Snapshot,
  type Store,
  type StoreErrorKind,
} from '../../server/store/store.ts';

export type Place = {
  /** A new adapter on the same data. */
  readonly open: () => Store;
  /** Changes one stored byte of a commit's events. */
  readonly flip: (number: number) => Promise<void>;
  /** Changes one stored byte of a snapshot. */
  readonly flipSnapshot: (key: string) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Whether two adapters can be open at once (the second fences the first). */
  readonly shared: boolean;
};

export const empty = { events: [], records: [], snapshots: [] };
export const event = (n: number): Batch['events'][number] => ({
  key: `wallet:w${n}`,
  type: 'Happened',
  v: 1,
  data: { n, text: '电表' },
});
export const batch = (number: number, more: Partial<Batch> = {}): Batch => ({
  number,
  atMs: 1_000 + number,
  ...empty,
  events: [event(number)],
  ...more,
});
export const fresh = { siteId: 'site', init: true, remembered: null };
export const again = { siteId: 'site', init: false, remembered: null };

export async function kindOf(work: Promise<unknown>): Promise<StoreErrorKind | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof StoreError) return error.kind;
    throw error;
  }
}

export async function numbers(store: Store, from = 1): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of store.journal(from)) found.push(entry.number);
  return found;
}

/** All snapshots, those that pass their checksum apart from those that do not. */
export async function snapshotsOf(store: Store): Promise<{ good: Snapshot[]; bad: BadSnapshot[] }> {
  const good: Snapshot[] = [];
  const bad: BadSnapshot[] = [];
  for await (const page of store.snapshots())
    for (const one of page) {
      if ('reason' in one) bad.push(one);
      else good.push(one);
    }
  return { good, bad };
}

/** Few ids, indexes and scores, so that they meet. */
const recordPut = fc.record({
  kind: fc.constant('r'),
  id: fc.constantFrom('1', '2', '3', '4', '5', '电', 'a\nb'),
  value: fc.option(fc.record({ n: fc.integer() }), { freq: 4 }),
  index: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -2, max: 2 }), { noNullPrototype: true }),
});

async function pages(store: Store, index: string, newestFirst: boolean): Promise<RecordPage['items']> {
  const items: RecordPage['items'][number][] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query: RecordQuery = { kind: 'r', index, newestFirst, limit: 2 };
    const page: RecordPage = await store.range(cursor === undefined ? query : { ...query, cursor });
    items.push(...page.items);
    cursor = page.cursor;
  }
  return items;
}

export function contract(name: string, make: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place;
    const opened: Store[] = [];
    const open = (): Store => {
      const store = place.open();
      opened.push(store);
      return store;
    };
    beforeEach(async () => {
      place = await make();
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      await place.remove();
    });
    const begun = async (commits: number): Promise<{ store: Store; heads: Head[] }> => {
      const store = open();
      const heads = [await store.open(fresh)];
      for (let number = 1; number <= commits; number++) heads.push(await store.commit(batch(number)));
      return { store, heads };
    };

    it('gives back commits in order, with their events and times', async () => {
      const { store, heads } = await begun(3);
      await store.close();
      const later = open();
      expect(await later.open(again)).toEqual(heads[3]);
      const entries = [];
      for await (const entry of later.journal(2)) entries.push(entry);
      expect(entries).toEqual(
        [2, 3].map((n) => ({ number: n, atMs: 1_000 + n, hash: heads[n]?.hash, events: [event(n)] })),
      );
    });

    it('refuses a commit over its bounds, and goes on after it', async () => {
      const { store } = await begun(1);
      const records = Array.from({ length: 1_001 }, (_, i) => ({ kind: 'k', id: `${i}`, value: { i } }));
      expect(await kindOf(store.commit(batch(2, { records })))).toBe('tooLarge');
      const big = batch(2, { events: [{ ...event(2), data: { text: 'x'.repeat(1_100_000) } }] });
      expect(await kindOf(store.commit(big))).toBe('tooLarge');
      expect((await store.commit(batch(2))).number).toBe(2);
    });

    it('counts the bytes of a commit, not its characters', async () => {
      const { store } = await begun(1);
      const text = '电'.repeat(400_000);
      const big = batch(2, { records: [{ kind: 'k', id: 'a', value: { text } }] });
      expect(await kindOf(store.commit(big))).toBe('tooLarge');
      expect(await store.get('k', 'a')).toBeNull();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('writes nothing of a commit with a score of %s', async (score) => {
      const { store } = await begun(1);
      const records = [
        { kind: 'k', id: 'a', value: { n: 1 }, index: { all: 1 } },
        { kind: 'k', id: 'b', value: { n: 2 }, index: { all: score } },
      ];
      await expect(store.commit(batch(2, { records }))).rejects.toThrow(InvariantError);
      expect(await store.get('k', 'a')).toBeNull();
      expect((await store.commit(batch(2))).number).toBe(2);
    });

    it('takes a repeat of a commit for what it is, before and after a restart', async () => {
      const { store, heads } = await begun(3);
      expect(await store.commit(batch(3))).toEqual(heads[3]);
      expect(await store.commit(batch(2))).toEqual(heads[2]);
      await store.close();
      const later = open();
      await later.open(again);
      expect(await later.commit(batch(3))).toEqual(heads[3]);
      expect(await later.commit(batch(1))).toEqual(heads[1]);
      expect((await later.commit(batch(4))).number).toBe(4);
      expect(await numbers(later)).toEqual([1, 2, 3, 4]);
    });

    it('takes another commit under a number that is used for another writer', async () => {
      const { store } = await begun(2);
      const other = { events: [event(99)], records: [{ kind: 'k', id: 'a', value: { n: 1 } }] };
      expect(await kindOf(store.commit(batch(2, other)))).toBe('fenced');
      expect(await kindOf(store.commit(batch(1, other)))).toBe('fenced');
      expect(await store.get('k', 'a')).toBeNull();
    });

    it('refuses a number that does not follow', async () => {
      const { store } = await begun(1);
      expect(await kindOf(store.commit(batch(3)))).toBe('corrupt');
      expect(await numbers(store)).toEqual([1]);
    });

    it('tells an empty store, a full one, another site and an older copy apart', async () => {
      expect(await kindOf(open().open(again))).toBe('empty');
      for (const store of opened.splice(0)) await store.close();
      const { store, heads } = await begun(2);
      await store.close();
      const opens = async (options: Parameters<Store['open']>[0]): Promise<StoreErrorKind | 'done'> => {
        const one = place.open();
        const kind = await kindOf(one.open(options));
        await one.close();
        return kind;
      };
      expect(await opens(fresh)).toBe('foreign');
      expect(await opens({ ...again, remembered: { number: 5, hash: 'x' } })).toBe('foreign');
      expect(await opens({ ...again, remembered: { number: 1, hash: 'x' } })).toBe('foreign');
      expect(await opens({ ...again, remembered: heads[1] ?? null })).toBe('done');
      expect(['foreign', 'empty']).toContain(await opens({ ...again, siteId: 'other' }));
    });

    it('keeps records as absolute values and moves them between indexes', async () => {
      const { store } = await begun(0);
      await store.commit(
        batch(1, { records: [{ kind: 'order', id: 'a', value: { n: 1 }, index: { all: 5, 'wallet:1': 5 } }] }),
      );
      await store.commit(batch(2, { records: [{ kind: 'order', id: 'a', value: { n: 2 }, index: { all: 7 } }] }));
      expect(await store.get('order', 'a')).toEqual({ n: 2 });
      expect((await store.range({ kind: 'order', index: 'all', limit: 9 })).items).toEqual([
        { id: 'a', value: { n: 2 } },
      ]);
      expect((await store.range({ kind: 'order', index: 'wallet:1', limit: 9 })).items).toEqual([]);
      await store.commit(batch(3, { records: [{ kind: 'order', id: 'a', value: null }] }));
      expect(await store.get('order', 'a')).toBeNull();
      expect((await store.range({ kind: 'order', index: 'all', limit: 9 })).items).toEqual([]);
      expect(await store.get('order', 'none')).toBeNull();
    });

    it.each([false, true])(
      'pages through equal scores and inserts without loss or repeat (newest first: %s)',
      async (newestFirst) => {
        const { store } = await begun(0);
        const records = Array.from({ length: 50 }, (_, i) => ({
          kind: 'r',
          id: `id${String(i).padStart(2, '0')}`,
          value: { i },
          index: { all: Math.floor(i / 20) },
        }));
        await store.commit(batch(1, { records }));
        const seen: string[] = [];
        let cursor: string | undefined;
        let commits = 1;
        do {
          const page = await store.range({
            kind: 'r',
            index: 'all',
            limit: 7,
            newestFirst,
            ...(cursor === undefined ? {} : { cursor }),
          });
          seen.push(...page.items.map((item) => item.id));
          cursor = page.cursor ?? undefined;
          // What comes in behind the cursor is not seen again, and shifts nothing.
          commits += 1;
          const score = newestFirst ? 100 + commits : -commits;
          await store.commit(
            batch(commits, { records: [{ kind: 'r', id: `new${commits}`, value: {}, index: { all: score } }] }),
          );
        } while (cursor !== undefined);
        const expected = records.map((record) => record.id);
        expect(seen).toEqual(newestFirst ? expected.reverse() : expected);
      },
    );

    it('shows what a plain map shows after any puts and deletes', async () => {
      const { store } = await begun(0);
      const model = new Map<string, { value: JsonObject; index: Record<string, number> }>();
      const batches = fc.sample(fc.array(recordPut, { maxLength: 6 }), { numRuns: 40, seed: 7 });
      for (const [i, records] of batches.entries()) {
        await store.commit(batch(i + 1, { records }));
        for (const { id, value, index } of records)
          if (value === null) model.delete(id);
          else model.set(id, { value, index });
        for (const [index, newestFirst] of [
          ['a', false],
          ['b', true],
          ['c', false],
        ] as const) {
          const members = [...model].flatMap(([id, kept]) => {
            const score = kept.index[index];
            return score === undefined ? [] : [{ id, value: kept.value, score }];
          });
          members.sort((x, y) => x.score - y.score || (x.id < y.id ? -1 : 1));
          const expected = members.map(({ id, value }) => ({ id, value }));
          expect(await pages(store, index, newestFirst)).toEqual(newestFirst ? expected.reverse() : expected);
        }
      }
    });

    it('keeps scores within bounds, inclusive', async () => {
      const { store } = await begun(0);
      await store.commit(
        batch(1, {
          records: [1, 2, 3, 4].map((n) => ({
            kind: 'r',
            id: `${n}`,
            value: { n },
            index: { all: n * 1_000_000_000_000 },
          })),
        }),
      );
      const page = await store.range({
        kind: 'r',
        index: 'all',
        min: 2_000_000_000_000,
        max: 3_000_000_000_000,
        limit: 9,
      });
      expect(page.items.map((item) => item.id)).toEqual(['2', '3']);
    });

    it('keeps snapshots, and names those that were changed', async () => {
      const { store, heads } = await begun(1);
      const snapshot = (key: string): Snapshot => ({
        key,
        commit: 1,
        commitHash: heads[1]?.hash ?? '',
        schema: 1,
        state: { balance: 12, name: '王' },
      });
      await store.commit(batch(2, { snapshots: [snapshot('wallet:a'), snapshot('wallet:b')] }));
      expect((await snapshotsOf(store)).bad).toEqual([]);
      await store.close();
      await place.flipSnapshot('wallet:b');
      const later = open();
      await later.open(again);
      const { good, bad } = await snapshotsOf(later);
      expect(good).toEqual([snapshot('wallet:a')]);
      expect(bad.map(({ key }) => key)).toEqual(['wallet:b']);
    });

    it('trims below a commit and still proves what is left', async () => {
      const { store } = await begun(6);
      await store.trim(4);
      expect(await store.oldest()).toBe(4);
      expect(await numbers(store)).toEqual([4, 5, 6]);
      await store.close();
      const later = open();
      await later.open(again);
      expect(await numbers(later)).toEqual([4, 5, 6]);
      expect((await later.commit(batch(7))).number).toBe(7);
    });

    it('knows where it ends when the whole journal has been trimmed', async () => {
      const { store, heads } = await begun(3);
      await store.trim(4);
      expect(await store.oldest()).toBe(4);
      expect(await numbers(store)).toEqual([]);
      await store.close();
      const later = open();
      expect(await later.open({ ...again, remembered: heads[3] ?? null })).toEqual(heads[3]);
      expect(await later.oldest()).toBe(4);
      expect((await later.commit(batch(4))).number).toBe(4);
      expect(await numbers(later)).toEqual([4]);
    });

    it('trims nothing below what is trimmed already', async () => {
      const { store } = await begun(4);
      await store.trim(3);
      await store.trim(3);
      await store.trim(1);
      expect(await numbers(store)).toEqual([3, 4]);
    });

    it('accepts a remembered commit that has been trimmed, but not another in the place of the last one', async () => {
      const { store, heads } = await begun(6);
      await store.trim(4);
      await store.close();
      const opens = async (remembered: Head | undefined): Promise<StoreErrorKind | 'done'> => {
        const one = place.open();
        const kind = await kindOf(one.open({ ...again, remembered: remembered ?? null }));
        await one.close();
        return kind;
      };
      expect(await opens(heads[2])).toBe('done');
      expect(await opens(heads[3])).toBe('done');
      expect(await opens({ number: 3, hash: 'x' })).toBe('foreign');
      expect(await opens({ number: 4, hash: 'x' })).toBe('foreign');
    });

    it('finds a flipped byte in the first entry that a trim left', async () => {
      const { store } = await begun(6);
      await store.trim(4);
      await store.close();
      await place.flip(4);
      const later = open();
      await later.open(again);
      await expect(numbers(later)).rejects.toThrow('commit 4');
    });

    it('finds a flipped byte in the middle, and at the end when it opens', async () => {
      const { store } = await begun(4);
      await store.close();
      await place.flip(2);
      const middle = open();
      await middle.open(again);
      expect(await kindOf(numbers(middle))).toBe('corrupt');
      await middle.close();
      await place.flip(4);
      expect(await kindOf(open().open(again))).toBe('corrupt');
    });

    it('confirms its writer, and a closed store says so', async () => {
      const { store } = await begun(1);
      expect(await kindOf(store.confirmEpoch())).toBe('done');
      await store.close();
      expect(await kindOf(store.confirmEpoch())).toBe('away');
    });

    it('never lets two writers write', async () => {
      const { store } = await begun(1);
      const second = open();
      const opening = await kindOf(second.open(again));
      if (!place.shared) {
        expect(opening).toBe('fenced');
        return;
      }
      expect(await kindOf(store.commit(batch(2)))).toBe('fenced');
      expect(await kindOf(store.confirmEpoch())).toBe('fenced');
      expect((await second.commit(batch(2))).number).toBe(2);
    });
  });
}
