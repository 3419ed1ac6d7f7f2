/**
 * A whole site out of, or into, Redis. Reading takes no lock: whoever backs up compares head() before and after.
 * The site's name is written last, so a restore that was broken off is not taken for a site.
 */
import { assertNever } from '../domain/assert.ts';
import type { Archive, ArchiveHead, Row } from './archive.ts';
import { GENESIS } from './chain.ts';
import { checkSettings, redisError } from './redisChecks.ts';
import { newClient, prefixOf, type RedisClient } from './redisClient.ts';
import { entryOf, membersOf, membersText, snapshotOf, snapshotText } from './redisRows.ts';
import { StoreError } from './store.ts';
import { within } from './within.ts';

const PAGE = 100;
/** Of up to 1 MiB each. */
const COMMITS_PAGE = 20;
/** Nobody is waiting at a counter: longer than the core's. */
const DEADLINE_MS = 10_000;

type Pipeline = ReturnType<RedisClient['multi']>;

export class RedisArchive implements Archive {
  readonly #client: RedisClient;
  readonly #siteId: string;
  readonly #prefix: string;

  constructor(url: string, siteId: string) {
    this.#client = newClient(url);
    // Its commands say what went wrong; the listener keeps an 'error' from ending the process.
    this.#client.on('error', () => undefined);
    this.#siteId = siteId;
    this.#prefix = prefixOf(siteId);
  }

  head(): Promise<ArchiveHead | null> {
    return this.#try(async () => {
      const meta = await this.#client.hGetAll(this.#key('meta'));
      const trimmed = { number: Number(meta['trimmedNumber'] ?? '0'), hash: meta['trimmedHash'] ?? GENESIS };
      if (meta['siteId'] === undefined) {
        await this.#refuseRemains();
        return null;
      }
      const [newest] = (await this.#client.xRevRange(this.#key('journal'), '+', '-', { COUNT: 1 })) ?? [];
      const last = newest && entryOf(newest.id, newest.message);
      const head = last ? { number: last.number, hash: last.hash } : trimmed;
      return { siteId: meta['siteId'], epoch: Number(meta['epoch'] ?? '0'), trimmed, head };
    });
  }

  async *rows(): AsyncIterable<readonly Row[]> {
    for (let from = 0; ;) {
      const page =
        (await this.#try(() => this.#client.xRange(this.#key('journal'), `${from}-0`, '+', { COUNT: COMMITS_PAGE }))) ??
        [];
      const commits = page.map(({ id, message }) => entryOf(id, message));
      yield commits.map((commit) => ({ row: 'commit', commit }));
      if (commits.length < COMMITS_PAGE) break;
      from = (commits.at(-1)?.number ?? from) + 1;
    }
    for await (const fields of this.#scan(this.#key('snapshots')))
      yield fields.map(([key, text]) => ({ row: 'snapshot', snapshot: snapshotOf(key, text) }));
    for (const kind of await this.#kinds())
      for await (const fields of this.#scan(`${this.#prefix}r:${kind}`)) yield await this.#records(kind, fields);
  }

  async #records(kind: string, fields: readonly (readonly [string, string])[]): Promise<Row[]> {
    const ids = fields.map(([id]) => id);
    if (ids.length === 0) return [];
    const members = await this.#try(() => this.#client.hmGet(`${this.#prefix}m:${kind}`, ids));
    return Promise.all(
      fields.map(async ([id, value], i): Promise<Row> => {
        const text = members[i];
        const index = await Promise.all(
          (text == null ? [] : membersOf(text)).map(async (name) => {
            const score = await this.#try(() => this.#client.zScore(`${this.#prefix}i:${kind}:${name}`, id));
            if (score === null) throw new StoreError('corrupt', `record ${kind} ${id} is missing in its index ${name}`);
            return [name, score] as const;
          }),
        );
        return { row: 'record', record: { kind, id, value, index } };
      }),
    );
  }

  async restore(archiveHead: ArchiveHead, pages: AsyncIterable<readonly Row[]>): Promise<void> {
    if ((await this.head()) !== null) throw new StoreError('foreign', `Redis already holds the site ${this.#siteId}`);
    await this.#try(() => checkSettings((name) => this.#client.configGet(name)));
    const { siteId, epoch, trimmed } = archiveHead;
    if (trimmed.number > 0) {
      // An emptied stream goes on after the number that was trimmed last: the commit script asks it for that.
      await this.#send((pipeline) =>
        pipeline
          .hSet(this.#key('meta'), { trimmedNumber: String(trimmed.number), trimmedHash: trimmed.hash })
          .xAdd(this.#key('journal'), `${trimmed.number}-0`, { trimmed: '1' })
          .xDel(this.#key('journal'), `${trimmed.number}-0`),
      );
    }
    for await (const page of pages) {
      if (page.length === 0) continue;
      await this.#send((pipeline) => {
        for (const row of page) this.#put(pipeline, row);
      });
    }
    await this.#try(() => this.#client.hSet(this.#key('meta'), { epoch: String(epoch), siteId }));
  }

  #put(pipeline: Pipeline, row: Row): void {
    switch (row.row) {
      case 'commit': {
        const { number, atMs, events, hash } = row.commit;
        // The order of the fields is the scripts'.
        pipeline.xAdd(this.#key('journal'), `${number}-0`, { at: String(atMs), events, hash });
        return;
      }
      case 'snapshot':
        pipeline.hSet(this.#key('snapshots'), row.snapshot.key, snapshotText(row.snapshot));
        return;
      case 'record': {
        const { kind, id, value, index } = row.record;
        pipeline.hSet(`${this.#prefix}r:${kind}`, id, value);
        for (const [name, score] of index) pipeline.zAdd(`${this.#prefix}i:${kind}:${name}`, { score, value: id });
        if (index.length > 0) pipeline.hSet(`${this.#prefix}m:${kind}`, id, membersText(index.map(([name]) => name)));
        return;
      }
      default:
        assertNever(row);
    }
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy();
  }

  #key(name: 'meta' | 'journal' | 'snapshots'): string {
    return this.#prefix + name;
  }

  async #refuseRemains(): Promise<void> {
    const remains = await this.#keys(`${this.#prefix}*`);
    if (remains.length > 0)
      throw new StoreError(
        'foreign',
        `Redis holds remains of a site ${this.#siteId}; remove the keys ${this.#prefix}* if nobody needs them`,
      );
  }

  async #kinds(): Promise<string[]> {
    const records = `${this.#prefix}r:`;
    const keys = await this.#try(() => this.#keys(`${records}*`));
    return keys.map((key) => key.slice(records.length)).sort();
  }

  /** Keys by a pattern whose part before the star is taken literally. */
  async #keys(pattern: string): Promise<string[]> {
    const literal = pattern.slice(0, -1).replace(/[*?[\]\\^-]/g, '\\$&');
    const found = new Set<string>();
    for await (const page of this.#client.scanIterator({ MATCH: `${literal}*`, COUNT: 1_000 }))
      for (const key of page) found.add(key);
    return [...found];
  }

  /** All fields of a hash, each once: a scan may show a field twice while the hash is being rebuilt. */
  async *#scan(key: string): AsyncIterable<(readonly [string, string])[]> {
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const page = await this.#try(() => this.#client.hScan(key, cursor, { COUNT: PAGE }));
      const fresh = page.entries.filter(({ field }) => !seen.has(field));
      for (const { field } of fresh) seen.add(field);
      yield fresh.map(({ field, value }) => [field, value] as const);
      cursor = page.cursor;
    } while (cursor !== '0');
  }

  async #send(fill: (pipeline: Pipeline) => void): Promise<void> {
    await this.#try(async () => {
      const pipeline = this.#client.multi();
      fill(pipeline);
      await pipeline.exec();
    });
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#client.isOpen) await within(DEADLINE_MS, this.#client.connect());
      return await within(DEADLINE_MS, work());
    } catch (error) {
      throw redisError(error);
    }
  }
}
